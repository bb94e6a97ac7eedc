"""Weighted sums of losses: `0.5 * CrossEntropyLoss() + 0.3 * BrierLoss()`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from lossmith.card import Unit
from lossmith.compose.composed import Composed, Parts, describe, expression, plain
from lossmith.compose.derived import BATCH, UNKNOWN, Derived, Trait, elicited_by, sizes_of, traits_of
from lossmith.compose.rules import of_sum, unknown
from lossmith.criterion import Criterion
from lossmith.domains import Domain, Logits, LogMean, Spread


@dataclass(frozen=True)
class Term:
    """A loss, its weight, and the name of its share in a log.

    Without a name it is the loss's own.
    """

    loss: Criterion
    weight: float = 1.0
    name: str = ""

    def __post_init__(self) -> None:
        plain(self.loss)
        if not -float("inf") < self.weight < float("inf"):
            raise ValueError(f"A weight should be a finite number. Found {self.weight}.")


class Sum(Composed):
    """Weighted sum of losses of the same data; written with `+` and `*`.

    Terms with one value per element, or per example, are added value by value, so that masks and weights work. As soon
    as one term is of the whole batch, or terms have different units, each is reduced first, and the sum takes neither.

    Args:
        terms: losses, or terms with their weights. They read the same inputs and have the same reduction.

    Raises:
        TypeError: a term is no loss of tensors.
        ValueError: terms do not fit together.

    Example:
        >>> from lossmith.losses import AbsoluteErrorLoss, SquaredErrorLoss
        >>> import torch
        >>> loss = 0.5 * SquaredErrorLoss() + 2.0 * AbsoluteErrorLoss()
        >>> value, parts = loss.forward_parts(torch.tensor([2.0]), torch.tensor([0.0]))
        >>> value, parts
        (tensor(6.), {'squared_error_loss': tensor(2.), 'absolute_error_loss': tensor(4.)})
    """

    def __init__(self, terms: Sequence[Term | Criterion]) -> None:
        if not terms:
            raise ValueError("A sum should have a term. Found none. Try `Sum([Term(HuberLoss())])`.")
        kept = [term if isinstance(term, Term) else Term(term) for term in terms]
        reductions = {term.loss.reduction for term in kept}
        if len(reductions) > 1:
            raise ValueError(f"The terms should be reduced alike. Found {', '.join(sorted(reductions))}.")
        super().__init__(kept[0].loss.reduction)
        for number, term in enumerate(kept):
            self.add_module(f"term{number}", term.loss)
        named = _named(kept)
        # The modules are registered above, under names that stay when a term is called otherwise.
        self._weights, self._names = tuple(term.weight for term in named), tuple(term.name for term in named)
        self._inputs = shared_inputs([term.loss for term in kept])
        self._safe = {name: domain.safe for name, domain in self._inputs.items()}
        units = {term.loss.card().unit for term in kept}
        self._unit: Unit = units.pop() if len(units) == 1 else "batch"
        self._batchwise = self._unit == "batch"
        if units and self.reduction == "none":
            raise ValueError(f"Terms of different units should be reduced. Found {self._units()}. Try 'mean'.")

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms, each with its weight and name."""
        return tuple(Term(*row) for row in zip(self._losses(), self._weights, self._names, strict=True))

    def unreduced(self, *data: Any) -> Tensor:
        if self._batchwise:
            raise ValueError(
                f"A loss around a sum should find one value per element or example. Found {self._units()}. Try to wrap "
                "the terms one by one."
            )
        total: Tensor = sum(w * loss.unreduced(*data) for w, loss in zip(self._weights, self._losses(), strict=True))  # type: ignore[assignment]
        return total

    def forward(self, *data: Any, mask: Tensor | None = None, sample_weight: Tensor | None = None) -> Tensor:
        """Return the sum of the terms, each masked, weighted and reduced."""
        return self.forward_parts(*data, mask=mask, sample_weight=sample_weight)[0]

    def forward_parts(
        self, *data: Any, mask: Tensor | None = None, sample_weight: Tensor | None = None
    ) -> tuple[Tensor, Parts]:
        """Return the sum, and each term's share of it (weight included), detached."""
        if self._batchwise and (mask is not None or sample_weight is not None):
            raise ValueError(
                f"A sum takes `mask` and `sample_weight` where all its terms have one value per element, or all per "
                f"example. Found {self._units()}. Try to leave out what does not count before."
            )
        shares = {}
        for name, weight, loss in zip(self._names, self._weights, self._losses(), strict=True):
            shares[name] = weight * loss(*data, mask=mask, sample_weight=sample_weight)
        total: Tensor = sum(shares.values())
        return total, {name: share.detach() for name, share in shares.items()}

    def card(self) -> Derived:  # type: ignore[override]
        """Return what follows from the terms."""
        counted = [term for term in self.terms if term.weight != 0] or list(self.terms)
        functionals = {elicited_by(term.loss) for term in counted}
        alike = len(functionals) == 1 and UNKNOWN not in functionals
        claims = of_sum([traits_of(term.loss) for term in counted], alike)
        if any(term.weight <= 0 for term in counted):
            claims = unknown(claims, _CHANGED_BY_SIGN, "a weight is not above 0")
        elif self._batchwise and len({term.loss.card().unit for term in self.terms}) > 1:
            claims = _of_batch(claims)
        certain = alike and all(term.weight > 0 for term in counted)
        return Derived(
            self, "sum", self._unit, self._inputs, self._latex(), functionals.pop() if certain else UNKNOWN,
            claims, sizes={word: size for term in self.terms for word, size in sizes_of(term.loss).items()},
        )  # fmt: skip

    def described(self) -> dict[str, Any]:
        usual = [term.name for term in _named([replace(term, name="") for term in self.terms])]
        names = [{} if t.name == name else {"log_as": t.name} for t, name in zip(self.terms, usual, strict=True)]
        terms = zip(self.terms, names, strict=True)
        return {"loss": "sum", "terms": [{"times": t.weight, **name, **describe(t.loss)} for t, name in terms]}

    @property
    def formula(self) -> str:
        """The loss as the expression that builds it."""
        return " + ".join(_times(term.weight) + _enclosed(term.loss) for term in self.terms)

    def _losses(self) -> list[Criterion]:
        # By name: of a module that is there twice, `children` gives one.
        losses = (self.get_submodule(f"term{number}") for number in range(len(self._names)))
        return [loss for loss in losses if isinstance(loss, Criterion)]

    def _units(self) -> str:
        return ", ".join(f"{loss.card().unit} ({loss.card().name})" for loss in self._losses())

    def _latex(self) -> str:
        return " + ".join(rf"{t.weight:g}\left[{t.loss.card().formula}\right]" for t in self.terms)


_CHANGED_BY_SIGN = (
    "non_negative", "zero_at_target", "convex", "gradient_growth", "proper", "classification_calibrated", "monotone",
)  # fmt: skip


def times(loss: Criterion, number: Any) -> Sum:
    """Return the loss times a number; a sum's weights are multiplied.

    Raises:
        TypeError: it is no number.
    """
    return Sum([replace(term, weight=factor(number) * term.weight) for term in _terms(loss)])


def factor(number: Any) -> float:
    """Return what a loss is multiplied by.

    Raises:
        TypeError: it is no number.
    """
    if isinstance(number, bool) or not isinstance(number, int | float):
        ways = "`float(weight) * loss`, or for a weight that changes or is learned `Scheduled` or `MultiTask`"
        raise TypeError(f"A loss should be multiplied by a number. Found {type(number).__name__}. Try {ways}.")
    return number


def plus(loss: Criterion, other: Any) -> Sum:
    """Return the sum of two losses; the terms of a sum stay terms.

    Raises:
        TypeError: the other is no loss of lossmith.
    """
    return Sum([*_terms(loss), *_terms(other)])


def shared_inputs(losses: Sequence[Criterion]) -> Mapping[str, Domain]:
    """Return the inputs all losses read: of two ranges of numbers the narrower one.

    Raises:
        ValueError: they do not read the same data.
    """
    first, *others = [loss.card().inputs for loss in losses]
    found = dict(first)
    for loss, inputs in zip(losses[1:], others, strict=True):
        if list(inputs) != list(found):
            raise ValueError(
                f"The terms should take the same inputs. Found {', '.join(found)} ({losses[0].card().name}) and "
                f"{', '.join(inputs)} ({loss.card().name})."
            )
        for name in found:
            found[name] = _narrower(name, found[name], inputs[name], loss)
    return found


def _narrower(name: str, one: Domain, other: Domain, loss: Criterion) -> Domain:
    scale = (Logits, LogMean, Spread)
    alike = type(one) is type(other) or not any(isinstance(d, scale) or d.integer for d in (one, other))
    if not alike or not _fits(one.shape, other.shape):
        raise ValueError(
            f"The terms should read `{name}` alike. Found {one}, and for {loss.card().name} {other}. Try losses of one "
            "kind of output."
        )
    narrow = one if (one.low, -one.high) >= (other.low, -other.high) else other
    return replace(narrow, shape=one.shape if other.shape == "..." else other.shape)


def _fits(one: str, other: str) -> bool:
    return one == other or "..." in (one, other)


def _of_batch(claims: Mapping[str, Trait]) -> dict[str, Trait]:
    """What is about single values no longer applies to a number per batch."""
    about_one = ("sample_independent", "proper", "classification_calibrated")
    return {k: BATCH if k in about_one else v for k, v in claims.items()}


def _terms(loss: Criterion) -> tuple[Term, ...]:
    return loss.terms if isinstance(loss, Sum) else (Term(loss),)


def _named(terms: Sequence[Term]) -> list[Term]:
    """Give every term a name of its own."""
    taken: dict[str, int] = {}
    named = []
    for term in terms:
        name = term.name or term.loss.card().name
        taken[name] = taken.get(name, 0) + 1
        named.append(replace(term, name=name if taken[name] == 1 else f"{name}_{taken[name]}"))
    return named


def _enclosed(loss: Criterion) -> str:
    return f"({expression(loss)})" if isinstance(loss, Sum) else expression(loss)


def _times(weight: float) -> str:
    return "" if weight == 1 else f"{weight!r} * "
