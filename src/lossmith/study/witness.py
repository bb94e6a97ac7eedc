"""Counterexamples: for each property that a card denies, the inputs that show it."""

from collections.abc import Mapping
from typing import Any

from torch import Generator, Tensor

from lossmith.card import Card, Fails
from lossmith.domains import Domain
from lossmith.experiment import Subject, UntestableError
from lossmith.properties import TESTS, Violation
from lossmith.study.settings import complete

SHOWN = 8
"""More numbers than these of one tensor tell a reader nothing."""


def witnesses(card: Card) -> dict[str, str]:
    """Return the counterexample of each property that fails."""
    if card.kind != "loss":
        return {}
    denied = {name: claim for name, claim in card.claims.items() if isinstance(claim, Fails)}
    found = {name: _violation(card, name, claim) for name, claim in denied.items()}
    return {name: told(violation) for name, violation in found.items() if violation}


def told(violation: Violation) -> str:
    """Return a counterexample as `name = value` pairs, in few digits."""
    facts = {**violation.witness, **violation.numbers}
    return ", ".join(f"{name.replace('_', ' ')} = {_written(value)}" for name, value in facts.items())


def _violation(card: Card, name: str, claim: Fails) -> Violation | None:
    subject = Subject(card.module.function, card.inputs, {}, claim.wrt, card.unit)
    domains = {key: where for key, where in card.parameters.items() if isinstance(where, Domain)}
    given: Mapping[str, Any] = {
        # One value per class, for as many classes as the subject has.
        **{key: where.draw({**subject.sizes, "n": 2}, Generator().manual_seed(0)) for key, where in domains.items()},
        **{key: value for key, value in complete(card).items() if not isinstance(value, Tensor) or key not in domains},
        **claim.at,
    }
    hyperparameters = complete(card, dict(given))
    try:
        return TESTS[name](Subject(subject.function, subject.inputs, hyperparameters, claim.wrt, card.unit))
    except UntestableError:
        return None


def _written(value: Any) -> str:
    if not isinstance(value, Tensor):
        return str(value)
    if value.ndim == 0:
        return f"{value.item():.6g}".replace("-", "−")
    flat = [_written(entry) for entry in value.flatten()[:SHOWN]]
    dots = ["…"] if value.numel() > SHOWN else []
    return f"({', '.join([*flat, *dots])})" + (f" of shape {tuple(value.shape)}" if value.ndim > 1 else "")
