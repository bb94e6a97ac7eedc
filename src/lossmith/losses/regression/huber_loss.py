"""Squared error near the target, linear far away: outliers cannot take over.

Reach for it when a few gross errors in the target would otherwise steer the fit.
Avoid it when the metric asks for the mean or the median of a skewed target: it predicts neither, but a point between.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, Card, Equivalent, Fails, Functional, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def huber_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, delta: float = 1.0
) -> Float[Tensor, "..."]:
    """Huber loss of each element.

    Args:
        input: predictions.
        target: what should have been predicted, same shape and unit.
        delta: residual, in the target's unit, at which the loss turns from quadratic to linear; above 0.

    Returns:
        ½r² where |r| ≤ delta, else delta·(|r| − ½·delta), with r = input − target; from 0 up.

    Raises:
        ValueError: shapes differ.

    Source:
        Huber (1964).

    Example:
        >>> huber_loss(torch.tensor([0.5, 4.0]), torch.tensor([0.0, 0.0]))
        tensor([0.1250, 3.5000])
    """
    expect.same_shape(input=input, target=target)
    # torch's kernel is one pass and right on the whole domain: no reason for another.
    return torch.nn.functional.huber_loss(input, target, reduction="none", delta=delta)


class HuberLoss(Criterion):
    """`huber_loss`, masked, weighted and reduced."""

    function = staticmethod(huber_loss)


CARD = Card(
    module=HuberLoss,
    unit="element",
    inputs={"input": Real(), "target": Real()},
    formula=r"\begin{cases}\tfrac12 r^2 & |r|\le\delta\\ \delta(|r|-\tfrac12\delta) & |r|>\delta\end{cases}",
    elicits=lambda delta: Functional("huber_centre", delta),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most 1"),
        "bounded_gradient": Holds(note="by delta: one outlier cannot dominate"),
        "gradient_growth": Holds("constant"),
        "symmetric": Holds(),
        "proper": Fails(at={"delta": 0.5}, note="on a skewed target the minimiser is neither mean nor median"),
        "classification_calibrated": Holds(note="as a margin loss on targets of -1 and 1"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="except at |r| = delta, where the second derivative jumps from 1 to 0"),
    },
    parameters={"delta": POSITIVE},
    search={"delta": Interval(0.05, 10.0, log=True)},
    also_known_as=("huber",),
    references=(
        Reference(
            "Huber",
            "Robust estimation of a location parameter",
            1964,
            "Annals of Mathematical Statistics 35(1), 73-101",
        ),
    ),
    equivalents=(
        Equivalent("torch", "nn.HuberLoss"),
        Equivalent("torch", "nn.SmoothL1Loss", "divided by beta = delta"),
        Equivalent("keras", "losses.Huber"),
        Equivalent("optax", "huber_loss"),
        Equivalent(
            "scikit-learn", "ensemble.GradientBoostingRegressor(loss='huber')", "delta is a quantile of the errors"
        ),
        Equivalent("scipy", "special.huber", "argument order delta, r"),
    ),
    mistakes=(
        "delta is in the target's unit: 1 on a target in thousands is the absolute error; take about 1.345 standard "
        "deviations of the errors.",
        "A smaller delta shrinks the gradient: compare deltas each at a learning rate of its own.",
    ),
    relatives={
        "smooth_l1_loss": "divided by delta: slope 1 far away",
        "log_cosh_loss": "smooth to all orders, at a width of about 1",
        "barron_loss": "at alpha 1 its smooth relative, the pseudo-Huber loss",
        "cauchy_loss": "far targets lose their pull; not convex",
        "epsilon_insensitive_loss": "flat near the target instead of quadratic",
    },
)
