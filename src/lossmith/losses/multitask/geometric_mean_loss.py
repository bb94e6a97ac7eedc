"""Several tasks' losses multiplied, and the root taken: units do not matter.

Reach for it when losses differ in scale by orders of magnitude, or drift apart, and no task should rule: a loss that
halves is worth the same to each.
Avoid it where a loss can come near 0 or below: its pull grows without bound there, and the others' vanishes.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, PROPERTIES, Card, Equivalent, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Positive


def geometric_mean_loss(losses: Float[Tensor, "k"]) -> Float[Tensor, ""]:
    """Geometric mean of the tasks' losses.

    Args:
        losses: one number above 0 per task, as its own loss gave it.

    Returns:
        (Π Lₖ)^(1/k), above 0. Each task's gradient is divided by its own loss, and all multiplied by the mean over k.

    Source:
        Chennupati et al. (2019).

    Example:
        >>> import torch
        >>> geometric_mean_loss(torch.tensor([2.0, 0.5, 8.0]))
        tensor(2.)
    """
    expect.floating(losses=losses)
    return losses.log().mean().exp()


class GeometricMeanLoss(Criterion):
    """`geometric_mean_loss` of a vector of losses."""

    function = staticmethod(geometric_mean_loss)


CARD = Card(
    module=GeometricMeanLoss,
    kind="combiner",
    unit="batch",
    inputs={"losses": Positive("k")},
    formula=r"\Big(\prod_k L_k\Big)^{1/K}",
    elicits=NOTHING,
    claims=dict.fromkeys(PROPERTIES, NotApplicable("it has the properties of the losses it combines")),
    also_known_as=("geometric loss strategy", "GLS"),
    references=(
        Reference(
            "Chennupati, Sistu, Yogamani and Rawashdeh",
            "MultiNet++: multi-stream feature aggregation and geometric loss strategy for multi-task learning",
            2019,
            "CVPR workshops, arXiv:1904.08492",
        ),
    ),
    equivalents=(
        Equivalent("LibMTL", "weighting.GLS"),
        Equivalent("torchjd", "scalarization.GeometricMean", "takes any number of losses"),
    ),
    mistakes=(
        "A loss that reaches 0 makes the product 0, and its own slope infinite: add a small constant to such a loss.",
        "A loss below 0, such as a log-density, has no root: it gives NaN.",
        "A factor before one of the losses does nothing but scale the whole: weights belong into exponents.",
    ),
    relatives={
        "weighted_sum_loss": "weights fixed by hand",
        "uncertainty_weighting_loss": "learned weights, which come near one over each loss as well",
    },
)
