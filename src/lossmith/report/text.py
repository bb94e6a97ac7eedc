"""Text from outside, such as column names, made safe for terminal, HTML and XML."""

import unicodedata

_PLAIN = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "×": "x", "·": "-", "…": "...", "∞": "inf", "≤": "<=", "≥": ">=", "→": "->"}
    | {
        "├": "|",
        "░": ".",
        "▶": ">",
        "◀": "<",
        "■": "=",
        "◆": "#",
        "€": "EUR",
        "┤": "|",
        "─": "-",
        "●": "*",
        "│": ":",
        "◂": "<",
        "▸": ">",
        "’": "'",
        "“": '"',
        "”": '"',
    }
)
# A stray override mark would reorder the line around it, so that a report reads other than it is.
_BIDI = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}


def clean(text: str) -> str:
    """Replace what no text should hold.

    That is control characters (escape sequences!), lone surrogates and bidi overrides.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if _harmful(letter) else letter for letter in text)


def ascii_only(text: str) -> str:
    """Spell `text` in ASCII, as near as it goes."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    return "".join(x for x in decomposed if not unicodedata.combining(x)).encode("ascii", "replace").decode()


def sentence(text: str) -> str:
    """Begin `text` with a capital, and leave the rest as it is."""
    return text[:1].upper() + text[1:]


def shorten(text: str, width: int, mark: str = "…") -> str:
    """Cut `text` in its middle: both ends of a name tell it from its neighbours."""
    if len(text) <= width:
        return text
    tail = max(0, (width - len(mark)) // 3)
    return text[: max(0, width - len(mark) - tail)] + mark + (text[-tail:] if tail else "")


def _harmful(letter: str) -> bool:
    if letter in "\n\t":
        return False
    code = ord(letter)
    return unicodedata.category(letter) in ("Cc", "Cs") or code in _BIDI or code & 0xFFFE == 0xFFFE
