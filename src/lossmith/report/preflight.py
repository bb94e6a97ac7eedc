"""A preflight's report for the terminal."""

from rich.console import Console
from rich.text import Text

from lossmith.rehearsal.preflight import Preflight
from lossmith.report.check import STYLES
from lossmith.report.numbers import number
from lossmith.report.page import Page

MARKS = {"error": "error", "warning": "warning", "note": "note"}


def summary(report: Preflight) -> str:
    """Return the outcome in a few words."""
    counts = [(sum(f.severity == kind for f in report.findings), kind) for kind in MARKS]
    told = [f"{count} {kind}{'s' * (count > 1)}" for count, kind in counts if count]
    return ", ".join(told) or "nothing found that would hinder it"


def print_preflight(report: Preflight, console: Console) -> None:
    """Print what was found, causes first, and what was measured.

    Args:
        report: of `lossmith.preflight`.
        console: where to.
    """
    page = Page(console)
    page.say(f"{report.name}: {summary(report)}", "bold")
    for sentence in report.facts:
        page.say(sentence, "dim")
    for finding in report.findings:
        page.say()
        page.verbatim(Text.assemble((MARKS[finding.severity], STYLES[finding.severity]), "  ", (finding.rule, "bold")))
        for text in (finding.message, finding.why, f"Try: {finding.fix}"):
            page.say(text, lead="  ")
    if told := measured(report):
        page.say()
        for sentence in told:
            page.say(sentence)
    for sentence in report.skipped:
        page.say(f"Not looked at: {sentence}", "dim")


def measured(report: Preflight) -> list[str]:
    """Say the numbers that are worth knowing in any case."""
    start, batch, rate = (report.pictures.get(name) or {} for name in ("start", "one_batch", "learning_rate"))
    said = []
    if start.get("trivial") is not None:
        said.append(
            f"Untrained loss {number(start['start'])}; the best constant answer has {number(start['trivial'])}."
        )
    if batch.get("end") is not None:
        said.append(f"One batch learned by heart: loss {number(batch['loss'][0])} to {number(batch['end'])}.")
    if rate.get("suggestion") is not None:
        said.append(f"Learning rate: the range test suggests {rate['suggestion']:.1g}; now {rate['own']:g}.")
    return said
