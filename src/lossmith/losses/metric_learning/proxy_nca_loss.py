"""Nearer to the own class's proxy than to the others', as odds.

Reach for it when triplets are too many to mine: one learned proxy per class stands for all its examples, and each
example costs something at every step.
Avoid it where examples should be compared with one another: it never does. `proxy_anchor_loss` looks at all of a
proxy's examples at once, and does better as a rule.
"""

from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import NO_TARGET, NOTHING, POSITIVE, Card, Equivalent, Fails, Holds, Interval, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Embedding, Prototypes
from lossmith.kernels.likeness import log_sum_exp
from lossmith.kernels.prototypes import cosines, is_own


def proxy_nca_loss(
    embeddings: Float[Tensor, "n d"], labels: Int[Tensor, "n"], *, proxies: Float[Tensor, "c d"], scale: float = 1.0
) -> Float[Tensor, "n"]:
    """Proxy-NCA loss of each example.

    Args:
        embeddings: one row per example; their length does not matter.
        labels: class indices.
        proxies: one row per class, two or more, learned; their length does not matter. Try `torch.randn(c, d)`.
        scale: what squared distances are multiplied by, one over a temperature; above 0.

    Returns:
        scale·d(own) + log Σ exp(−scale·d) over the other proxies, with d the squared distance of rows scaled to length
        1; any real number, below 0 where the own proxy is nearest by far. The own proxy is not in the sum.

    Raises:
        ValueError: there is not one label per row, or proxies are of another width.
        TypeError: labels are no integers.

    Source:
        Movshovitz-Attias et al. (2017), on the unit sphere.

    Example:
        >>> import torch
        >>> proxies = torch.tensor([[2.0, 0.0], [0.0, 3.0]])
        >>> proxy_nca_loss(torch.tensor([[5.0, 0.0]]), torch.tensor([0]), proxies=proxies)
        tensor([-2.])
    """
    expect.labelled(embeddings, labels)
    expect.row_per_class(embeddings, proxies=proxies)
    own = is_own(labels, proxies)
    near = 2.0 * scale * cosines(embeddings, proxies)  # minus the squared distance, plus 2, which cancels
    return log_sum_exp(near, ~own) - near.masked_fill(~own, 0.0).sum(-1)


class ProxyNcaLoss(Criterion):
    """`proxy_nca_loss`, masked, weighted and reduced; its rows are learned.

    Hand `parameters()` to the optimiser beside the network's.
    """

    function = staticmethod(proxy_nca_loss)


CARD = Card(
    module=ProxyNcaLoss,
    unit="example",
    inputs={"embeddings": Embedding("n d"), "labels": ClassIndex("n")},
    formula=r"-\log \frac{e^{-s \|x - p_y\|^2}}{\sum_{j \ne y} e^{-s \|x - p_j\|^2}}, \quad \|x\| = \|p_j\| = 1",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Fails(wrt="embeddings", note="they are odds: the own proxy is not among the others"),
        "convex": Fails(wrt="embeddings"),
        "differentiable": Fails(wrt="embeddings", note="at a row of zeros, whose direction is undefined"),
        "smooth": Fails(wrt="embeddings"),
        "bounded_gradient": Fails(wrt="embeddings", note="of a short row: it falls with one over the length"),
        "sample_independent": Holds(wrt="embeddings"),
        "vmap": Holds(wrt="embeddings"),
        "fullgraph": Holds(wrt="embeddings"),
        "twice_differentiable": Holds(wrt="embeddings", note="away from rows of zeros"),
    },
    parameters={"proxies": Prototypes("c d"), "scale": POSITIVE},
    search={"scale": Interval(0.5, 32.0, log=True)},
    learned=("proxies",),
    also_known_as=("proxy neighbourhood component analysis",),
    references=(
        Reference(
            "Movshovitz-Attias, Toshev, Leung, Ioffe and Singh",
            "No fuss distance metric learning using proxies",
            2017,
            "ICCV, arXiv:1703.07464",
        ),
    ),
    equivalents=(
        Equivalent(
            "pytorch-metric-learning",
            "losses.ProxyNCALoss",
            "the own proxy is in the sum as well (Proxy-NCA++), which makes it a cross-entropy from 0 up; "
            "softmax_scale "
            "is the scale",
        ),
    ),
    mistakes=(
        "With the own proxy in the sum it is Proxy-NCA++, another loss: from 0 up, and at rest where it is near.",
        "Proxies need a learning rate of their own, some hundred times the network's: one group of parameters each.",
        "At scale 1 distances from 0 to 4 make odds of e⁴ at most: many classes need a larger one.",
    ),
    relatives={
        "proxy_anchor_loss": "weighs a proxy's hard examples more",
        "cosface_loss": "a softmax with the own class in it, and a margin",
        "nt_xent_loss": "other examples in place of proxies",
    },
)
