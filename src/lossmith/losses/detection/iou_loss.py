"""One minus intersection over union of boxes: what detectors are judged by.

Reach for it where the boxes are known to meet, as in a refining stage, and IoU is the metric.
Avoid it as the only loss from the start: boxes that do not meet have no slope at all.
"""

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from lossmith import expect
from lossmith.card import Card, Equivalent, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Boxes, Sizes
from lossmith.kernels.boxes import union_and_overlap


def iou_loss(input: Float[Tensor, "n 4"], target: Float[Tensor, "n 4"]) -> Float[Tensor, "n"]:
    """IoU loss of each pair of boxes.

    Args:
        input: predicted boxes as x1, y1, x2, y2 in any unit of length; corners in the wrong order are put in order.
        target: true boxes, likewise.

    Returns:
        1 − I/U, where I and U are the areas of the intersection and of the union; from 0 (equal) to 1 (apart). Where
        both boxes are without area, I/U counts as 0.

    Raises:
        ValueError: shapes are not (n, 4).

    Source:
        Yu et al. (2016), who take −log(I/U), which is infinite where boxes do not meet.

    Example:
        >>> box = torch.tensor([[0.0, 0.0, 2.0, 2.0]])
        >>> iou_loss(torch.tensor([[1.0, 0.0, 3.0, 2.0]]), box), iou_loss(box + 4.0, box)
        (tensor([0.6667]), tensor([1.]))
    """
    expect.boxes(input=input, target=target)
    return 1.0 - union_and_overlap(input, target)[1]


class MeetingBoxes(Boxes):
    """Boxes around one point, so that any two of them meet."""

    words = "corners x1, y1, x2, y2 of boxes that meet"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        drawn = super().draw(sizes, generator, dtype).abs()
        half = drawn.shape[-1] // 2
        return torch.cat([-drawn[..., :half], drawn[..., half:]], dim=-1)


class IouLoss(Criterion):
    """`iou_loss`, masked, weighted and reduced."""

    function = staticmethod(iou_loss)


CARD = Card(
    module=IouLoss,
    unit="example",
    inputs={"input": MeetingBoxes("n 4"), "target": MeetingBoxes("n 4")},
    formula=r"1 - \frac{|A \cap B|}{|A \cup B|}",
    elicits=Functional("box_of_the_best_expected_iou"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(note="of boxes with an area"),
        "convex": Fails(),
        "differentiable": Fails(note="where sides of the two boxes line up"),
        "smooth": Fails(),
        "bounded_gradient": Fails(note="it is of the size of 1 over the boxes' side"),
        "gradient_growth": Holds("vanishing", note="no slope at all where boxes do not meet"),
        "symmetric": Holds(),
        "proper": Fails(),
        "classification_calibrated": NotApplicable("it predicts a box, not a class"),
        "monotone": Fails(
            note="beside the target every box costs the same, and a corner moved away can bring the size nearer"
        ),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kinks"),
    },
    also_known_as=("box jaccard loss", "UnitBox loss"),
    references=(
        Reference(
            "Yu, Jiang, Wang, Cao and Huang",
            "UnitBox: an advanced object detection network",
            2016,
            "ACM MM, arXiv:1608.01471",
        ),
    ),
    equivalents=(
        Equivalent(
            "mmdet", "models.losses.IoULoss(mode='linear')", "-log(I/U) with I/U from 1e-6 up unless mode='linear'"
        ),
    ),
    mistakes=(
        "Starting with it from boxes that may lie anywhere: take giou_loss or diou_loss, which pull them together.",
        "Comparing a logged -log(I/U) with 1 - I/U: they agree near 0 only.",
        "Passing centre, width and height, or the head's encoded offsets: decode to corners first.",
    ),
    relatives={
        "giou_loss": "has a slope where boxes do not meet",
        "diou_loss": "likewise, by the distance of the centres",
        "jaccard_loss": "of masks",
    },
)
