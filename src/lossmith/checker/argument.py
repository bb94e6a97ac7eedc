"""What a loss takes: names, roles, what each tensor holds, and how to draw it.

The words for what a tensor holds are those a person would use of a loss: logits, probabilities, class_index, boxes.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Generator, Tensor

Role = Literal["prediction", "target", "mask", "weight", "aux"]
ROLES: tuple[Role, ...] = ("prediction", "target", "mask", "weight", "aux")
Sizes = Mapping[str, int]
SIZES: dict[str, int] = {"N": 6, "C": 4, "D": 5, "K": 3, "H": 5, "W": 3, "T": 10, "S": 3, "M": 6}
"""What the letters of shapes stand for: no two that meet in one tensor are alike, so that a mixed-up axis shows."""

INTEGERS = frozenset({"class_index", "padded_index", "lengths", "group_labels", "ignored_index"})
IGNORED = -100


@dataclass(frozen=True)
class Argument:
    """One argument of a loss."""

    name: str
    role: Role
    holds: str
    """A word of `DRAW`."""
    shape: tuple[str, ...] = ()

    @property
    def integer(self) -> bool:
        """Whether it holds whole numbers that index."""
        return self.holds in INTEGERS

    @property
    def normaliser(self) -> Callable[[Tensor], Tensor] | None:
        """What makes any numbers one of its kind, where entries of a row sum to 1."""
        axis = self.shape.index("C") if "C" in self.shape else min(1, len(self.shape) - 1)
        if self.holds == "log_probabilities":
            return lambda x: x.log_softmax(axis)
        if self.holds in ("simplex", "soft_labels"):
            return lambda x: x.log().log_softmax(axis).exp()
        return None

    def size(self, sizes: Sizes) -> tuple[int, ...]:
        """Return the shape in numbers."""
        return tuple(int(word) if word.isdigit() else sizes[word] for word in self.shape)


@dataclass(frozen=True)
class Signature:
    """Everything a loss takes, in order."""

    arguments: tuple[Argument, ...]
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Where they differ from `SIZES`; also `len_lo` and `len_hi`, the range of lengths."""
    assumed: tuple[str, ...] = ()
    """What was inferred rather than said, a sentence each."""
    decimals: int | None = None
    """Places that drawn numbers are rounded to, where their kind allows it."""

    def places(self, *roles: Role) -> list[int]:
        """Return where the arguments of these roles stand."""
        return [place for place, argument in enumerate(self.arguments) if argument.role in roles]

    def draw(self, seed: int, dtype: torch.dtype = torch.float64, **sizes: int) -> list[Tensor]:
        """Draw one ordinary set of arguments."""
        generator = Generator().manual_seed(7919 * seed + 17)
        known = {**SIZES, **self.sizes, **sizes}
        drawn = []
        for argument in self.arguments:
            counted = known
            if (
                "len_hi" not in known
                and argument.holds == "lengths"
                and {"label", "target"} & set(argument.name.split("_"))
            ):
                counted = {**known, "len_hi": known["S"], "len_lo": 1}
            value = DRAW[argument.holds](argument.size(known), counted, generator)
            if argument.normaliser is not None:
                value = argument.normaliser(value)
            if self.decimals is not None and argument.holds in ROUND:
                least, most = ROUND[argument.holds]
                unit = 0.1**self.decimals
                value = value.round(decimals=self.decimals).clamp(least + unit, most - unit)
            drawn.append(value if argument.integer else value.to(dtype))
        return drawn


def class_axis(scores: Sequence[int], labels: Sequence[int]) -> int | None:
    """Return the axis of the scores that the labels lack, or None."""
    if len(scores) != len(labels) + 1:
        return None
    fitting = [axis for axis in range(len(scores)) if [*scores[:axis], *scores[axis + 1 :]] == list(labels)]
    return (1 if 1 in fitting and len(scores) != 3 else fitting[-1]) if fitting else None


ENDLESS = (-math.inf, math.inf)
ROUND: dict[str, tuple[float, float]] = {
    "real": ENDLESS, "logits": ENDLESS, "embeddings": ENDLESS, "log_variance": ENDLESS, "boxes": ENDLESS,
    "probabilities": (0.0, 1.0), "pixels": (0.0, 1.0), "positive": (0.0, math.inf), "time": (0.0, math.inf),
    "nonneg": (0.0, math.inf), "log_prob_scalar": (-math.inf, 0.0),
}  # fmt: skip
"""Kinds that stay what they are when rounded, with the ends of their range, both outside."""


def _normal(size: tuple[int, ...], generator: Generator) -> Tensor:
    return torch.randn(size, generator=generator, dtype=torch.float64)


def _share(size: tuple[int, ...], generator: Generator) -> Tensor:
    return torch.rand(size, generator=generator, dtype=torch.float64)


def _real(size: tuple[int, ...], sizes: Sizes, generator: Generator) -> Tensor:
    return _normal(size, generator)


def _coin(share: float) -> "Drawer":
    def draw(size: tuple[int, ...], sizes: Sizes, generator: Generator) -> Tensor:
        value = (_share(size, generator) > share).double()
        if value.numel() > 1:  # both kinds are there
            value.view(-1)[0], value.view(-1)[-1] = 1.0, 0.0
        return value

    return draw


def _mask(size: tuple[int, ...], sizes: Sizes, generator: Generator) -> Tensor:
    value = (_share(size, generator) > 0.35).double()
    rows = value.view(size[0], -1) if size else value.view(1, -1)
    if rows.shape[1] == 1:
        rows[0::2], rows[1::2] = 1.0, 0.0
    else:
        rows[:, 0], rows[:, -1] = 1.0, 0.0
    return value


def _simplex(size: tuple[int, ...], sizes: Sizes, generator: Generator) -> Tensor:
    return _normal(size, generator).softmax(1 if len(size) > 1 else 0)


def _index(size: tuple[int, ...], sizes: Sizes, generator: Generator) -> Tensor:
    value = torch.randint(0, sizes["C"], size, generator=generator)
    if value.numel() >= sizes["C"]:  # every class is there, in no order
        value.view(-1)[: sizes["C"]] = torch.arange(sizes["C"])
        value = value.view(-1)[torch.randperm(value.numel(), generator=generator)].reshape(size)
    return value


def _ignored(size: tuple[int, ...], sizes: Sizes, generator: Generator) -> Tensor:
    value = _index(size, sizes, generator)
    if value.numel() > 2:
        value.view(-1)[1], value.view(-1)[-2] = IGNORED, IGNORED
    return value


def _boxes(size: tuple[int, ...], sizes: Sizes, generator: Generator) -> Tensor:
    corner = 3.0 * _share((*size[:-1], 2), generator)
    return torch.cat([corner, corner + 0.5 + 3.0 * _share((*size[:-1], 2), generator)], -1)


def _one_hot(size: tuple[int, ...], sizes: Sizes, generator: Generator) -> Tensor:
    index = torch.randint(0, size[1], (size[0], *size[2:]), generator=generator)
    return torch.nn.functional.one_hot(index, size[1]).double().movedim(-1, 1)


def _lengths(size: tuple[int, ...], sizes: Sizes, generator: Generator) -> Tensor:
    high = sizes.get("len_hi", sizes["T"])
    return torch.randint(sizes.get("len_lo", max(1, high - 3)), high + 1, size, generator=generator)


Drawer = Callable[[tuple[int, ...], Sizes, Generator], Tensor]

DRAW: dict[str, Drawer] = {
    "real": _real,
    "logits": _real,
    "embeddings": _real,
    "log_variance": _real,
    "probabilities": lambda size, sizes, g: _normal(size, g).sigmoid(),
    "simplex": _simplex,
    "soft_labels": _simplex,
    "log_probabilities": lambda size, sizes, g: _normal(size, g).log_softmax(1 if len(size) > 1 else 0),
    "log_prob_scalar": lambda size, sizes, g: -3.0 * _share(size, g) - 0.1,
    "unit": lambda size, sizes, g: torch.nn.functional.normalize(_normal(size, g), dim=-1),
    "positive": lambda size, sizes, g: (0.5 * _normal(size, g)).exp(),
    "time": lambda size, sizes, g: (0.5 * _normal(size, g)).exp(),
    "nonneg": lambda size, sizes, g: 2.0 * _share(size, g),
    "pixels": lambda size, sizes, g: _share(size, g),
    "boxes": _boxes,
    "binary01": _coin(0.5),
    "event01": _coin(0.4),
    "sign": lambda size, sizes, g: 2.0 * _coin(0.5)(size, sizes, g) - 1.0,
    "mask01": _mask,
    "mask_none": lambda size, sizes, g: torch.zeros(size, dtype=torch.float64),
    "class_index": _index,
    "padded_index": lambda size, sizes, g: torch.randint(1, sizes["C"], size, generator=g),
    "ignored_index": _ignored,
    "group_labels": lambda size, sizes, g: torch.arange(size[0]) // 2,
    "one_hot": _one_hot,
    "count": lambda size, sizes, g: torch.poisson(torch.full(size, 2.0, dtype=torch.float64), generator=g),
    "lengths": _lengths,
}
"""What a tensor may hold, and how an ordinary one is drawn."""

FAR = 40.0
"""A logit that is as good as certain, and still exact in float32."""
AWAY = 10.0
"""How far off a wrong number is, in units of the spread of ordinary ones."""


def is_finite(value: Any) -> bool:
    """Whether a number or tensor holds only finite numbers."""
    if isinstance(value, Tensor):
        return bool(torch.isfinite(value).all())
    return value is not None and math.isfinite(value)
