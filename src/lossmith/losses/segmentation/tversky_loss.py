"""Overlap with two prices: one for what is too much, one for what is missed.

Reach for it when a missed lesion costs more than a false alarm: `beta` above `alpha` buys recall with precision.
Avoid it when the probabilities are used, and as a first choice: Dice has one number less to choose.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, Card, Equivalent, Fails, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Logits
from lossmith.kernels.overlap import hits_and_misses


def tversky_loss(
    input: Float[Tensor, "n *pixels"],
    target: Float[Tensor, "n *pixels"],
    *,
    alpha: float = 0.3,
    beta: float = 0.7,
    smooth: float = 1.0,
) -> Float[Tensor, "n"]:
    """Tversky loss of each image: one mask, one value.

    Args:
        input: logits of the pixels, one image or volume per first index; all further dimensions are its pixels.
        target: 1 inside the mask and 0 outside, same shape.
        alpha: price of a false positive, above 0.
        beta: price of a false negative, above 0. Papers and libraries differ in which letter is which.
        smooth: pixels added to numerator and denominator, above 0: an empty mask with nothing predicted costs 0.

    Returns:
        1 − (TP + smooth)/(TP + alpha·FP + beta·FN + smooth), where TP = Σpy, FP = Σp(1 − y), FN = Σ(1 − p)y and
        p = sigmoid(input); from 0 to 1.

    Raises:
        ValueError: shapes differ, or there is no dimension of pixels.

    Source:
        Salehi et al. (2017), who have alpha on false positives too.

    Example:
        >>> import torch
        >>> masks = torch.tensor([[1.0, 0.0], [1.0, 1.0]])
        >>> tversky_loss(torch.tensor([[9.0, 9.0], [9.0, -9.0]]), masks)  # one pixel too much; one missed
        tensor([0.1305, 0.2593])
    """
    expect.masks(input, target)
    hit, extra, missed = hits_and_misses(input, target)
    wrong = alpha * extra + beta * missed
    return wrong / (hit + wrong + smooth)


class TverskyLoss(Criterion):
    """`tversky_loss`, masked, weighted and reduced; a mask leaves out images."""

    function = staticmethod(tversky_loss)


CARD = Card(
    module=TverskyLoss,
    unit="example",
    inputs={"input": Logits("n p"), "target": BinaryTarget("n p")},
    formula=r"1 - \frac{TP + s}{TP + \alpha FP + \beta FN + s}",
    elicits=Functional("mask_of_the_best_expected_tversky_index"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the logits grow, never reached at finite ones"),
        "convex": Fails(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("vanishing"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="the best mask is all or nothing, whatever the probabilities"),
        "classification_calibrated": NotApplicable("it decides about a whole mask, and prices shift the cut"),
        "monotone": Holds(note="in each pixel, the others held"),
        "sample_independent": Holds(note="images; the pixels of one are taken together"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"alpha": POSITIVE, "beta": POSITIVE, "smooth": POSITIVE},
    search={"alpha": Interval(0.1, 1.0), "beta": Interval(0.1, 1.0), "smooth": Interval(0.01, 100.0, log=True)},
    also_known_as=("Tversky index loss",),
    references=(
        Reference(
            "Salehi, Erdogmus and Gholipour",
            "Tversky loss function for image segmentation using 3D fully convolutional deep networks",
            2017,
            "MLMI, arXiv:1706.05721",
        ),
        Reference("Tversky", "Features of similarity", 1977, "Psychological Review 84(4), 327-352"),
    ),
    equivalents=(
        Equivalent(
            "monai",
            "losses.TverskyLoss(sigmoid=True)",
            "takes probabilities unless sigmoid=True; alpha=beta=0.5; smooth_nr=smooth_dr=1e-5; one value per image "
            "and channel",
        ),
        Equivalent(
            "segmentation-models-pytorch",
            "losses.TverskyLoss('binary')",
            "one overlap over the whole batch; alpha=beta=0.5; smooth=0; an empty mask costs 0; to the power gamma",
        ),
        Equivalent("kornia", "losses.tversky_loss", "softmax over classes from class indices; mean over those present"),
        Equivalent(
            "keras", "losses.Tversky", "takes probabilities, target first; alpha=beta=0.5; over the whole batch"
        ),
    ),
    mistakes=(
        "Turning the prices round: raise beta, not alpha, to miss less; check on a mask you know which one moves.",
        "Copying a pair of prices from a library: some have alpha on false negatives.",
        "Passing probabilities: a sigmoid of a sigmoid lies between 0.5 and 0.73, so pass logits.",
    ),
    relatives={
        "dice_loss": "both prices 1/2, at half the smoothing",
        "jaccard_loss": "both prices 1",
        "weighted_binary_cross_entropy_loss": "two prices too, each pixel on its own",
    },
)
