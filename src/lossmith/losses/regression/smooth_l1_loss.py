"""Huber's loss over its delta: slope 1 far away, however narrow the middle.

Reach for it when box coordinates or other targets of known unit should be fitted as by the absolute error, without its
kink.
Avoid it where beta is to be tuned: the loss near the target changes with 1/beta, so that the step size must follow;
with `huber_loss` it is the far part that changes.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, Card, Equivalent, Fails, Functional, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def smooth_l1_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, beta: float = 1.0
) -> Float[Tensor, "..."]:
    """Smooth L1 loss of each element.

    Args:
        input: predictions.
        target: what should have been predicted, same shape and unit.
        beta: residual, in the target's unit, at which the loss turns from quadratic to linear; above 0.

    Returns:
        ½r²/beta where |r| < beta, else |r| − ½·beta, with r = input − target; from 0 up. It is the Huber loss at
        delta = beta divided by beta.

    Raises:
        ValueError: shapes differ.

    Source:
        Girshick (2015), with beta = 1.

    Example:
        >>> smooth_l1_loss(torch.tensor([0.5, 5.0]), torch.tensor([0.0, 0.0]), beta=2.0)
        tensor([0.0625, 4.0000])
    """
    expect.same_shape(input=input, target=target)
    return torch.nn.functional.smooth_l1_loss(input, target, reduction="none", beta=beta)


class SmoothL1Loss(Criterion):
    """`smooth_l1_loss`, masked, weighted and reduced."""

    function = staticmethod(smooth_l1_loss)


CARD = Card(
    module=SmoothL1Loss,
    unit="element",
    inputs={"input": Real(), "target": Real()},
    formula=r"\begin{cases}\tfrac{1}{2\beta} r^2 & |r|<\beta\\ |r|-\tfrac12\beta & |r|\ge\beta\end{cases}",
    elicits=lambda beta: Functional("huber_centre", beta),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most 1/beta"),
        "bounded_gradient": Holds(note="by 1, whatever beta"),
        "gradient_growth": Holds("constant"),
        "symmetric": Holds(),
        "proper": Fails(at={"beta": 0.5}, note="on a skewed target the minimiser is neither mean nor median"),
        "classification_calibrated": Holds(note="as a margin loss on targets of -1 and 1"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="except at |r| = beta, where the second derivative jumps from 1/beta to 0"),
    },
    parameters={"beta": POSITIVE},
    search={"beta": Interval(0.05, 10.0, log=True)},
    references=(Reference("Girshick", "Fast R-CNN", 2015, "ICCV; arXiv:1504.08083"),),
    equivalents=(
        Equivalent("torch", "nn.SmoothL1Loss", "takes beta = 0 too, as the absolute error"),
        Equivalent("keras", "losses.Huber", "not divided by delta: the two agree at 1 only"),
        Equivalent("optax", "huber_loss", "not divided by delta: the two agree at 1 only"),
    ),
    mistakes=(
        "Smooth L1 and Huber are the same number at beta = delta = 1 only: multiply by beta to get Huber.",
        "Detection code of old takes sigma, with beta = 1/sigma²: convert it.",
    ),
    relatives={
        "huber_loss": "times beta: slope beta far away, curvature 1 near the target",
        "absolute_error_loss": "the limit as beta falls to 0",
        "log_cosh_loss": "smooth to all orders, at a width of about 1",
    },
)
