"""What the index says of a loss, put into words that terminal and page share.

It imports neither torch nor a loss, so that `lossmith show` answers at once.
"""

import re
from typing import Any

from lossmith import registry

Entry = dict[str, Any]

GROWTH = {
    "vanishing": "the largest errors pull least: beyond some size they are given up",
    "constant": "an error ten times as large pulls as hard",
    "logarithmic": "an error ten times as large pulls a little harder",
    "square root": "an error ten times as large pulls three times as hard",
    "linear": "an error ten times as large pulls ten times as hard",
    "quadratic": "an error ten times as large pulls a hundred times as hard",
    "cubic": "an error ten times as large pulls a thousand times as hard",
    "exponential": "each step of the error multiplies the pull: one far miss can undo a batch",
}


def required(entry: Entry, name: str) -> bool:
    """Whether a hyperparameter has no default.

    The index says None for none and for the default None alike.
    """
    optional = re.search(rf"\b{name}: [^:=]+ = None\b", entry["signature"])
    return entry["parameters"][name]["default"] is None and not optional


def call(entry: Entry) -> str:
    """Return the class called with its defaults; what has none is named."""
    shown = [
        f"{name}={name if required(entry, name) else repr(_written(facts['default']))}"
        for name, facts in entry["parameters"].items()
    ]
    return f"{entry['class']}({', '.join(shown)})"


def code(entry: Entry) -> str:
    """Return the lines to paste into a training loop."""
    first = ["model"] if entry["kind"] in ("penalty", "procedure") else []
    return "\n".join(
        [
            f"from lossmith.losses import {entry['class']}",
            "",
            f"criterion = {call(entry)}",
            f"loss = criterion({', '.join([*first, *entry['inputs']])})",
            "loss.backward()",
        ]
    )


def parameter(entry: Entry, name: str) -> str:
    """Return default and ranges of a hyperparameter."""
    facts = entry["parameters"][name]
    parts = ["required" if required(entry, name) else f"default {_written(facts['default'])}"]
    parts += [f"defined on {facts['defined']}"] if facts["defined"] else []
    parts += [f"useful on {facts['search']}"] if facts["search"] else []
    return "; ".join(parts)


def claim(name: str, facts: dict[str, Any], first: str = "input") -> str:
    """Return one property in words: what holds, or where it fails."""
    words = name.replace("_", " ")
    if facts["claim"] == "holds":
        value = f": {facts['value']}" if facts.get("value") else ""
        text = f"{words}{value}"
    elif facts["claim"] == "fails":
        at = ", ".join(f"{key} = {_written(value)}" for key, value in facts["at"].items())
        text = f"not {words}" + (f" at {at}" if at else "")
    else:
        text = f"{words} does not apply"
    about = facts.get("wrt", first)
    return text + (f", in `{about}`" if about != first else "") + (f" ({facts['note']})" if facts["note"] else "")


def growth(entry: Entry) -> str:
    """Return how the gradient grows with the error."""
    facts = entry["claims"]["gradient_growth"]
    if facts["claim"] != "holds":
        return facts["note"] or "no single order"
    note = f" ({facts['note']})" if facts["note"] else ""
    words = GROWTH.get(facts["value"] or "")
    return f"{facts['value']}: {words}{note}" if words else f"{facts['value'] or 'not said'}{note}"


def relatives(entry: Entry) -> list[tuple[str, str]]:
    """Return kindred losses with what each does differently; smooth ones are marked."""
    known = registry.index()["losses"]
    return [
        (name, f"smooth; {phrase}" if smooth(known.get(name)) and "smooth" not in phrase.lower() else phrase)
        for name, phrase in entry["relatives"].items()
    ]


def smooth(entry: Entry | None) -> bool:
    """Whether the loss has a gradient without jumps or spikes."""
    return entry is not None and entry["claims"]["smooth"]["claim"] == "holds"


def equivalent(facts: dict[str, str]) -> str:
    """Return what differs in another library."""
    return facts["differs"] or "the same numbers"


def advice(entry: Entry) -> tuple[str, str, str]:
    """Return summary, when to reach for it, and when not, out of the description."""
    summary, _, rest = " ".join(entry["description"].split()).partition(" Reach for it")
    reach, _, avoid = rest.partition(" Avoid ")
    return summary, f"Reach for it{reach}" if reach else "", f"Avoid {avoid}" if avoid else ""


def reference(facts: dict[str, Any]) -> str:
    """Return one line about a paper."""
    where = f". {facts['where']}" if facts["where"] else ""
    return f"{facts['authors']} ({facts['year']}). {facts['title']}{where}"


def link(facts: dict[str, Any]) -> str:
    """Return where a paper lies on the network, if the card says so."""
    kind, separator, rest = facts["where"].partition(":")
    known = {"doi": "https://doi.org/", "arXiv": "https://arxiv.org/abs/"}
    return known[kind] + rest.strip() if separator and kind in known and " " not in rest.strip() else ""


def _written(value: Any) -> Any:
    """Undo what JSON does to a tuple."""
    return tuple(value) if isinstance(value, list) else value
