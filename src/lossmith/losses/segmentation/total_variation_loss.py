"""A price on differences between neighbouring pixels, whatever the target.

Reach for it as a small addition where pictures or masks come out speckled: flat regions with sharp edges cost least.
Avoid it alone (a blank picture costs nothing), and where fine texture matters.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def total_variation_loss(input: Float[Tensor, "n c h w"]) -> Float[Tensor, "n"]:
    """Total variation of each picture.

    Args:
        input: pictures, or maps of probabilities, one per first index.

    Returns:
        Σ |step to the right| + Σ |step down|, over all pixels and channels, in the unit of the pixels; from 0 up.

    Raises:
        ValueError: the shape is not (n, c, h, w).

    Source:
        Rudin, Osher and Fatemi (1992), in the form along the axes.

    Example:
        >>> import torch
        >>> total_variation_loss(torch.tensor([[[[0.0, 1.0], [0.0, 3.0]]]]))  # 1 + 3 across, 0 + 2 down
        tensor([6.])
    """
    expect.feature_maps(input=input)
    return input.diff(dim=-1).abs().sum((1, 2, 3)) + input.diff(dim=-2).abs().sum((1, 2, 3))


class TotalVariationLoss(Criterion):
    """`total_variation_loss`, masked, weighted and reduced.

    A mask leaves out pictures.
    """

    function = staticmethod(total_variation_loss)


_ALONE = NotApplicable("there is no target to be compared with")

CARD = Card(
    module=TotalVariationLoss,
    unit="example",
    inputs={"input": Real("n c h w")},
    formula=r"\sum_{i,j} |x_{i,j+1} - x_{i,j}| + |x_{i+1,j} - x_{i,j}|",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(),
        "zero_at_target": _ALONE,
        "convex": Holds(),
        "differentiable": Fails(note="where neighbours are equal"),
        "smooth": Fails(),
        "bounded_gradient": Holds(note="each entry lies in [-4, 4]"),
        "gradient_growth": _ALONE,
        "symmetric": _ALONE,
        "proper": _ALONE,
        "classification_calibrated": _ALONE,
        "monotone": _ALONE,
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kinks, where the second derivative is 0"),
    },
    also_known_as=("TV loss", "anisotropic total variation"),
    references=(
        Reference(
            "Rudin, Osher and Fatemi", "Nonlinear total variation based noise removal algorithms", 1992, "Physica D 60"
        ),
    ),
    equivalents=(
        Equivalent("kornia", "losses.total_variation"),
        Equivalent("piq", "TVLoss(norm_type='l1')", "by default the root of the two squared sums"),
    ),
    mistakes=(
        "Choosing the weight on one picture size: it is a sum, so divide by the pixels if sizes vary.",
        "The form with a square root under the gradient, whose slope is NaN on flat regions: this one has none there.",
        "A large weight: pictures turn into patches; start at a thousandth of the main loss per pixel.",
    ),
    relatives={
        "smoothness_loss": "squared steps of a series: edges are blurred as well",
        "ssim_loss": "compares with a target",
    },
)
