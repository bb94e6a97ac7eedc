"""The weights of a combined loss must sum to 1.

Said in recipes for a·L1 + b·L2, with a + b = 1 as a condition.

Shown false if weights ten times as large, in the same proportion, give a model as good.
"""

from collections.abc import Sequence

from benchmarks.claims import scores, sets
from benchmarks.claims.claim import Claim, Figure, Rule, interval
from benchmarks.claims.compare import FOLDS, RATES, Arm, compare, differences
from benchmarks.claims.elementary import brier, cross_entropy
from benchmarks.claims.networks import Recipe

WEIGHTS, FACTOR = (0.7, 0.3), 10.0


def measure() -> Sequence[Figure]:
    """Train cross-entropy plus Brier score on credit, with weights that sum to 1 and to 10."""
    sgd, adam = Recipe(optimiser="sgd", rate=0.3), Recipe(optimiser="adam", rate=0.003)
    return [
        _figure("the optimiser is SGD, its learning rate is large and fixed for a sum of 1", sgd, (6.0,)),
        _figure("the optimiser is SGD and the learning rate is searched", sgd, (0.01, 0.1, 1.0)),
        _figure("the optimiser is Adam", adam, RATES),
    ]


def _figure(situation: str, recipe: Recipe, rates: tuple[float, ...]) -> Figure:
    arms = {name: Arm(_combined(factor), 1, lambda z: z[..., 0].sigmoid()) for name, factor in
            (("sum 1", 1.0), ("sum 10", FACTOR))}  # fmt: skip
    found = compare(sets.german(), arms, {"log loss": scores.log_loss}, recipe, rates=rates)["log loss"]
    return interval(situation, [100.0 * gap for gap in differences(found, "sum 10", "sum 1", relative=True)], FOLDS)


def _combined(factor: float):
    a, b = (factor * weight for weight in WEIGHTS)
    return lambda z, y: a * cross_entropy(z, y) + b * brier(z, y)


CLAIM = Claim(
    measure,
    effect="test log loss with weights of sum 10 above that of sum 1, in %",
    rule=Rule(low=1.0),
    instead="Only the proportion of the weights changes what is learned. Their sum is a factor on the learning rate: "
    "it matters to plain SGD, hardly to Adam. Look at each term's gradient, not at the sum.",
)
