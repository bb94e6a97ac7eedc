"""What a loss says of itself, in a form that programs read and tests enforce.

A card holds facts only: prose is the docstring of the loss's file, arguments and defaults are its signature. Every
property of `PROPERTIES` is claimed one way or the other, and the catalogue's tests try to refute each claim.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from torch import Tensor

from lossmith.domains import Domain

if TYPE_CHECKING:
    from lossmith.criterion import Criterion

PROPERTIES = (
    "non_negative",
    "zero_at_target",
    "convex",
    "differentiable",
    "smooth",
    "bounded_gradient",
    "gradient_growth",
    "symmetric",
    "proper",
    "classification_calibrated",
    "monotone",
    "sample_independent",
    "vmap",
    "fullgraph",
    "twice_differentiable",
)

Kind = Literal["loss", "penalty", "procedure", "combiner"]
Unit = Literal["element", "example", "pair", "batch"]


@dataclass(frozen=True)
class Reference:
    """A paper or book: who, what, when, where to find it."""

    authors: str
    title: str
    year: int
    where: str = ""


@dataclass(frozen=True)
class Equivalent:
    """The same loss elsewhere, and what differs there."""

    library: str
    """torch, keras, optax, monai, kornia, pytorch-metric-learning, torchrl, auraloss..."""
    name: str
    """As one would import it: `nn.HuberLoss`."""
    differs: str = ""
    """Other factor, denominator, default, direction or argument order; empty where the numbers agree."""


@dataclass(frozen=True)
class Interval:
    """The values a hyperparameter may take; an open end is excluded."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False
    log: bool = False
    """Whether equal ratios, rather than equal steps, matter: how a search should walk it."""

    def __contains__(self, value: float | Tensor) -> bool:
        if isinstance(value, Tensor):
            return all(entry in self for entry in value.flatten().tolist())
        above = value > self.low if self.low_open else value >= self.low
        below = value < self.high if self.high_open else value <= self.high
        return above and below

    def __str__(self) -> str:
        left, right = "(" if self.low_open else "[", ")" if self.high_open else "]"
        return f"{left}{self.low:g}, {self.high:g}{right}"


POSITIVE = Interval(0.0, math.inf, low_open=True, high_open=True)
NON_NEGATIVE = Interval(0.0, math.inf, high_open=True)
UNIT_OPEN = Interval(0.0, 1.0, low_open=True, high_open=True)


@dataclass(frozen=True)
class Functional:
    """What a minimiser predicts: what a loss elicits, and what a metric asks for.

    It is a number or a ranking. `of` is the transform of y it is taken of: the mean of log1p(y) is not log1p of the
    mean.
    """

    name: str
    level: float | None = None
    of: str = "y"

    def through(self, link: str) -> "Functional":
        """What is elicited of y when the loss sees the target transformed by `link`."""
        # A quantile keeps its rank under any increasing transform, and so does all that is made of quantiles.
        if link != "log1p" or self.name in ("quantile", INTERVAL, DISTRIBUTION.name):
            return self
        return Functional(self.name, self.level, of=link)

    def implies(self, other: "Functional") -> bool:
        """Whether this functional, with a decision rule, is enough to know `other`."""
        if (self, other) in _OF_LEVELS:
            return True
        return self == other or other.name in _IMPLIED.get(self.name, ())

    def __str__(self) -> str:
        if self == MEDIAN:
            return "median"
        words = self.name.replace("_", " ")
        words = words if self.level is None else f"{self.level:g}-{words}"
        return words if self.of == "y" else f"{words} of {self.of}(y)"


MEAN = Functional("mean")
MEDIAN = Functional("quantile", 0.5)
LOG1P_MEAN = Functional("mean", of="log1p")
RATIO_MEDIAN = Functional("median_weighted_by_1/y")
CLASS_PROBABILITIES = Functional("class_probabilities")
WEIGHTED_PROBABILITIES = Functional("weighted_class_probabilities")
MOST_LIKELY_CLASS = Functional("most_likely_class")
MAJORITY_CLASS = Functional("class_of_more_than_half")
"""The most likely class, but only where it has more than half of the probability."""
WEIGHTED_CLASS = Functional("most_likely_class_once_weighted")
BALANCED_CLASS = Functional("most_likely_class_at_equal_priors")
THRESHOLDED = Functional("probability_cut_at_a_threshold")
RANKING = Functional("ranking")
MEDIAN_LEVEL = Functional("median_level")
MEAN_LEVEL = Functional("mean_level")
LEAST_COST_CLASS = Functional("class_of_least_expected_cost")
SHORTEST_HALF = Functional("middle_of_the_shortest_half")
LEAST_EXPECTED = Functional("value_of_least_expected_score_(no_mean_or_quantile)")
"""The minimiser of a score that has no simpler name."""
DISTRIBUTION = Functional("distribution")
"""The whole distribution: by its quantiles, or by the parameters of a family that it is taken to belong to."""
NOTHING = Functional("nothing")
"""No property of a target's distribution: there is none, as with distances between embeddings or rewards."""


def quantile(level: float) -> Functional:
    """The quantile with share `level` below it."""
    return Functional("quantile", level)


INTERVAL = "interval"


def interval(coverage: float) -> Functional:
    """The central interval that holds a share `coverage`: two quantiles."""
    return Functional(INTERVAL, coverage)


# Probabilities answer every question about the class; a strictly increasing function of them still ranks and can
# be cut at a tuned threshold.
_IMPLIED: dict[str, tuple[str, ...]] = {
    CLASS_PROBABILITIES.name: (
        MOST_LIKELY_CLASS.name,
        BALANCED_CLASS.name,
        THRESHOLDED.name,
        RANKING.name,
        MEDIAN_LEVEL.name,
        MEAN_LEVEL.name,
        LEAST_COST_CLASS.name,
    ),
    DISTRIBUTION.name: (INTERVAL, "quantile", MEAN.name),
    WEIGHTED_PROBABILITIES.name: (BALANCED_CLASS.name, THRESHOLDED.name, RANKING.name, LEAST_COST_CLASS.name),
}


_OF_LEVELS = ((MEAN, MEAN_LEVEL), (MEDIAN, MEDIAN_LEVEL))
"""What a loss of values answers where the values are the numbers of ordered levels."""


@dataclass(frozen=True)
class Holds:
    """The property holds on the whole domain and hyperparameter range.

    A test seeks a violation.
    """

    value: str | None = None
    """For `gradient_growth`: how fast (constant, bounded, linear, logarithmic...)."""
    wrt: str = "input"
    note: str = ""


@dataclass(frozen=True)
class Fails:
    """The property fails at these hyperparameters, and a test must show it."""

    at: Mapping[str, Any] = field(default_factory=dict)
    wrt: str = "input"
    note: str = ""


@dataclass(frozen=True)
class NotApplicable:
    """The property makes no sense here, for the reason given."""

    why: str


Claim = Holds | Fails | NotApplicable

NO_TARGET: Mapping[str, Claim] = dict.fromkeys(
    ("zero_at_target", "gradient_growth", "symmetric", "proper", "classification_calibrated", "monotone"),
    NotApplicable("nothing that is predicted is compared with a target"),
)
"""The claims of a loss of embeddings, scores of a game or rewards, where a label only says what belongs together."""
GRADES: Mapping[str, Claim] = dict.fromkeys(
    NO_TARGET, NotApplicable("grades say in which order, not what the scores should be")
)
"""The claims of a loss of lists."""
TARGET_OF_INPUTS: Mapping[str, Claim] = dict.fromkeys(
    NO_TARGET, NotApplicable("its target is made of other inputs, predictions among them")
)
"""The claims of a loss of steps, whose target is worked out of rewards and of what is predicted of the next."""


@dataclass(frozen=True)
class Card:
    """Everything about a loss that a program reads."""

    module: "type[Criterion]"
    unit: Unit
    inputs: Mapping[str, Domain]
    formula: str
    """LaTeX, for one unit."""
    elicits: Functional | Callable[..., Functional]
    claims: Mapping[str, Claim]
    parameters: Mapping[str, Interval | Domain] = field(default_factory=dict)
    """Where each hyperparameter is defined (a domain, if it is a tensor); outside it the Criterion refuses."""
    search: Mapping[str, Interval] = field(default_factory=dict)
    """Where it is useful: tested to its ends, walked by `tune`."""
    also_known_as: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    equivalents: tuple[Equivalent, ...] = ()
    """The same loss in other libraries."""
    mistakes: tuple[str, ...] = ()
    """What people usually get wrong with it, each one sentence with the remedy."""
    relatives: Mapping[str, str] = field(default_factory=dict)
    """Names of kindred losses, and in a phrase what each does differently; the smooth ones among them."""
    kind: Kind = "loss"
    """A `penalty` or `procedure` takes the model as its first argument; it is not among the inputs."""
    learned: tuple[str, ...] = ()
    """Hyperparameters that training learns: parameters of the module, where other tensors are buffers."""
    surrogate_gradient: Callable[..., Tensor] | None = None
    """What the gradient in the first input is meant to be, if on purpose it is not the derivative of the value."""

    def __post_init__(self) -> None:
        missing = [name for name in PROPERTIES if name not in self.claims]
        unknown = [name for name in self.claims if name not in PROPERTIES]
        if missing or unknown:
            raise ValueError(
                f"The card of {self.module.__name__} should claim each property once. "
                f"Missing: {', '.join(missing) or 'none'}; unknown: {', '.join(unknown) or 'none'}."
            )
        # Every page lists them in one order, however the card was put together.
        object.__setattr__(self, "claims", {name: self.claims[name] for name in PROPERTIES})

    @property
    def name(self) -> str:
        """The loss's one name: its file's and its function's."""
        return self.module.__module__.rpartition(".")[2]

    @property
    def family(self) -> str:
        """The folder the loss lives in."""
        return self.module.__module__.split(".")[-2]

    def elicited(self, **hyperparameters: Any) -> Functional:
        """The functional the minimiser predicts at these hyperparameters."""
        if isinstance(self.elicits, Functional):
            return self.elicits
        return self.elicits(**hyperparameters)
