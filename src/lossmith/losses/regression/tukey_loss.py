"""Tukey's biweight: a target further off than the scale has no say.

Reach for it when gross errors in the target are many and a good start or scale is at hand.
Avoid it from a poor start: a target that is further off than the scale at first is never fitted.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, Card, Equivalent, Fails, Functional, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def tukey_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, scale: float = 4.685
) -> Float[Tensor, "..."]:
    """Tukey's biweight loss of each element.

    Args:
        input: predictions.
        target: what should have been predicted, same shape and unit.
        scale: error from which a target no longer counts, in its unit; above 0. Of normal errors, 4.685 standard
            deviations keep 95 % of the squared error's efficiency.

    Returns:
        c²/6·(1 − (1 − (r/c)²)³) where |r| ≤ c, else c²/6, with r = input − target and c the scale: about ½r² for small
        r; from 0 to c²/6.

    Raises:
        ValueError: shapes differ.

    Source:
        Beaton and Tukey (1974).

    Example:
        >>> import torch
        >>> tukey_loss(torch.tensor([0.1, 3.0]), torch.tensor([0.0, 0.0]), scale=2.0)
        tensor([0.0050, 0.6667])
    """
    expect.same_shape(input=input, target=target)
    u = ((input - target) / scale).square().clamp(max=1.0)  # beyond it the gradient is 0 by definition
    return scale**2 / 6.0 * u * (3.0 - 3.0 * u + u.square())  # 1 - (1 - u)³, where nothing cancels


class TukeyLoss(Criterion):
    """`tukey_loss`, masked, weighted and reduced."""

    function = staticmethod(tukey_loss)


CARD = Card(
    module=TukeyLoss,
    unit="element",
    inputs={"input": Real(), "target": Real()},
    formula=r"\tfrac{c^2}{6} \left(1 - \left(1 - \min(1, (r/c)^2)\right)^3\right)",
    elicits=lambda scale: Functional("tukey_centre", scale),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Fails(at={"scale": 1.0}, note="concave from |r| = c/√5 on"),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient's slope lies between -4/5 and 1"),
        "bounded_gradient": Holds(note="by 0.29c, at |r| = c/√5"),
        "gradient_growth": Holds("vanishing", note="it is 0 beyond the scale"),
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
    search={"scale": Interval(0.5, 15.0, log=True)},
    also_known_as=("tukey biweight loss", "bisquare loss"),
    references=(
        Reference(
            "Beaton and Tukey",
            "The fitting of power series, meaning polynomials, illustrated on band-spectroscopic data",
            1974,
            "Technometrics 16(2)",
        ),
        Reference("Belagiannis et al.", "Robust optimization for deep regression", 2015, "ICCV; arXiv:1505.06606"),
    ),
    equivalents=(Equivalent("statsmodels", "robust.norms.TukeyBiweight", "rho, of the residual; c is 4.685"),),
    mistakes=(
        "Setting the scale in units of the residual's spread without dividing by it: multiply by 1.4826·MAD.",
        "Starting with it: rows beyond the scale pull nothing at all; begin with the Huber loss.",
    ),
    relatives={
        "welsch_loss": "far targets fade out and are never cut off",
        "cauchy_loss": "far targets keep a little of their pull",
        "huber_loss": "convex: far targets keep a constant pull",
    },
)
