"""Which steps are looked at closely: many early, later as time allows."""

from lossmith.training.recording.budget import Budget

GROWTH = 1.45
EARLY = 12
"""So many steps are looked at whatever it takes: a run that dies at once must leave a trace."""


class Schedule:
    """Chooses the steps to be sampled, so that they keep within a budget of time.

    Distances between samples grow up to `every`. A sample is put off while the budget is overdrawn; what the first
    samples cost is so paid back by the steps after them.
    """

    def __init__(self, first: int, budget: Budget, every: int) -> None:
        self.budget, self.every = budget, every
        self.next, self._taken = first, 0

    def due(self, step: int) -> bool:
        """Whether `step` is to be sampled."""
        if step < self.next:
            return False
        return self._taken < EARLY or self.budget.allows("sample")

    def spent(self, seconds: float) -> None:
        """Count a part of what a sample costs."""
        self.budget.spent["sample"] += seconds

    def took(self, step: int) -> None:
        """Count the sample at `step`, and choose the earliest next one."""
        self._taken += 1
        gap = min(self.every, max(1, round(GROWTH ** (self._taken - 1)) - round(GROWTH ** (self._taken - 2))))
        self.next = step + (self.every if self._taken > 40 else gap)
