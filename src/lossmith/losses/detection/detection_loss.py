"""What and where: cross-entropy on all boxes, localisation on the positives.

Reach for it to train a detector's head once its boxes (anchors, proposals, points) are matched with the true ones.
Avoid it without dealing with the background first: among thousands of empty boxes draw hard negatives, or use a focal
loss for the classes.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import smooth_l1_loss

from lossmith import expect
from lossmith.card import (
    NON_NEGATIVE,
    POSITIVE,
    Card,
    Equivalent,
    Fails,
    Functional,
    Holds,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import Boxes, ClassIndex, Logits
from lossmith.losses.classification.cross_entropy_loss import cross_entropy_loss
from lossmith.losses.detection.giou_loss import giou_loss


def detection_loss(
    input: Float[Tensor, "n c"],
    target: Int[Tensor, "n"],
    boxes: Float[Tensor, "n 4"],
    target_boxes: Float[Tensor, "n 4"],
    *,
    localisation: str = "smooth_l1",
    weight: float = 1.0,
    beta: float = 1.0,
    background: int = 0,
) -> Float[Tensor, ""]:
    """Loss of a batch of matched boxes, divided by the number of positives.

    Args:
        input: logits of the classes, background among them; one row per box. All images of the batch together.
        target: index of the class each box is matched with, `background` where it holds no object.
        boxes: predicted boxes: x1, y1, x2, y2 for "giou"; for "smooth_l1" also encoded offsets, as the head gives them.
        target_boxes: true boxes in the same form. Rows of background are never looked at.
        localisation: "smooth_l1", summed over the four numbers, or "giou".
        weight: of the localisation against the cross-entropy, from 0 up.
        beta: where smooth L1 goes from square to straight, above 0.
        background: the class that has no box, from 0 up.

    Returns:
        (Σ cross-entropy over all boxes + weight·Σ localisation over the positives) / number of positives, or / 1 where
        there is none; from 0 up.

    Raises:
        ValueError: shapes do not fit, or `localisation` is neither of the two.
        TypeError: `target` is not an integer tensor.

    Source:
        Girshick (2015), equation 1, and Liu et al. (2016), equation 1, who divide by the positives.

    Example:
        >>> box = torch.tensor([[0.0, 0.0, 2.0, 2.0], [5.0, 5.0, 6.0, 6.0]])
        >>> detection_loss(torch.zeros(2, 2), torch.tensor([1, 0]), box + 0.5, box)  # 2·log 2 + 4·0.125
        tensor(1.8863)
    """
    expect.class_scores(input, target)
    expect.boxes(boxes=boxes, target_boxes=target_boxes, target=target)
    positive = target != background
    # Rows of background may hold anything, NaN too: they are compared with a box that is always there.
    found, true = (torch.where(positive[:, None], x, torch.ones_like(x)) for x in (boxes, target_boxes))
    if localisation == "smooth_l1":
        apart = smooth_l1_loss(found, true, beta=beta, reduction="none").sum(-1)
    elif localisation == "giou":
        apart = torch.where(positive, giou_loss(found, true), 0.0)
    else:
        raise ValueError(f'`localisation` should be "smooth_l1" or "giou". Found {localisation!r}.')
    return (cross_entropy_loss(input, target).sum() + weight * apart.sum()) / positive.sum().clamp(min=1)


class DetectionLoss(Criterion):
    """`detection_loss`: one value for the batch.

    To leave boxes out, do not pass them.
    """

    function = staticmethod(detection_loss)


_BATCH = NotApplicable("one value for the whole batch")

CARD = Card(
    module=DetectionLoss,
    unit="batch",
    inputs={"input": Logits("n c"), "target": ClassIndex("n"), "boxes": Boxes("n 4"), "target_boxes": Boxes("n 4")},
    formula=r"\frac{1}{P}\Big(\sum_i -\log p_{i,y_i} + \lambda \sum_{i: y_i \ne 0} L_{loc}(b_i, \hat b_i)\Big)",
    elicits=Functional("class_probabilities_and_the_middle_of_boxes"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="the cross-entropy is above 0 at finite logits"),
        "convex": Holds(note="in the logits; in the boxes with smooth L1 too, with GIoU not"),
        "differentiable": Holds(note="in the logits; in the boxes with smooth L1 too, with GIoU not"),
        "smooth": Holds(note="in the logits"),
        "bounded_gradient": Fails(at={"localisation": "giou"}, wrt="boxes", note="with smooth L1 it is"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": _BATCH,
        "classification_calibrated": _BATCH,
        "monotone": Holds(note="in the logits"),
        "sample_independent": NotApplicable("the number of positives divides them all"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={
        "weight": NON_NEGATIVE,
        "beta": POSITIVE,
        "background": NON_NEGATIVE,
    },
    search={"weight": Interval(0.1, 10.0, log=True)},
    also_known_as=("multi-task detection loss", "multibox loss", "Fast R-CNN loss"),
    references=(
        Reference("Girshick", "Fast R-CNN", 2015, "ICCV, arXiv:1504.08083"),
        Reference(
            "Liu, Anguelov, Erhan, Szegedy, Reed, Fu and Berg",
            "SSD: single shot multibox detector",
            2016,
            "ECCV, arXiv:1512.02325",
        ),
    ),
    equivalents=(
        Equivalent(
            "torchvision",
            "models.detection.roi_heads.fastrcnn_loss",
            "divides both terms by the number of all boxes, not of positives; beta=1/9; a box for every class",
        ),
        Equivalent(
            "torchvision",
            "models.detection.ssd.SSD.compute_loss",
            "divides by the positives too; cross-entropy on the positives and three times as many hard negatives only",
        ),
    ),
    mistakes=(
        "Dividing by all boxes: the pull on the few objects then fades as anchors are added; divide by the positives.",
        "Counting positives per device: with several, sum the number over them first.",
        "Leaving out the background class: it takes a logit of its own, here class 0.",
        "Passing encoded offsets to GIoU: decode them to corners first.",
        "Training on all negatives: keep about three hard ones per positive, or use a focal loss.",
    ),
    relatives={
        "giou_loss": "the localisation alone",
        "cross_entropy_loss": "the classes alone",
        "focal_loss": "turns down the many easy negatives, so that none need be drawn",
    },
)
