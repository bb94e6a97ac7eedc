"""Every picture with every text: a pair or not, each asked by itself.

Reach for it in place of `clip_loss` where a batch is small, or spread over devices: no softmax ties its pairs together.
Avoid it without its bias: at the start nearly all of the n² pairs are a no, and they drown the n that are a yes.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NO_TARGET, NOTHING, Card, Equivalent, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Embedding
from lossmith.kernels.lengths import directions

LOG_SCALE = math.log(10.0)


def siglip_loss(
    first: Float[Tensor, "n d"],
    second: Float[Tensor, "n d"],
    *,
    log_scale: float | Float[Tensor, ""] = LOG_SCALE,
    bias: float | Float[Tensor, ""] = -10.0,
) -> Float[Tensor, ""]:
    """Sigmoid loss of all pairs that two batches form.

    Args:
        first: embeddings of one kind, such as pictures, a row per pair; their length does not matter.
        second: embeddings of the other kind, in the same order.
        log_scale: logarithm of what cosines are multiplied by; learned. It starts at log 10.
        bias: what is added to them; learned. It starts at −10, where a no is likely.

    Returns:
        Sum over all n² pairs of −log σ(±(exp(log_scale)·cos + bias)), plus for partners and minus for the others,
        divided by n; in nats, from 0 up.

    Raises:
        ValueError: shapes differ.

    Source:
        Zhai, Mustafa, Kolesnikov and Beyer (2023), section 3.2.

    Example:
        >>> first, second = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[2.0, 0.0], [0.0, 3.0]])
        >>> siglip_loss(first, second, log_scale=0.0, bias=0.0)
        tensor(1.0064)
    """
    expect.same_shape(first=first, second=second)
    scale = torch.as_tensor(log_scale, dtype=first.dtype, device=first.device).exp()
    added = torch.as_tensor(bias, dtype=first.dtype, device=first.device)
    yes = scale * (directions(first) @ directions(second).T) + added
    # All of them as a no, then the partners' corrected: softplus(-x) - softplus(x) = -x.
    return (torch.nn.functional.softplus(yes).sum() - yes.diagonal().sum()) / max(len(first), 1)


class SiglipLoss(Criterion):
    """`siglip_loss`, of a batch; no mask, no weights."""

    function = staticmethod(siglip_loss)


CARD = Card(
    module=SiglipLoss,
    unit="batch",
    inputs={"first": Embedding("n d"), "second": Embedding("n d")},
    formula=r"-\frac1n \sum_{i,j} \log \sigma\big(z_{ij} (e^t \cos(x_i, y_j) + b)\big), \quad z_{ij} = \pm 1",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="first"),
        "convex": Fails(wrt="first"),
        "differentiable": Fails(wrt="first", note="at a row of zeros, whose direction is undefined"),
        "smooth": Fails(wrt="first"),
        "bounded_gradient": Fails(wrt="first", note="of a short row: it falls with one over the length"),
        "sample_independent": NotApplicable("one value for the batch, whose examples it compares"),
        "vmap": Holds(wrt="first"),
        "fullgraph": Holds(wrt="first"),
        "twice_differentiable": Holds(wrt="first", note="away from rows of zeros"),
    },
    parameters={"log_scale": Interval(-math.inf, math.inf), "bias": Interval(-math.inf, math.inf)},
    search={"log_scale": Interval(0.0, 4.6), "bias": Interval(-20.0, 0.0)},
    learned=("log_scale", "bias"),
    also_known_as=("sigmoid loss for language-image pre-training", "pairwise sigmoid loss"),
    references=(
        Reference(
            "Zhai, Mustafa, Kolesnikov and Beyer",
            "Sigmoid loss for language image pre-training",
            2023,
            "ICCV, arXiv:2303.15343",
        ),
    ),
    equivalents=(Equivalent("open_clip", "loss.SigLipLoss", "takes rows of length 1 and the scale itself"),),
    mistakes=(
        "The sum is divided by n and not by n²: with the mean over pairs the gradient shrinks as the batch grows.",
        "Starting at bias 0 every pair is even: the first steps only learn to say no; start at -10.",
        "Weight decay on scale and bias: put them in a group without.",
    ),
    relatives={
        "clip_loss": "a softmax over each row and column",
        "binary_cross_entropy_loss": "the question asked of each pair",
    },
)
