"""A mean that a short last batch, weights and accumulation cannot bend."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Means:
    """Weighted means of several named numbers.

    Each number keeps its own weight, so that one which is not measured on every batch is not diluted.
    """

    totals: dict[str, float] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)
    rows: int = 0

    def add(self, values: Mapping[str, float], weight: float, rows: int) -> None:
        """Count one batch, whose values are means over `weight`."""
        self.rows += rows
        for name, value in values.items():
            self.count(name, value, weight)

    def count(self, name: str, value: float, weight: float) -> None:
        """Count one number."""
        # A batch of weight zero says nothing; its mean is 0/0.
        self.totals[name] = self.totals.get(name, 0.0) + (weight * value if weight else 0.0)
        self.weights[name] = self.weights.get(name, 0.0) + weight

    def of(self, name: str) -> float | None:
        """Return a mean, or nothing where it was never counted."""
        if name not in self.totals:
            return None
        return self.totals[name] / self.weights[name] if self.weights[name] else math.nan

    def all(self) -> dict[str, float | None]:
        """Return every mean."""
        return {name: self.of(name) for name in self.totals}
