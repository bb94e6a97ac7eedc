"""A check's report for the terminal."""

import textwrap

from rich.console import Console
from rich.text import Text

from lossmith.checker.report import Report
from lossmith.finding import Finding
from lossmith.report.text import clean

STYLES = {"error": "bold red", "warning": "yellow", "note": "cyan"}
MARKS = {"error": "error", "warning": "warning", "note": "question"}


def print_check(report: Report, console: Console | None = None) -> None:
    """Print the report: what was assumed, then each finding with its witness.

    Args:
        report: of `lossmith.check`.
        console: where to.
    """
    console = console or Console(highlight=False)
    console.print(Text(clean(f"{report.loss}: {summary(report)}"), style="bold"))
    for sentence in (*report.assumed, *report.skipped):
        console.print(Text(clean(sentence), style="dim"))
    for finding in report.findings:
        console.print()
        _finding(console, finding)


def summary(report: Report) -> str:
    """Say in a phrase how it stands."""
    counts = {kind: sum(f.severity == kind for f in report.findings) for kind in STYLES}
    said = [f"{n} {MARKS[kind]}{'s' if n > 1 else ''}" for kind, n in counts.items() if n]
    return ", ".join(said) if said else "no fault found"


def _finding(console: Console, finding: Finding) -> None:
    head = Text(MARKS[finding.severity], style=STYLES[finding.severity])
    console.print(head.append(f" {finding.rule}  ", style="bold").append(clean(finding.message), style="default"))
    for label, body in (("Why it matters", finding.why), ("Fix", finding.fix)):
        if body:
            console.print(Text(clean(f"  {label}: {body}")))
    if finding.witness:
        console.print(Text(clean(textwrap.indent(finding.witness, "    ")), style="dim"), soft_wrap=True)
