"""Each feature of two views alike, and no two features: a correlation matrix.

Reach for it when each example can be seen in two ways and batches are of ordinary size: there are no negatives, and
wide embeddings help.
Avoid it in batches smaller than a few dozen, whose correlations are noise.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    NO_TARGET,
    NON_NEGATIVE,
    NOTHING,
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


def barlow_twins_loss(
    first: Float[Tensor, "n d"], second: Float[Tensor, "n d"], *, redundancy: float = 0.005
) -> Float[Tensor, ""]:
    """Barlow Twins loss of a batch of two views.

    Args:
        first: embeddings of one view, a row per example.
        second: embeddings of the other view, in the same order.
        redundancy: weight of the correlations between different features; from 0 up.

    Returns:
        Σ (1 − Cᵢᵢ)² + redundancy·Σ Cᵢⱼ² over i ≠ j, with C the correlations, over the batch, of the first view's
        features with the second's; from 0 up. A feature that is constant in the batch correlates with nothing: 0. It
        needs memory for d² numbers.

    Raises:
        ValueError: shapes differ.

    Source:
        Zbontar, Jing, Misra, LeCun and Deny (2021), equations 1 and 2.

    Example:
        >>> import torch
        >>> first, second = torch.tensor([[1.0, 0.0], [3.0, 0.0]]), torch.tensor([[0.0, 2.0], [5.0, 1.0]])
        >>> barlow_twins_loss(first, second, redundancy=0.1)
        tensor(1.1000)
    """
    expect.same_shape(first=first, second=second)
    # Columns less their means, at length 1, have correlations as their products: no epsilon is needed.
    columns, others = (directions((x - x.mean(0)).T) for x in (first, second))
    correlation = columns @ others.T
    own = correlation.diagonal()
    rest = correlation.square().sum() - own.square().sum()
    return (1.0 - own).square().sum() + redundancy * rest


class BarlowTwinsLoss(Criterion):
    """`barlow_twins_loss` of a batch; no mask, no weights."""

    function = staticmethod(barlow_twins_loss)


CARD = Card(
    module=BarlowTwinsLoss,
    unit="batch",
    inputs={"first": Embedding("n d"), "second": Embedding("n d")},
    formula=r"\sum_i (1 - C_{ii})^2 + \lambda \sum_{i \ne j} C_{ij}^2, \quad C = \mathrm{corr}(z, z')",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="first"),
        "convex": Fails(wrt="first"),
        "differentiable": Fails(wrt="first", note="where a feature is constant in the batch"),
        "smooth": Fails(wrt="first"),
        "bounded_gradient": Fails(
            wrt="first", note="of a feature that hardly varies: it falls with one over the spread"
        ),
        "sample_independent": NotApplicable("one value for the batch, over which it correlates"),
        "vmap": Holds(wrt="first"),
        "fullgraph": Holds(wrt="first"),
        "twice_differentiable": Holds(wrt="first", note="away from constant features"),
    },
    parameters={"redundancy": NON_NEGATIVE},
    search={"redundancy": Interval(0.0005, 0.1, log=True)},
    also_known_as=("cross-correlation loss", "redundancy reduction loss"),
    references=(
        Reference(
            "Zbontar, Jing, Misra, LeCun and Deny",
            "Barlow Twins: self-supervised learning via redundancy reduction",
            2021,
            "ICML, arXiv:2103.03230",
        ),
    ),
    equivalents=(
        Equivalent("lightly", "loss.BarlowTwinsLoss", "adds 1e-5 to the variances"),
        Equivalent("solo-learn", "losses.barlow.barlow_loss_func", "times 0.025"),
    ),
    mistakes=(
        "The paper's code scales the whole by 1/40, which the learning rate of LARS hides: state it.",
        "Spreads with n - 1 in one place and n in another make the diagonal stop at (n - 1)/n: here they cancel.",
        "Half precision loses the correlations of wide embeddings: compute it in float32.",
    ),
    relatives={
        "vicreg_loss": "spread, agreement and correlations as three terms, each view by itself",
        "nt_xent_loss": "other examples as negatives",
        "byol_loss": "no correlations: a predictor and a slow second network",
    },
)
