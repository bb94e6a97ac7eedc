"""Shape and timing apart: soft time warping, and a price on how far it warps.

Reach for it to forecast sudden changes: their form and their moment count, each with its own weight.
Avoid it for smooth series, where squared error does as well at a fraction of the cost, which grows with t².
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, Card, Fails, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real
from lossmith.kernels.lattices import priced_warping
from lossmith.kernels.precision import wide


def dilate_loss(
    input: Float[Tensor, "n t"], target: Float[Tensor, "n t"], *, alpha: float = 0.5, gamma: float = 0.01
) -> Float[Tensor, "n"]:
    """Distortion loss of shape and time, of each series.

    Args:
        input: predicted series, one per row.
        target: observed series, same shape and unit.
        alpha: weight of the shape, 1 − alpha that of the timing; from 0 to 1.
        gamma: softness of the minimum over warpings, in squared units of the series; above 0. The authors take 0.01 on
            standardised series.

    Returns:
        alpha·shape + (1 − alpha)·timing: the shape is `soft_dtw_loss`; the timing is the sum of (i − j)²/t² over the
        pairs of steps that a warping lays on each other, on average over warpings, each weighed by exp(−cost/gamma).
        At least −alpha·gamma·log(number of warpings).

    Raises:
        ValueError: shapes differ, or are not rows.

    Source:
        Le Guen and Thome (2019), equations 2 to 4.

    Example:
        >>> late = torch.tensor([[0.0, 0.0, 0.0, 1.0]])
        >>> dilate_loss(late, torch.tensor([[0.0, 1.0, 1.0, 1.0]])), dilate_loss(late, late)
        (tensor([0.3125]), tensor([0.0545]))
    """
    expect.series(1, input=input, target=target)
    x, y = wide(input), wide(target)  # sums along the path need more digits
    step = torch.arange(x.shape[1], dtype=x.dtype, device=x.device) / x.shape[1]
    late = (step.unsqueeze(1) - step).square()
    shape, timing = priced_warping((x.unsqueeze(2) - y.unsqueeze(1)).square(), gamma, late)
    return (alpha * shape + (1.0 - alpha) * timing).to(input.dtype)


class DilateLoss(Criterion):
    """`dilate_loss`, masked, weighted and reduced; a mask leaves out series."""

    function = staticmethod(dilate_loss)


_SERIES = NotApplicable("its target is a whole series, which it may warp")

CARD = Card(
    module=DilateLoss,
    unit="example",
    inputs={"input": Real("n t"), "target": Real("n t")},
    formula=r"\alpha\,\mathrm{dtw}_\gamma(\hat y, y) + (1 - \alpha)\,\langle A^*_\gamma, \Omega \rangle",
    elicits=Functional("barycentre_under_priced_warping"),
    claims={
        "non_negative": Fails(at={"gamma": 10.0}, note="as soft time warping: many cheap warpings"),
        "zero_at_target": Fails(note="it is below 0 there"),
        "convex": Fails(),
        "differentiable": Holds(),
        "smooth": Fails(note="between two warpings the curvature grows with the square of their difference over gamma"),
        "bounded_gradient": Fails(),
        "gradient_growth": Holds("linear"),
        "symmetric": Holds(),
        "proper": _SERIES,
        "classification_calibrated": _SERIES,
        "monotone": Fails(note="a wrong step can be warped away"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(note="its 2t - 1 steps are unrolled"),
        "twice_differentiable": Holds(),
    },
    parameters={"alpha": Interval(0.0, 1.0), "gamma": POSITIVE},
    search={"alpha": Interval(0.2, 0.9)},
    also_known_as=("distortion loss with shape and time",),
    references=(
        Reference(
            "Le Guen and Thome",
            "Shape and time distortion loss for training deep time series forecasting models",
            2019,
            "NeurIPS, arXiv:1909.09020",
        ),
    ),
    mistakes=(
        "Leaving gamma at 0.01 on series that are not standardised: it is in squared units.",
        "Choosing alpha without looking at both parts: shape grows with the number of steps and the unit, timing with "
        "neither as fast.",
        "Judging it by squared error alone: compare shape and timing too, or it will always look worse.",
    ),
    relatives={
        "soft_dtw_loss": "the shape alone",
        "squared_error_loss": "shape and timing mixed, and cheap",
        "difference_matching_loss": "the steps, in place",
    },
)
