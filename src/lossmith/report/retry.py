"""What remedies brought, for the terminal."""

from rich.console import Console

from lossmith.rehearsal.retry import Retry, Tried
from lossmith.report.numbers import TIED, count, number, percent
from lossmith.report.page import Page


def outcome(tried: Tried, found: Retry) -> str:
    """Return what one remedy brought: a share of the gap, or that it is not clear."""
    if not tried.clear:
        return "not clear"
    if tried.gain < 0:
        return "worse"
    best = max(row.gain for row in found.tried if row.clear)
    low, high = percent(max(tried.low, 0.0) / best), percent(tried.high / best)
    return f"{percent(tried.gain / best)} of the gap [{low}, {high}]"


def told(found: Retry) -> list[str]:
    """Say how it was tried, and whether the training shows what was diagnosed."""
    said = [
        f"{count(found.steps, 'step')} each, {found.seeds} seeds, judged by the {found.measure} on held-out rows "
        f"(0 is perfect). As it is: {number(found.score)}.",
    ]
    if found.faults and not found.reproduced:
        what = f"shows {', '.join(found.again)}" if found.again else "shows no fault"
        said.append(
            f"The short training {what}, not {found.faults[0]}: its cause may lie in your loop, which is not run here, "
            "or in later steps."
        )
    if not any(row.clear and row.gain > 0 for row in found.tried):
        said.append("No remedy helps clearly.")
    return said


def print_retry(found: Retry, console: Console) -> None:
    """Print what each remedy brought, the best first.

    Args:
        found: of `lossmith.rehearsal.retry.retry`.
        console: where to.
    """
    page = Page(console)
    page.say()
    page.say(f"Tried on {found.name}", "bold")
    for sentence in told(found):
        page.say(sentence)
    wide = max((len(row.title) for row in found.tried), default=0)
    for row in found.tried:
        text = f"{row.title:{wide}}  {number(row.score):>6}  {outcome(row, found)}".replace(TIED, " ")
        page.verbatim(f"  {text}", "bold" if row.clear and row.gain > 0 else "")
    for sentence in found.skipped:
        page.say(f"Left out: {sentence}", "dim")
