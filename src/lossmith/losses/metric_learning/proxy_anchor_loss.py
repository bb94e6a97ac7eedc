"""Each class's proxy as the anchor, with all of a batch for and against it.

Reach for it as a first choice among proxies: it is as quick as they are, and looks at relations between the examples of
a batch, as pairs do.
Avoid it with tens of thousands of classes, since every proxy is compared with every example.
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
from lossmith.domains import ClassIndex, Embedding, Prototypes
from lossmith.kernels.likeness import log1p_exp, log_sum_exp
from lossmith.kernels.prototypes import cosines, is_own


def proxy_anchor_loss(
    embeddings: Float[Tensor, "n d"],
    labels: Int[Tensor, "n"],
    *,
    proxies: Float[Tensor, "c d"],
    margin: float = 0.1,
    alpha: float = 32.0,
) -> Float[Tensor, ""]:
    """Proxy-anchor loss of a batch.

    Args:
        embeddings: one row per example; their length does not matter.
        labels: class indices.
        proxies: one row per class, learned; their length does not matter. A good start is `torch.randn(c, d)`.
        margin: cosine by which the own examples should lie above 0 and the others below; from 0 to 1.
        alpha: what cosines are multiplied by; large ones look at the hardest examples only; above 0.

    Returns:
        Mean over the proxies that have examples of log(1 + Σ exp(−alpha·(cos − margin))) over these, plus the mean over
        all proxies of log(1 + Σ exp(alpha·(cos + margin))) over the other examples; from 0 up.

    Raises:
        ValueError: there is not one label per row, or proxies are of another width.
        TypeError: labels are no integers.

    Source:
        Kim, Kim, Cho and Kwak (2020), equation 4.

    Example:
        >>> import torch
        >>> proxies = torch.tensor([[2.0, 0.0], [0.0, 3.0]])
        >>> proxy_anchor_loss(torch.tensor([[0.0, 5.0]]), torch.tensor([0]), proxies=proxies, margin=0.0, alpha=1.0)
        tensor(1.3498)
    """
    expect.labelled(embeddings, labels)
    expect.row_per_class(embeddings, proxies=proxies)
    own, cosine = is_own(labels, proxies).T, cosines(embeddings, proxies).T
    pull = log1p_exp(log_sum_exp(-alpha * (cosine - margin), own))
    push = log1p_exp(log_sum_exp(alpha * (cosine + margin), ~own))
    return pull.sum() / own.any(-1).sum().clamp(min=1) + push.sum() / len(proxies)


class ProxyAnchorLoss(Criterion):
    """`proxy_anchor_loss`, masked, weighted and reduced; its rows are learned.

    Hand `parameters()` to the optimiser beside the network's.
    """

    function = staticmethod(proxy_anchor_loss)


CARD = Card(
    module=ProxyAnchorLoss,
    unit="batch",
    inputs={"embeddings": Embedding("n d"), "labels": ClassIndex("n")},
    formula=r"\frac1{|P^+|} \sum_{p \in P^+} \log\Big(1 + \sum_{x \in X_p} e^{-\alpha (\cos - \delta)}\Big) + "
    r"\frac1{|P|} \sum_{p} \log\Big(1 + \sum_{x \notin X_p} e^{\alpha (\cos + \delta)}\Big)",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="embeddings"),
        "convex": Fails(wrt="embeddings"),
        "differentiable": Fails(wrt="embeddings", note="at a row of zeros, whose direction is undefined"),
        "smooth": Fails(wrt="embeddings"),
        "bounded_gradient": Fails(wrt="embeddings", note="of a short row: it falls with one over the length"),
        "sample_independent": NotApplicable("one value for the batch: its examples share each proxy's pull"),
        "vmap": Holds(wrt="embeddings"),
        "fullgraph": Holds(wrt="embeddings"),
        "twice_differentiable": Holds(wrt="embeddings", note="away from rows of zeros"),
    },
    parameters={"proxies": Prototypes("c d"), "margin": Interval(0.0, 1.0), "alpha": POSITIVE},
    search={"margin": Interval(0.0, 0.5), "alpha": Interval(4.0, 64.0, log=True)},
    learned=("proxies",),
    references=(
        Reference(
            "Kim, Kim, Cho and Kwak",
            "Proxy anchor loss for deep metric learning",
            2020,
            "CVPR, arXiv:2003.13911",
        ),
    ),
    equivalents=(Equivalent("pytorch-metric-learning", "losses.ProxyAnchorLoss"),),
    mistakes=(
        "Proxies need a learning rate of their own, a hundred times the network's: one group of parameters each.",
        "The two means have different counts: proxies with examples in the batch, and all of them.",
        "The paper's code trains the new layers alone for an epoch first: without that results are no comparison.",
    ),
    relatives={
        "proxy_nca_loss": "examples as anchors, each by itself",
        "multi_similarity_loss": "examples of the batch in place of proxies",
    },
)
