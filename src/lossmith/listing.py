"""Losses as plain text: one line each, or a page about one.

It reads the index alone, so that it answers at once.
"""

import re
import shutil
import textwrap
from typing import Any

Entry = dict[str, Any]
WIDTH = 100


def table(entries: list[Entry]) -> str:
    """Return one line a loss, under the names of their families."""
    if not entries:
        return "No losses."
    wide = max(len(entry["name"]) for entry in entries)
    width = max(60, min(WIDTH + 40, shutil.get_terminal_size((WIDTH, 24)).columns))
    lines: list[str] = []
    for family in dict.fromkeys(entry["family"] for entry in entries):
        lines += ["", family]
        for entry in (entry for entry in entries if entry["family"] == family):
            summary = textwrap.shorten(entry["summary"], width - wide - 4, placeholder=" …")
            lines.append(f"  {entry['name']:<{wide}}  {summary}")
    return "\n".join([*lines[1:], "", f"{len(entries)} losses. `lossmith show NAME` says more of one."])


def page(entry: Entry) -> str:
    """Return everything the card and the docstrings say about one loss."""
    sections = [
        f"{entry['name']}  ({entry['family']}, one value per {entry['unit']})",
        entry["description"],
        _aliases(entry),
        f"Formula (LaTeX)\n  {entry['formula']}",
        f"Elicits\n  {entry['elicits']}",
        "Inputs\n" + "\n".join(f"  {name}: {words}" for name, words in entry["inputs"].items()),
        _parameters(entry),
        "Properties\n" + "\n".join(_claim(name, claim) for name, claim in entry["claims"].items()),
        f"Function\n{textwrap.indent(entry['docstring'], '  ')}",
        "References\n" + "\n".join(f"  {_reference(reference)}" for reference in entry["references"]),
        f"Use\n  from lossmith.losses import {entry['class']}",
    ]
    return "\n\n".join(section for section in sections if section)


def _aliases(entry: Entry) -> str:
    return f"Also known as\n  {', '.join(entry['also_known_as'])}" if entry["also_known_as"] else ""


def _parameters(entry: Entry) -> str:
    if not entry["parameters"]:
        return ""
    lines = []
    for name, facts in entry["parameters"].items():
        default = "required" if _required(entry, name) else f"default {facts['default']}"
        ranges = [f"defined on {facts['defined']}"] if facts["defined"] else []
        ranges += [f"useful on {facts['search']}"] if facts["search"] else []
        lines.append(f"  {name}: {'; '.join([default, *ranges])}")
    return "Parameters\n" + "\n".join(lines)


def _required(entry: Entry, name: str) -> bool:
    """Whether a parameter has no default.

    The index says None for none and for the default None alike.
    """
    optional = re.search(rf"\b{name}: [^:=]+ = None\b", entry["signature"])
    return entry["parameters"][name]["default"] is None and not optional


def _claim(name: str, claim: dict[str, Any]) -> str:
    words = name.replace("_", " ")
    if claim["claim"] == "holds":
        value = f": {claim['value']}" if claim.get("value") else ""
        text = f"  + {words}{value}"
    elif claim["claim"] == "fails":
        at = ", ".join(f"{key} = {value}" for key, value in claim["at"].items())
        text = f"  - not {words}" + (f" at {at}" if at else "")
    else:
        text = f"    {words} does not apply"
    return f"{text} ({claim['note']})" if claim["note"] else text


def _reference(reference: dict[str, Any]) -> str:
    where = f". {reference['where']}" if reference["where"] else ""
    return f"{reference['authors']} ({reference['year']}). {reference['title']}{where}"
