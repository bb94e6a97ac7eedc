"""Intersection over union of boxes, and the distance of their centres.

Reach for it when boxes start far apart: it draws centres together at once, where GIoU first grows the box.
Avoid it when shape matters as much as place: two boxes with one centre are told apart by their overlap alone.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Equivalent, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Boxes
from lossmith.kernels.boxes import squared_distance, union_and_overlap


def diou_loss(input: Float[Tensor, "n 4"], target: Float[Tensor, "n 4"]) -> Float[Tensor, "n"]:
    """Distance-IoU loss of each pair of boxes.

    Args:
        input: predicted boxes as x1, y1, x2, y2 in any unit of length; corners in the wrong order are put in order.
        target: true boxes, likewise.

    Returns:
        1 − I/U + ρ²/c², where I and U are the areas of the intersection and of the union, ρ the distance of the centres
        and c the diagonal of the smallest box around both; from 0 (equal) to 2 (far apart). Where both boxes are
        without area, I/U counts as 0; where the box around them is too, so does ρ²/c².

    Raises:
        ValueError: shapes are not (n, 4).

    Source:
        Zheng et al. (2020), equation 7.

    Example:
        >>> import torch
        >>> box = torch.tensor([[0.0, 0.0, 2.0, 2.0]])
        >>> diou_loss(torch.tensor([[1.0, 0.0, 3.0, 2.0]]), box), diou_loss(box + 4.0, box)
        (tensor([0.7436]), tensor([1.4444]))
    """
    expect.boxes(input=input, target=target)
    return 1.0 - union_and_overlap(input, target)[1] + squared_distance(input, target)


class DiouLoss(Criterion):
    """`diou_loss`, masked, weighted and reduced."""

    function = staticmethod(diou_loss)


CARD = Card(
    module=DiouLoss,
    unit="example",
    inputs={"input": Boxes("n 4"), "target": Boxes("n 4")},
    formula=r"1 - \frac{|A \cap B|}{|A \cup B|} + \frac{\rho^2}{c^2}",
    elicits=Functional("box_of_the_best_expected_diou"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(note="of boxes with an area"),
        "convex": Fails(),
        "differentiable": Fails(note="where sides of the two boxes line up"),
        "smooth": Fails(),
        "bounded_gradient": Fails(note="it is of the size of 1 over the boxes' side"),
        "gradient_growth": Holds("vanishing", note="far apart it falls with the distance"),
        "symmetric": Holds(),
        "proper": Fails(),
        "classification_calibrated": NotApplicable("it predicts a box, not a class"),
        "monotone": Fails(note="a corner further off can bring the centres nearer"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kinks"),
    },
    also_known_as=("distance-IoU loss",),
    references=(
        Reference(
            "Zheng, Wang, Liu, Li, Ye and Ren",
            "Distance-IoU loss: faster and better learning for bounding box regression",
            2020,
            "AAAI, arXiv:1911.08287",
        ),
    ),
    equivalents=(
        Equivalent(
            "torchvision",
            "ops.distance_box_iou_loss",
            "adds 1e-7 to both denominators; wants x1 < x2 and y1 < y2 and does not put corners in order",
        ),
    ),
    mistakes=(
        "Forgetting that it is 0 to 2: a weight tuned for 1 - IoU counts for more here.",
        "Using it in non-maximum suppression as well without thought: that is another use of the same distance.",
        "Passing centre, width and height, or the head's encoded offsets: decode to corners first.",
    ),
    relatives={
        "giou_loss": "the empty part of the box around both, instead of the distance",
        "ciou_loss": "adds the ratio of width and height",
        "eiou_loss": "adds width and height, each by itself",
    },
)
