"""Which rows an epoch shows a network, and how often.

* none: every row in turn, in random order.
* over: every class equally often; the rows of each come in turn, so that those of rare ones are repeated.
* under: every class equally often; a pass takes of each class as many rows as the rarest has, drawn anew for each
  pass, so that most rows of common ones are left out.

Whatever the sampling, an epoch has as many batches, and what shares a sampling on a split shares its batches.
"""

from collections.abc import Iterator
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from lossmith.training.fitted import Split

SAMPLINGS = ("none", "over", "under")
ORDER = 2**32
"""Added to a seed, gives the row order a stream of its own: it must not hang on how many weights were drawn."""


class Stream:
    """Draws epoch after epoch of a split's rows.

    Args:
        split: whose training rows are drawn.
        sampling: one of `SAMPLINGS`.
        seed: the same gives the same rows.

    Raises:
        ValueError: no such sampling, or one by classes for a target of numbers.
    """

    def __init__(self, split: Split, sampling: str, seed: int) -> None:
        if sampling not in SAMPLINGS:
            raise ValueError(f"A sampling should be one of {', '.join(SAMPLINGS)}. Found {sampling!r}.")
        if sampling != "none" and not split.classes:
            raise ValueError(f"Sampling by classes needs a target of classes. Found numbers. Try {SAMPLINGS[0]!r}.")
        self.rows = len(split.y_train)
        # each sampling has its own stream of numbers, so that company makes no difference to any
        self.generator = Generator().manual_seed(seed + ORDER * (1 + SAMPLINGS.index(sampling)))
        self.draw: _Turns | None = None
        if sampling != "none":
            members = _members(split.y_train)
            self.draw = _Turns(self._over(members) if sampling == "over" else self._under(members))

    def epoch(self, size: int) -> Tensor:
        """Return the rows of an epoch (size,): each once, or as often as it takes."""
        if self.draw is None:
            rounds = -(-size // self.rows)
            return torch.cat([self._shuffled(torch.arange(self.rows)) for _ in range(rounds)])[:size]
        return self.draw.take(size)

    def _over(self, members: list[Tensor]) -> Iterator[Tensor]:
        """Yield passes as long as the largest class, times the classes."""
        turns = [_Turns(self._repeated(own)) for own in members]
        while True:
            rounds = torch.stack([turn.take(max(map(len, members))) for turn in turns], dim=1)
            yield self._shuffled(rounds.flatten())

    def _under(self, members: list[Tensor]) -> Iterator[Tensor]:
        """Yield passes as long as the rarest class, times the classes."""
        fewest = min(map(len, members))
        while True:
            yield self._shuffled(torch.cat([self._shuffled(own)[:fewest] for own in members]))

    def _repeated(self, own: Tensor) -> Iterator[Tensor]:
        while True:
            yield self._shuffled(own)

    def _shuffled(self, rows: Tensor) -> Tensor:
        return rows[torch.randperm(len(rows), generator=self.generator)]


class _Turns:
    """Takes as many rows as are wanted from an endless run of passes."""

    def __init__(self, passes: Iterator[Tensor]) -> None:
        self.passes, self.left = passes, torch.empty(0, dtype=torch.int64)

    def take(self, count: int) -> Tensor:
        """Return the next rows."""
        while len(self.left) < count:
            self.left = torch.cat([self.left, next(self.passes)])
        taken, self.left = self.left[:count], self.left[count:]
        return taken


def _members(y: NDArray[Any]) -> list[Tensor]:
    """Return the rows of each class that occurs."""
    codes = torch.as_tensor(y.astype("int64"))
    return [torch.nonzero(codes == code)[:, 0] for code in torch.unique(codes)]
