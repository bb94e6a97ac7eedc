"""Winkler's interval score: the width, and a price on every target outside.

Reach for it when one interval of a stated coverage is asked for, and nothing else of the distribution.
Avoid it where the two ends are to be kept from crossing: they may, early on; sort them to predict.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import UNIT_OPEN, Card, Equivalent, Fails, Holds, Interval, NotApplicable, Reference, interval
from lossmith.criterion import Criterion
from lossmith.domains import Real, Several


def interval_score_loss(
    input: Float[Tensor, "n 2"], target: Float[Tensor, "n"], *, coverage: float = 0.9
) -> Float[Tensor, "n"]:
    """Interval score of each example.

    Args:
        input: lower and upper end, one row per example.
        target: observations in the same unit.
        coverage: share of the targets that should lie inside, half of the rest on each side; between 0 and 1.

    Returns:
        (u − l) + 2/α·max(l − y, 0) + 2/α·max(y − u, 0) with α = 1 − coverage; from 0 up, in the target's unit.

    Raises:
        ValueError: shapes are not (n, 2) and (n,).

    Source:
        Winkler (1972); Gneiting and Raftery (2007), equation 43.

    Example:
        >>> interval_score_loss(torch.tensor([[0.0, 2.0], [0.0, 2.0]]), torch.tensor([1.0, 3.0]), coverage=0.5)
        tensor([2., 6.])
    """
    expect.columns(input, target, 2)
    tail = 0.5 * (1.0 - coverage)
    level = torch.tensor([tail, 1.0 - tail], device=input.device, dtype=input.dtype)
    short = target.unsqueeze(-1) - input
    # As two pinball losses no term is ever below 0, ends that cross included.
    return torch.maximum(level * short, (level - 1.0) * short).sum(-1) / tail


class IntervalScoreLoss(Criterion):
    """`interval_score_loss`, masked, weighted and reduced."""

    function = staticmethod(interval_score_loss)


CARD = Card(
    module=IntervalScoreLoss,
    unit="example",
    inputs={"input": Several("n 2"), "target": Real("n")},
    formula=r"(u - l) + \tfrac2\alpha (l - y)_+ + \tfrac2\alpha (y - u)_+,\quad \alpha = 1 - \text{coverage}",
    elicits=lambda coverage: interval(coverage),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(note="with both ends there"),
        "convex": Holds(),
        "differentiable": Fails(at={"coverage": 0.8}, note="a kink where an end and the target are equal"),
        "smooth": Fails(at={"coverage": 0.8}, note="the gradient jumps by 2/α at the target"),
        "bounded_gradient": Holds(note="each entry by 2/α"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("two ends are compared with one target"),
        "proper": Holds(note="for the two quantiles"),
        "classification_calibrated": NotApplicable("it predicts an interval, not a class"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kinks, where the second derivative is 0"),
    },
    parameters={"coverage": UNIT_OPEN},
    search={"coverage": Interval(0.5, 0.98)},
    also_known_as=("Winkler score", "winkler interval score", "mean interval score"),
    references=(
        Reference("Winkler", "A decision-theoretic approach to interval estimation", 1972, "JASA 67(337), 187-191"),
        Reference(
            "Gneiting and Raftery", "Strictly proper scoring rules, prediction, and estimation", 2007, "JASA 102(477)"
        ),
    ),
    equivalents=(
        Equivalent("scoringrules", "interval_score", "takes alpha, the share outside; target first, ends apart"),
    ),
    mistakes=(
        "Passing the share outside as coverage: 0.1 asks for an interval that holds a tenth.",
        "Training the ends by two losses of different weight: the coverage then depends on the weights.",
        "Comparing scores of two coverages: a wider promise costs more by itself.",
    ),
    relatives={
        "multi_quantile_loss": "α/4 of it, at levels α/2 and 1 − α/2; any number of levels",
        "gaussian_crps_loss": "a whole distribution in place of one interval",
    },
)
