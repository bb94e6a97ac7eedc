"""A loss with steeper gradients learns faster.

Said of squared error against absolute error, and of any loss multiplied by a factor.

Shown false if, with a learning rate that suits each, the steeper loss is not ahead after a few steps.
"""

from collections.abc import Sequence

from torch import Tensor

from benchmarks.claims import scores, sets
from benchmarks.claims.claim import Claim, Figure, Rule, interval
from benchmarks.claims.compare import FOLDS, Arm, compare, differences
from benchmarks.claims.elementary import squared, times
from benchmarks.claims.networks import Loss, Recipe

STEPS = 40
SEARCHED = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)


def measure() -> Sequence[Figure]:
    """Train squared error, ten times it, and its square, for 40 steps on diabetes."""
    sgd, adam = Recipe(steps=STEPS, optimiser="sgd"), Recipe(steps=STEPS)
    ten = times(squared, 10.0)
    return [
        _figure("the loss is multiplied by 10 and SGD's learning rate is kept, a small one", ten, sgd, (0.1,)),
        _figure("the loss is multiplied by 10 and SGD's learning rate is kept, a large one", ten, sgd, (10.0,)),
        _figure("the loss is multiplied by 10 and SGD's learning rate is searched", ten, sgd, SEARCHED),
        _figure("the loss is multiplied by 10 and the optimiser is Adam", ten, adam, (1.0,)),
        _figure("the error's fourth power replaces its square and the rate is searched", _fourth, sgd, SEARCHED),
    ]


def _figure(situation: str, steep: Loss, recipe: Recipe, rates: tuple[float, ...]) -> Figure:
    arms, judged = {"usual": Arm(squared), "steep": Arm(steep)}, {"error": scores.mean_square}
    found = compare(sets.diabetes(), arms, judged, recipe, keep=(STEPS,), rates=rates)["error"]
    return interval(situation, [100.0 * gap for gap in differences(found, "usual", "steep", relative=True)], FOLDS)


def _fourth(z: Tensor, y: Tensor) -> Tensor:
    return squared(z, y).square()


CLAIM = Claim(
    measure,
    effect="test error after 40 steps that the steeper loss saves, in % (100 × log ratio)",
    rule=Rule(low=1.0),
    instead="Steepness times learning rate is the step. A steeper loss at the same rate is a larger rate, good or "
    "bad; with the rate searched, or under Adam, the advantage is gone.",
)
