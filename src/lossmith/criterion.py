"""The one base class of every loss module; it alone masks, weights and reduces.

A loss is a pure function that returns unreduced values. Its `Criterion` holds the hyperparameters and turns those
values into what an optimiser needs, in one order: masked inputs are first replaced by the domain's safe value (so that
an index of -100 never indexes and 0·NaN never appears), then values are weighted, then reduced.
"""

import inspect
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import torch
from torch import Tensor

if TYPE_CHECKING:
    from lossmith.card import Card
    from lossmith.compose.terms import Sum

Reduction = Literal["mean", "sum", "none"]


class Criterion(torch.nn.Module):
    """A loss function with its hyperparameters, to be masked, weighted and reduced.

    Args:
        reduction: `"mean"` (weighted mean over what is kept), `"sum"` or `"none"`.
        **hyperparameters: the keyword-only arguments of `function`. A sequence becomes a buffer of the module.

    Raises:
        TypeError: an unknown hyperparameter, or a required one missing.
        ValueError: a hyperparameter outside the range on the card, or an unknown reduction.
    """

    function: ClassVar[Callable[..., Tensor]]

    def __init__(self, *, reduction: Reduction = "mean", **hyperparameters: Any) -> None:
        super().__init__()
        if reduction not in ("mean", "sum", "none"):
            raise ValueError(f'`reduction` should be "mean", "sum" or "none". Found {reduction!r}.')
        self.reduction = reduction
        card = self.card()
        self._safe = {name: domain.safe for name, domain in card.inputs.items()}
        self._batchwise = card.unit == "batch"
        self._takes_model = card.kind in ("penalty", "procedure")
        self._hyperparameters: dict[str, Any] = {}
        for name, value in _complete(type(self), hyperparameters).items():
            if name in card.learned or (isinstance(value, (Tensor, Sequence)) and not isinstance(value, str)):
                value = torch.as_tensor(value, dtype=_float_type(value))
                if name in card.learned:
                    self.register_parameter(name, torch.nn.Parameter(value.clone()))
                else:
                    self.register_buffer(name, value)
            # None switches a hyperparameter off, and lies in no range.
            if value is not None and name in card.parameters and value not in card.parameters[name]:
                raise ValueError(f"`{name}` should lie in {card.parameters[name]}. Found {value!r}.")
            self._hyperparameters[name] = None if isinstance(value, Tensor) else value

    @classmethod
    def card(cls) -> "Card":
        """The card of this loss: the constant `CARD` in the file that defines the class."""
        card: Card = sys.modules[cls.__module__].CARD
        return card

    @property
    def hyperparameters(self) -> dict[str, Any]:
        """Every hyperparameter, buffers included."""
        return {name: getattr(self, name, value) for name, value in self._hyperparameters.items()}

    def forward(self, *data: Any, mask: Tensor | None = None, sample_weight: Tensor | None = None) -> Tensor:
        """Reduce the loss of `data`, in the order of the card's inputs.

        Args:
            *data: the tensors the loss is about, usually `input, target`; before them the model, if it needs one.
            mask: boolean, one entry per unit (element or example); False leaves a unit out altogether.
            sample_weight: non-negative, one entry per unit.

        Returns:
            Σwl/Σw over the units kept (0 when none is), Σwl, or the weighted values, masked ones 0.
        """
        if self._batchwise and (mask is not None or sample_weight is not None):
            raise ValueError(f"{type(self).__name__} is a loss of the whole batch: it takes no mask and no weights.")
        values = self.unreduced(*self._kept(data, mask))
        weight = _weight(values, mask, sample_weight)
        if weight is not None:
            values = values * weight
        if self.reduction == "none":
            return values
        if self.reduction == "sum" or self._batchwise:
            return values.sum()
        count = weight.sum() if weight is not None else values.new_tensor(float(values.numel()))
        return values.sum() / torch.where(count > 0, count, torch.ones_like(count))

    def unreduced(self, *data: Any) -> Tensor:
        """Return one value per unit, neither weighted nor reduced."""
        return type(self).function(*data, **self.hyperparameters)

    def _kept(self, data: tuple[Any, ...], mask: Tensor | None) -> tuple[Any, ...]:
        """Replace what the mask leaves out by the domain's safe value."""
        wanted = ["model"] * self._takes_model + list(self._safe)
        if len(data) != len(wanted):
            raise TypeError(f"{type(self).__name__} takes {', '.join(wanted)}. Found {len(data)} arguments.")
        model, data = (data[:1], data[1:]) if self._takes_model else ((), data)
        if mask is None:
            return (*model, *data)
        safe = (
            torch.where(_trailing(mask, x), x, torch.full_like(x, safe))
            for x, safe in zip(data, self._safe.values(), strict=True)
        )
        return (*model, *safe)

    def __mul__(self, factor: float) -> "Sum":
        """Weigh the loss: `0.5 * loss`; see `lossmith.compose`."""
        from lossmith.compose.terms import times

        return times(self, factor)

    __rmul__ = __mul__

    def __truediv__(self, divisor: float) -> "Sum":
        """Weigh the loss by 1/divisor."""
        from lossmith.compose.terms import factor

        return self * (1.0 / factor(divisor))

    def __add__(self, other: "Criterion | int") -> "Sum | Criterion":
        """Add two losses of the same inputs; see `lossmith.compose`."""
        from lossmith.compose.terms import plus

        return self if isinstance(other, int) and other == 0 else plus(self, other)  # `sum` starts at 0

    __radd__ = __add__

    def extra_repr(self) -> str:
        shown = [f"{name}={_short(value)}" for name, value in self.hyperparameters.items()]
        return ", ".join([*shown, f"reduction={self.reduction!r}"])

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "function" in cls.__dict__:  # so that help() and editors show the hyperparameters by name
            reduction = inspect.Parameter("reduction", inspect.Parameter.KEYWORD_ONLY, default="mean")
            cls.__signature__ = inspect.Signature([*_keyword_only(cls.function).values(), reduction])  # type: ignore[attr-defined]


def _keyword_only(function: Callable[..., Tensor]) -> dict[str, inspect.Parameter]:
    parameters = inspect.signature(function).parameters
    return {name: p for name, p in parameters.items() if p.kind is p.KEYWORD_ONLY}


def _complete(cls: type[Criterion], given: dict[str, Any]) -> dict[str, Any]:
    """Fill in defaults from the function's signature; refuse what it does not take."""
    known = _keyword_only(cls.function)
    for name in given:
        if name not in known:
            takes = ", ".join(known) or "no hyperparameters"
            raise TypeError(f"{cls.__name__} takes {takes}. Found `{name}`.")
    missing = [name for name, p in known.items() if p.default is p.empty and name not in given]
    if missing:
        raise TypeError(f"{cls.__name__} needs `{'`, `'.join(missing)}`. Found no value. Try `{missing[0]}=...`.")
    return {name: given.get(name, p.default) for name, p in known.items()}


def _float_type(value: Any) -> torch.dtype:
    return value.dtype if isinstance(value, Tensor) and value.is_floating_point() else torch.get_default_dtype()


def _trailing(mask: Tensor, x: Tensor) -> Tensor:
    """Give `mask` trailing dimensions of size one, to select whole units of `x`."""
    if mask.dtype != torch.bool:
        raise TypeError(f"`mask` should be boolean, True where a unit counts. Found {mask.dtype}. Try `mask.bool()`.")
    if mask.shape != x.shape[: mask.ndim]:
        raise ValueError(f"`mask` should have one entry per unit, shape {tuple(x.shape)}. Found {tuple(mask.shape)}.")
    return mask.reshape(mask.shape + (1,) * (x.ndim - mask.ndim))


def _weight(values: Tensor, mask: Tensor | None, sample_weight: Tensor | None) -> Tensor | None:
    """Combine mask and sample weights into one tensor of the values' shape.

    None when there is neither.
    """
    weight = None
    for name, part in (("mask", mask), ("sample_weight", sample_weight)):
        if part is None:
            continue
        if part.shape != values.shape:
            raise ValueError(
                f"`{name}` should have one entry per loss value, shape {tuple(values.shape)}. "
                f"Found {tuple(part.shape)}."
            )
        weight = part.to(values.dtype) if weight is None else weight * part.to(values.dtype)
    return weight


def _short(value: Any) -> str:
    return f"tensor of {value.numel()}" if isinstance(value, Tensor) else repr(value)
