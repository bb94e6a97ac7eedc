"""DIoU, and how far width and height are off, each by itself.

Reach for it when CIoU leaves sizes wrong: there only their ratio counts, and width and height move against each other.
Avoid it when many boxes are poor: they pull hardest; the authors weigh by IoU to that end.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Equivalent, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Boxes
from lossmith.kernels.boxes import corners, hull, ratio, squared_distance, union_and_overlap


def eiou_loss(input: Float[Tensor, "n 4"], target: Float[Tensor, "n 4"]) -> Float[Tensor, "n"]:
    """Efficient-IoU loss of each pair of boxes.

    Args:
        input: predicted boxes as x1, y1, x2, y2 in any unit of length; corners in the wrong order are put in order.
        target: true boxes, likewise.

    Returns:
        1 − I/U + ρ²/c² + (w − w*)²/C_w² + (h − h*)²/C_h², where I and U are the areas of the intersection and of the
        union, ρ the distance of the centres, w and h the sides and C_w, C_h, c the sides and the diagonal of the
        smallest box around both; from 0 (equal), below 4. Parts over nothing count as 0.

    Raises:
        ValueError: shapes are not (n, 4).

    Source:
        Zhang et al. (2022), equation 9.

    Example:
        >>> import torch
        >>> box = torch.tensor([[0.0, 0.0, 2.0, 2.0]])
        >>> eiou_loss(torch.tensor([[1.0, 0.0, 3.0, 2.0]]), box), eiou_loss(box + 4.0, box)
        (tensor([0.7436]), tensor([1.4444]))
    """
    expect.boxes(input=input, target=target)
    around = hull(input, target)
    (low, high), (true_low, true_high) = corners(input), corners(target)
    sides = ratio(((high - low) - (true_high - true_low)).square(), around.square()).sum(-1)
    return 1.0 - union_and_overlap(input, target)[1] + squared_distance(input, target) + sides


class EiouLoss(Criterion):
    """`eiou_loss`, masked, weighted and reduced."""

    function = staticmethod(eiou_loss)


CARD = Card(
    module=EiouLoss,
    unit="example",
    inputs={"input": Boxes("n 4"), "target": Boxes("n 4")},
    formula=r"1 - \frac{|A \cap B|}{|A \cup B|} + \frac{\rho^2}{c^2} + \frac{(w - w^*)^2}{C_w^2}"
    r" + \frac{(h - h^*)^2}{C_h^2}",
    elicits=Functional("box_of_the_best_expected_eiou"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(note="of boxes with an area"),
        "convex": Fails(),
        "differentiable": Fails(note="where sides of the two boxes line up"),
        "smooth": Fails(),
        "bounded_gradient": Fails(note="it is of the size of 1 over the boxes' side"),
        "gradient_growth": Holds("vanishing"),
        "symmetric": Holds(),
        "proper": Fails(),
        "classification_calibrated": NotApplicable("it predicts a box, not a class"),
        "monotone": Fails(note="a corner further off can bring the centres or the sides nearer"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kinks"),
    },
    also_known_as=("efficient IoU loss",),
    references=(
        Reference(
            "Zhang, Ren, Zhang, Jia, Wang and Tan",
            "Focal and efficient IOU loss for accurate bounding box regression",
            2022,
            "Neurocomputing 506, 146-157, arXiv:2101.08158",
        ),
    ),
    equivalents=(
        Equivalent("mmdet", "models.losses.EIoULoss", "another loss of the name: extended IoU, of Peng et al. (2021)"),
    ),
    mistakes=(
        "Taking mmdet's EIoULoss for it, which is another loss: compare on one pair of boxes first.",
        "Weighing by IoU, as Focal-EIoU, with a gradient through the weight: detach it.",
        "Passing centre, width and height, or the head's encoded offsets: decode to corners first.",
    ),
    relatives={
        "ciou_loss": "the ratio of width and height instead of each by itself",
        "diou_loss": "without the sides",
    },
)
