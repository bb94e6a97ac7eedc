"""One minus the overlap of two masks: background that is right counts nothing.

Reach for it when the object fills a small part of the image, and overlap (Dice, F1) is what will be judged.
Avoid it when the probabilities are used: they are driven to 0 or 1. Objects of a few pixels make it jumpy; add
cross-entropy then, as `combo_loss` does.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, Card, Equivalent, Fails, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Logits
from lossmith.kernels.overlap import hits_and_misses


def dice_loss(
    input: Float[Tensor, "n *pixels"], target: Float[Tensor, "n *pixels"], *, smooth: float = 1.0
) -> Float[Tensor, "n"]:
    """Dice loss of each image: one mask, one value.

    Args:
        input: logits of the pixels, one image or volume per first index; all further dimensions are its pixels. For
            several classes, each a mask of its own, pass `input.flatten(0, 1)`; for the overlap over the whole batch,
            as some libraries have it, `input.reshape(1, -1)`.
        target: 1 inside the mask and 0 outside, same shape.
        smooth: pixels added to numerator and denominator, above 0. An empty mask with nothing predicted then costs 0,
            and a false positive there about 1 / `smooth` per pixel.

    Returns:
        1 − (2Σpy + smooth)/(Σp + Σy + smooth) with p = sigmoid(input); from 0 to 1.

    Raises:
        ValueError: shapes differ, or there is no dimension of pixels.

    Source:
        Milletari et al. (2016), with sums in place of their sums of squares; Sudre et al. (2017).

    Example:
        >>> import torch
        >>> masks = torch.tensor([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]])
        >>> dice_loss(torch.tensor([[9.0, 9.0, -9.0], [9.0, -9.0, -9.0]]), masks)  # one pixel too much; one missed
        tensor([0.2500, 0.2500])
    """
    expect.masks(input, target)
    hit, extra, missed = hits_and_misses(input, target)
    return (extra + missed) / (2.0 * hit + extra + missed + smooth)


class DiceLoss(Criterion):
    """`dice_loss`, masked, weighted and reduced.

    A mask here leaves out whole images. To leave out pixels, give them a logit of -1e4 and a target of 0.
    """

    function = staticmethod(dice_loss)


CARD = Card(
    module=DiceLoss,
    unit="example",
    inputs={"input": Logits("n p"), "target": BinaryTarget("n p")},
    formula=r"1 - \frac{2\sum_i p_i y_i + s}{\sum_i p_i + \sum_i y_i + s},\quad p_i = \sigma(x_i)",
    elicits=Functional("mask_of_the_best_expected_dice"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the logits grow, never reached at finite ones"),
        "convex": Fails(note="neither in the logits nor in the probabilities"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="each entry lies in [-1, 1]"),
        "gradient_growth": Holds("vanishing", note="a pixel that is surely wrong hardly moves"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="the best mask is all or nothing, whatever the probabilities"),
        "classification_calibrated": NotApplicable(
            "it decides about a whole mask; the best one may hold pixels below 1/2"
        ),
        "monotone": Holds(note="in each pixel, the others held"),
        "sample_independent": Holds(note="images; the pixels of one are taken together"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"smooth": POSITIVE},
    search={"smooth": Interval(0.01, 100.0, log=True)},
    also_known_as=("soft Dice loss", "Sørensen-Dice loss", "F1 loss", "DSC loss"),
    references=(
        Reference(
            "Milletari, Navab and Ahmadi",
            "V-Net: fully convolutional neural networks for volumetric medical image segmentation",
            2016,
            "3DV, arXiv:1606.04797",
        ),
        Reference(
            "Sudre, Li, Vercauteren, Ourselin and Cardoso",
            "Generalised Dice overlap as a deep learning loss function for highly unbalanced segmentations",
            2017,
            "DLMIA, arXiv:1707.03237",
        ),
    ),
    equivalents=(
        Equivalent(
            "monai",
            "losses.DiceLoss(sigmoid=True)",
            "takes probabilities unless sigmoid=True; smooth_nr=smooth_dr=1e-5; squared_pred=True has sums of squares "
            "below; include_background=False drops channel 0; one value per image and channel",
        ),
        Equivalent(
            "segmentation-models-pytorch",
            "losses.DiceLoss('binary')",
            "one overlap over the whole batch; smooth=0, and theirs of 1 is ours of 2; an empty mask costs 0 whatever "
            "is predicted",
        ),
        Equivalent(
            "kornia",
            "losses.dice_loss",
            "softmax over classes from class indices; sums over classes and pixels (average='micro'); an eps of 1e-8 "
            "in the denominator only",
        ),
        Equivalent(
            "keras",
            "losses.Dice",
            "takes probabilities, target first; one overlap over the whole batch (axis=None); an empty mask with "
            "nothing predicted costs 1",
        ),
    ),
    mistakes=(
        "Passing probabilities: a sigmoid of a sigmoid lies between 0.5 and 0.73, so pass logits.",
        "Taking one overlap over the batch where the score is averaged over images: large objects then count most; "
        "keep one value per image.",
        "Leaving the smoothing at a value from another image size: it counts pixels, so 1 is nothing in a volume and "
        "much in a thumbnail.",
        "Including the background channel of several classes: it is nearly always right and hides the rest; drop it.",
        "Reading the output as a probability: calibrate it, or train with cross-entropy.",
    ),
    relatives={
        "jaccard_loss": "the same order of masks by intersection over union; steeper for poor ones",
        "tversky_loss": "prices what is missed and what is too much differently",
        "combo_loss": "adds cross-entropy, which pulls where this one has no slope",
        "binary_cross_entropy_loss": "each pixel on its own, with probabilities that can be used",
    },
)
