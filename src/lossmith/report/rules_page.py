"""docs/rules.md, written from the rules' own docstrings.

`python -m lossmith.report.rules_page docs` writes it.
"""

import sys
from pathlib import Path

from lossmith.checker.examine import known, page
from lossmith.files import write_atomically
from lossmith.report.text import sentence

FIRST = """# The rules of `lossmith check`

<!-- Written by `make rules` from src/lossmith/checker/rules. Do not edit by hand. -->

Each rule is one file in [checker/rules](../src/lossmith/checker/rules); it judges by what the loss does and by what its
author [promises](check.md#claims). They stand here in the order in which causes go before their consequences, as in a
report.
"""
PARTS = ("What it finds", "Why it matters", "Fix")


def text() -> str:
    """Return the page: a heading for each rule, as findings link to it."""
    rules = list(known())
    listed = " · ".join(f"[{rule}](#{rule})" for rule in rules)
    return "\n".join([FIRST, listed, *(_section(rule) for rule in rules)]) + "\n"


def _section(rule: str) -> str:
    said = page(rule)
    parts = [f"*{part}:* {sentence(said[part])}" for part in PARTS if said.get(part)]
    return "\n\n".join([f"\n## {rule}", said["fault"], *parts])


def main() -> None:
    """Write the page into the folder that the command line names."""
    write_atomically(Path(sys.argv[1] if len(sys.argv) > 1 else "docs") / "rules.md", text())


if __name__ == "__main__":
    main()
