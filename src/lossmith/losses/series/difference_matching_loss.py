"""Squared error of the steps: the shape must be right, the level may be off.

Reach for it beside a loss of the values, where turns and slopes matter more than a constant bias.
Avoid it alone: it does not see the level at all. With noisy targets, the noise of a step is twice that of a value.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Fails, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def difference_matching_loss(
    input: Float[Tensor, "n t"], target: Float[Tensor, "n t"], *, order: int = 1
) -> Float[Tensor, "n"]:
    """Squared error of the differences of each series.

    Args:
        input: predicted series, one per row, evenly spaced in time.
        target: observed series, same shape and unit.
        order: which differences: 1 for the steps, 2 for their changes.

    Returns:
        Mean square of Δŷ − Δy, in squared units of the series; from 0 up.

    Raises:
        ValueError: shapes differ, or not rows of more than `order` steps.

    Source:
        The seminorm part of Sobolev training, Czarnecki et al. (2017), with differences for derivatives.

    Example:
        >>> difference_matching_loss(torch.tensor([[5.0, 6.0, 9.0]]), torch.tensor([[0.0, 1.0, 2.0]]))
        tensor([2.])
    """
    expect.series(order + 1, input=input, target=target)
    return torch.diff(input - target, n=order).square().mean(-1)


class DifferenceMatchingLoss(Criterion):
    """`difference_matching_loss`, masked, weighted and reduced.

    A mask leaves out series.
    """

    function = staticmethod(difference_matching_loss)


CARD = Card(
    module=DifferenceMatchingLoss,
    unit="example",
    inputs={"input": Real("n t"), "target": Real("n t")},
    formula=r"\frac{1}{T-d}\sum_t (\Delta^d \hat y_t - \Delta^d y_t)^2",
    elicits=Functional("mean_of_the_differences"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(note="and at every prediction that runs parallel to it"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Fails(),
        "gradient_growth": NotApplicable("an error that is the same at every step costs nothing, however large"),
        "symmetric": Holds(),
        "proper": Fails(note="the mean is one of its minimisers, and so is the mean plus any constant"),
        "classification_calibrated": NotApplicable("its target is a whole series"),
        "monotone": Fails(note="a second error beside the first can make the steps right again"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"order": Interval(1.0, float("inf"), high_open=True)},
    also_known_as=("temporal derivative matching", "gradient matching loss", "slope loss"),
    references=(
        Reference(
            "Czarnecki, Osindero, Jaderberg, Swirszcz and Pascanu",
            "Sobolev training for neural networks",
            2017,
            "NeurIPS, arXiv:1706.04859",
        ),
    ),
    mistakes=(
        "Using it alone: the level drifts freely, so add a loss of the values.",
        "Mixing it up with a smoothness penalty: that one wants small steps, this one the right steps.",
        "Taking differences of series of different spacing: divide by the time between values first.",
    ),
    relatives={
        "squared_error_loss": "the values themselves",
        "smoothness_loss": "small steps, whatever the target does",
        "residual_autocorrelation_loss": "indifferent to the size of the errors, not to their order",
    },
)
