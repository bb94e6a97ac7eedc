"""Dice of centre lines: what is connected should stay connected.

Reach for it beside Dice for vessels, roads and nerves, where one gap matters more than a pixel of width.
Avoid it for blobs, whose centre lines say little, and alone: width does not count.
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import max_pool2d

from lossmith import expect
from lossmith.card import POSITIVE, Card, Equivalent, Fails, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Logits


def cldice_loss(
    input: Float[Tensor, "n h w"], target: Float[Tensor, "n h w"], *, steps: int = 3, smooth: float = 1.0
) -> Float[Tensor, "n"]:
    """Centre-line Dice loss of each image.

    Args:
        input: logits of the pixels, one image per first index.
        target: 1 inside the mask and 0 outside, same shape; what is above ½ counts as inside.
        steps: how often the mask is eroded to find its centre line: half of the widest vessel's width, in pixels.
        smooth: pixels added to numerators and denominators, above 0.

    Returns:
        1 − 2·P·S/(P + S), where P is the share of the predicted centre line inside the true mask and S the share of the
        true centre line inside the predicted one; from 0 to 1.

    Raises:
        ValueError: shapes differ, or are not (n, h, w).

    Source:
        Shit et al. (2021), algorithms 1 and 2.

    Example:
        >>> mask = torch.tensor([[[0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]])
        >>> cldice_loss(20.0 * (2.0 * mask - 1.0), mask) < 1e-6
        tensor([True])
    """
    expect.pictures(input=input, target=target)
    p, target = input.sigmoid(), (target > 0.5).to(input.dtype)
    inside = _share(_centre_line(p, steps), target, smooth)
    found = _share(_centre_line(target, steps), p, smooth)
    return 1.0 - 2.0 * inside * found / (inside + found)


def _share(line: Tensor, mask: Tensor, smooth: float) -> Tensor:
    return ((line * mask).sum((1, 2)) + smooth) / (line.sum((1, 2)) + smooth)


def _centre_line(mask: Tensor, steps: int) -> Tensor:
    """What opening takes from the mask and from its erosions, softly joined."""
    mask = mask.unsqueeze(1)
    line = (mask - _opened(mask)).relu()
    for _ in range(steps):
        mask = _eroded(mask)
        new = (mask - _opened(mask)).relu()
        line = line + (new - line * new).relu()
    return line.squeeze(1)


def _eroded(mask: Tensor) -> Tensor:
    """The least of each pixel and its four neighbours inside the picture."""
    across, down = (-max_pool2d(-mask, side, 1, (side[0] // 2, side[1] // 2)) for side in ((3, 1), (1, 3)))
    return torch.minimum(across, down)


def _opened(mask: Tensor) -> Tensor:
    return max_pool2d(_eroded(mask), 3, 1, 1)


class CldiceLoss(Criterion):
    """`cldice_loss`, masked, weighted and reduced; a mask leaves out images."""

    function = staticmethod(cldice_loss)


_MASK = NotApplicable("it decides about a whole mask")

CARD = Card(
    module=CldiceLoss,
    unit="example",
    inputs={"input": Logits("n h w"), "target": BinaryTarget("n h w")},
    formula=r"1 - \frac{2 P S}{P + S},\quad P = \frac{|S_p \cap Y|}{|S_p|},\ S = \frac{|S_y \cap M|}{|S_y|}",
    elicits=Functional("mask_of_the_best_expected_centre_lines"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the logits grow, never reached at finite ones"),
        "convex": Fails(),
        "differentiable": Fails(note="where two neighbours are equal"),
        "smooth": Fails(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("vanishing"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": _MASK,
        "classification_calibrated": _MASK,
        "monotone": Fails(note="a wrong pixel can lie off every centre line, or move one back"),
        "sample_independent": Holds(note="images; the pixels of one are taken together"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kinks"),
    },
    parameters={"steps": Interval(0, float("inf"), high_open=True), "smooth": POSITIVE},
    search={"smooth": Interval(0.1, 10.0, log=True)},
    also_known_as=("soft clDice", "centerline Dice loss"),
    references=(
        Reference(
            "Shit et al.",
            "clDice: a novel topology-preserving loss function for tubular structure segmentation",
            2021,
            "CVPR, arXiv:2003.07311",
        ),
    ),
    equivalents=(
        Equivalent(
            "monai", "losses.SoftclDiceLoss", "takes probabilities; one value over the whole batch; iter_=3; smooth=1"
        ),
    ),
    mistakes=(
        "Too few steps: a vessel wider than twice as many pixels has no centre line; count pixels of the widest.",
        "Training with it alone: width does not count then; the authors add Dice and weigh it by a half or less.",
        "Flattening the pixels first: centre lines need the picture's height and width.",
    ),
    relatives={
        "dice_loss": "what it is added to",
        "boundary_loss": "outlines instead of centre lines",
    },
)
