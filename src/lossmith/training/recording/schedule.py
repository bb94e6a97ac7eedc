"""Which steps are looked at closely: many early, later as time allows."""

import time

GROWTH = 1.45
EARLY = 12
"""So many steps are looked at whatever it takes: a run that dies at once must leave a trace."""


class Schedule:
    """Chooses the steps to be sampled, so that they take a given share of the time.

    Distances between samples grow up to `every`. A sample is put off while the samples so far took more than `share`
    of the time that the loop has run; what the first samples cost is so paid back by the steps after them.
    """

    def __init__(self, first: int, share: float, every: int) -> None:
        self.share, self.every = share, every
        self.next, self._taken, self._spent, self._began = first, 0, 0.0, time.perf_counter()

    def due(self, step: int) -> bool:
        """Whether `step` is to be sampled."""
        if step < self.next:
            return False
        return self._taken < EARLY or self._spent <= self.share * (time.perf_counter() - self._began)

    def took(self, step: int, seconds: float) -> None:
        """Count what the sample at `step` cost, and choose the earliest next one."""
        self._taken += 1
        self._spent += seconds
        gap = min(self.every, max(1, round(GROWTH ** (self._taken - 1)) - round(GROWTH ** (self._taken - 2))))
        self.next = step + (self.every if self._taken > 40 else gap)
