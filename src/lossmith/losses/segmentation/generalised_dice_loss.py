"""Dice over all classes at once, each weighed by one over its squared size.

Reach for it when an image holds classes of very different sizes and the small ones matter as much.
Avoid it when the smallest class is a handful of pixels, or wrongly labelled: it then outweighs everything.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Equivalent, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits


def generalised_dice_loss(input: Float[Tensor, "n *pixels c"], target: Int[Tensor, "n *pixels"]) -> Float[Tensor, "n"]:
    """Generalised Dice loss of each image.

    Args:
        input: logits of c classes at every pixel, classes last; one image or volume per first index.
        target: index of each pixel's true class, 0 … c−1.

    Returns:
        1 − 2·Σ_k w_k Σ p·y / Σ_k w_k Σ (p + y) with p = softmax(input), y = [k = target] and w_k = 1/(number of pixels
        of class k)²; from 0 to 1. A class that the image does not hold has the weight of the smallest one it holds.

    Raises:
        ValueError: `input` is not `target` with a dimension of classes behind.
        TypeError: `target` is not an integer tensor.

    Source:
        Sudre et al. (2017), section 2, after Crum et al. (2006); of absent classes they do not speak.

    Example:
        >>> generalised_dice_loss(torch.zeros(1, 4, 2), torch.tensor([[0, 0, 1, 1]]))  # half of each is right
        tensor([0.5000])
    """
    expect.token_scores(input, target)
    p = input.softmax(-1).flatten(1, -2)
    truth = torch.arange(p.shape[-1], device=p.device) == target.flatten(1).unsqueeze(-1)
    hit, wrong = torch.where(truth, p, 0.0).sum(1), torch.where(truth, 1.0 - p, p).sum(1)
    size = truth.sum(1).to(p.dtype)
    smallest = torch.where(size > 0, size, torch.inf).amin(-1, keepdim=True)
    weight = (smallest / torch.maximum(size, smallest)).square()  # only ratios matter: at most 1, never infinite
    return (weight * wrong).sum(-1) / (weight * (2.0 * hit + wrong)).sum(-1)


class GeneralisedDiceLoss(Criterion):
    """`generalised_dice_loss`, masked, weighted and reduced.

    A mask leaves out images.
    """

    function = staticmethod(generalised_dice_loss)


_MASK = NotApplicable("it decides about a whole mask")

CARD = Card(
    module=GeneralisedDiceLoss,
    unit="example",
    inputs={"input": Logits("n p c"), "target": ClassIndex("n p")},
    formula=r"1 - 2\,\frac{\sum_k w_k \sum_i p_{ik} y_{ik}}{\sum_k w_k \sum_i (p_{ik} + y_{ik})},"
    r"\quad w_k = \Big(\sum_i y_{ik}\Big)^{-2}",
    elicits=Functional("classes_of_the_best_expected_generalised_dice"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the logits grow, never reached at finite ones"),
        "convex": Fails(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": _MASK,
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": _MASK,
        "classification_calibrated": _MASK,
        "monotone": _MASK,
        "sample_independent": Holds(note="images; the pixels of one are taken together"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("generalized Dice loss", "GDL"),
    references=(
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
            "losses.GeneralizedDiceLoss(softmax=True, to_onehot_y=True)",
            "classes second; smooth_nr=smooth_dr=1e-5; an absent class has the largest finite weight of its image too",
        ),
    ),
    mistakes=(
        "An infinite weight for an absent class, as the formula has it: give it that of the smallest one present.",
        "Classes in the second dimension: move them last, input.movedim(1, -1).",
        "Weights from the batch on one device and from the image on another: here they are of each image.",
    ),
    relatives={
        "dice_loss": "one mask, or each class with a ratio of its own",
        "lovasz_softmax_loss": "mean IoU, all classes present alike",
        "class_weighted_cross_entropy_loss": "weights chosen once for all images",
    },
)
