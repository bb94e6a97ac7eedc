"""What a person sees while `advise` and `check` work.

That is what the data are, who is on the list, and a bar with the time left.
"""

import sys
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars

from lossmith import registry

if TYPE_CHECKING:  # `check` draws its bar without what `advise` needs
    from lossmith.advisor.profile import Profile
    from lossmith.training.problem import Candidate

SHOWN = 6
"""Columns left out, named before the rest is only counted."""


class Progress:
    """Watches the pipeline; says nothing when quiet, draws a bar on a terminal only."""

    def __init__(self, *, quiet: bool) -> None:
        self.console = Console(stderr=True, quiet=quiet)
        self.bars = Bars(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self.console,
            disable=quiet or not sys.stderr.isatty(),
            transient=True,
        )
        self.bar = self.bars.add_task("reading", total=None)

    def __enter__(self) -> Self:
        self.bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the bar off the screen."""
        self.bars.stop()

    def read(self, done: int, total: int) -> None:
        """Move the bar while a dataset is read."""
        self.bars.update(self.bar, completed=done, total=total)

    def profiled(self, found: "Profile") -> None:
        """Say what the data are."""
        used = sum(column.used for column in found.columns)
        metric = registry.metric(str(found.problem.metric)).label
        shape = f"{found.rows:,} rows, {used} of {len(found.columns)} columns to learn from"
        if not found.columns:  # a dataset for a model of the user's own
            shape = f"{found.rows:,} examples"
        self.console.print(f"[bold]{escape(found.source)}[/]: {shape}.")
        left_out = [f"{column.name} ({column.why or column.kind})" for column in found.columns if not column.used]
        if left_out:
            more = f" and {len(left_out) - SHOWN} more" if len(left_out) > SHOWN else ""
            self.console.print(f"Left out: {escape('; '.join(left_out[:SHOWN]))}{more}.", highlight=False)
        self.console.print(f"Task: {found.problem.task} ({escape(found.task_reason)}).", highlight=False)
        self.console.print(f"Metric: {escape(metric)} ({escape(found.metric_reason)}).", highlight=False)

    def shortlisted(self, candidates: "Sequence[Candidate]") -> None:
        """Say who is on the list."""
        self.console.print(
            f"Candidates: {', '.join(escape(candidate.id) for candidate in candidates)}.", highlight=False
        )
        self.bars.update(self.bar, description="training", total=None)

    def trained(self, done: int, total: int) -> None:
        """Move the bar."""
        self.bars.update(self.bar, completed=done, total=total)


class Late:
    """A bar for `check` that shows itself only where it takes long."""

    def __init__(self, total: int, *, after: float = 2.0) -> None:
        self.bars = Bars(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
            transient=True,
        )
        self.bar = self.bars.add_task("starting", total=total)
        self.timer = threading.Timer(after, self.bars.start)
        self.timer.daemon = True

    def __enter__(self) -> Self:
        self.timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.timer.cancel()
        self.timer.join()
        self.bars.stop()

    def begun(self, doing: str) -> None:
        """Move the bar on to what is looked at now."""
        self.bars.update(self.bar, advance=1, description=doing)
