"""The losses of a stack: every copy's output in, the gradient in it out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import torch
from torch import Tensor

from lossmith.kernels.slopes import slope_of
from lossmith.training.arm import Arm
from lossmith.training.links import Link

Key = tuple[int, int, int]
"""The places of a copy's rate, candidate and stream of rows."""


class Objective:
    """Losses of all copies, each computed once for all the copies that it trains.

    Args:
        arms: one per copy.
        keys: one per copy.
    """

    def __init__(self, arms: Sequence[Arm], keys: Sequence[Key]) -> None:
        def candidate(copy: int) -> int:
            return keys[copy][1]

        order = sorted(range(len(keys)), key=candidate)
        self.shares = [
            _Share([arms[copy] for copy in copies], [keys[copy][2] for copy in copies])
            for copies in (list(own) for _, own in groupby(order, key=candidate))
        ]
        self.sizes = [len(share.arms) for share in self.shares]
        self.order = torch.tensor(order)
        self.back = torch.argsort(self.order)
        self.recorded: list[Tensor] | None = None

    def begin(self, order: Tensor, *, recorded: bool) -> None:
        """Begin an epoch with these rows of every stream (batches, streams, batch).

        Where `recorded`, its losses can be had at its end.
        """
        for share in self.shares:
            share.begin(order)
        self.recorded = [] if recorded else None

    def gradient(self, output: Tensor, number: int) -> Tensor:
        """Return the gradient of a batch's mean losses in (copies, outputs, n)."""
        own = output.index_select(0, self.order)
        if self.recorded is not None:
            self.recorded.append(own)
        parts = zip(self.shares, torch.split(own, self.sizes), strict=True)
        gradient = torch.cat([share.gradient(part, number) for share, part in parts]).index_select(0, self.back)
        return gradient.div_(output.shape[2])

    def losses(self) -> list[float]:
        """Return every copy's mean loss over the epoch, which was recorded."""
        if self.recorded is None:
            raise ValueError("The epoch should have begun with `recorded`. Found that it had not. Try that.")
        parts = zip(self.shares, torch.split(torch.stack(self.recorded), self.sizes, dim=1), strict=True)
        found: list[float] = torch.cat([share.means(part) for share, part in parts])[self.back].tolist()
        return found


@dataclass(frozen=True)
class _Rows:
    """What the loss is told of each row.

    Shapes are (batches, copies, n), or of one batch (copies, n). The target of several labels has a dimension more, the
    last.
    """

    target: Tensor
    weight: Tensor | None
    factor: Tensor | None
    """Times the output; with `offset` takes it to the row's anchor."""
    offset: Tensor | None

    def batches(self) -> list["_Rows"]:
        targets, others = self.target.unbind(), (self.weight, self.factor, self.offset)
        parts = [[None] * len(targets) if values is None else values.unbind() for values in others]
        return [_Rows(*rows) for rows in zip(targets, *parts, strict=True)]

    def together(self) -> "_Rows":
        others = (self.weight, self.factor, self.offset)
        return _Rows(
            self.target.flatten(0, 1), *(None if values is None else values.flatten(0, 1) for values in others)
        )


class _Share:
    """One loss, and the copies it trains."""

    def __init__(self, arms: Sequence[Arm], places: Sequence[int]) -> None:
        self.arms, self.places = arms, places
        self.criterion, self.link = arms[0].criterion, arms[0].link  # what the loss sees is the same on every split
        self.slope = slope_of(type(self.criterion).function.__name__)
        self.hyperparameters = self.criterion.hyperparameters

    def begin(self, order: Tensor) -> None:
        """Lay out what the loss is told in an epoch."""

        def laid_out(values: Iterable[Tensor]) -> Tensor:
            pairs = zip(values, self.places, strict=True)
            return torch.stack([of_arm[order[:, place]] for of_arm, place in pairs], dim=1)

        def of_all(values: Sequence[Tensor | None], otherwise: float) -> Tensor | None:
            if all(of_arm is None for of_arm in values):
                return None
            pairs = zip(values, self.arms, strict=True)
            return laid_out(torch.full((len(a.target),), otherwise) if v is None else v for v, a in pairs)

        starts = [arm.start or (None, None) for arm in self.arms]
        self.rows = _Rows(
            laid_out(arm.target for arm in self.arms),
            of_all([arm.weight for arm in self.arms], 1.0),
            of_all([factor for factor, _ in starts], 1.0),
            of_all([offset for _, offset in starts], 0.0),
        )
        self.batches = self.rows.batches()

    def gradient(self, output: Tensor, number: int) -> Tensor:
        """Return the gradient of a batch's summed losses in (copies, outputs, n)."""
        rows = self.batches[number]
        # An anchor moves location and log-scale in two ways; the written-out form knows one.
        plain = self.slope is not None and (self.link.spread is None or rows.factor is None)
        gradient = self._written_out(output, rows) if plain else self._by_autograd(output, rows)
        if rows.weight is not None:
            gradient = gradient * rows.weight.unsqueeze(1)
        return gradient

    def _by_autograd(self, output: Tensor, rows: _Rows) -> Tensor:
        output = output.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(self._values(output, rows).sum(), output)
        return gradient

    def _written_out(self, output: Tensor, rows: _Rows) -> Tensor:
        assert self.slope is not None
        started = _started(output, rows, self.link)
        found = self.slope(self.link.seen(started), rows.target.flatten(0, 1), **self.hyperparameters)
        steepness = self.link.steepness(started)
        found = found if steepness is None else found * steepness
        found = found.view(*rows.target.shape[:2], -1).transpose(1, 2)
        if rows.target.ndim > 2:
            found = found / rows.target.shape[2]
        if rows.factor is not None:
            found = found * rows.factor.unsqueeze(1)
        more = output.shape[1] - found.shape[1]
        return torch.nn.functional.pad(found, (0, 0, 0, more)) if more else found

    def means(self, outputs: Tensor) -> Tensor:
        """Return each copy's mean loss from outputs (batches, copies, outputs, n)."""
        values = self._values(outputs.flatten(0, 1), self.rows.together()).view(self.rows.target.shape[:3])
        return (values if self.rows.weight is None else values * self.rows.weight).mean((0, 2))

    def _values(self, output: Tensor, rows: _Rows) -> Tensor:
        """Return the loss of each row, from outputs (copies, outputs, n).

        Of several labels a row, the mean of theirs.
        """
        seen = self.link.seen(_started(output, rows, self.link))
        values: Tensor = self.criterion(seen, rows.target.flatten(0, 1))
        return values.mean(1) if values.ndim > 1 else values


def _started(output: Tensor, rows: _Rows, link: Link) -> Tensor:
    """Return outputs (copies, outputs, n) row by row, taken to anchors if any."""
    flat = output.transpose(1, 2).flatten(0, 1)
    if rows.factor is None or rows.offset is None:
        return flat
    return link.started(flat, rows.factor.flatten(), rows.offset.flatten())
