"""One minus intersection over union: as Dice, a wrong pixel up to twice as dear.

Reach for it when masks are judged by IoU: it orders a single mask as Dice does, and averages over images differently.
Avoid it when the probabilities are used, or when targets are soft: with those it is not least at p = y.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, Card, Equivalent, Fails, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Logits
from lossmith.kernels.overlap import hits_and_misses


def jaccard_loss(
    input: Float[Tensor, "n *pixels"], target: Float[Tensor, "n *pixels"], *, smooth: float = 1.0
) -> Float[Tensor, "n"]:
    """Jaccard loss of each image: one mask, one value.

    Args:
        input: logits of the pixels, one image or volume per first index; all further dimensions are its pixels.
        target: 1 inside the mask and 0 outside, same shape.
        smooth: pixels added to numerator and denominator, above 0: an empty mask with nothing predicted costs 0.

    Returns:
        1 − (Σpy + smooth)/(Σp + Σy − Σpy + smooth) with p = sigmoid(input); from 0 to 1.

    Raises:
        ValueError: shapes differ, or there is no dimension of pixels.

    Source:
        Rahman and Wang (2016).

    Example:
        >>> import torch
        >>> masks = torch.tensor([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]])
        >>> jaccard_loss(torch.tensor([[9.0, 9.0, -9.0], [9.0, -9.0, -9.0]]), masks)  # one pixel too much; one missed
        tensor([0.3334, 0.3334])
    """
    expect.masks(input, target)
    hit, extra, missed = hits_and_misses(input, target)
    return (extra + missed) / (hit + extra + missed + smooth)


class JaccardLoss(Criterion):
    """`jaccard_loss`, masked, weighted and reduced; a mask leaves out images."""

    function = staticmethod(jaccard_loss)


CARD = Card(
    module=JaccardLoss,
    unit="example",
    inputs={"input": Logits("n p"), "target": BinaryTarget("n p")},
    formula=r"1 - \frac{\sum_i p_i y_i + s}{\sum_i p_i + \sum_i y_i - \sum_i p_i y_i + s},\quad p_i = \sigma(x_i)",
    elicits=Functional("mask_of_the_best_expected_iou"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the logits grow, never reached at finite ones"),
        "convex": Fails(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="each entry lies in [-1, 1]"),
        "gradient_growth": Holds("vanishing"),
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
    also_known_as=("soft IoU loss", "intersection over union loss", "Tanimoto loss"),
    references=(
        Reference(
            "Rahman and Wang",
            "Optimizing intersection-over-union in deep neural networks for image segmentation",
            2016,
            "ISVC, LNCS 10072",
        ),
    ),
    equivalents=(
        Equivalent(
            "monai",
            "losses.DiceLoss(sigmoid=True, jaccard=True)",
            "adds its smooth_nr to twice the intersection, so half as much as ours, and 1e-5 by default",
        ),
        Equivalent(
            "segmentation-models-pytorch",
            "losses.JaccardLoss('binary')",
            "one overlap over the whole batch; smooth=0; an empty mask costs 0 whatever is predicted",
        ),
    ),
    mistakes=(
        "Passing probabilities: a sigmoid of a sigmoid lies between 0.5 and 0.73, so pass logits.",
        "Using it with soft masks (averaged annotators, smoothed labels): it is not least at p = y there, so round the "
        "masks or use cross-entropy.",
        "Comparing its value with a Dice loss: of the same mask this one is larger, 2D/(1 + D) for a Dice loss D.",
    ),
    relatives={
        "dice_loss": "the same single masks in the same order; milder for poor ones",
        "tversky_loss": "at alpha = beta = 1 it is this one",
        "giou_loss": "intersection over union of boxes, with a slope where they do not meet",
    },
)
