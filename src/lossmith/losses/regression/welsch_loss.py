"""One minus a Gaussian of the error: targets far off have no say at all.

Reach for it when gross errors in the target are many, and a good start or scale is at hand.
Avoid it from a poor start: beyond about three scales next to nothing pulls, and a target that is far off at
first is never fitted.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, Card, Equivalent, Fails, Functional, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real
from lossmith.kernels.barron import expm1


def welsch_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, scale: float = 1.0
) -> Float[Tensor, "..."]:
    """Welsch loss of each element.

    Args:
        input: predictions.
        target: what should have been predicted, same shape and unit.
        scale: how far a target may lie off and still count, in its unit; above 0. The pull is largest at scale/√2. Of
            normal errors, 2.985 standard deviations keep 95 % of the squared error's efficiency.

    Returns:
        ½c²·(1 − exp(−(r/c)²)) with r = input − target and c the scale: about ½r² for small r; from 0 to ½c².

    Raises:
        ValueError: shapes differ.

    Source:
        Holland and Welsch (1977).

    Example:
        >>> import torch
        >>> welsch_loss(torch.tensor([0.1, 3.0]), torch.tensor([0.0, 0.0]))
        tensor([0.0050, 0.4999])
    """
    expect.same_shape(input=input, target=target)
    return -0.5 * scale**2 * expm1(-((input - target) / scale).square())


class WelschLoss(Criterion):
    """`welsch_loss`, masked, weighted and reduced."""

    function = staticmethod(welsch_loss)


CARD = Card(
    module=WelschLoss,
    unit="element",
    inputs={"input": Real(), "target": Real()},
    formula=r"\tfrac{c^2}{2} \left(1 - e^{-(r/c)^2}\right)",
    elicits=lambda scale: Functional("welsch_centre", scale),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Fails(at={"scale": 1.0}, note="concave from |r| = c/√2 on"),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient's slope lies between -2e^(-3/2) and 1"),
        "bounded_gradient": Holds(note="by 0.43c, at |r| = c/√2"),
        "gradient_growth": Holds("vanishing", note="faster than any power of r"),
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
    search={"scale": Interval(0.2, 10.0, log=True)},
    also_known_as=("leclerc loss", "correntropy loss"),
    references=(
        Reference(
            "Holland and Welsch",
            "Robust regression using iteratively reweighted least-squares",
            1977,
            "Comm. Stat. 6(9)",
        ),
    ),
    equivalents=(Equivalent("kornia", "losses.welsch_loss", "1 − exp(−r²/2): scale √2, and no way to set it"),),
    mistakes=(
        "With a scale below the first errors nothing is learned: start wide and narrow it, or start from a Huber fit.",
        "Papers write exp(−½(r/c)²) as well: convert the scale by √2 before copying it.",
    ),
    relatives={
        "barron_loss": "this one at alpha −∞ and scale c/√2, times c²/2",
        "cauchy_loss": "far targets keep a little of their pull",
        "huber_loss": "convex: far targets keep a constant pull",
    },
)
