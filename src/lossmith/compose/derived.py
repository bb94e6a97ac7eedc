"""The card of a composed loss: what follows from its parts, and what does not.

A claim of the catalogue is for every hyperparameter, or refuted at one setting; a composed loss has its settings fixed.
What mathematics does not settle is `Unknown`, and `measured` looks for a counterexample with the catalogue's own tests.
"""

import copy
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from lossmith.card import PROPERTIES, Card, Claim, Fails, Functional, Holds, NotApplicable, Unit
from lossmith.criterion import Criterion
from lossmith.domains import Domain
from lossmith.experiment import Subject, UntestableError
from lossmith.properties import TESTS, gradient_order

UNKNOWN = Functional("unknown")
"""What is elicited, where it does not follow from the parts."""
BATCH = NotApplicable("a loss of the whole batch has one value")


@dataclass(frozen=True)
class Unknown:
    """The property does not follow from the parts, for the reason given."""

    why: str


Trait = Claim | Unknown
Traits = Mapping[str, Trait]


@dataclass(frozen=True)
class Derived:
    """What follows about a composed loss; the counterpart of `Card`."""

    loss: Criterion
    name: str
    """What its value is logged under."""
    unit: Unit
    inputs: Mapping[str, Domain]
    formula: str
    """LaTeX, for one unit."""
    elicits: Functional
    claims: Traits
    kind: str = "loss"
    sizes: Mapping[str, int] = field(default_factory=dict)
    """What words in the inputs' shapes must stand for, where weights per class fix it."""

    def __post_init__(self) -> None:
        missing = [name for name in PROPERTIES if name not in self.claims]
        if missing:
            raise ValueError(f"The card of {self.name} should speak of every property. Missing: {', '.join(missing)}.")

    def elicited(self, **hyperparameters: Any) -> Functional:
        """The functional the minimiser predicts: as `elicits`, since settings are fixed."""
        return self.elicits

    def measured(self, seed: int = 0) -> "Derived":
        """Return the card with what was unknown looked for, in a few seconds.

        Holds then means that no counterexample was found.

        Raises:
            ValueError: the loss takes dictionaries, or data that cannot be drawn.
        """
        loss = copy.deepcopy(self.loss).eval()
        subject = subject_of(loss, self)
        found = {k: _measure(subject, k, seed) if isinstance(c, Unknown) else c for k, c in self.claims.items()}
        return replace(self, claims=found)


def subject_of(loss: Criterion, card: Derived) -> Subject:
    """Return the loss as something the property tests take."""
    if not card.inputs:
        raise ValueError(f"Only a loss of tensors can be measured. Found {card.name}. Try the losses of its tasks.")

    def function(*data: Tensor, **_: Any) -> Tensor:
        return loss(*data) if card.unit == "batch" else loss.unreduced(*data)

    sizes = {"c": 3, "d": 4, "q": 3, "k": 2, "h": 2, "w": 3, **card.sizes}
    return Subject(function, card.inputs, numbers(loss), next(iter(card.inputs)), card.unit, sizes)


def numbers(loss: Criterion) -> dict[str, float]:
    """Return the numbers set in a loss and its parts: kinks are looked for there."""
    parts = [part for part in loss.modules() if isinstance(part, Criterion)]
    return {
        f"{number}.{name}": float(value)
        for number, part in enumerate(parts)
        for name, value in part.hyperparameters.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def _measure(subject: Subject, prop: str, seed: int) -> Trait:
    try:
        if prop == "gradient_growth":
            return Holds(gradient_order(subject, seed), subject.wrt, "measured")
        violation = TESTS[prop](subject, seed)
    except UntestableError as error:
        return NotApplicable(str(error))
    return Holds(wrt=subject.wrt, note="measured") if violation is None else Fails({}, subject.wrt, f"at {violation}")


def traits_of(loss: Criterion) -> dict[str, Trait]:
    """Return what is claimed of a loss at its settings."""
    return {name: _here(loss, claim) for name, claim in loss.card().claims.items()}


def elicited_by(loss: Criterion) -> Functional:
    """Return the functional that a loss elicits at its settings."""
    return loss.card().elicited(**loss.hyperparameters)


def sizes_of(loss: Criterion) -> dict[str, int]:
    """Return the sizes that a loss's tensors fix, such as one weight per class."""
    card: Card | Derived = loss.card()
    if isinstance(card, Derived):
        return dict(card.sizes)
    tensors = {k: v for k, v in loss.hyperparameters.items() if isinstance(v, Tensor) and v.ndim == 1}
    words = {k: where.shape for k, where in card.parameters.items() if isinstance(where, Domain)}
    return {words[k]: len(v) for k, v in tensors.items() if k in words}


def _here(loss: Criterion, claim: Trait) -> Trait:
    """A counterexample at other settings says nothing about these."""
    card: Card | Derived = loss.card()
    if not isinstance(claim, Fails) or not loss.hyperparameters or isinstance(card, Derived):
        return claim
    defaults = {
        name: p.default for name, p in inspect.signature(loss.function).parameters.items() if p.default is not p.empty
    }
    shown = {**defaults, **claim.at}
    if all(name in shown and _same(value, shown[name]) for name, value in loss.hyperparameters.items()):
        return claim
    return Unknown(f"the card refutes it at {dict(claim.at) or 'the defaults'}; here the settings are others")


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Tensor) or isinstance(other, Tensor):
        one, other = torch.as_tensor(one).double(), torch.as_tensor(other).double()
        return one.shape == other.shape and bool((one == other).all())
    return bool(one == other)
