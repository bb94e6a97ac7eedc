"""A loss of the catalogue as its card describes it.

What it takes, and what it promises.
"""

import inspect
from collections.abc import Mapping
from typing import Any

from torch import Generator

from lossmith.card import Card, Holds
from lossmith.checker.argument import SIZES, Argument, Role, Signature
from lossmith.domains import Domain, Logits

WORDS = {
    "Real": "real",
    "Positive": "positive",
    "NonNegative": "nonneg",
    "LogMean": "real",
    "Logits": "logits",
    "BinaryTarget": "binary01",
    "ClassIndex": "class_index",
    "Probability": "probabilities",
    "LogProbabilities": "log_probabilities",
}
"""The checker's word for what a domain holds; of others the card's own tests say more."""
PIXELS = {"P": 15}
"""What masks laid flat have in place of a height and a width."""
PROMISES: dict[str, dict[str, Any]] = {
    "non_negative": {"lower_bound": 0.0},
    "zero_at_target": {"minimum_at_perfect": True, "minimum_value": 0.0},
    "convex": {"convex": True},
    "bounded_gradient": {"robust": True},
    "monotone": {"monotone": True},
    "proper": {"proper": True},
    "sample_independent": {"sample_independent": True},
    "twice_differentiable": {"twice_differentiable": True},
}
"""What a property of a card promises, in the words of claims."""


def described(card: Card) -> tuple[Signature, dict[str, Any]] | None:
    """Return what a card says, or None where it takes more than the checker can draw."""
    words = {name: word(domain) for name, domain in card.inputs.items()}
    if card.kind != "loss" or None in words.values():
        return None
    first = next(iter(card.inputs))
    arguments = []
    for name, domain in card.inputs.items():
        role: Role = "prediction" if name == first else "target"
        shape = ("N", "D") if domain.shape == "..." else tuple(domain.shape.upper().replace("Q", "K").split())
        if any(letter not in {**SIZES, **PIXELS} and not letter.isdigit() for letter in shape):
            return None
        arguments.append(Argument(name, role, str(words[name]), shape))
    return Signature(tuple(arguments), PIXELS), promised(card)


def promised(card: Card) -> dict[str, Any]:
    """Return a card's claims in the words of the checker."""
    found: dict[str, Any] = {"deterministic": True, "stateless": True, "pure": True, "follows_to": True}
    found["reduction"] = "mean" if card.unit != "batch" else ""
    found["batch_level_statistics"] = card.unit == "batch"
    for name, more in PROMISES.items():
        claim = card.claims[name]
        if isinstance(claim, Holds) and claim.wrt == next(iter(card.inputs)):
            found |= more
    first = next(iter(card.inputs.values()))
    if isinstance(first, Logits) and type(first).decode is not Logits.decode:
        found.pop("proper", None)  # in probabilities that the checker would read otherwise
    return found


def word(domain: Domain) -> str | None:
    """Return the checker's word for what a domain holds."""
    names = [kind.__name__ for kind in type(domain).__mro__]
    if "Spread" in names:
        return "real"  # several numbers that describe a distribution
    return next((WORDS[name] for name in names if name in WORDS), None)


def settings(card: Card, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return hyperparameters for those that have no default and were not given.

    Drawn from their domain.
    """
    parameters = inspect.signature(card.module.function).parameters
    generator = Generator().manual_seed(0)
    drawn = {
        name: where.draw({**SIZES, "c": SIZES["C"], "q": 3}, generator).tolist()
        for name, where in card.parameters.items()
        if isinstance(where, Domain) and name not in given and parameters[name].default is parameters[name].empty
    }
    return {**drawn, **given}
