"""Pinball loss with Huber's rounding: a quantile of sorts, without the kink.

Reach for it when a quantile is wanted and the kink disturbs the optimiser, as in distributional reinforcement learning.
Avoid it where the quantile must be exact: the rounding moves it towards the middle, the more the larger delta is.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, UNIT_OPEN, Card, Equivalent, Fails, Functional, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def quantile_huber_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, level: float = 0.5, delta: float = 1.0
) -> Float[Tensor, "..."]:
    """Quantile Huber loss of each element.

    Args:
        input: predictions of the quantile.
        target: observations, same shape and unit.
        level: price of predicting too low, against 1 − level for too high; between 0 and 1.
        delta: residual, in the target's unit, at which the loss turns from quadratic to linear; above 0.

    Returns:
        level·h where r = target − input is positive, else (1 − level)·h, with h = ½r²/delta where |r| ≤ delta, else
        |r| − ½·delta; from 0 up. As delta falls to 0 it becomes the pinball loss.

    Raises:
        ValueError: shapes differ.

    Source:
        Dabney et al. (2018).

    Example:
        >>> quantile_huber_loss(torch.tensor([0.0, 3.0]), torch.tensor([1.0, 1.0]), level=0.9)
        tensor([0.4500, 0.1500])
    """
    expect.same_shape(input=input, target=target)
    rounded = torch.nn.functional.smooth_l1_loss(input, target, reduction="none", beta=delta)
    return torch.where(target > input, level * rounded, (1.0 - level) * rounded)


class QuantileHuberLoss(Criterion):
    """`quantile_huber_loss`, masked, weighted and reduced."""

    function = staticmethod(quantile_huber_loss)


CARD = Card(
    module=QuantileHuberLoss,
    unit="element",
    inputs={"input": Real(), "target": Real()},
    formula=r"|\tau - [y < x]|\,h_\delta(y - x)",
    elicits=lambda level, delta: Functional("rounded_quantile", level),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most 1/delta"),
        "bounded_gradient": Holds(note="by 1"),
        "gradient_growth": Holds("constant"),
        "symmetric": Fails(at={"level": 0.9}, note="it is, at level 0.5 only"),
        "proper": Fails(at={"level": 0.9}, note="consistent for something between a quantile and an expectile"),
        "classification_calibrated": Fails(at={"level": 0.9}, note="on targets of -1 and 1 it cuts near 1 - level"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(
            note="except at the target and at |r| = delta, where the second derivative jumps"
        ),
    },
    parameters={"level": UNIT_OPEN, "delta": POSITIVE},
    search={"level": Interval(0.01, 0.99), "delta": Interval(0.05, 10.0, log=True)},
    references=(
        Reference("Dabney et al.", "Distributional reinforcement learning with quantile regression", 2018, "AAAI"),
    ),
    equivalents=(
        Equivalent("stable-baselines3-contrib", "common.utils.quantile_huber_loss", "delta is 1; for QR-DQN"),
    ),
    mistakes=("Papers that leave out the division by delta have another loss: convert before comparing numbers.",),
    relatives={
        "pinball_loss": "with the kink: an exact quantile",
        "huber_loss": "twice this one times delta, at level 0.5",
    },
)
