"""References of losses and metrics as BibTeX."""

import re
import string
import unicodedata
from collections.abc import Iterable
from typing import Any

from lossmith import registry


def cite(*names: str) -> str:
    """Return BibTeX entries for the papers behind losses or metrics, each once.

    Args:
        *names: losses as in `lossmith list`, or metrics.

    Raises:
        ValueError: neither a loss nor a metric is called so.

    Example:
        >>> print(cite("huber_loss").splitlines()[0])
        @misc{huber1964robust,
    """
    papers: dict[tuple[int, str], dict[str, Any]] = {}
    for name in names:
        for reference in _find(name)["references"]:
            papers.setdefault((reference["year"], reference["title"].casefold()), reference)
    entries: dict[str, str] = {}
    for reference in papers.values():
        key = _free(_key(reference), entries)
        entries[key] = _bibtex(key, reference)
    return "\n\n".join(entries.values())


def _find(name: str) -> dict[str, Any]:
    try:
        return registry.find(name)
    except ValueError:
        known = registry.metrics()
        if name in known:
            return known[name]
        raise


def _key(reference: dict[str, Any]) -> str:
    """Return `huber1964robust`: first author, year, first telling word of the title."""
    author = re.sub(r"[^a-z]", "", re.split(r"[ ,&]", _ascii(reference["authors"]))[0])
    words = [word for word in re.findall(r"[a-z]+", _ascii(reference["title"])) if len(word) > 3]
    return f"{author}{reference['year']}{words[0] if words else ''}"


def _ascii(text: str) -> str:
    """Return small letters without accents: a key with others breaks older BibTeX."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ø", "o").replace("ł", "l"))
    return plain.encode("ascii", "ignore").decode()


def _free(key: str, taken: Iterable[str]) -> str:
    """Return the key, with a letter behind it where another paper has it already."""
    names = [key, *(key + letter for letter in string.ascii_lowercase)]
    return next(name for name in names if name not in taken)


def _bibtex(key: str, reference: dict[str, Any]) -> str:
    where = reference["where"]
    fields = {
        "author": _authors(reference["authors"]),
        "title": f"{{{_escaped(reference['title'])}}}",
        "year": str(reference["year"]),
    }
    if where.startswith("doi:"):
        fields["doi"] = where.removeprefix("doi:")
    elif where.startswith("arXiv:"):
        fields |= {"eprint": where.removeprefix("arXiv:"), "archiveprefix": "arXiv"}
    elif where:
        fields["howpublished"] = _escaped(where)
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{{key},\n{body}\n}}"


def _authors(names: str) -> str:
    """Join the authors' family names by "and".

    BibTeX takes a comma for one between family name and first name.
    """
    joined = re.sub(r",? & |, and |, (?!et al)", " and ", names)
    return _escaped(re.sub(r",? et al\.", " and others", joined))


def _escaped(text: str) -> str:
    """Put a backslash before what TeX reads as a command."""
    return re.sub(r"([&%$#_])", r"\\\1", text)
