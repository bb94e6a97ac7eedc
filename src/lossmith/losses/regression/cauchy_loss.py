"""Logarithm of the squared error: the further off a target, the less it pulls.

Reach for it when some targets are wrong by any amount and should lose their say, but not all of it.
Avoid it from a poor start: errors well beyond the scale pull weakly and the loss is not convex, so begin with
`huber_loss` or set the scale wide.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, Card, Equivalent, Fails, Functional, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def cauchy_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, scale: float = 1.0
) -> Float[Tensor, "..."]:
    """Cauchy loss of each element.

    Args:
        input: predictions.
        target: what should have been predicted, same shape and unit.
        scale: error, in the target's unit, with the largest pull; above 0. Of normal errors, 2.385 standard deviations
            keep 95 % of the squared error's efficiency.

    Returns:
        ½c²·log(1 + (r/c)²) with r = input − target and c the scale: about ½r² for small r; from 0 up.

    Raises:
        ValueError: shapes differ.

    Source:
        Holland and Welsch (1977).

    Example:
        >>> cauchy_loss(torch.tensor([0.1, 3.0]), torch.tensor([0.0, 0.0]))
        tensor([0.0050, 1.1513])
    """
    expect.same_shape(input=input, target=target)
    return 0.5 * scale**2 * torch.log1p(((input - target) / scale).square())


class CauchyLoss(Criterion):
    """`cauchy_loss`, masked, weighted and reduced."""

    function = staticmethod(cauchy_loss)


CARD = Card(
    module=CauchyLoss,
    unit="element",
    inputs={"input": Real(), "target": Real()},
    formula=r"\tfrac{c^2}{2} \log\left(1 + (r/c)^2\right)",
    elicits=lambda scale: Functional("cauchy_centre", scale),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Fails(at={"scale": 1.0}, note="concave from |r| = c on"),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient's slope lies between -1/8 and 1"),
        "bounded_gradient": Holds(note="by c/2, at |r| = c"),
        "gradient_growth": Holds("vanishing", note="as c²/r"),
        "symmetric": Holds(),
        "proper": Fails(at={"scale": 1.0}, note="the minimiser is where the targets lie closest, a mode of sorts"),
        "classification_calibrated": Holds(note="as a margin loss on targets of -1 and 1"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"scale": POSITIVE},
    search={"scale": Interval(0.05, 10.0, log=True)},
    also_known_as=("lorentzian loss",),
    references=(
        Reference(
            "Holland and Welsch",
            "Robust regression using iteratively reweighted least-squares",
            1977,
            "Comm. Stat. 6(9)",
        ),
        Reference("Black and Anandan", "The robust estimation of multiple motions", 1996, "CVIU 63(1), 75-104"),
    ),
    equivalents=(
        Equivalent("scipy", "optimize.least_squares(loss='cauchy', f_scale=c)", "its cost is the sum of these"),
        Equivalent("kornia", "losses.cauchy_loss", "log(1 + r²/2): scale √2, and no way to set it"),
    ),
    mistakes=(
        "Papers put the ½ inside the logarithm, outside, or nowhere: convert the scale by √2 before copying it.",
        "The scale is in the target's unit: on a standardised target it is a number below 1 in most cases.",
    ),
    relatives={
        "barron_loss": "this one at alpha 0 and scale c/√2, times c²/2",
        "welsch_loss": "forgets far targets altogether",
        "huber_loss": "convex: far targets keep a constant pull",
    },
)
