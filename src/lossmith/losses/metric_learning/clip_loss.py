"""Which text belongs to which picture, asked from both sides, at a learned scale.

Reach for it when two kinds of things come in pairs (pictures and captions, questions and answers) and are to share one
space.
Avoid it with small batches, where the other pairs are too easy, and with many captions that fit several pictures. Where
several devices share a batch `siglip_loss` is simpler.
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

LOG_SCALE = math.log(1.0 / 0.07)


def clip_loss(
    first: Float[Tensor, "n d"], second: Float[Tensor, "n d"], *, log_scale: float | Float[Tensor, ""] = LOG_SCALE
) -> Float[Tensor, ""]:
    """Symmetric contrastive loss of a batch of pairs.

    Args:
        first: embeddings of one kind, such as pictures, a row per pair; their length does not matter.
        second: embeddings of the other kind, in the same order.
        log_scale: logarithm of what cosines are multiplied by; learned. It starts at log(1/0.07); the paper keeps it
            from going beyond log 100.

    Returns:
        Half of the cross-entropy of finding each row's partner among the second kind, and half of finding it among the
        first; mean over rows, in nats, from 0 up, and log n by chance.

    Raises:
        ValueError: shapes differ.

    Source:
        Radford et al. (2021), figure 3.

    Example:
        >>> first, second = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[2.0, 0.0], [0.0, 3.0]])
        >>> clip_loss(first, second, log_scale=0.0)
        tensor(0.3133)
    """
    expect.same_shape(first=first, second=second)
    scale = torch.as_tensor(log_scale, dtype=first.dtype, device=first.device).exp()
    cosine = scale * (directions(first) @ directions(second).T)
    own = cosine.diagonal()
    each = 0.5 * (cosine.logsumexp(-1) + cosine.logsumexp(0)) - own
    return each.sum() / max(len(first), 1)


class ClipLoss(Criterion):
    """`clip_loss`, of a batch; no mask, no weights."""

    function = staticmethod(clip_loss)


CARD = Card(
    module=ClipLoss,
    unit="batch",
    inputs={"first": Embedding("n d"), "second": Embedding("n d")},
    formula=r"\frac1{2n} \sum_i \Big(\log \sum_j e^{s_{ij}} + \log \sum_j e^{s_{ji}}\Big) - s_{ii}, \quad s_{ij} = "
    r"e^t \cos(x_i, y_j)",
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
    parameters={"log_scale": Interval(-math.inf, math.inf)},
    search={"log_scale": Interval(0.0, 4.6)},
    learned=("log_scale",),
    also_known_as=("symmetric InfoNCE", "image-text contrastive loss"),
    references=(
        Reference(
            "Radford et al.",
            "Learning transferable visual models from natural language supervision",
            2021,
            "ICML, arXiv:2103.00020",
        ),
    ),
    equivalents=(
        Equivalent("open_clip", "loss.ClipLoss", "takes rows of length 1 and the scale itself; gathers over devices"),
    ),
    mistakes=(
        "Left free, the scale runs off and training with it: clamp `log_scale` to log 100 after each step.",
        "Weight decay on the scale pulls it to 1: put it in a group without.",
        "On several devices each sees the partners of its own share only: gather embeddings, with their gradient, "
        "first.",
    ),
    relatives={
        "siglip_loss": "each pair by itself, yes or no",
        "nt_xent_loss": "two views of one kind, at a fixed temperature, with both as negatives",
        "n_pairs_loss": "products, from one side",
    },
)
