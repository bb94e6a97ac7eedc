"""Absolute error: every unit costs the same, so the fit goes to the median.

Reach for it when the metric is MAE, or when outliers in the target should count no more than their share.
Avoid it when the mean is wanted: on a skewed target the median lies below it, and totals come out too low.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import MEDIAN, Card, Equivalent, Fails, Holds, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def absolute_error_loss(input: Float[Tensor, "..."], target: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Absolute error of each element.

    Args:
        input: predictions.
        target: what should have been predicted, same shape and unit.

    Returns:
        |input − target|, from 0 up, in the target's unit. Where they are equal the subgradient is 0.

    Raises:
        ValueError: shapes differ.

    Source:
        Boscovich (1757); Laplace (1774) for the median.

    Example:
        >>> absolute_error_loss(torch.tensor([0.5, -4.0]), torch.tensor([0.0, 0.0]))
        tensor([0.5000, 4.0000])
    """
    # torch broadcasts (n, 1) against (n,) to an n-by-n table of wrong errors, with only a warning.
    expect.same_shape(input=input, target=target)
    return torch.nn.functional.l1_loss(input, target, reduction="none")


class AbsoluteErrorLoss(Criterion):
    """`absolute_error_loss`, masked, weighted and reduced."""

    function = staticmethod(absolute_error_loss)


CARD = Card(
    module=AbsoluteErrorLoss,
    unit="element",
    inputs={"input": Real(), "target": Real()},
    formula=r"|r|",
    elicits=MEDIAN,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Holds(),
        "differentiable": Fails(note="a kink where prediction and target are equal"),
        "smooth": Fails(note="the gradient jumps from -1 to 1 at the target"),
        "bounded_gradient": Holds(note="by 1"),
        "gradient_growth": Holds("constant"),
        "symmetric": Holds(),
        "proper": Holds(note="for the median"),
        "classification_calibrated": Holds(note="on targets of -1 and 1 its minimiser is the likelier one"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kink, where the second derivative is 0"),
    },
    also_known_as=("mae", "l1 loss", "mean absolute error", "least absolute deviations"),
    references=(
        Reference("Koenker", "Quantile Regression", 2005, "Cambridge University Press"),
        Reference("Gneiting", "Making and evaluating point forecasts", 2011, "JASA 106(494), 746-762"),
    ),
    equivalents=(
        Equivalent("torch", "nn.L1Loss", "broadcasts (n, 1) against (n,) to an n-by-n table, with a warning"),
        Equivalent("keras", "losses.MeanAbsoluteError", "averages the last dimension first"),
    ),
    mistakes=(
        "Its gradient does not shrink near the target: let the learning rate fall, or the fit jitters around it.",
        "Where more than half of the targets are 0 its best constant is 0: for a total train on a loss of the mean.",
    ),
    relatives={
        "huber_loss": "quadratic near the target: no kink",
        "log_cosh_loss": "smooth, with curvature 1 at the target",
        "pinball_loss": "other prices for too low and too high: any quantile",
        "epsilon_insensitive_loss": "nothing within a tolerance",
        "laplace_nll_loss": "learns the spread of each row too",
    },
)
