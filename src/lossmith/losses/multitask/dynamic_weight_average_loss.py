"""Several tasks' losses added, those that fell least in the last epoch the more.

Reach for it when tasks learn at different speeds and gradients of each would cost too much: two vectors of losses are
all it needs.
Avoid it with noisy or tiny losses, whose ratios say nothing, and where a task stalls because it is done.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    NOTHING,
    POSITIVE,
    PROPERTIES,
    Card,
    Equivalent,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import NonNegative, Positive


def dynamic_weight_average_loss(
    losses: Float[Tensor, "k"],
    *,
    latest: Float[Tensor, "k"],
    before: Float[Tensor, "k"],
    temperature: float = 2.0,
) -> Float[Tensor, ""]:
    """Sum of the tasks' losses, weighted by how little each fell.

    Args:
        losses: one number per task, as its own loss gave it.
        latest: each task's mean loss in the epoch before this one; a buffer of the module. Start with ones.
        before: each task's mean loss in the epoch before that, above 0; a buffer. Start with ones. After each epoch:
            `loss.before.copy_(loss.latest)`, then `loss.latest.copy_(means)`.
        temperature: large ones make the weights alike; above 0.

    Returns:
        Σ wₖLₖ with w = k·softmax(latest/before/temperature), whose sum is the number of tasks.

    Raises:
        ValueError: shapes differ.

    Source:
        Liu, Johns and Davison (2019), equation 7.

    Example:
        >>> ones = torch.ones(2)
        >>> dynamic_weight_average_loss(torch.tensor([2.0, 0.5]), latest=ones, before=ones)
        tensor(2.5000)
    """
    expect.same_shape(losses=losses, latest=latest, before=before)
    weight = len(losses) * (latest / before / temperature).softmax(-1)
    return torch.dot(weight.to(losses.dtype), losses)


class DynamicWeightAverageLoss(Criterion):
    """`dynamic_weight_average_loss` of a vector of losses.

    The caller moves its buffers on after each epoch.
    """

    function = staticmethod(dynamic_weight_average_loss)


CARD = Card(
    module=DynamicWeightAverageLoss,
    kind="combiner",
    unit="batch",
    inputs={"losses": NonNegative("k")},
    formula=r"\sum_k w_k L_k, \quad w = K \operatorname{softmax}\big(L_k^{(t-1)} / (T L_k^{(t-2)})\big)",
    elicits=NOTHING,
    claims=dict.fromkeys(PROPERTIES, NotApplicable("it has the properties of the losses it combines")),
    parameters={"latest": NonNegative("k"), "before": Positive("k"), "temperature": POSITIVE},
    search={"temperature": Interval(0.5, 10.0, log=True)},
    also_known_as=("DWA", "dynamic weight average"),
    references=(
        Reference(
            "Liu, Johns and Davison",
            "End-to-end multi-task learning with attention",
            2019,
            "CVPR, arXiv:1803.10704",
        ),
    ),
    equivalents=(
        Equivalent("LibMTL", "weighting.DWA", "keeps the epochs' means itself"),
        Equivalent("torchjd", "scalarization.DWA", "keeps the epochs' means itself"),
    ),
    mistakes=(
        "Ratios of single batches are noise: means over an epoch, or a long moving average.",
        "In the first two epochs there is no ratio: ones in both buffers make all weights 1.",
        "A task that is done has a ratio of 1 like one that is stuck: both get more weight.",
    ),
    relatives={
        "gradnorm_loss": "looks at gradients, and learns the weights",
        "weighted_sum_loss": "weights fixed by hand",
    },
)
