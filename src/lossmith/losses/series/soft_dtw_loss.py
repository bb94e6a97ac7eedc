"""Squared error after the best warping of time: right in shape, early or late.

Reach for it when a forecast's shape matters and a shift in time is forgiven, or to average series of unlike pace.
Avoid it when timing counts, which it does not see: `dilate_loss` adds that. Cost and memory grow with t².
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, Card, Equivalent, Fails, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real
from lossmith.kernels.lattices import soft_warping
from lossmith.kernels.precision import wide


def soft_dtw_loss(
    input: Float[Tensor, "n t"], target: Float[Tensor, "n u"], *, gamma: float = 1.0
) -> Float[Tensor, "n"]:
    """Soft dynamic time warping of each pair of series.

    Args:
        input: predicted series, one per row.
        target: observed series, one per row, of the same unit; it may be longer or shorter.
        gamma: softness of the minimum over warpings, in squared units of the series; above 0. As it falls to 0 the loss
            becomes dynamic time warping.

    Returns:
        −gamma·log Σ exp(−cost/gamma) over all warpings, where a warping's cost is the sum of (input_i − target_j)² over
        the pairs it lays on each other; at most that of the best warping, and below 0 where many cost little.

    Raises:
        ValueError: not rows, or not as many of them.

    Source:
        Cuturi and Blondel (2017), equation 1.

    Example:
        >>> import torch
        >>> late = torch.tensor([[0.0, 0.0, 1.0]])
        >>> soft_dtw_loss(late, torch.tensor([[0.0, 1.0, 1.0]]), gamma=0.01)
        tensor([0.])
    """
    expect.two_series(input, target)
    x, y = wide(input), wide(target)  # sums along the path need more digits
    return soft_warping((x.unsqueeze(2) - y.unsqueeze(1)).square(), gamma).to(input.dtype)


class SoftDtwLoss(Criterion):
    """`soft_dtw_loss`, masked, weighted and reduced; a mask leaves out series."""

    function = staticmethod(soft_dtw_loss)


_SERIES = NotApplicable("its target is a whole series, which it may warp")

CARD = Card(
    module=SoftDtwLoss,
    unit="example",
    inputs={"input": Real("n t"), "target": Real("n t")},
    formula=r"-\gamma \log \sum_{A} e^{-\langle A, \Delta(\hat y, y)\rangle / \gamma}",
    elicits=Functional("barycentre_under_warping"),
    claims={
        "non_negative": Fails(note="many cheap warpings together cost less than nothing"),
        "zero_at_target": Fails(note="it is below 0 there"),
        "convex": Fails(),
        "differentiable": Holds(),
        "smooth": Fails(
            at={"gamma": 1e-6},
            note="between two warpings the curvature grows with the square of their difference over gamma",
        ),
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
    parameters={"gamma": POSITIVE},
    search={"gamma": Interval(0.05, 10.0, log=True)},
    also_known_as=("soft dynamic time warping",),
    references=(
        Reference(
            "Cuturi and Blondel",
            "Soft-DTW: a differentiable loss function for time-series",
            2017,
            "ICML, arXiv:1703.01541",
        ),
    ),
    equivalents=(Equivalent("tslearn", "metrics.SoftDTWLossPyTorch", "series of vectors (n, t, d); the mean"),),
    mistakes=(
        "Expecting 0 for equal series: it is below 0; subtract the mean of both series' losses with "
        "themselves for that.",
        "Leaving gamma at 1 on series of another unit: it is in squared units, so standardise first.",
        "A large gamma: all warpings then count alike, and the best prediction is flat.",
    ),
    relatives={
        "dilate_loss": "adds a price on warping itself",
        "squared_error_loss": "no warping: late is as wrong as absent",
        "difference_matching_loss": "shape by the steps, in place",
    },
)
