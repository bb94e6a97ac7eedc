"""The catalogue's losses at their defaults, ready for the property functions."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import torch
from torch import Generator, Tensor

import lossmith
from lossmith.card import Card, NotApplicable
from lossmith.domains import Domain
from lossmith.experiment import UNITS, Data, Subject, UntestableError


def subjects(about: str) -> Iterator[tuple[str, str, Subject]]:
    """Yield family, name and loss, where a property makes sense and no model is needed."""
    for name, card in lossmith.catalogue().items():
        if card.kind == "loss" and not isinstance(card.claims[about], NotApplicable):
            bare = Subject(card.module.function, card.inputs, {}, next(iter(card.inputs)), card.unit)
            yield card.family, name, replace(bare, hyperparameters=_defaults(card, bare.sizes))


def extremes(
    about: str, drawn: Callable[[Subject], Data], largest: Callable[[Tensor], float]
) -> dict[str, tuple[float, str, int]]:
    """Return by family the largest number a loss reaches, the loss, and how many losses were tried.

    Args:
        about: the property; a loss for which it makes no sense is passed over.
        drawn: the data to evaluate a loss on; an `UntestableError` passes the loss over.
        largest: makes one number of a loss's values.
    """
    found: dict[str, list[tuple[float, str]]] = {}
    for family, name, subject in subjects(about):
        try:
            found.setdefault(family, []).append((largest(subject.values(drawn(subject)).detach()), name))
        except UntestableError:
            continue
    return {family: (*max(rows), len(rows)) for family, rows in sorted(found.items()) if rows}


def typical(subject: Subject) -> Data:
    """Draw typical data."""
    return subject.draw(UNITS, 0)


def _defaults(card: Card, sizes: Mapping[str, int]) -> dict[str, object]:
    """Return the defaults of the signature; what has none is drawn from its domain."""
    filled: dict[str, object] = {}
    for key, parameter in inspect.signature(card.module.function).parameters.items():
        if parameter.kind is not parameter.KEYWORD_ONLY:
            continue
        value, where = parameter.default, card.parameters.get(key)
        if value is parameter.empty and isinstance(where, Domain):
            value = where.draw(sizes, Generator().manual_seed(0))
        filled[key] = torch.tensor(value, dtype=torch.float64) if isinstance(value, tuple) else value
    return filled
