"""How much of a training's time its recorder may take, and for what.

What must be done at every step is only counted. Closer looks, and the metric of a batch, wait while they would take
more than what is left of the share.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

Kind = Literal["sample", "metric"]

PARTS: dict[Kind, float] = {"sample": 2 / 3, "metric": 1 / 3}
LEAST = 0.25
"""So much of the share is for looking closely even where the steps are so short that the lines alone take all of it."""
HEAD_START = 0.05
"""Seconds of metrics that no one has to wait for: a short training has one at every step."""
PAUSE = 10.0
"""A step that takes so many times the usual is a pause, a validation perhaps: it earns no more than this."""


class Budget:
    """Counts what recording costs and says what else it may cost now.

    Args:
        share: of the time between steps, for all of it.
    """

    def __init__(self, share: float) -> None:
        self.share, self.lines = share, 0.0
        self.passed, self._steps, self.ended = 0.0, 0, time.perf_counter()
        self.spent: dict[Kind, float] = {"sample": 0.0, "metric": 0.0}

    @property
    def apart(self) -> float:
        """Seconds that went into all that may wait."""
        return self.spent["sample"] + self.spent["metric"]

    @property
    def taken(self) -> float:
        """The share of the time that recording has taken so far."""
        return (self.lines + self.apart) / max(self.passed, 1e-9)

    def begin(self, now: float) -> None:
        """Count the time since the last step."""
        since = now - self.ended
        self.passed += min(since, PAUSE * self.passed / self._steps) if self._steps else since
        self._steps += 1

    def end(self) -> None:
        """Let the time until the next step begin."""
        self.ended = time.perf_counter()

    @contextmanager
    def counted(self, kind: Kind) -> Iterator[None]:
        """Count the time inside."""
        began = time.perf_counter()
        yield
        self.spent[kind] += time.perf_counter() - began

    def allows(self, kind: Kind) -> bool:
        """Whether there is time for one more."""
        left = max(LEAST * self.share * self.passed, self.share * self.passed - self.lines)
        free = HEAD_START if kind == "metric" else 0.0
        return self.spent[kind] <= max(free, PARTS[kind] * left)
