"""A loss must be differentiable everywhere to train a network.

Said in definitions of a loss, next to absolute error and hinge, which are not.

Shown false if losses with kinks train networks as good as their smooth relatives.
"""

from collections.abc import Sequence

from torch import Tensor

from benchmarks.claims import arms, scores, sets
from benchmarks.claims.claim import Claim, Figure, Rule
from benchmarks.claims.compare import Arm, Score, compare, differences, figure
from benchmarks.claims.networks import Loss, Recipe
from benchmarks.claims.sets import Table


def measure() -> Sequence[Figure]:
    """Compare losses with kinks, and one of steps, with smooth ones."""
    numbers = {"kinked": arms.of_number("absolute_error_loss"), "smooth": arms.of_number("log_cosh_loss")}
    hinges = {"kinked": _margin(lambda m: (1.0 - m).relu()), "smooth": _margin(lambda m: (1.0 - m).relu().square())}
    # A multiple of 0 keeps the staircase in autograd's reach: its gradient is 0, as it truly is.
    steps = {"kinked": _margin(lambda m: (m < 0).float() + 0.0 * m), "smooth": hinges["smooth"]}
    return [
        _figure(
            "it has a kink (absolute error against log-cosh, housing)", sets.housing(), numbers, scores.mean_absolute
        ),
        _figure("it has a kink (hinge against squared hinge, credit)", sets.german(), hinges, scores.mistakes),
        _figure("it is a staircase (0 or 1 for right or wrong, credit)", sets.german(), steps, scores.mistakes),
    ]


def _figure(situation: str, table: Table, ways: dict[str, Arm], score: Score) -> Figure:
    found = compare(table, ways, {"it": score}, Recipe(steps=200))["it"]
    return figure(table, situation, [100.0 * gap for gap in differences(found, "kinked", "smooth", relative=True)])


def _margin(loss: Loss) -> Arm:
    def of_logit(z: Tensor, y: Tensor) -> Tensor:
        return loss(z[..., 0] * (2.0 * y - 1.0))

    return Arm(of_logit, 1, lambda z: (z[..., 0] > 0).float())


CLAIM = Claim(
    measure,
    effect="error on fresh rows above that of the smooth relative, in % (100 × log ratio)",
    rule=Rule(low=3.0),
    instead="It must have a useful slope almost everywhere. A kink is met with probability 0 and any slope between "
    "those beside it will do; a loss that is flat almost everywhere cannot be followed.",
)
