"""The verdict in a terminal: any width, with or without colours, piped, or ASCII."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lossmith.advisor.verdict import Verdict
from lossmith.report import asides, forecasts, tables, words
from lossmith.report.bars import bars
from lossmith.report.numbers import count, seconds
from lossmith.report.page import Page

if TYPE_CHECKING:
    from rich.console import Console

SHORT_SNIPPET = 12
"""Lines; a longer one is left to the report, unless it is asked for."""
SHOWN_WARNINGS = 5
TONES = {"good": "green", "bad": "red", "even": "", "off": "dim"}
OUTCOME_STYLES = {
    "clear_winner": "green",
    "likely_best": "green",
    "reference_holds": "cyan",
    "too_little_data": "yellow",
}


def print_verdict(
    verdict: Verdict,
    console: "Console",
    *,
    files: Sequence[str | os.PathLike[str]] = (),
    snippet: bool = False,
) -> None:
    """Print the verdict.

    Args:
        verdict: what was found.
        console: where to; its width, colours and encoding are respected.
        files: what was written, to name it at the end.
        snippet: print the code to paste even when it is long.
    """
    page = Page(console)
    _headline(page, verdict)
    _ranking(page, verdict)
    _forest(page, verdict)
    _warnings(page, verdict)
    _failures(page, verdict)
    _next(page, verdict, files, snippet)


def _headline(page: Page, verdict: Verdict) -> None:
    from rich import box
    from rich.panel import Panel
    from rich.text import Text

    style, title = OUTCOME_STYLES[verdict.outcome], words.outcome(verdict)
    if page.console.is_terminal:
        frame = box.ASCII if page.plain else box.ROUNDED
        sentence = Text(page.safe(verdict.sentence), style="bold", overflow="fold")
        page.show(Panel(sentence, title=title, title_align="left", border_style=style, box=frame, padding=(1, 2)))
    else:
        page.say(f"{title}. {verdict.sentence}")
    page.say()
    gain, interval = words.gain(verdict), words.gain_interval(verdict)
    measured = (
        f", {interval}, {'at' if verdict.over_time else 'on'} {verdict.fold}s that did not choose it"
        if interval
        else ""
    )
    page.say(f"{words.metric_line(verdict)}; it asks for the {verdict.metric['asks_for']}.", lead="Metric  ")
    page.say(f"over {verdict.default}: {gain}{measured}.", lead="Gain    ")
    if verdict.naive:
        page.say(forecasts.naive(verdict), lead="Naive   ")
    page.say(words.how_sure(verdict), lead="Sure    ")
    for lead, told in (("Rule    ", asides.rule(verdict)), ("Else    ", asides.neighbours(verdict))):
        if told:
            page.say(told, lead=lead)
    if verdict.folds:
        page.say(
            f"{count(verdict.rows_used, words.thing(verdict))} to learn from {forecasts.at_each(verdict)}"
            f"{words.rows(verdict)}.",
            lead="Data    ",
        )
    page.say()


@dataclass(frozen=True)
class Column:
    """One column of the ranked table, as wide as it will be printed."""

    head: str
    cells: tuple[str, ...]
    is_number: bool = True
    least: int = 0
    """The console's width below which the column is left out."""
    most: int = 99
    """Letters, beyond which a cell takes another line."""

    @property
    def width(self) -> int:
        """Letters of the longest cell."""
        return min(self.most, max(len(self.head), *map(len, self.cells)))


def _ranking(page: Page, verdict: Verdict) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    rows = tables.rows(verdict)
    # Between columns: a space and the frame's own blank, or two spaces.
    framed = page.console.is_terminal and not page.plain
    frame, gap = (box.SIMPLE_HEAD, 1) if framed else (None, 2)
    table = Table(box=frame, padding=(0, gap, 0, 0), pad_edge=False, show_edge=False)
    columns = _columns(page, verdict, rows)
    for column in columns:
        justify: Literal["left", "right"] = "right" if column.is_number else "left"
        table.add_column(page.safe(column.head), justify=justify, width=column.width, overflow="fold")
    for index, row in enumerate(rows):
        cells = (Text(page.safe(column.cells[index])) for column in columns)
        table.add_row(*cells, style="bold" if row.recommended else TONES[row.tone])
    page.show(table)
    left = ", ".join(f"{row.id} ({row.dropped})" for row in rows if row.dropped)
    if left:
        page.say(f"Clearly behind, and out of the race: {left}.", style="dim")
    page.say()


def _columns(page: Page, verdict: Verdict, rows: list[tables.Row]) -> list[Column]:
    """Return the columns that fit; the names take what is left."""
    label, width = page.cut(str(verdict.metric["label"]), 12).rstrip(), page.console.width
    found = [Column(label, tuple(row.score for row in rows))]
    if any(row.inside for row in rows):
        found.append(Column(words.inside(verdict), tuple(row.inside for row in rows), least=86))
    if any(standing.difference for standing in verdict.standings):
        found.append(Column("difference", tuple(row.difference for row in rows), least=40))
        found.append(Column("95 % interval", tuple(row.interval for row in rows), least=76))
        found.append(Column("p (Holm)", tuple(row.p for row in rows), least=92))
    told = tuple(row.conclusion.replace("no measurable difference", "not measurable") for row in rows)
    found.append(Column("conclusion", told, is_number=False, least=60, most=18))
    found.append(Column("time", tuple(row.seconds for row in rows), least=110))
    found = [column for column in found if width >= column.least]
    names = [page.safe(row.id) for row in rows]
    room = max(8, width - sum(2 + column.width for column in found) - 1)
    room = min(room, max(10, *map(len, names)))
    return [Column("candidate", tuple(page.cut(name, room).rstrip() for name in names), is_number=False), *found]


def _forest(page: Page, verdict: Verdict) -> None:
    from rich.text import Text

    width = page.console.width
    room = max(8, min(30, width // 3, max(len(s.candidate.id) for s in verdict.standings)))
    drawn = bars(verdict, max(14, min(60, width - room - 3)))
    if drawn is None:
        return
    what = f"Difference from {verdict.reference} in {verdict.metric['label']}"
    page.say(f"{what}: right is better, ░ is too small to matter (ROPE)")
    for row, bar in zip(tables.rows(verdict), drawn.rows, strict=True):
        name = page.cut(row.id, room)
        style = "bold" if row.recommended else TONES[row.tone]
        page.verbatim(Text.assemble((name, style), "  ", (page.safe(bar), style)))
    page.verbatim(" " * (room + 2) + drawn.scale)
    page.say()


def _warnings(page: Page, verdict: Verdict) -> None:
    thing, doubted = words.thing(verdict), verdict.suspicion
    notices = list(verdict.warnings)
    if doubted is not None and doubted.sentence:
        notices.append(doubted.sentence + _where([suspect.row for suspect in doubted.rows], thing))
    notices += [f"{w.message}{_where(w.rows, thing)}" for w in verdict.profile.warnings]
    if not notices:
        return
    page.say(f"{count(len(notices), 'thing')} to look at", style="bold yellow")
    for notice in notices[:SHOWN_WARNINGS]:
        page.say(notice, lead="  - ")
    if len(notices) > SHOWN_WARNINGS:
        page.say(f"and {len(notices) - SHOWN_WARNINGS} more, in the report", lead="    ")
    page.say()


def _where(rows: Sequence[int], thing: str, most: int = 6) -> str:
    if not rows:
        return ""
    shown = ", ".join(f"{row:,}" for row in rows[:most])
    more = f" and {len(rows) - most:,} more" if len(rows) > most else ""
    return f" ({thing}{'' if len(rows) == 1 else 's'} {shown}{more}, counted from 0)"


def _failures(page: Page, verdict: Verdict) -> None:
    for standing in verdict.standings:
        if standing.failures:
            more = f" (and {len(standing.failures) - 1} more)" if len(standing.failures) > 1 else ""
            what = "failed" if standing.score is None else "failed in part"
            page.say(f"{standing.candidate.id} {what}: {standing.failures[0]}{more}", style="red")
    if any(standing.failures for standing in verdict.standings):
        page.say()


def _next(page: Page, verdict: Verdict, files: Sequence[str | os.PathLike[str]], snippet: bool) -> None:
    lines = verdict.snippet.strip("\n").split("\n")
    if snippet or len(lines) <= SHORT_SNIPPET:
        page.say("Code to paste", style="bold")
        for text in lines:
            page.verbatim("  " + text)
        page.say()
    elif files:
        page.say("The code to paste is in the report.")
    for file in files:
        page.verbatim(f"Wrote {os.fspath(file)}")
    page.say(f"Took {seconds(verdict.seconds)}. To make it again:", style="dim")
    page.verbatim(f"  {verdict.command}", style="dim")
