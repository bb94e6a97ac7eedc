"""How every candidate is trained: one record for all, printed with every verdict."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any, Self

FLOPS = 7e10
"""Operations a second that training reaches on one core, roughly."""
WORTHWHILE_STEP = 3e-3
"""Seconds of arithmetic beside which the bookkeeping of a step is small."""
MOST_SPLITS = 5
"""Folds in a stack at most: ten folds are then work for two processes."""


NETWORKS: dict[str, dict[str, Any]] = {
    "small": {},
    "wide": {"hidden": (256, 256)},
    "deep": {"hidden": (128, 128, 128, 128)},
    "resnet": {"hidden": (128, 128, 128, 128), "residual": True},
}
"""Networks to ask whether a verdict holds elsewhere: four and three times the small one's weights."""


@dataclass(frozen=True)
class Settings:
    """Network, optimiser and schedule. Nothing here depends on the candidate."""

    hidden: tuple[int, ...] = (128, 128)
    residual: bool = False
    """Whether each hidden layer but the first adds to what it is given."""
    learning_rate: float = 0.016
    rate_factors: tuple[float, ...] = (1 / 3, 1.0, 3.0)
    """Each loss tries these multiples: rescaling a loss must not decide the race."""
    weight_decay: float = 1e-2
    steps: int = 800
    """Optimiser steps aimed at; epochs follow from the rows."""
    min_epochs: int = 20
    max_epochs: int = 100
    max_batch: int = 256
    min_batch: int = 32
    validations: int = 30
    """Times the validation rows are scored; scoring every epoch of a small table costs more than training it."""
    valid_share: float = 0.2
    """Share of the training fold that chooses epoch, learning rate and decision rule."""
    max_train_rows: int = 5000

    @property
    def shortened(self) -> bool:
        """Whether a budget has cut the steps: then the race is partly one of speed."""
        return self.steps < type(self).steps

    def for_network(self, name: str) -> "Settings":
        """Return the same settings for another network; `small` is the one at hand.

        Raises:
            ValueError: there is no network of that name.

        Example:
            >>> Settings().for_network("wide").hidden
            (256, 256)
        """
        if name not in NETWORKS:
            raise ValueError(f"A network should be one of {', '.join(NETWORKS)}. Found {name!r}. Try small.")
        return replace(self, **NETWORKS[name])

    @property
    def shortage(self) -> str:
        """What the budget has cut, in words."""
        return f"the networks trained for {self.steps} steps instead of {type(self).steps}"

    @property
    def rates(self) -> tuple[float, ...]:
        """The learning rates every candidate tries."""
        return tuple(self.learning_rate * factor for factor in self.rate_factors)

    def batch_size(self, rows: int) -> int:
        """Return a power of two that gives about 20 batches an epoch, within bounds."""
        size = self.min_batch
        while size < self.max_batch and rows / size > 20:
            size *= 2
        return min(size, rows)

    def schedule(self, rows: int) -> tuple[int, int, int]:
        """Return batch size, batches in an epoch, and the epochs nearest to `steps`."""
        batch = self.batch_size(rows)
        batches = max(1, rows // batch)
        return batch, batches, min(self.max_epochs, max(self.min_epochs, round(self.steps / batches)))

    def epochs(self, rows: int) -> int:
        """Return the number of epochs of the schedule."""
        return self.schedule(rows)[2]

    def operations(self, rows: int, features: int, outputs: int = 0) -> float:
        """Return the multiplications and additions of one network's step.

        Forward, and backward to weights and to activations: three products of two operations per weight and row.
        """
        weights = sum(a * b for a, b in pairwise((features, *self.hidden, outputs)))
        return 6.0 * weights * self.batch_size(rows)

    def rates_together(self, rows: int, features: int, candidates: int) -> list[tuple[float, ...]]:
        """Return the learning rates to train as one stack: all at once, or each alone.

        A step costs some bookkeeping however many networks it trains. Small ones are stacked until the arithmetic
        outweighs that: rates first, because a fold counts only when all its rates are done. Large ones are not: they
        would gain nothing, and more would be lost when the budget ends.
        """
        enough = self._worthwhile(rows, features) <= candidates
        return [(rate,) for rate in self.rates] if enough else [self.rates]

    def splits_together(self, rows: int, features: int, candidates: int) -> int:
        """Return how many folds to train as one stack, beside candidates and rates."""
        beside = candidates * len(self.rates_together(rows, features, candidates)[0])
        return min(MOST_SPLITS, max(1, round(self._worthwhile(rows, features) / beside)))

    def _worthwhile(self, rows: int, features: int) -> float:
        """Return how many networks are arithmetic enough for a step."""
        return WORTHWHILE_STEP * FLOPS / self.operations(rows, features)

    def scored(self, rows: int) -> list[int]:
        """Return the epochs, from 1, after which the validation rows are scored.

        The last is among them.
        """
        epochs = self.epochs(rows)
        every = -(-epochs // self.validations)
        return list(range(epochs, 0, -every))[::-1]

    def to_json(self) -> dict[str, Any]:
        """Return plain types only."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        tuples = {key: tuple(data[key]) for key in ("hidden", "rate_factors")}
        return cls(**{**data, **tuples})
