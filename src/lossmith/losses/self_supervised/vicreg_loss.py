"""Views that agree, features that vary, and no two features that say the same.

Reach for it when each example can be seen in two ways, be they of different kinds: each view's spread and correlations
are its own, so nothing is normalised across the two.
Avoid it in batches smaller than a few dozen, and without tuning where embeddings are of another width than the paper's.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    NO_TARGET,
    NON_NEGATIVE,
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


def vicreg_loss(
    first: Float[Tensor, "n d"],
    second: Float[Tensor, "n d"],
    *,
    invariance: float = 25.0,
    variance: float = 25.0,
    covariance: float = 1.0,
    epsilon: float = 1e-4,
) -> Float[Tensor, ""]:
    """Variance, invariance and covariance of a batch of two views.

    Args:
        first: embeddings of one view, a row per example.
        second: embeddings of the other view, in the same order.
        invariance: weight of the squared difference of the views; from 0 up.
        variance: weight of what a feature's standard deviation lacks of 1; from 0 up.
        covariance: weight of the squared covariances of different features; from 0 up.
        epsilon: added to a variance under the root, which bounds its slope; above 0.

    Returns:
        invariance·mean (first − second)² + variance·mean max(0, 1 − √(var + epsilon)), over the features of both views,
        + covariance·Σ cov²/d over pairs of different features, the sum of both views; from 0 up. Spreads are with n −
        1. One example alone has no spread. It needs memory for d² numbers.

    Raises:
        ValueError: shapes differ.

    Source:
        Bardes, Ponce and LeCun (2022), equations 1 to 6, with the factors of the authors' code: means over features
        and, of the variance terms, over both views.

    Example:
        >>> first, second = torch.tensor([[0.0, 0.0], [2.0, 2.0]]), torch.tensor([[0.0, 0.0], [0.0, 0.0]])
        >>> vicreg_loss(first, second, variance=2.0, invariance=1.0, covariance=1.0, epsilon=0.25)
        tensor(6.5000)
    """
    expect.same_shape(first=first, second=second)
    apart = torch.nn.functional.mse_loss(first, second, reduction="none")
    agreement = apart.sum() / max(apart.numel(), 1)
    (lack, shared), (other_lack, other_shared) = _spread(first, epsilon), _spread(second, epsilon)
    return invariance * agreement + variance * 0.5 * (lack + other_lack) + covariance * (shared + other_shared)


def _spread(x: Tensor, epsilon: float) -> tuple[Tensor, Tensor]:
    """What the features' standard deviations lack of 1, and how much features share."""
    n, d = x.shape
    centred = x - x.mean(0)
    table = centred.T @ centred / max(n - 1, 1)
    own = table.diagonal()
    return torch.relu(1.0 - (own + epsilon).sqrt()).mean(), (table.square().sum() - own.square().sum()) / d


class VicregLoss(Criterion):
    """`vicreg_loss` of a batch; no mask, no weights."""

    function = staticmethod(vicreg_loss)


CARD = Card(
    module=VicregLoss,
    unit="batch",
    inputs={"first": Embedding("n d"), "second": Embedding("n d")},
    formula=r"\lambda \overline{(z - z')^2} + \tfrac\mu2 \sum_{Z} \overline{\max(0, 1 - \sqrt{\mathrm{var} + "
    r"\epsilon})} + \tfrac\nu d \sum_{Z} \sum_{i \ne j} \mathrm{cov}_{ij}^2",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="first"),
        "convex": Fails(wrt="first"),
        "differentiable": Fails(wrt="first", note="where a standard deviation passes 1"),
        "smooth": Fails(wrt="first"),
        "bounded_gradient": Fails(wrt="first", note="it grows with the cube of the embeddings, by their covariances"),
        "sample_independent": NotApplicable("one value for the batch, whose spread it looks at"),
        "vmap": Holds(wrt="first"),
        "fullgraph": Holds(wrt="first"),
        "twice_differentiable": Holds(wrt="first", note="except where a standard deviation is 1"),
    },
    parameters={
        "invariance": NON_NEGATIVE,
        "variance": NON_NEGATIVE,
        "covariance": NON_NEGATIVE,
        "epsilon": POSITIVE,
    },
    search={
        "invariance": Interval(1.0, 50.0, log=True),
        "variance": Interval(1.0, 50.0, log=True),
        "covariance": Interval(0.1, 10.0, log=True),
    },
    also_known_as=("variance-invariance-covariance regularisation",),
    references=(
        Reference(
            "Bardes, Ponce and LeCun",
            "VICReg: variance-invariance-covariance regularization for self-supervised learning",
            2022,
            "ICLR, arXiv:2105.04906",
        ),
    ),
    equivalents=(
        Equivalent("lightly", "loss.VICRegLoss"),
        Equivalent("solo-learn", "losses.vicreg.vicreg_loss_func", "the variance terms added, not their mean"),
        Equivalent(
            "pytorch-metric-learning", "losses.VICRegLoss", "the same three terms, each an entry of a dictionary"
        ),
    ),
    mistakes=(
        "Paper and code differ by a factor of d in the first term and of 2 in the second: 25, 25 and 1 are the code's.",
        "Scaling embeddings to length 1 beforehand makes a standard deviation of 1 impossible.",
        "A variance without epsilon has an infinite slope where a feature is constant.",
    ),
    relatives={
        "barlow_twins_loss": "correlations across the two views, in one matrix",
        "byol_loss": "agreement alone, with a predictor and a slow second network",
    },
)
