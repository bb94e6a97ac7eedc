"""A training under rehearsal: its setup, a sample of its data, fresh copies."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from lossmith.finding import Finding
from lossmith.rehearsal.setup import Build, Pair, Setup, seeded

ROWS, BATCHES = 2048, 64
"""So much is read to look at the data."""
NORMALISING = (nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm)


@dataclass(eq=False)
class Case:
    """What the looks ask.

    Attributes:
        build: the user's function.
        seed: of its random numbers.
        seconds: that a look which trains may take.
    """

    build: Build
    seed: int = 0
    seconds: float = 10.0

    @cached_property
    def setup(self) -> Setup:
        """The setup that is looked at; nothing learns in it."""
        return self.fresh()

    def fresh(self) -> Setup:
        """Build everything anew, the same each time."""
        return seeded(self.build, self.seed)

    @cached_property
    def sample(self) -> list[Pair]:
        """The first batches.

        Raises:
            ValueError: there are none.
        """
        found, rows = [], 0
        for pair in self.setup.batches():
            found.append(pair)
            rows += _length(pair[1])
            if rows >= ROWS or len(found) >= BATCHES:
                break
        if not found:
            raise ValueError("`train_data` should hold examples. Found none.")
        return found

    @cached_property
    def inputs(self) -> Tensor | None:
        """The sample's first input, its rows in one tensor, where they fit together."""
        return _joined([next(iter(inputs.tensors()), None) for inputs, _ in self.sample])

    @cached_property
    def target(self) -> Tensor | None:
        """The sample's targets in one tensor, where they fit together."""
        return _joined([target for _, target in self.sample])

    @cached_property
    def outputs(self) -> Tensor:
        """What the untrained model puts out for the sample."""
        with torch.no_grad():
            found = [self.setup.output(inputs) for inputs, target in self.sample if _length(target) > 1]
        return torch.cat(found) if len({tuple(part.shape[1:]) for part in found}) == 1 else found[0]

    @cached_property
    def batch(self) -> Pair:
        """The first batch."""
        return self.sample[0]

    @property
    def classes(self) -> bool:
        """Whether targets are class numbers beside one output a class."""
        y, out = self.target, self.outputs
        return y is not None and not y.is_floating_point() and out.ndim == y.ndim + 1 and out.shape[1] > 1

    @property
    def binary(self) -> bool:
        """Whether targets are 0 or 1, as many as outputs."""
        y = self.target
        return y is not None and y.numel() == self.outputs.numel() and bool(((y == 0) | (y == 1)).all())

    @property
    def normalises(self) -> bool:
        """Whether the model's first layer scales its inputs itself."""
        leaves = [m for m in self.setup.model.modules() if not list(m.children()) and not isinstance(m, nn.Flatten)]
        return bool(leaves) and isinstance(leaves[0], NORMALISING)


@dataclass
class Seen:
    """What a look found, and the numbers for its picture."""

    findings: list[Finding]
    picture: dict[str, Any] | None = None


def _length(value: Any) -> int:
    return len(value) if isinstance(value, Tensor) and value.ndim else 1


def _joined(parts: list[Any]) -> Tensor | None:
    tensors = [part for part in parts if isinstance(part, Tensor) and part.ndim]
    if len(tensors) < len(parts) or len({tuple(part.shape[1:]) for part in tensors}) != 1:
        return None
    return torch.cat(tensors).detach()
