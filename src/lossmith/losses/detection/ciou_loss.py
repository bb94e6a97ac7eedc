"""DIoU, and how far the ratio of width and height is off.

Reach for it as the usual choice of YOLO-like detectors: overlap, place and shape in one number.
Avoid it when sizes stay wrong at the right ratio, which costs nothing extra: `eiou_loss` sees each side.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Equivalent, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Boxes
from lossmith.kernels.boxes import corners, ratio, squared_distance, union_and_overlap


def ciou_loss(input: Float[Tensor, "n 4"], target: Float[Tensor, "n 4"]) -> Float[Tensor, "n"]:
    """Complete-IoU loss of each pair of boxes.

    Args:
        input: predicted boxes as x1, y1, x2, y2 in any unit of length; corners in the wrong order are put in order.
        target: true boxes, likewise.

    Returns:
        1 − I/U + ρ²/c² + αv with v = 4/π²·(arctan(w*/h*) − arctan(w/h))² and α = v/(1 − I/U + v), where I and U are the
        areas of the intersection and of the union, ρ the distance of the centres, c the diagonal of the smallest box
        around both, w and h the sides; from 0 (equal), below 3. α is held fixed: no gradient flows through it.

    Raises:
        ValueError: shapes are not (n, 4).

    Source:
        Zheng et al. (2020), equations 8 to 11.

    Example:
        >>> box = torch.tensor([[0.0, 0.0, 2.0, 2.0]])
        >>> ciou_loss(torch.tensor([[1.0, 0.0, 3.0, 2.0]]), box), ciou_loss(box + 4.0, box)
        (tensor([0.7436]), tensor([1.4444]))
    """
    expect.boxes(input=input, target=target)
    place, shape, weight = _parts(input, target)
    return place + weight.detach() * shape


def _parts(input: Tensor, target: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the loss of overlap and place, that of the shape, and its weight."""
    missed = 1.0 - union_and_overlap(input, target)[1]
    shape = (4.0 / math.pi**2) * (_slant(target) - _slant(input)).square()
    return missed + squared_distance(input, target), shape, ratio(shape, missed + shape)


def _slant(box: Tensor) -> Tensor:
    """Arc tangent of width over height; 0 for a point, which has no shape."""
    low, high = corners(box)
    width, height = (high - low).unbind(-1)
    some = (width > 0) | (height > 0)
    return torch.atan2(width, torch.where(some, height, 1.0))


def _pull(input: Tensor, target: Tensor) -> Tensor:
    """The gradient with the shape's weight held fixed."""
    x = input.detach().requires_grad_()
    place, shape, weight = _parts(x, target)
    of_place, of_shape = (torch.autograd.grad(part.sum(), x, retain_graph=True)[0] for part in (place, shape))
    return of_place + weight.detach().unsqueeze(-1) * of_shape


class CiouLoss(Criterion):
    """`ciou_loss`, masked, weighted and reduced."""

    function = staticmethod(ciou_loss)


CARD = Card(
    module=CiouLoss,
    unit="example",
    inputs={"input": Boxes("n 4"), "target": Boxes("n 4")},
    formula=r"1 - \frac{|A \cap B|}{|A \cup B|} + \frac{\rho^2}{c^2} + \alpha v",
    elicits=Functional("box_of_the_best_expected_ciou"),
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
        "monotone": Fails(note="a corner further off can bring the centres nearer"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Fails(note="the shape's weight is held fixed, so that the gradient is of no function"),
    },
    surrogate_gradient=_pull,
    also_known_as=("complete IoU loss",),
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
            "ops.complete_box_iou_loss",
            "adds 1e-7 to the denominators; wants x1 < x2 and y1 < y2, NaN for a point; the weight held fixed too",
        ),
    ),
    mistakes=(
        "Letting the gradient through the weight: shape then pulls otherwise than in the paper; detach it.",
        "Arc tangent of a quotient with a height of 0, which is NaN in circulating code: atan2 has no quotient.",
        "Passing centre, width and height, or the head's encoded offsets: decode to corners first.",
    ),
    relatives={
        "diou_loss": "without the shape",
        "eiou_loss": "width and height each by itself",
        "giou_loss": "overlap and the box around both",
    },
)
