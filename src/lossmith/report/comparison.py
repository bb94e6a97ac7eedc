"""Two losses side by side: what differs first, then what they share."""

import math
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lossmith import entry as words
from lossmith.report.numbers import NOTHING, TIED, number, percent
from lossmith.study.curve import Curve
from lossmith.study.study import Study

Entry = dict[str, Any]
Rows = tuple[tuple[str, str, str], ...]
ALIKE, ALIKE_WORDS = 0.05, "within 5\u00a0% of the largest"
"""Gradients count as alike within this share of the largest drawn."""
WIDTH, AT = 98, 9


@dataclass(frozen=True)
class Comparison:
    """What two losses differ in and share."""

    entries: tuple[Entry, Entry]
    studies: tuple[Study, Study]
    differ: Rows
    """Property, and what each loss makes of it."""
    share: tuple[tuple[str, str], ...]
    """What both make of properties, and which those are."""
    facts: Rows
    gradients: str
    """Where their gradients part, in a sentence."""
    same_batch: bool
    """Whether one batch shows who gets the gradient of both."""

    @property
    def names(self) -> tuple[str, str]:
        """The two losses."""
        return self.entries[0]["name"], self.entries[1]["name"]


def compare(entries: tuple[Entry, Entry], studies: tuple[Study, Study]) -> Comparison:
    """Set two losses side by side."""
    first, second = entries
    rows = [(name.replace("_", " "), *(_cell(one["claims"][name]) for one in entries)) for name in first["claims"]]
    curves, shares = (one.curve for one in studies), [one.shares for one in studies]
    return Comparison(
        entries,
        studies,
        tuple((name, a, b) for name, a, b in rows if _kind(a) != _kind(b)),
        _shared([(name, _kind(a)) for name, a, b in rows if _kind(a) == _kind(b)]),
        tuple((name, read(first), read(second)) for name, read in _FACTS.items()),
        _parting((first["name"], second["name"]), *curves),
        bool(shares[0] and shares[1] and shares[0].batch == shares[1].batch),
    )


_FACTS: dict[str, Callable[[Entry], str]] = {
    "elicits": lambda one: one["elicits"],
    "gradient": words.growth,
    "output layer": lambda one: "; ".join(one["heads"].values()),
    "target": lambda one: "; ".join(said for name, said in one["inputs"].items() if name not in one["heads"]),
    "parameters": lambda one: "; ".join(f"{name}: {words.parameter(one, name)}" for name in one["parameters"]),
}


def text(comparison: Comparison) -> str:
    """Return the comparison for a terminal."""
    first, second = comparison.names
    sections = [f"{first} and {second}", _choose(comparison)]
    sections.append(_table("Traits that differ", comparison.names, comparison.differ) or "No trait differs.")
    sections += [_table("Facts", comparison.names, tuple(row for row in comparison.facts if any(row[1:])))]
    sections += ["\n".join(["Gradient", *_filled(comparison.gradients)]), _pulls(comparison), _shares(comparison)]
    sections.append(
        "\n".join(["Traits they share", *(line for said in comparison.share for line in _filled(": ".join(said)))])
    )
    return "\n\n".join(section for section in sections if section).replace(TIED, " ")


def _cell(facts: dict[str, Any]) -> str:
    if facts["claim"] == "holds":
        return str(facts.get("value") or "yes")
    if facts["claim"] == "not applicable":
        return NOTHING
    at = ", ".join(f"{key} = {value}" for key, value in facts["at"].items())
    return f"no, at {at}" if at else "no"


def _shared(rows: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Gather properties by what both losses make of them."""
    both: dict[str, list[str]] = {"yes": [], "no": [], NOTHING: []}
    for name, cell in rows:
        both[cell if cell in both else "yes"].append(name if cell in both else f"{name} ({cell})")
    titles = {"yes": "both", "no": "neither", NOTHING: "applies to neither"}
    return tuple((titles[cell], ", ".join(names)) for cell, names in both.items() if names)


def _kind(cell: str) -> str:
    """Where a property fails is a detail; whether it does is not."""
    return cell.partition(",")[0]


def _parting(names: tuple[str, str], first: Curve | None, second: Curve | None) -> str:
    """Say where two gradients agree, and where they are furthest apart."""
    if first is None or second is None or first.x_label != second.x_label or first.x != second.x:
        told = [
            f"{name}'s is drawn over the {one.x_label}" for name, one in zip(names, (first, second), strict=True) if one
        ]
        return f"They have no axis in common{': ' if told else ''}{'; '.join(told)}."
    pairs = list(zip(first.gradient, second.gradient, strict=True))
    largest = max((abs(g) for pair in pairs for g in pair if math.isfinite(g)), default=0.0)
    apart = [abs(a - b) if math.isfinite(a - b) else math.inf for a, b in pairs]
    alike = _longest([gap <= ALIKE * largest for gap in apart])
    worst = max(range(len(apart)), key=apart.__getitem__)
    if alike == (0, len(apart)):
        return f"Alike ({ALIKE_WORDS}) wherever the {first.x_label} was drawn."
    far = f"furthest apart at {number(first.x[worst])}: {number(pairs[worst][0])} against {number(pairs[worst][1])}"
    near = f"Alike ({ALIKE_WORDS}) from {number(first.x[alike[0]])} to "
    near += f"{number(first.x[alike[1] - 1])}; {far}" if alike[1] - alike[0] > 1 else ""
    said = near if alike[1] - alike[0] > 1 else far[0].upper() + far[1:]
    return f"{said}. The axis is the {first.x_label}."


def _longest(flags: list[bool]) -> tuple[int, int]:
    """Return start and end of the longest run of True."""
    best = start = 0
    end = 0
    for index, flag in enumerate([*flags, False]):
        if flag:
            continue
        if index - start > end - best:
            best, end = start, index
        start = index + 1
    return best, end


def _choose(comparison: Comparison) -> str:
    lines = ["When to choose which"]
    for one in comparison.entries:
        _, reach, avoid = words.advice(one)
        lines += _filled(f"{one['name']}: {reach} {avoid}")
    for one, other in (comparison.entries, comparison.entries[::-1]):
        if other["name"] in one["relatives"]:
            lines += _filled(f"{other['name']}, seen from {one['name']}: {one['relatives'][other['name']]}")
    return "\n".join(lines)


def _table(title: str, names: tuple[str, str], rows: Rows) -> str:
    if not rows:
        return ""
    wide = max(len(title), *(len(row[0]) + 2 for row in rows)) + 2
    room = (WIDTH - wide - 2) // 2
    lines = [f"{title:<{wide}}{names[0]:<{room}}  {names[1]}".rstrip()]
    for name, *cells in rows:
        wrapped = [textwrap.wrap(cell, room) or [NOTHING] for cell in cells]
        for index in range(max(map(len, wrapped))):
            left, right = (part[index] if index < len(part) else "" for part in wrapped)
            lines.append(f"  {name if index == 0 else '':<{wide - 2}}{left:<{room}}  {right}".rstrip())
    return "\n".join(lines)


def _pulls(comparison: Comparison) -> str:
    """Return both gradients at a few places of the axis."""
    first, second = (one.curve for one in comparison.studies)
    if first is None or second is None or first.x_label != second.x_label or first.x != second.x:
        return ""
    every = (len(first.x) - 1) // (AT - 1)
    wide = max(map(len, comparison.names)) + 4
    rows = [("at", first.x), (comparison.names[0], first.gradient), (comparison.names[1], second.gradient)]
    return "\n".join(
        f"  {name:<{wide}}" + "".join(f"{number(value):>9}" for value in values[::every]) for name, values in rows
    )


def _shares(comparison: Comparison) -> str:
    first, second = (one.shares for one in comparison.studies)
    if first is None or second is None or not comparison.same_batch:
        return ""
    wide = max(map(len, first.group)) + 2
    rooms = [max(len(name), 8) + 2 for name in ("examples", *comparison.names)]
    heads = ("examples", *comparison.names)
    lines = ["Who gets the gradient", *_filled(f"On {first.batch}.")]
    lines.append(f"  {'':{wide}}" + "".join(f"{head:>{room}}" for head, room in zip(heads, rooms, strict=True)))
    for index, group in enumerate(first.group):
        cells = (first.examples[index], first.pull[index], second.pull[index])
        lines.append(
            f"  {group:<{wide}}" + "".join(f"{percent(c):>{room}}" for c, room in zip(cells, rooms, strict=True))
        )
    return "\n".join(lines)


def _filled(said: str) -> list[str]:
    return textwrap.wrap(said, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
