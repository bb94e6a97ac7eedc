"""From a description to the loss: data in, never code.

The only names it knows are the catalogue's and the smithy's.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch

from lossmith import registry
from lossmith.compose.asymmetric import Asymmetric
from lossmith.compose.class_weighted import ClassWeighted
from lossmith.compose.clipped import Clipped
from lossmith.compose.composed import Around
from lossmith.compose.multi_task import MultiTask
from lossmith.compose.schedule import Schedule
from lossmith.compose.scheduled import Scheduled
from lossmith.compose.tail_weighted import Density, TailWeighted
from lossmith.compose.terms import Sum, Term
from lossmith.compose.time_decay import TimeDecay
from lossmith.compose.with_penalty import WithPenalty
from lossmith.criterion import Criterion, Reduction

Description = Mapping[str, Any]

AROUND: Mapping[str, Callable[..., Around]] = {
    made.key: made for made in (Asymmetric, ClassWeighted, Clipped, Scheduled, TailWeighted, TimeDecay)
}
_TABLES: Mapping[tuple[str, str], Callable[..., Any]] = {
    ("scheduled", "weight"): Schedule,
    ("tail_weighted", "density"): lambda at, value: Density(tuple(at), tuple(value)),
}
"""Settings that are tables, and what is made of them."""


def build(
    description: Description, *, model: torch.nn.Module | None = None, reduction: Reduction | None = None
) -> Criterion:
    """Make the loss that a description is of.

    Args:
        description: as `describe` gives it, or as a TOML file is read.
        model: the model whose weights cost, where there is a penalty.
        reduction: of every part; else what the description says, else "mean".

    Raises:
        ValueError: a name, a setting or a table is not what it should be.

    Example:
        >>> build({"loss": "clipped", "at": 2.0, "of": {"loss": "mse"}})
        Clipped(SquaredErrorLoss(), at=2.0)
    """
    given = dict(_table(description, "a description"))
    stated = given.pop("reduction", "mean")
    try:
        return _Builder(reduction or stated, model).make(given)
    except TypeError as error:  # an unknown or missing setting, or one of another type
        raise ValueError(f"A description should name settings that its losses have. {error}") from error


class _Builder:
    """Makes parts, all with one reduction."""

    def __init__(self, reduction: Reduction, model: torch.nn.Module | None) -> None:
        self.reduction, self.model = reduction, model

    def make(self, description: Any) -> Criterion:
        """Make a loss, and first the losses within it."""
        given = dict(_table(description, "a loss"))
        name = given.pop("loss", None)
        if not isinstance(name, str):
            raise ValueError(f'Every loss of a description should have its name. Found {name!r}. Try `loss = "mse"`.')
        if name == "sum":
            return self._sum(**given)
        if name == "with_penalty":
            return self._with_penalty(**given)
        if name == "multi_task":
            return self._multi_task(**given)
        return self._around(name, given) if name in AROUND else self._catalogued(name, given)

    def _catalogued(self, name: str, given: dict[str, Any]) -> Criterion:
        off = given.pop("off", [])
        card = registry.card(name)
        # A combiner or a penalty is one number however the losses are reduced.
        reduction = self.reduction if card.kind == "loss" else "mean"
        return card.module(reduction=reduction, **given, **dict.fromkeys(off))

    def _around(self, name: str, given: dict[str, Any]) -> Criterion:
        inside = self.make(given.pop("of", None))
        for setting, value in given.items():
            if (name, setting) in _TABLES:
                given[setting] = _TABLES[name, setting](**_table(value, f"`{setting}`"))
        return AROUND[name](inside, **given)

    def _sum(self, terms: Any) -> Criterion:
        made = []
        for term in terms if isinstance(terms, list) else [terms]:
            row = dict(_table(term, "a term"))
            weight, name = _number(row.pop("times", 1.0)), row.pop("log_as", "")
            made.append(Term(self.make(row), weight, str(name)))
        return Sum(made)

    def _with_penalty(self, of: Any, penalty: Any, weight: Any) -> Criterion:
        if self.model is None:
            raise ValueError(
                "A loss with a penalty should be given its model. Found none. Try `lossmith.load(path, model=network)`."
            )
        return WithPenalty(self.make(of), self.model, self.make(penalty), _number(weight))

    def _multi_task(self, tasks: Any, weights: Any = None, combine: Any = None) -> Criterion:
        made = {name: self.make(task) for name, task in _table(tasks, "`tasks`").items()}
        factors = None if weights is None else {k: _number(v) for k, v in _table(weights, "`weights`").items()}
        return MultiTask(made, weights=factors, combine=None if combine is None else self.make(combine))


def _table(value: Any, what: str) -> Description:
    if not isinstance(value, Mapping):
        raise ValueError(f"In a description, {what} should be a table. Found {value!r}.")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"A weight should be a number. Found {value!r}.")
    return float(value)
