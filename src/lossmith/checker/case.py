"""A loss under test: inputs, values, gradients, what perfect and wrong mean.

Rules ask this object; it never raises for what the loss does, but hands back what happened.
"""

import copy
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from lossmith.checker import settings
from lossmith.checker.argument import Argument, Signature, class_axis, is_finite
from lossmith.checker.differences import slopes
from lossmith.checker.truth import beyond, placed

Inputs = list[Tensor]
T = TypeVar("T")
SEEDS = range(4)
"""Ordinary draws that a rule looks at."""


@dataclass(frozen=True)
class Outcome:
    """What one call did."""

    value: Tensor | None = None
    error: Exception | None = None
    plain: str = ""
    """The type of a number that is no tensor: nothing can be learned through it."""

    @property
    def number(self) -> float | None:
        """The value as one number; the sum where it is several."""
        if self.value is None:
            return None
        return float(self.value.detach().double().sum())


class NotATensor(TypeError):  # noqa: N818 - what a report says of it reads better so
    """The loss returned something else than one tensor."""

    def __init__(self, value: Any) -> None:
        super().__init__(f"it returns {_kind(value)}, not a tensor")
        self.kind = _kind(value)
        """What was returned, in words."""
        self.within = _within(value)
        """How to take the loss out of it, as code: `[0]`; empty where nothing in it looks like one."""


def _kind(value: Any) -> str:
    if value is None:
        return "None"
    name = f"a {type(value).__name__}"
    if isinstance(value, Mapping):
        return f"{name} of {', '.join(map(repr, value))}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"{name} of {', '.join(type(part).__name__ for part in value)}"
    return name


def _within(value: Any) -> str:
    """Return where the loss is: what is called so, or the first that can be learned."""
    if isinstance(value, Mapping):
        parts = {f"[{key!r}]": part for key, part in value.items()}
    elif isinstance(value, Sequence) and not isinstance(value, str):
        parts = {f"[{place}]": part for place, part in enumerate(value)}
    else:
        parts = {".loss": value.loss} if hasattr(value, "loss") else {}
    tensors = {way: part for way, part in parts.items() if isinstance(part, Tensor)}
    ranked = sorted(tensors, key=lambda way: ("loss" not in way, not tensors[way].requires_grad, tensors[way].ndim))
    return ranked[0] if ranked else ""


def with_value(inputs: Sequence[Tensor], place: int, value: Tensor) -> Inputs:
    """Return the arguments with one of them replaced."""
    return [value if at == place else x for at, x in enumerate(inputs)]


@dataclass
class Case:
    """A loss, what it takes, and what its author promises."""

    make: Callable[[], Callable[..., Any]]
    """Builds the loss anew."""
    signature: Signature
    claims: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    name: str = "loss"
    """What a witness calls it."""
    setup: Sequence[str] = ()
    """Lines that import and build it, for a witness."""
    keywords: str = ""
    """Settings that a witness passes with each call: `alpha=2`."""
    lost: list[str] = field(default_factory=list)
    """Rules that failed themselves, and how."""
    tally: Counter[str] = field(default_factory=Counter)
    """How often the loss was called, and with which edges: `calls`, `edge NAME`, `rules`."""
    memo: dict[Any, Any] = field(init=False, default_factory=dict)
    """What several rules ask for; a changed copy begins without."""

    def remembered(self, key: Any, found: Callable[[], T]) -> T:
        """Return what was found the first time."""
        if key not in self.memo:
            self.memo[key] = found()
        kept: T = self.memo[key]
        return kept

    @cached_property
    def loss(self) -> Callable[..., Any]:
        """The loss that most rules share."""
        return self.make()

    @cached_property
    def dtype(self) -> torch.dtype:
        """The precision to look in: double, unless the loss takes only single."""
        precision = getattr(self.loss, "precision", None)
        if isinstance(precision, torch.dtype):
            return precision
        for dtype in (torch.float64, torch.float32):
            if self.call(self.draw(0, dtype)).error is None:
                return dtype
        return torch.float64

    @cached_property
    def without_gradient(self) -> bool:
        """Whether it computes with NumPy: slopes are then finite differences."""
        return bool(getattr(self.loss, "without_gradient", False))

    @property
    def arguments(self) -> tuple[Argument, ...]:
        return self.signature.arguments

    @cached_property
    def predictions(self) -> list[int]:
        """Where the predictions stand."""
        return self.signature.places("prediction")

    @cached_property
    def pairs(self) -> list[tuple[int, int]]:
        """Predictions with the target each is compared with."""
        found, left = [], self.signature.places("target")
        inputs = self.draw(0, torch.float64)
        for place in self.predictions:
            for target in left:
                if placed(self.arguments[place], inputs[place], self.arguments[target], inputs[target]) is not None:
                    found.append((place, target))
                    left = [other for other in left if other != target]
                    break
        return found

    def promised(self, *names: str) -> bool:
        """Whether one of these claims is made, and is neither false nor None."""
        return any(self.claims.get(name) not in (None, False) for name in names)

    def draw(self, seed: int, dtype: torch.dtype | None = None, **sizes: int) -> Inputs:
        """Draw ordinary arguments."""
        return self.signature.draw(100 * self.seed + seed, self.dtype if dtype is None else dtype, **sizes)

    @cached_property
    def ordinary(self) -> list[Inputs]:
        """A few ordinary draws; do not change them."""
        return [self.draw(seed) for seed in SEEDS]

    def call(self, inputs: Sequence[Tensor], loss: Callable[..., Any] | None = None) -> Outcome:
        """Call the loss with arguments as they are."""
        self.tally["calls"] += 1
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                value = (self.loss if loss is None else loss)(*inputs)
        except MemoryError:
            raise  # the limit: nothing more can be said
        except Exception as error:  # whatever a user's loss may raise
            return Outcome(error=error)
        if isinstance(value, Tensor):
            return Outcome(value)
        if isinstance(value, (bool, int, float, np.generic, np.ndarray)):
            return Outcome(torch.as_tensor(value, dtype=torch.float64), plain=type(value).__name__)
        return Outcome(error=NotATensor(value))

    def number(self, inputs: Sequence[Tensor], loss: Callable[..., Any] | None = None) -> float | None:
        """Return the value as one number, or None where the call failed."""
        return self.call([x.clone() for x in inputs], loss).number

    def gradient(
        self, inputs: Sequence[Tensor], place: int, loss: Callable[..., Any] | None = None
    ) -> tuple[float | None, Tensor | None]:
        """Return the value and the gradient in one argument; None where there is none."""
        found = self.gradients(inputs, [place], loss)
        return found[0], found[1][0]

    def gradients(
        self, inputs: Sequence[Tensor], places: Sequence[int], loss: Callable[..., Any] | None = None
    ) -> tuple[float | None, list[Tensor | None]]:
        """Return the value and the gradient in several arguments."""
        if self.without_gradient:
            return self.number(inputs, loss), [
                slopes(lambda moved: self.number(moved, loss), inputs, place) for place in places
            ]
        moved = [x.clone() for x in inputs]
        for place in places:
            if moved[place].is_floating_point():
                moved[place] = moved[place].detach().requires_grad_()
        outcome = self.call(moved, loss)
        nothing: list[Tensor | None] = [None] * len(places)
        if (
            not all(moved[place].requires_grad for place in places)
            or outcome.value is None
            or not outcome.value.requires_grad
        ):
            return outcome.number, nothing
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = torch.autograd.grad(outcome.value.sum(), [moved[place] for place in places], allow_unused=True)
        except RuntimeError:
            return outcome.number, nothing
        return outcome.number, list(found)

    def perfect(self, inputs: Inputs, wrong: float = 0.0) -> Inputs | None:
        """Return the arguments with predictions that say the truth, or miss by a share."""
        if not self.pairs or len(self.pairs) < len(self.predictions):
            return None
        moved = inputs
        for prediction, target in self.pairs:
            new = placed(self.arguments[prediction], inputs[prediction], self.arguments[target], inputs[target], wrong)
            if new is None:
                return None
            moved = with_value(moved, prediction, new.to(inputs[prediction].dtype))
        return moved

    def rows(self, inputs: Inputs, keep: Sequence[int]) -> Inputs:
        """Return some examples of the batch; what has no batch axis stays."""
        index = torch.tensor(list(keep), dtype=torch.long)
        return [
            x if axis is None else x.index_select(axis, index) for x, axis in zip(inputs, self.batch_axes, strict=True)
        ]

    @cached_property
    def batch_axes(self) -> list[int | None]:
        """Where the letter N stands in each argument's shape."""
        return [a.shape.index("N") if "N" in a.shape else None for a in self.arguments]

    @property
    def batch(self) -> int:
        """Examples in an ordinary batch, 0 where nothing is a batch."""
        for x, axis in zip(self.ordinary[0], self.batch_axes, strict=True):
            if axis is not None:
                return int(x.shape[axis])
        return 0

    def class_axis(self, place: int) -> int | None:
        """Return the class axis of a prediction whose target is an index, or None."""
        for prediction, target in self.pairs:
            if prediction == place and self.arguments[target].holds in ("class_index", "ignored_index"):
                inputs = self.ordinary[0]
                axis = class_axis(inputs[prediction].shape, inputs[target].shape)
                return None if axis is None or beyond(inputs[target], inputs[prediction].shape[axis]) else axis
            if prediction == place and self.arguments[target].holds in ("one_hot", "soft_labels"):
                return 1
        return None

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """Hyperparameters that can be changed from outside."""
        return settings.known(self.loss, {argument.name for argument in self.arguments})

    def changed(self, name: str, value: Any) -> Callable[..., Any] | None:
        """Return the loss with one hyperparameter changed, or None if it has no such."""
        return settings.changed(self.loss, self.make, name, value) if name in self.parameters else None

    @cached_property
    def module(self) -> torch.nn.Module | None:
        """A copy of the loss, if it is a module."""
        if not isinstance(self.loss, torch.nn.Module):
            return None
        try:
            return copy.deepcopy(self.make())  # type: ignore[return-value]
        except Exception:
            return None

    @cached_property
    def healthy(self) -> bool:
        """Whether ordinary calls give finite numbers."""
        return all(is_finite(self.number(inputs)) for inputs in self.ordinary)

    @cached_property
    def coupled(self) -> bool:
        """Whether the author says that examples of a batch belong together."""
        return self.promised("batch_level_statistics", "split_invariant")
