"""What every composed loss gives: card, formula, parts and description."""

import os
from abc import abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar

import torch
from torch import Tensor

from lossmith.compose.derived import Derived, Traits, elicited_by, sizes_of, traits_of
from lossmith.criterion import Criterion, Reduction

Parts = dict[str, Tensor]


class Composed(Criterion):
    """A loss made of other losses.

    Its state (buffers, learned weights) is in `state_dict`; what it is made of is in `to_toml`.
    """

    def __init__(self, reduction: Reduction) -> None:
        torch.nn.Module.__init__(self)  # a Criterion's own start asks for a card that is there before it
        self.reduction = reduction
        self._hyperparameters: dict[str, Any] = {}
        self._takes_model = False

    @abstractmethod
    def card(self) -> Derived:  # type: ignore[override]
        """Return what follows about this loss from its parts."""

    @abstractmethod
    def described(self) -> dict[str, Any]:
        """Return what it is made of, as data."""

    @abstractmethod
    def forward_parts(self, *data: Any, mask: Any = None, sample_weight: Any = None) -> tuple[Tensor, Parts]:
        """Return the loss, and detached numbers by name, to be logged."""

    @property
    @abstractmethod
    def formula(self) -> str:
        """The loss as the expression that builds it."""

    def to_toml(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return the description as TOML, and write it to `path` if one is given.

        Example:
            >>> from lossmith.losses import HuberLoss
            >>> print((2.0 * HuberLoss(delta=0.5)).to_toml())
            loss = "sum"
            <BLANKLINE>
            [[terms]]
            times = 2.0
            loss = "huber_loss"
            delta = 0.5
            <BLANKLINE>
        """
        from lossmith.compose.toml import write

        return write(self, path)

    def __repr__(self) -> str:
        return self.formula


class Around(Composed):
    """A loss that changes the values of one other loss."""

    key: ClassVar[str]
    """Its name in a description."""

    def __init__(self, loss: Criterion) -> None:
        super().__init__(plain(loss).reduction)
        self.loss = loss
        card = loss.card()
        self._safe = {name: domain.safe for name, domain in card.inputs.items()}
        self._batchwise = card.unit == "batch"
        self._name = f"{self.key}_{card.name}"  # kept, since compiled code cannot derive a card

    def unreduced(self, *data: Any) -> Tensor:
        return self.change(self.loss.unreduced(*data), *data)

    @abstractmethod
    def change(self, values: Tensor, *data: Tensor) -> Tensor:
        """Return the changed values of the loss inside."""

    def forward_parts(
        self, *data: Any, mask: Tensor | None = None, sample_weight: Tensor | None = None
    ) -> tuple[Tensor, Parts]:
        """Return the loss, and the same by its name, detached."""
        value = self(*data, mask=mask, sample_weight=sample_weight)
        return value, {self._name: value.detach()}

    def derived(self, claims: Traits, formula: str, **changed: Any) -> Derived:
        """Return a card that differs from that of the loss inside in what is given."""
        card = self.loss.card()
        facts = {"elicits": elicited_by(self.loss), "sizes": sizes_of(self.loss), **changed}
        return Derived(self, self._name, card.unit, card.inputs, formula, claims=claims, **facts)

    def inner(self) -> Mapping[str, Any]:
        """Return what is claimed of the loss inside."""
        return traits_of(self.loss)

    @property
    def formula(self) -> str:
        """The loss as the expression that builds it."""
        shown = "".join(f", {name}={value!r}" for name, value in self.settings().items())
        return f"{type(self).__name__}({expression(self.loss)}{shown})"

    def settings(self) -> dict[str, Any]:
        """Return its settings as data; a table within them is a dictionary."""
        return as_data(self.hyperparameters)

    def described(self) -> dict[str, Any]:
        return {"loss": self.key, **self.settings(), "of": describe(self.loss)}


def describe(loss: Criterion) -> dict[str, Any]:
    """Return what a loss is made of, as data."""
    if isinstance(loss, Composed):
        return loss.described()
    given = as_data(loss.hyperparameters)
    off = [name for name, value in given.items() if value is None]
    given = {name: value for name, value in given.items() if value is not None}
    return {"loss": loss.card().name, **given, **({"off": off} if off else {})}


def as_data(hyperparameters: Mapping[str, Any]) -> dict[str, Any]:
    """Turn tensors into lists of the shortest numbers that give them back."""
    return {k: _numbers(v.detach().cpu()) if isinstance(v, Tensor) else v for k, v in hyperparameters.items()}


def _numbers(tensor: Tensor) -> Any:
    if tensor.ndim:
        return [_numbers(part) for part in tensor]
    # As text: of float32 the few digits that tell it from its neighbours.
    return float(str((tensor if tensor.dtype == torch.float64 else tensor.float()).numpy()))


def expression(loss: Criterion) -> str:
    """Return a loss as the expression that builds it."""
    if isinstance(loss, Composed):
        return loss.formula
    settings = as_data(loss.hyperparameters) | ({} if loss.reduction == "mean" else {"reduction": loss.reduction})
    return f"{type(loss).__name__}({', '.join(f'{name}={value!r}' for name, value in settings.items())})"


def plain(loss: Any) -> Criterion:
    """Return a loss of predictions and targets, or say why it is none.

    Raises:
        TypeError: it is no criterion, or of another kind.
    """
    if not isinstance(loss, Criterion):
        found = getattr(loss, "__name__", None) or type(loss).__name__
        raise TypeError(
            f"A composed loss should be made of losses of lossmith, which say what they take. Found {found}. "
            f"Try {_instead(loss, found)}."
        )
    kind = loss.card().kind
    if kind != "loss":
        ways = {
            "penalty": "Try `WithPenalty(loss, model, penalty, weight)`.",
            "combiner": "Try `MultiTask(tasks, combine=...)`.",
            "procedure": "It needs the model: add its value to the other losses' in the training loop.",
            "multi_task": "It takes dictionaries: put the other loss among its tasks.",
        }
        raise TypeError(f"A part should be a loss of tensors. Found the {kind} {loss.card().name}. {ways[kind]}")
    return loss


def _instead(loss: Any, name: str) -> str:
    """Return what to try in place of what is no instance of a loss of lossmith."""
    from lossmith import registry

    if callable(loss):
        with suppress(ValueError):  # it knows none of that name
            made = registry.card(registry.find(name)["name"]).module
            which = "an instance" if loss in (made, made.function) else "lossmith's own of that name"
            return f"{which}, `{made.__name__}()`"
    other = f"{name}(...)" if callable(loss) else "..."
    return f"an instance such as `HuberLoss()`; or add numbers in the training loop, `loss(input, target) + {other}`"
