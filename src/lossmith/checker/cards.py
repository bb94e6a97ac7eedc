"""A loss of the catalogue as its card describes it.

What it takes, and what it promises.
"""

import inspect
from collections.abc import Mapping
from typing import Any

from torch import Generator

from lossmith import registry
from lossmith.card import Card, Holds
from lossmith.checker.argument import SIZES, Argument, Role, Signature
from lossmith.domains import Domain, Logits

WORDS = {
    "Real": "real",
    "Positive": "positive",
    "NonNegative": "nonneg",
    "LogMean": "real",
    "Logits": "logits",
    "HalfLogOdds": "real",
    "BinaryTarget": "binary01",
    "ClassIndex": "class_index",
    "Probability": "probabilities",
    "LogProbabilities": "log_probabilities",
    "ClassProbabilities": "soft_labels",
    "Embedding": "embeddings",
    "Boxes": "boxes",
    "Relevance": "count",
    "LogVariance": "log_variance",
    "ActionLogProbability": "log_prob_scalar",
    "AnswerLogProbability": "log_prob_scalar",
    "Action": "class_index",
    "Places": "nonneg",
    "Share": "probabilities",
    "Symbols": "padded_index",
    "Lengths": "lengths",
}
"""The checker's word for what a domain holds; of others the card's own tests say more."""
BESIDE = ("embeddings", "log_variance", "log_prob_scalar", "probabilities", "lengths")
"""Kinds that are no target: what is not predicted stands beside the prediction."""
CHOSEN = ("Action",)
"""Domains of what was done: not what should be predicted, though it is an index."""
UNWANTED = ("unwanted",)
"""Names of what should not be predicted."""
NO_LOSS = {
    "procedure": "calls a network beside its tensors",
    "combiner": "takes the values of other losses",
    "penalty": "takes a network's parameters",
}
"""Why a card of another kind cannot be checked as a loss."""
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


def described(card: Card, settings: Mapping[str, Any] | None = None) -> tuple[Signature, dict[str, Any]] | None:
    """Return what a card says, or None where it is no loss of tensors alone.

    Args:
        card: the loss's.
        settings: hyperparameters; a list with one number a class says how many classes there are.
    """
    if refusal(card):
        return None
    predicted = {next(iter(card.inputs)), *registry.predictions(card)}
    arguments = []
    for name, domain in card.inputs.items():
        held = str(word(domain))
        beside = held in BESIDE or type(domain).__name__ in CHOSEN or name in UNWANTED
        role: Role = "prediction" if name in predicted else "aux" if beside else "target"
        arguments.append(Argument(name, role, held, _shape(card, domain)))
    letters = {letter for argument in arguments for letter in argument.shape}
    longer = {"W": SIZES["S"] + 1} if {"S", "W"} <= letters else {}  # places around the symbols
    return Signature(tuple(arguments), {**PIXELS, **longer, **_counted(card, settings or {})}), promised(card)


def _counted(card: Card, settings: Mapping[str, Any]) -> dict[str, int]:
    """Return the sizes of lists among the settings, by their domain's letter."""
    domains = {name: card.parameters.get(name) for name, value in settings.items() if isinstance(value, list)}
    letters = {name: where.shape.upper() for name, where in domains.items() if isinstance(where, Domain)}
    return {letter: len(settings[name]) for name, letter in letters.items() if letter in SIZES}


def refusal(card: Card) -> str:
    """Say why a card cannot be checked; empty where it can."""
    if card.kind in NO_LOSS:
        return f"it is a {card.kind}: it {NO_LOSS[card.kind]}"
    unknown = [name for name, domain in card.inputs.items() if word(domain) is None]
    known = {*SIZES, *PIXELS}
    odd = [n for n, d in card.inputs.items() if any(s not in known and not s.isdigit() for s in _shape(card, d))]
    return f"`{(unknown + odd)[0]}` holds what the checker does not draw" if unknown or odd else ""


def _shape(card: Card, domain: Domain) -> tuple[str, ...]:
    """Return a domain's shape in the checker's letters.

    `...` is whatever leaves room for the classes.
    """
    room = "N" if any(other.shape.startswith("... ") for other in card.inputs.values()) else "N D"
    return tuple(domain.shape.replace("...", room).upper().replace("Q", "K").split())


def promised(card: Card) -> dict[str, Any]:
    """Return a card's claims in the words of the checker."""
    found: dict[str, Any] = {"deterministic": True, "stateless": True, "pure": True, "follows_to": True}
    found["reduction"] = "mean" if card.unit != "batch" else ""
    found["batch_level_statistics"] = card.unit == "batch"
    found["detached_weight"] = card.surrogate_gradient is not None  # a factor is held fixed, as the paper has it
    found["differentiable"] = None if isinstance(card.claims["differentiable"], Holds) else False
    for name, more in PROMISES.items():
        claim = card.claims[name]
        if isinstance(claim, Holds) and claim.wrt == next(iter(card.inputs)):
            found |= more
    first = next(iter(card.inputs.values()))
    if isinstance(first, Logits) and not first.usual:
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
    known = {**{letter.lower(): size for letter, size in {**SIZES, **PIXELS}.items()}, "q": 3}
    drawn = {
        name: where.draw(known, generator).tolist()
        for name, where in card.parameters.items()
        if isinstance(where, Domain) and name not in given and parameters[name].default is parameters[name].empty
    }
    return {**drawn, **given}
