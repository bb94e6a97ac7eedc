"""Cross-entropy that asks which of a batch are of the same class: several may be.

Reach for it when there are labels and an embedding is wanted, or a first stage before a linear classifier: two views of
each example in one batch, with its label twice.
Avoid it with small batches or many classes, where most examples have no other of their class.
"""

from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    NO_TARGET,
    NOTHING,
    POSITIVE,
    Card,
    Equivalent,
    Fails,
    Holds,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Embedding
from lossmith.kernels.lengths import directions
from lossmith.kernels.likeness import alike_and_others, log_sum_exp


def supervised_contrastive_loss(
    embeddings: Float[Tensor, "n d"], labels: Int[Tensor, "n"], *, temperature: float = 0.1
) -> Float[Tensor, ""]:
    """Supervised contrastive loss of a batch.

    Args:
        embeddings: one row per example or view; their length does not matter.
        labels: its class; examples of one class are alike.
        temperature: what cosines are divided by; small ones look at the nearest only; above 0.

    Returns:
        Mean over the examples that are not alone in their class of log Σ exp(cos/temperature) over all others, less the
        mean cos/temperature over the alike; in nats, from 0 up, and 0 with a zero gradient where all are alone. It
        needs memory for n² numbers.

    Raises:
        ValueError: there is not one label per row.
        TypeError: labels are no integers.

    Source:
        Khosla et al. (2020), equation 2, the form with the mean outside of the logarithm.

    Example:
        >>> import torch
        >>> embeddings = torch.tensor([[1.0, 0.0], [2.0, 0.0], [0.0, 3.0]])
        >>> supervised_contrastive_loss(embeddings, torch.tensor([0, 0, 1]), temperature=1.0)
        tensor(0.3133)
    """
    expect.labelled(embeddings, labels)
    alike, apart = alike_and_others(labels)
    rows = directions(embeddings)
    cosine = rows @ rows.T / temperature
    count = alike.sum(-1)
    partner = cosine.masked_fill(~alike, 0.0).sum(-1) / count.clamp(min=1)
    each = log_sum_exp(cosine, alike | apart) - partner
    return each.masked_fill(count == 0, 0.0).sum() / (count > 0).sum().clamp(min=1)


class SupervisedContrastiveLoss(Criterion):
    """`supervised_contrastive_loss`, of a batch; no mask, no weights."""

    function = staticmethod(supervised_contrastive_loss)


CARD = Card(
    module=SupervisedContrastiveLoss,
    unit="batch",
    inputs={"embeddings": Embedding("n d"), "labels": ClassIndex("n")},
    formula=r"\frac1n \sum_i \frac{-1}{|P_i|} \sum_{p \in P_i} \log \frac{e^{\cos(z_i, z_p)/\tau}}{\sum_{a \ne i} "
    r"e^{\cos(z_i, z_a)/\tau}}",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="embeddings"),
        "convex": Fails(wrt="embeddings"),
        "differentiable": Fails(wrt="embeddings", note="at a row of zeros, whose direction is undefined"),
        "smooth": NotApplicable("its slope has no bound near a row of zeros, which no sample shows"),
        "bounded_gradient": Fails(wrt="embeddings", note="of a short row: it falls with one over the length"),
        "sample_independent": NotApplicable("one value for the batch, whose examples it compares"),
        "vmap": Holds(wrt="embeddings"),
        "fullgraph": Holds(wrt="embeddings"),
        "twice_differentiable": Holds(wrt="embeddings", note="away from rows of zeros"),
    },
    parameters={"temperature": POSITIVE},
    search={"temperature": Interval(0.03, 1.0, log=True)},
    also_known_as=("SupCon",),
    references=(Reference("Khosla et al.", "Supervised contrastive learning", 2020, "NeurIPS, arXiv:2004.11362"),),
    equivalents=(
        Equivalent(
            "pytorch-metric-learning",
            "losses.SupConLoss",
            "averages over the examples whose value is not 0; without any other class it is 0",
        ),
    ),
    mistakes=(
        "The authors' code divides by 0 for an example alone in its class: such examples are left out here.",
        "Its value depends on batch size and class counts: compare runs of the same sampler only.",
        "Class collapse at low temperature: all of a class on one point is its minimum; mix nt_xent_loss in to keep "
        "more.",
    ),
    relatives={
        "nt_xent_loss": "each example a class of its own, of two views",
        "multi_similarity_loss": "alike and unlike pairs against a fixed cosine",
        "cross_entropy_loss": "a learned row per class in place of examples",
    },
)
