"""Squared hinge over all pairs of a yes and a no: the smooth surrogate of AUC.

Reach for it when ROC AUC is the metric and classes are uneven: every yes weighs the same in sum as all noes together.
Avoid it under label noise: the pull of a wrong label grows with how far off it seems. Avoid it when probabilities or a
cut are wanted.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, POSITIVE, Card, Equivalent, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Scores
from lossmith.kernels.pairs import pair_shortfall


def auc_squared_hinge_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, margin: float = 1.0
) -> Float[Tensor, ""]:
    """Mean squared hinge of all pairs of a yes and a no in a batch.

    Args:
        input: scores; the higher, the likelier a yes.
        target: 1 for a yes, 0 for a no, as floating point, same shape. A number between counts as both, in shares.
        margin: by how much a yes should lead a no; above 0.

    Returns:
        Mean over all pairs of max(0, margin − (yes's score − no's score))²; from 0 up. One number for the batch, 0
        where yeses or noes are missing. It sorts: time n·log n, memory n.

    Raises:
        ValueError: shapes differ.
        TypeError: `target` is not floating point.

    Source:
        Yan et al. (2003), their power 2; Hillman and Hocking (2023), for the sorting.

    Example:
        >>> import torch
        >>> auc_squared_hinge_loss(torch.tensor([2.0, 0.5, 1.0]), torch.tensor([1.0, 1.0, 0.0]))
        tensor(1.1250)
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    return pair_shortfall(input, target, margin)[1]


class AucSquaredHingeLoss(Criterion):
    """`auc_squared_hinge_loss`, of the whole batch."""

    function = staticmethod(auc_squared_hinge_loss)


CARD = Card(
    module=AucSquaredHingeLoss,
    unit="batch",
    inputs={"input": Scores(), "target": BinaryTarget()},
    formula=r"\frac{1}{n_+ n_-} \sum_{i: y_i = 1} \sum_{j: y_j = 0} \max\big(0,\ m - (x_i - x_j)\big)^2",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(note="from the margin on"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Fails(),
        "gradient_growth": Holds("linear"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": NotApplicable("it is of a batch: there is no one prediction for one distribution"),
        "classification_calibrated": NotApplicable("it is of a batch, and only ranks"),
        "monotone": Holds(),
        "sample_independent": NotApplicable("it has one value for the whole batch, on purpose"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="except where a pair reaches the margin"),
    },
    parameters={"margin": POSITIVE},
    search={"margin": Interval(0.1, 5.0, log=True)},
    also_known_as=("pairwise squared hinge auc loss", "wilcoxon-mann-whitney surrogate", "roc-star"),
    references=(
        Reference(
            "Yan et al.",
            "Optimizing classifier performance via an approximation to the Wilcoxon-Mann-Whitney statistic",
            2003,
            "ICML 20, 848-855",
        ),
        Reference(
            "Hillman and Hocking",
            "Optimizing ROC curves with a sort-based surrogate loss for binary classification and changepoint "
            "detection",
            2023,
            "JMLR 24(70)",
        ),
        Reference("Gao and Zhou", "On the consistency of AUC pairwise optimization", 2015, "IJCAI 24, 939-945"),
    ),
    equivalents=(Equivalent("libauc", "losses.PairwiseAUCLoss", "surr_loss='squared_hinge'; a table of all pairs"),),
    mistakes=(
        "Batches without a yes: the loss is 0 there and nothing is learned; draw some yeses into each.",
        "Reading a probability from the score: any shift of all scores leaves the loss as it is.",
        "Scores through a sigmoid first: they can lead by less than 1 at most; pass them as they are, or lower the "
        "margin.",
    ),
    relatives={
        "auc_hinge_loss": "not squared: a wrong label pulls no harder than another",
        "auc_square_loss": "squared on both sides: needs no sorting",
        "squared_hinge_loss": "of single scores, against a cut at 0",
    },
)
