"""The verdict in a terminal: any width, with or without colours, piped, or in ASCII alone."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lossmith.advisor.verdict import Verdict
from lossmith.report import tables, words
from lossmith.report.bars import bars
from lossmith.report.numbers import count, seconds
from lossmith.report.text import ascii_only, clean, shorten

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

SHORT_SNIPPET = 12
"""Lines; a longer one is left to the report, unless it is asked for."""
SHOWN_WARNINGS = 5
TONES = {"good": "green", "bad": "red", "even": "", "off": "dim"}
OUTCOME_STYLES = {"clear_winner": "green", "reference_holds": "cyan", "too_little_data": "yellow"}


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


@dataclass(frozen=True)
class Page:
    """A console that never sees an escape sequence from the data, nor a letter that it cannot write."""

    console: "Console"

    @property
    def plain(self) -> bool:
        """Whether only ASCII can be written."""
        return self.console.options.ascii_only

    def safe(self, text: str) -> str:
        """Return `text` as this console can show it."""
        return ascii_only(clean(text)) if self.plain else clean(text)

    def say(self, text: str = "", style: str = "", indent: int = 0) -> None:
        """Print one paragraph, wrapped, never cut."""
        from rich.padding import Padding
        from rich.text import Text

        self.console.print(Padding(Text(self.safe(text), style=style, overflow="fold"), (0, 0, 0, indent)), highlight=False)

    def show(self, renderable: "RenderableType") -> None:
        """Print anything else that rich draws."""
        self.console.print(renderable, highlight=False)


def _headline(page: Page, verdict: Verdict) -> None:
    from rich import box
    from rich.panel import Panel
    from rich.text import Text

    style, title = OUTCOME_STYLES[verdict.outcome], words.OUTCOMES[verdict.outcome]
    if page.console.is_terminal:
        frame = box.ASCII if page.plain else box.ROUNDED
        sentence = Text(page.safe(verdict.sentence), style="bold", overflow="fold")
        page.show(Panel(sentence, title=title, title_align="left", border_style=style, box=frame, padding=(1, 2)))
    else:
        page.say(f"{title}. {verdict.sentence}")
    page.say()
    page.say(f"Metric  {words.metric_line(verdict)}; it asks for the {verdict.metric['asks_for']}.")
    interval = words.gain_interval(verdict)
    page.say(f"Gain    over {verdict.default}: {words.gain(verdict)}{f', {interval}, on folds that did not choose it' if interval else ''}.")
    page.say(f"Sure    {words.how_sure(verdict)}")
    page.say()


def _ranking(page: Page, verdict: Verdict) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    rows, width = tables.rows(verdict), page.console.width
    frame = None if not page.console.is_terminal else box.ASCII if page.plain else box.SIMPLE_HEAD
    table = Table(box=frame, padding=(0, 2, 0, 0), pad_edge=False, show_edge=False, expand=False)
    columns = _columns(verdict, rows, width)
    for head, _, right in columns:
        table.add_column(page.safe(head), justify="right" if right else "left", no_wrap=right, overflow="fold")
    for index, row in enumerate(rows):
        cells = (Text(page.safe(cells[index])) for _, cells, _ in columns)
        table.add_row(*cells, style="bold" if row.recommended else TONES[row.tone])
    page.show(table)
    page.say()


def _columns(verdict: Verdict, rows: list[tables.Row], width: int) -> list[tuple[str, list[str], bool]]:
    """Return the columns that fit: head, cells, whether they are numbers."""
    judged = any(row.interval != row.p for row in rows)
    label = str(verdict.metric["label"])
    wanted: list[tuple[int, str, list[str], bool]] = [
        (0, shorten(label, 12), [row.score for row in rows], True),
        (0, "difference", [row.difference for row in rows], True) if judged else (0, "", [], True),
        (76, "95 % interval", [row.interval for row in rows], True) if judged else (0, "", [], True),
        (92, "p (Holm)", [row.p for row in rows], True) if judged else (0, "", [], True),
        (56, "conclusion", [row.conclusion for row in rows], False),
        (110, "time", [row.seconds for row in rows], True),
    ]
    chosen = [(head, cells, right) for least, head, cells, right in wanted if head and width >= least]
    taken = sum(2 + max(len(head), *(len(cell) for cell in cells)) for head, cells, right in chosen if right)
    taken += sum(2 + 14 for _, _, right in chosen if not right)
    room = max(10, width - taken)
    names = [shorten(clean(row.id), room) for row in rows]
    return [("candidate", names, False), *chosen]


def _forest(page: Page, verdict: Verdict) -> None:
    from rich.text import Text

    width = page.console.width
    room = max(8, min(30, width // 3, max(len(s.candidate.id) for s in verdict.standings)))
    drawn = bars(verdict, max(14, min(60, width - room - 3)))
    if drawn is None:
        return
    page.say(f"Difference from {verdict.reference} in {verdict.metric['label']}: right is better, ░ is too small to matter (ROPE)")
    for row, bar in zip(tables.rows(verdict), drawn.rows, strict=True):
        name = page.safe(shorten(clean(row.id), room)).ljust(room)
        style = "bold" if row.recommended else TONES[row.tone]
        page.show(Text.assemble((name, style), "  ", (page.safe(bar), style)))
    page.say(" " * (room + 2) + drawn.scale)
    page.say()


def _warnings(page: Page, verdict: Verdict) -> None:
    notices = [(message, "") for message in verdict.warnings]
    notices += [(w.message, f" (rows {', '.join(map(str, w.rows[:6]))}{' …' if len(w.rows) > 6 else ''})" if w.rows else "") for w in verdict.profile.warnings]
    if not notices:
        return
    page.say(f"{count(len(notices), 'thing')} to look at", style="bold yellow")
    for message, where in notices[:SHOWN_WARNINGS]:
        page.say(f"- {message}{where}", indent=2)
    if len(notices) > SHOWN_WARNINGS:
        page.say(f"and {len(notices) - SHOWN_WARNINGS} more, in the report", indent=2)
    page.say()


def _failures(page: Page, verdict: Verdict) -> None:
    for standing in verdict.standings:
        if standing.failures:
            more = f" (and {len(standing.failures) - 1} more)" if len(standing.failures) > 1 else ""
            page.say(f"{standing.candidate.id} failed: {standing.failures[0]}{more}", style="red")
    if any(standing.failures for standing in verdict.standings):
        page.say()


def _next(page: Page, verdict: Verdict, files: Sequence[str | os.PathLike[str]], snippet: bool) -> None:
    lines = verdict.snippet.strip("\n").split("\n")
    if snippet or len(lines) <= SHORT_SNIPPET:
        page.say("Code to paste", style="bold")
        for text in lines:
            page.say(text, indent=2)
        page.say()
    elif files:
        page.say("The code to paste is in the report.")
    for file in files:
        page.say(f"Wrote {os.fspath(file)}")
    page.say(f"Took {seconds(verdict.seconds)}. Again: {verdict.command}", style="dim")
