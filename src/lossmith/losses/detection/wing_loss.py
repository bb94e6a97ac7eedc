"""Absolute error that pulls harder on small misses: for landmarks to the pixel.

Reach for it to place points (faces, poses) to the pixel: the last few pixels count most.
Avoid it with noisy landmarks: it strains after differences that mean nothing.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, Card, Equivalent, Fails, Functional, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def wing_loss(
    landmarks: Float[Tensor, "..."], target: Float[Tensor, "..."], *, width: float = 10.0, epsilon: float = 2.0
) -> Float[Tensor, "..."]:
    """Wing loss of each element.

    Args:
        landmarks: predicted coordinates of landmarks.
        target: true coordinates, same shape and unit.
        width: error, in the coordinates' unit, up to which the loss is a logarithm; above 0.
        epsilon: how far the logarithm is bent at 0, in the same unit; above 0. The slope at 0 is width/epsilon.

    Returns:
        width·log(1 + |r|/epsilon) where |r| < width, else |r| − C, with r = landmarks − target and
        C = width − width·log(1 + width/epsilon); from 0 up.

    Raises:
        ValueError: shapes differ.

    Source:
        Feng et al. (2018), equation 5.

    Example:
        >>> wing_loss(torch.tensor([2.0, 30.0]), torch.zeros(2))
        tensor([ 6.9315, 37.9176])
    """
    expect.same_shape(landmarks=landmarks, target=target)
    off = (landmarks - target).abs()
    constant = width - width * math.log1p(width / epsilon)
    return torch.where(off < width, width * torch.log1p(off / epsilon), off - constant)


class WingLoss(Criterion):
    """`wing_loss`, masked, weighted and reduced."""

    function = staticmethod(wing_loss)


CARD = Card(
    module=WingLoss,
    unit="element",
    inputs={"landmarks": Real(), "target": Real()},
    formula=r"\begin{cases} w \log(1 + |r|/\varepsilon) & |r| < w \\ |r| - C & \text{otherwise} \end{cases}",
    elicits=Functional("wing_centre"),
    claims={
        "non_negative": Holds(wrt="landmarks"),
        "zero_at_target": Holds(wrt="landmarks"),
        "convex": Fails(wrt="landmarks"),
        "differentiable": Fails(wrt="landmarks", note="a corner at 0, and a smaller one at the width"),
        "smooth": Fails(wrt="landmarks"),
        "bounded_gradient": Holds(wrt="landmarks", note="by the larger of width/epsilon and 1"),
        "gradient_growth": Holds("constant", wrt="landmarks"),
        "symmetric": Holds(wrt="landmarks"),
        "proper": Fails(wrt="landmarks", note="the minimiser is one of the likely places, not their mean"),
        "classification_calibrated": Holds(wrt="landmarks", note="as a margin loss on targets of -1 and 1"),
        "monotone": Holds(wrt="landmarks"),
        "sample_independent": Holds(wrt="landmarks"),
        "vmap": Holds(wrt="landmarks"),
        "fullgraph": Holds(wrt="landmarks"),
        "twice_differentiable": Holds(wrt="landmarks", note="away from the corners"),
    },
    parameters={"width": POSITIVE, "epsilon": POSITIVE},
    search={"width": Interval(2.0, 20.0, log=True), "epsilon": Interval(0.5, 5.0, log=True)},
    references=(
        Reference(
            "Feng, Kittler, Awais, Huber and Wu",
            "Wing loss for robust facial landmark localisation with convolutional neural networks",
            2018,
            "CVPR, arXiv:1711.06753",
        ),
    ),
    equivalents=(Equivalent("pytorch-toolbelt", "losses.WingLoss", "width=5 and curvature=0.5 for epsilon"),),
    mistakes=(
        "Coordinates divided by the picture's size with a width of 10: all lies in the logarithm then; give the width "
        "in the unit of the coordinates.",
        "Adaptive wing loss under this name: that one is of heat maps.",
        "The mean over coordinates with a rate tuned for the sum over them, as in the paper: multiply by their number.",
    ),
    relatives={
        "absolute_error_loss": "one slope throughout",
        "balanced_l1_loss": "flat at 0 instead of steep",
        "cauchy_loss": "the same logarithm without the corner, and far misses forgotten",
    },
)
