"""Intersection over union of boxes, with a slope also where they do not meet.

Reach for it when boxes are judged by IoU: it is indifferent to their size, where smooth L1 on corners is not.
Avoid it when one box lies inside the other for long (it is plain IoU there), and for boxes that start without area: a
point inside the target is a place where it stands still.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Equivalent, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Boxes
from lossmith.kernels.boxes import area, hull, ratio, union_and_overlap


def giou_loss(input: Float[Tensor, "n 4"], target: Float[Tensor, "n 4"]) -> Float[Tensor, "n"]:
    """Generalised IoU loss of each pair of boxes.

    Args:
        input: predicted boxes as x1, y1, x2, y2 in any unit of length; corners in the wrong order are put in order.
        target: true boxes, likewise.

    Returns:
        1 − I/U + (C − U)/C, where I, U and C are the areas of the intersection, of the union and of the smallest box
        around both; from 0 (equal) to 2 (far apart). Where both boxes are without area, I/U counts as 0; where the box
        around them is too, so does (C − U)/C.

    Raises:
        ValueError: shapes are not (n, 4).

    Source:
        Rezatofighi et al. (2019), algorithm 1.

    Example:
        >>> import torch
        >>> box = torch.tensor([[0.0, 0.0, 2.0, 2.0]])
        >>> giou_loss(torch.tensor([[1.0, 0.0, 3.0, 2.0]]), box), giou_loss(box + 4.0, box)
        (tensor([0.6667]), tensor([1.7778]))
    """
    expect.boxes(input=input, target=target)
    union, overlap = union_and_overlap(input, target)
    around = area(hull(input, target))
    return 1.0 - overlap + ratio(around - union, around)


class GiouLoss(Criterion):
    """`giou_loss`, masked, weighted and reduced."""

    function = staticmethod(giou_loss)


CARD = Card(
    module=GiouLoss,
    unit="example",
    inputs={"input": Boxes("n 4"), "target": Boxes("n 4")},
    formula=r"1 - \frac{|A \cap B|}{|A \cup B|} + \frac{|C| - |A \cup B|}{|C|}",
    elicits=Functional("box_of_the_best_expected_giou"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(note="of boxes with an area"),
        "convex": Fails(),
        "differentiable": Fails(note="where sides of the two boxes line up"),
        "smooth": Fails(),
        "bounded_gradient": Fails(note="it is of the size of 1 over the boxes' side"),
        "gradient_growth": Holds("vanishing", note="far apart it falls with the distance squared"),
        "symmetric": Holds(),
        "proper": Fails(),
        "classification_calibrated": NotApplicable("it predicts a box, not a class"),
        "monotone": Fails(note="a box that lies beside the target first grows towards it, away from its own size"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kinks"),
    },
    also_known_as=("generalised IoU loss", "generalized intersection over union loss"),
    references=(
        Reference(
            "Rezatofighi, Tsoi, Gwak, Sadeghian, Reid and Savarese",
            "Generalized intersection over union: a metric and a loss for bounding box regression",
            2019,
            "CVPR, arXiv:1902.09630",
        ),
    ),
    equivalents=(
        Equivalent(
            "torchvision",
            "ops.generalized_box_iou_loss",
            "adds 1e-7 to both denominators; wants x1 < x2 and y1 < y2 and does not put corners in order",
        ),
        Equivalent(
            "monai", "losses.BoxGIoULoss", "adds the type's smallest step; refuses corners in the wrong order; averages"
        ),
    ),
    mistakes=(
        "Passing centre, width and height, or the head's encoded offsets: decode to corners first.",
        "Starting from boxes without area: inside the target their gradient is 0, so let the head begin with anchors.",
        "Averaging over all anchors: background has no box, so mask it out.",
    ),
    relatives={
        "iou_loss": "without the box around both: no slope where they do not meet",
        "diou_loss": "the distance of the centres instead of the empty part of the box around both",
        "jaccard_loss": "intersection over union of masks",
        "detection_loss": "this on the positives, with cross-entropy on all",
        "absolute_error_loss": "the corners one by one, so that large boxes count most",
    },
)
