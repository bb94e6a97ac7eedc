"""Recomputes the numbers: `python -m benchmarks.differences --markdown docs/differences.md`.

Numbers of libraries that are not installed stay as they were, with the version they are from.
"""

import argparse
import json
import math
import textwrap
from pathlib import Path

from benchmarks.differences.number import OURS, Number
from benchmarks.differences.topics import TOPICS

STORE = Path(__file__).parent / "numbers.json"
INTRODUCTION = """# Same name, different numbers

One tiny input per name, and what each library gives for it at its defaults, unless the call says otherwise. A number
here is a fact about a version; `tests/test_differences.py` computes those of torch and lossmith again at every run,
and the others where the library is installed. `python -m benchmarks.differences --markdown docs/differences.md` writes
this page.
"""


def key(topic: str, number: Number) -> str:
    """Return what a number is stored under."""
    return f"{topic} | {number.library} | {number.call}"


def stored() -> dict[str, dict[str, object]]:
    """Return the committed numbers."""
    return json.loads(STORE.read_text(encoding="utf-8")) if STORE.exists() else {}


def refreshed() -> dict[str, dict[str, object]]:
    """Return the numbers, computed where their library is there."""
    known, numbers = stored(), {}
    for topic in TOPICS:
        for number in topic.numbers:
            name = key(topic.name, number)
            if number.there:
                numbers[name] = {"value": repr(number.compute()), "version": number.version}
            elif name in known and number.library != OURS:
                numbers[name] = known[name]
    return numbers


def markdown(numbers: dict[str, dict[str, object]]) -> str:
    """Return the page."""
    parts = [INTRODUCTION]
    for topic in TOPICS:
        rows = [(number, numbers.get(key(topic.name, number))) for number in topic.numbers]
        lines = [
            f"| {_library(number, found)} | {_call(number)} | {_written(found)} |" for number, found in rows if found
        ]
        table = "\n".join(["| library | call | number |", "|---|---|---:|", *lines])
        parts.append(f"## {topic.name}\n\nGiven: {topic.given}.\n\n{table}\n\n{textwrap.fill(topic.differs, 120)}\n")
    return "\n".join(parts)


def _library(number: Number, found: dict[str, object]) -> str:
    return f"**{OURS}**" if number.library == OURS else f"{number.library} {found['version']}"


def _call(number: Number) -> str:
    return number.call if "`" in number.call else f"`{number.call}`"


def _written(found: dict[str, object]) -> str:
    value = float(str(found["value"]))
    if not math.isfinite(value):
        return str(value)
    return f"{value:,.4f}".rstrip("0").rstrip(".") if abs(value) >= 1e-4 or value == 0 else f"{value:.1e}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--markdown", type=Path, help="write the page here")
    page = parser.parse_args().markdown
    numbers = refreshed()
    STORE.write_text(json.dumps(numbers, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    text = markdown(numbers)
    if page:
        page.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
