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
    for sentence in tried(report):
        console.print(Text(clean(sentence), style="dim"))
    for finding in report.findings:
        console.print()
        _finding(console, finding)
    told = portrait(report)
    if told:
        console.print()
        console.print(Text("Portrait", style="bold"))
        for sentence in told:
            console.print(Text(clean(f"  {sentence}")))


def tried(report: Report) -> list[str]:
    """Say how much was tried, and what a clean report does not mean."""
    if not report.tried:
        return []
    edges = [name.replace("_", " ") for name in report.tried["edges"]]
    named = f", {len(edges)} edge{'s' * (len(edges) > 1)} ({', '.join(edges)})" if edges else ""
    said = [f"Tried: {report.tried['rules']} rules, {report.tried['calls']} calls{named}, in {report.seconds:.1f} s."]
    if not report.findings and not report.tried["claims"]:
        said.append("Nothing was promised: what depends on intent was not judged. Promises are said with --claims.")
    return said


def portrait(report: Report) -> list[str]:
    """Say what the loss looks like, a sentence for each picture."""
    found = report.portrait or {}
    parts = [found[name]["said"] for name in ("curve", "outlier", "minimiser") if found.get(name)]
    return [same(report)] * bool(report.closest) + [part for part in parts if part]


def same(report: Report) -> str:
    """Say which loss of the catalogue it equals."""
    return f"On ordinary inputs it equals {report.closest}." if report.closest else ""


def summary(report: Report) -> str:
    """Say in a phrase how it stands."""
    counts = {kind: sum(f.severity == kind for f in report.findings) for kind in STYLES}
    said = [f"{n} {MARKS[kind]}{'s' if n > 1 else ''}" for kind, n in counts.items() if n]
    return ", ".join(said) if said else "no fault found"


def rule_link(finding: Finding) -> str:
    """Return where the rule's page is."""
    return f"docs/rules.md#{finding.rule}"


def _finding(console: Console, finding: Finding) -> None:
    head = Text(MARKS[finding.severity], style=STYLES[finding.severity])
    console.print(head.append(f" {finding.rule}  ", style="bold").append(clean(finding.message), style="default"))
    for label, body in (("Why it matters", finding.why), ("Fix", finding.fix)):
        if body:
            console.print(Text(clean(f"  {label}: {body}")))
    console.print(Text(f"  Rule: {rule_link(finding)}", style="dim"))
    if finding.witness:
        console.print(Text(clean(textwrap.indent(finding.witness, "    ")), style="dim"), soft_wrap=True)
