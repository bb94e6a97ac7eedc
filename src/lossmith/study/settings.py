"""Hyperparameters to study a loss at: defaults, or stated values."""

import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from lossmith.card import Card
from lossmith.domains import Domain

SHARES = (0.9, 0.1)
"""Of the two classes of the batch that losses are studied on."""
SIZES = {"c": 2, "d": 4, "q": 3, "k": 2, "h": 2, "w": 3, "p": 3, "t": 4, "s": 2}
_USUAL: dict[str, Callable[[], Tensor]] = {
    "prior": lambda: torch.tensor(SHARES, dtype=torch.float64),
    "count": lambda: 1000.0 * torch.tensor(SHARES, dtype=torch.float64),
    "weight": lambda: 0.5 / torch.tensor(SHARES, dtype=torch.float64),
    # Of the targets of the batch of numbers: a few about 2, most about 10, fewest beyond.
    "grid": lambda: torch.tensor([2.0, 10.0, 19.0], dtype=torch.float64),
    "density": lambda: torch.tensor([0.06, 0.92, 0.02], dtype=torch.float64),
    "cost": lambda: torch.tensor([[0.0, 1.0], [5.0, 0.0]], dtype=torch.float64),
    "level": lambda: torch.tensor([0.1, 0.5, 0.9], dtype=torch.float64),
}
"""What a user would pass for two such classes (or for quantiles), by the word in the hyperparameter's name."""


def complete(card: Card, given: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return every hyperparameter: as given, by default, or chosen."""
    return {name: _value(card, name, p, given or {}) for name, p in _keyword_only(card).items()}


def stated(card: Card) -> dict[str, Any]:
    """Return what was chosen for the hyperparameters that have no default."""
    chosen = complete(card)
    return {name: chosen[name] for name, p in _keyword_only(card).items() if p.default is p.empty}


def _value(card: Card, name: str, parameter: inspect.Parameter, given: dict[str, Any]) -> Any:
    if name in given:
        value = given[name]
    elif parameter.default is not parameter.empty:
        value = parameter.default
    else:
        return _chosen(card, name)
    return torch.tensor(value, dtype=torch.float64) if isinstance(value, tuple | list) else value


def _chosen(card: Card, name: str) -> Tensor:
    where = card.parameters[name]
    axes = len(where.shape.split()) if isinstance(where, Domain) and where.shape != "..." else None
    for word, values in _USUAL.items():
        if word in name and axes in (None, values().ndim):
            return values()
    if not isinstance(where, Domain):
        raise ValueError(f"`{name}` of {card.name} should have a default, or a domain to draw it from. Found neither.")
    return where.draw({**SIZES, "n": 2}, Generator().manual_seed(0))


def _keyword_only(card: Card) -> dict[str, inspect.Parameter]:
    parameters = inspect.signature(card.module.function).parameters
    return {name: p for name, p in parameters.items() if p.kind is p.KEYWORD_ONLY}
