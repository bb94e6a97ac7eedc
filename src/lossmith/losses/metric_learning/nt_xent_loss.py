"""Cross-entropy that asks which of a batch is the other view of the same example.

Reach for it when there are no labels, but each example can be seen in two ways, such as two crops of a picture.
Avoid it with small batches or many duplicates in one: the other examples are the negatives, and alike ones are pushed
apart.
"""

import torch
from jaxtyping import Float
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
from lossmith.domains import Embedding
from lossmith.kernels.lengths import directions


def nt_xent_loss(
    first: Float[Tensor, "n d"], second: Float[Tensor, "n d"], *, temperature: float = 0.1
) -> Float[Tensor, ""]:
    """Normalised, temperature-scaled cross-entropy of a batch of two views.

    Args:
        first: embeddings of one view, a row per example; their length does not matter.
        second: embeddings of the other view, in the same order.
        temperature: what cosines are divided by; small ones look at the nearest negatives only; above 0.

    Returns:
        Mean over all 2n views of log Σ exp(cos/temperature) over the 2n − 1 others, less the partner's
        cos/temperature; in nats, from 0 up. A row of zeros has no direction: its cosines are 0.

    Raises:
        ValueError: shapes differ.

    Source:
        Sohn (2016); van den Oord et al. (2018); Chen et al. (2020), equation 1.

    Example:
        >>> first, second = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[2.0, 0.0], [0.0, 3.0]])
        >>> nt_xent_loss(first, second, temperature=1.0)
        tensor(0.5514)
    """
    expect.same_shape(first=first, second=second)
    n = len(first)
    views = directions(torch.cat([first, second]))
    cosine = views @ views.T / temperature
    partner = torch.cat([cosine.diagonal(n), cosine.diagonal(-n)])
    itself = torch.eye(2 * n, dtype=torch.bool, device=first.device)
    return (cosine.masked_fill(itself, -torch.inf).logsumexp(-1) - partner).sum() / max(2 * n, 1)


class NtXentLoss(Criterion):
    """`nt_xent_loss` of a batch; no mask, no weights."""

    function = staticmethod(nt_xent_loss)


CARD = Card(
    module=NtXentLoss,
    unit="batch",
    inputs={"first": Embedding("n d"), "second": Embedding("n d")},
    formula=r"\frac1{2n} \sum_{i} \Big(\log \sum_{k \ne i} e^{\cos(z_i, z_k)/\tau} - \cos(z_i, z_{i'})/\tau\Big)",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="first"),
        "zero_at_target": NotApplicable("the n - 1 other examples keep it above 0, even where the views agree"),
        "convex": Fails(wrt="first"),
        "differentiable": Fails(wrt="first", note="at a row of zeros, whose direction is undefined"),
        "smooth": Fails(wrt="first"),
        "bounded_gradient": Fails(wrt="first", note="of a short row: it falls with one over the length"),
        "symmetric": NotApplicable("it is, in the two views, but neither is a target"),
        "sample_independent": NotApplicable("one value for the batch: the other examples are the negatives"),
        "vmap": Holds(wrt="first"),
        "fullgraph": Holds(wrt="first"),
        "twice_differentiable": Holds(wrt="first", note="away from rows of zeros"),
    },
    parameters={"temperature": POSITIVE},
    search={"temperature": Interval(0.03, 1.0, log=True)},
    also_known_as=("SimCLR loss", "NT-Xent"),
    references=(
        Reference("Sohn", "Improved deep metric learning with multi-class N-pair loss objective", 2016, "NeurIPS"),
        Reference(
            "van den Oord, Li and Vinyals",
            "Representation learning with contrastive predictive coding",
            2018,
            "arXiv:1807.03748",
        ),
        Reference(
            "Chen, Kornblith, Norouzi and Hinton",
            "A simple framework for contrastive learning of visual representations",
            2020,
            "ICML, arXiv:2002.05709",
        ),
    ),
    equivalents=(
        Equivalent(
            "pytorch-metric-learning",
            "losses.NTXentLoss",
            "takes both views as one batch with labels; temperature 0.07; alike examples are no negatives",
        ),
        Equivalent("optax", "losses.ntxent", "takes both views as one batch with labels; temperature 0.07"),
        Equivalent("lightly", "loss.NTXentLoss", "temperature 0.5"),
    ),
    mistakes=(
        "Defaults of the temperature differ by a factor of seven between libraries: always state it.",
        "The value depends on the batch size, and log(2n - 1) is what chance gives: compare with that, not with 0.",
        "Padding or repeated rows become negatives: drop them before the loss, since a mask cannot.",
        "On several devices each sees the negatives of its own share only: gather embeddings, with their gradient, "
        "first.",
    ),
    relatives={
        "cross_entropy_loss": "the same question with classes in place of examples",
        "triplet_margin_loss": "one negative at a time, with a margin",
        "contrastive_loss": "pairs and a distance; the name is also used for this loss",
    },
)
