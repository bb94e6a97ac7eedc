"""A price on roughness: the squared steps of the forecast, whatever the target.

Reach for it as a small addition to another loss, where a path that jitters is known to be wrong.
Avoid it alone (a constant costs nothing), and where the truth jumps: then match the differences instead.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, Card, Equivalent, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def smoothness_loss(input: Float[Tensor, "n t"], *, order: int = 1) -> Float[Tensor, "n"]:
    """Roughness of each series.

    Args:
        input: predicted series, one per row, evenly spaced in time.
        order: which differences: 1 for the steps (a constant is smooth), 2 for their changes (a straight line is).

    Returns:
        Mean square of the differences of that order, in squared units of the series; from 0 up.

    Raises:
        ValueError: not rows of more than `order` steps.

    Source:
        Whittaker (1922), with a mean in place of the sum.

    Example:
        >>> smoothness_loss(torch.tensor([[0.0, 1.0, 3.0]])), smoothness_loss(torch.tensor([[0.0, 1.0, 3.0]]), order=2)
        (tensor([2.5000]), tensor([1.]))
    """
    expect.series(order + 1, input=input)
    return torch.diff(input, n=order).square().mean(-1)


class SmoothnessLoss(Criterion):
    """`smoothness_loss`, masked, weighted and reduced; a mask leaves out series."""

    function = staticmethod(smoothness_loss)


_ALONE = NotApplicable("there is no target to be compared with")

CARD = Card(
    module=SmoothnessLoss,
    unit="example",
    inputs={"input": Real("n t")},
    formula=r"\frac{1}{T-d}\sum_t (\Delta^d \hat y_t)^2",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(),
        "zero_at_target": _ALONE,
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Fails(),
        "gradient_growth": _ALONE,
        "symmetric": _ALONE,
        "proper": _ALONE,
        "classification_calibrated": _ALONE,
        "monotone": _ALONE,
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"order": Interval(1.0, float("inf"), high_open=True)},
    also_known_as=("temporal smoothness penalty", "roughness penalty", "Hodrick-Prescott penalty"),
    references=(
        Reference(
            "Whittaker", "On a new method of graduation", 1922, "Proceedings of the Edinburgh Mathematical Society"
        ),
        Reference(
            "Hodrick and Prescott", "Postwar U.S. business cycles", 1997, "Journal of Money, Credit and Banking 29(1)"
        ),
    ),
    equivalents=(
        Equivalent(
            "kornia", "losses.total_variation", "absolute differences, of images and in both directions, summed"
        ),
    ),
    mistakes=(
        "Adding it with a large weight: forecasts then lag behind every turn; start at a hundredth of the main loss.",
        "Expecting it to compare with the target: it never sees it; difference_matching_loss does.",
        "Taking differences across the batch: time must be the last dimension.",
    ),
    relatives={
        "difference_matching_loss": "asks for the target's own steps rather than for small ones",
        "residual_autocorrelation_loss": "asks that errors do not follow one another",
    },
)
