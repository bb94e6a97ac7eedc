"""Squared error that saturates as a fraction: far targets fade out slowly.

Reach for it when gross errors in the target are many, as in aligning images or points, and the start is fair.
Avoid it from a poor start: the pull falls with the third power of the error, so far rows are hardly fitted.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, Card, Equivalent, Fails, Functional, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def geman_mcclure_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, scale: float = 1.0
) -> Float[Tensor, "..."]:
    """Geman-McClure loss of each element.

    Args:
        input: predictions.
        target: what should have been predicted, same shape and unit.
        scale: error at which half of the greatest loss is reached, in the target's unit; above 0.

    Returns:
        ½r²/(1 + (r/c)²) with r = input − target and c the scale: about ½r² for small r; from 0, below ½c².

    Raises:
        ValueError: shapes differ.

    Source:
        Geman and McClure (1985), times ½c².

    Example:
        >>> import torch
        >>> geman_mcclure_loss(torch.tensor([0.1, 3.0]), torch.tensor([0.0, 0.0]))
        tensor([0.0050, 0.4500])
    """
    expect.same_shape(input=input, target=target)
    z = ((input - target) / scale).square()
    return 0.5 * scale**2 * (z / (1.0 + z))


class GemanMcclureLoss(Criterion):
    """`geman_mcclure_loss`, masked, weighted and reduced."""

    function = staticmethod(geman_mcclure_loss)


CARD = Card(
    module=GemanMcclureLoss,
    unit="element",
    inputs={"input": Real(), "target": Real()},
    formula=r"\frac{r^2 / 2}{1 + (r/c)^2}",
    elicits=lambda scale: Functional("geman_mcclure_centre", scale),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Fails(at={"scale": 1.0}, note="concave from |r| = c/√3 on"),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient's slope lies between -1/4 and 1"),
        "bounded_gradient": Holds(note="by 0.33c, at |r| = c/√3"),
        "gradient_growth": Holds("vanishing", note="as c⁴/r³"),
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
    also_known_as=("geman-mcclure estimator",),
    references=(
        Reference(
            "Geman and McClure",
            "Bayesian image analysis: an application to single photon emission tomography",
            1985,
            "Proc. Stat. Comp. Section, ASA",
        ),
    ),
    equivalents=(Equivalent("kornia", "losses.geman_mcclure_loss", "2r²/(r² + 4): scale 2, and no way to set it"),),
    mistakes=(
        "Papers have r²/(r² + c²), r²/(1 + r²) and 2r²/(r² + 4): convert scale and factor before copying one.",
        "With a scale below the first errors nothing is learned: start wide and narrow it, or start from a Huber fit.",
    ),
    relatives={
        "barron_loss": "this one at alpha −2 and scale c/2, times c²/4",
        "cauchy_loss": "the pull falls with the error itself, not its third power",
        "tukey_loss": "far targets are cut off",
    },
)
