"""Losses as plain text: one line each, or a page about one.

It reads the index alone, so that it answers at once.
"""

import shutil
import textwrap
from typing import Any

from lossmith import entry as words

Entry = dict[str, Any]
WIDTH = 100
SIGNS = {"holds": "+ ", "fails": "- ", "not applicable": "  "}


TRAITS = {"convex": "c", "proper": "p", "smooth": "s", "bounded_gradient": "r", "zero_at_target": "0"}
"""Properties that choosing hangs on, and the letter each has in the list."""
LEGEND = "Tested traits: c convex, p proper, s smooth, r robust, 0 zero at the target."


def table(entries: list[Entry]) -> str:
    """Return one line a loss under its family: unit, traits, summary."""
    if not entries:
        return "No losses."
    wide, unit = (max(len(entry[key]) for entry in entries) for key in ("name", "unit"))
    width = max(60, min(WIDTH + 40, shutil.get_terminal_size((WIDTH, 24)).columns))
    lines: list[str] = []
    for family in dict.fromkeys(entry["family"] for entry in entries):
        lines += ["", family]
        for entry in (entry for entry in entries if entry["family"] == family):
            start = f"  {entry['name']:<{wide}}  {entry['unit']:<{unit}}  {_traits(entry)}  "
            lines.append(start + textwrap.shorten(entry["summary"], max(12, width - len(start)), placeholder=" …"))
    return "\n".join([*lines[1:], "", LEGEND, f"{len(entries)} losses. `lossmith show NAME` says more of one."])


def not_in(entries: list[Entry], libraries: tuple[str, ...]) -> list[Entry]:
    """Return the losses that no one of these has, not even with other numbers.

    Raises:
        ValueError: no card knows a library of that name.
    """
    known = sorted({found["library"] for entry in entries for found in entry["equivalents"]})
    unknown = [name for name in libraries if name not in known]
    if unknown:
        raise ValueError(f"`--not-in` should name libraries of {', '.join(known)}. Found {unknown[0]!r}.")
    return [entry for entry in entries if not {found["library"] for found in entry["equivalents"]} & set(libraries)]


def _traits(entry: Entry) -> str:
    """Return a letter for each trait that holds, a dot for each that does not."""
    claims = entry["claims"]
    return "".join(letter if claims[name]["claim"] == "holds" else "." for name, letter in TRAITS.items())


def page(entry: Entry) -> str:
    """Return everything the card and the docstrings say about one loss."""
    first = next(iter(entry["heads"]), "input")
    sections = [
        f"{entry['name']}  ({entry['family']}, one value per {entry['unit']})",
        entry["description"],
        _section("Also known as", [", ".join(entry["also_known_as"])] if entry["also_known_as"] else []),
        f"Formula (LaTeX)\n  {entry['formula']}",
        _section("Elicits", [entry["elicits"]]),
        _section("Inputs", [f"{name}: {said}" for name, said in entry["inputs"].items()]),
        _section("Output layer", _heads(entry)),
        _section("Parameters", [f"{name}: {words.parameter(entry, name)}" for name in entry["parameters"]]),
        _section("Gradient, as the error grows", [words.growth(entry)]),
        "Properties\n"
        + "\n".join(
            f"  {SIGNS[facts['claim']]}{words.claim(name, facts, first)}" for name, facts in entry["claims"].items()
        ),
        _section("Relatives", [f"{name}: {phrase}" for name, phrase in words.relatives(entry)]),
        _section("Elsewhere", [f"{e['library']} {e['name']}: {words.equivalent(e)}" for e in entry["equivalents"]]),
        _section("Usual mistakes", list(entry["mistakes"])),
        f"Function\n{textwrap.indent(entry['docstring'], '  ')}",
        _section("References", [words.reference(reference) for reference in entry["references"]]),
        f"Use\n{textwrap.indent(words.code(entry), '  ')}",
        f"`lossmith show {entry['name']} --plot` draws it, `--html FILE` writes the whole page, and "
        f"`lossmith compare {entry['name']} OTHER` sets it beside another.",
    ]
    return "\n\n".join(section for section in sections if section)


def _section(title: str, lines: list[str]) -> str:
    """Return a heading with its lines, wrapped; nothing where there are none."""
    if not lines:
        return ""
    width = max(60, min(WIDTH + 20, shutil.get_terminal_size((WIDTH, 24)).columns))
    wrapped = [textwrap.fill(line, width, initial_indent="  ", subsequent_indent="    ", break_long_words=False,
                             break_on_hyphens=False) for line in lines]  # fmt: skip
    return "\n".join([title, *wrapped])


def _heads(entry: Entry) -> list[str]:
    if len(entry["heads"]) == 1:
        return list(entry["heads"].values())
    return [f"{name}: {head}" for name, head in entry["heads"].items()]
