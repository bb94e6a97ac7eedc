"""Between squared and absolute error: convex, without a knee.

Reach for it where the Huber loss would be right but its knee disturbs a second-order optimiser.
Avoid it where far targets must count for nothing: their pull grows towards the scale and stays there.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, Card, Fails, Functional, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def fair_loss(input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, scale: float = 1.4) -> Float[Tensor, "..."]:
    """Fair's loss of each element.

    Args:
        input: predictions.
        target: what should have been predicted, same shape and unit.
        scale: error at which the pull is half of the greatest, in the target's unit; above 0. Of normal errors, 1.4
            standard deviations keep 95 % of the squared error's efficiency.

    Returns:
        c²·(|r|/c − log(1 + |r|/c)) with r = input − target and c the scale: about ½r² for small r; from 0 up.

    Raises:
        ValueError: shapes differ.

    Source:
        Fair (1974).

    Example:
        >>> fair_loss(torch.tensor([0.0, 3.0]), torch.tensor([0.0, 0.0]), scale=1.0)
        tensor([0.0000, 1.6137])
    """
    expect.same_shape(input=input, target=target)
    return scale**2 * _beyond_log((input - target).abs() / scale)


def _beyond_log(a: Tensor) -> Tensor:
    """Return a − log(1 + a) for a from 0 up.

    Near 0, where the two cancel, log(1 + a) is 2·artanh(t) with t = a/(2 + a), whose series begins with what cancels.
    """
    small = torch.where(a < 0.2, a, torch.zeros_like(a))
    t = small / (2.0 + small)
    square = t.square()
    series = torch.zeros_like(t)
    for k in reversed(range(8)):
        series = series * square + 1.0 / (2 * k + 3)
    near = small * t - 2.0 * t * square * series
    return torch.where(a < 0.2, near, a - torch.log1p(a))


class FairLoss(Criterion):
    """`fair_loss`, masked, weighted and reduced."""

    function = staticmethod(fair_loss)


CARD = Card(
    module=FairLoss,
    unit="element",
    inputs={"input": Real(), "target": Real()},
    formula=r"c^2 \left(\frac{|r|}{c} - \log\left(1 + \frac{|r|}{c}\right)\right)",
    elicits=lambda scale: Functional("fair_centre", scale),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most 1"),
        "bounded_gradient": Holds(note="by c"),
        "gradient_growth": Holds("constant"),
        "symmetric": Holds(),
        "proper": Fails(at={"scale": 1.0}, note="between the mean and the median, the nearer the mean the wider"),
        "classification_calibrated": Holds(note="as a margin loss on targets of -1 and 1"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"scale": POSITIVE},
    search={"scale": Interval(0.2, 10.0, log=True)},
    also_known_as=("fair's robust loss",),
    references=(
        Reference("Fair", "On the robust estimation of econometric models", 1974, "Ann. Econ. Soc. Measurement 3(4)"),
    ),
    mistakes=(
        "Leaving the scale at a library's default: take 1.4 times 1.4826·MAD of the errors.",
        "Expecting bounded influence soon: at ten scales the pull is only 91 % of its bound.",
    ),
    relatives={
        "huber_loss": "an exact square up to its knee",
        "log_cosh_loss": "reaches its bound exponentially fast",
        "cauchy_loss": "not convex: far targets fade out",
    },
)
