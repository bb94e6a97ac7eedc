"""Multiplying a loss by a constant changes what is trained.

Said of loss weights, and of sum against mean; the opposite is said as often.

Shown false if the predictions are the same with ten times the loss.
"""

from collections.abc import Sequence

from benchmarks.claims import sets
from benchmarks.claims.claim import Claim, Figure, Rule, of_seeds
from benchmarks.claims.elementary import cross_entropy, times
from benchmarks.claims.networks import Recipe
from benchmarks.claims.paths import apart, probabilities


def measure() -> Sequence[Figure]:
    """Train cross-entropy on breast cancer as it is and multiplied, from the same first weights."""
    sgd, adam = Recipe(optimiser="sgd", rate=0.05, steps=200), Recipe(rate=0.01, steps=200)
    l2 = Recipe(rate=0.01, steps=200, decay=0.1)
    decoupled = Recipe(rate=0.01, steps=200, optimiser="adamw", decay=0.1)
    slower = Recipe(optimiser="sgd", rate=0.005, steps=200)
    return [
        _figure("the optimiser is SGD with the same learning rate", sgd, sgd),
        _figure("the optimiser is SGD with the learning rate divided by the factor", sgd, slower),
        _figure("the optimiser is Adam", adam, adam),
        _figure("the optimiser is AdamW with weight decay", decoupled, decoupled),
        _figure("the optimiser is Adam with weight decay in the gradient", l2, l2),
        _figure("the optimiser is Adam and the factor is 1e-8", adam, adam, 1e-8),
    ]


def _figure(situation: str, before: Recipe, after: Recipe, factor: float = 10.0) -> Figure:
    table = sets.breast_cancer()
    gap = apart(probabilities(table, cross_entropy, before), probabilities(table, times(cross_entropy, factor), after))
    return of_seeds(situation, gap, "10 first weights")


CLAIM = Claim(
    measure,
    effect="root mean squared change of the predicted probabilities under ten times the loss",
    rule=Rule(low=0.01),
    instead="Under SGD a factor on the loss is a factor on the learning rate. Adam divides it out, unless the "
    "gradients sink to Adam's epsilon or a penalty in the gradient does not get the factor.",
)
