"""Hinge over all pairs of a yes and a no: each yes should lead by a margin.

Reach for it when ROC AUC is the metric and scores need only rank: AUC is the share of pairs in the right order, and
this bounds the rest from above.
Avoid it when probabilities or a cut are wanted, and in batches with a yes or two: pairs are then few.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, POSITIVE, Card, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Scores
from lossmith.kernels.pairs import pair_shortfall


def auc_hinge_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, margin: float = 1.0
) -> Float[Tensor, ""]:
    """Mean hinge of all pairs of a yes and a no in a batch.

    Args:
        input: scores; the higher, the likelier a yes.
        target: 1 for a yes, 0 for a no, as floating point, same shape. A number between counts as both, in shares.
        margin: by how much a yes should lead a no; above 0.

    Returns:
        Mean over all pairs of max(0, margin − (yes's score − no's score)); from 0 up. One number for the batch, 0 where
        yeses or noes are missing. At margin 1 it is never below 1 − AUC of the batch. It sorts: time n·log n, memory n.

    Raises:
        ValueError: shapes differ.
        TypeError: `target` is not floating point.

    Source:
        Herbrich, Graepel and Obermayer (2000), for pairs; Hillman and Hocking (2023), for the sorting.

    Example:
        >>> import torch
        >>> auc_hinge_loss(torch.tensor([2.0, 0.5, 1.0]), torch.tensor([1.0, 1.0, 0.0]))
        tensor(0.7500)
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    return pair_shortfall(input, target, margin)[0]


class AucHingeLoss(Criterion):
    """`auc_hinge_loss`, of the whole batch."""

    function = staticmethod(auc_hinge_loss)


CARD = Card(
    module=AucHingeLoss,
    unit="batch",
    inputs={"input": Scores(), "target": BinaryTarget()},
    formula=r"\frac{1}{n_+ n_-} \sum_{i: y_i = 1} \sum_{j: y_j = 0} \max\big(0,\ m - (x_i - x_j)\big)",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(note="from the margin on"),
        "convex": Holds(),
        "differentiable": Fails(note="a kink where a pair reaches the margin"),
        "smooth": Fails(note="the gradient jumps there"),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": NotApplicable("it is of a batch: there is no one prediction for one distribution"),
        "classification_calibrated": NotApplicable("it is of a batch, and only ranks"),
        "monotone": Holds(),
        "sample_independent": NotApplicable("it has one value for the whole batch, on purpose"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kinks, where the second derivative is 0"),
    },
    parameters={"margin": POSITIVE},
    search={"margin": Interval(0.1, 5.0, log=True)},
    also_known_as=("pairwise hinge auc loss", "ranking svm loss"),
    references=(
        Reference(
            "Herbrich, Graepel and Obermayer",
            "Large margin rank boundaries for ordinal regression",
            2000,
            "Advances in Large Margin Classifiers, MIT Press, 115-132",
        ),
        Reference(
            "Hillman and Hocking",
            "Optimizing ROC curves with a sort-based surrogate loss for binary classification and changepoint "
            "detection",
            2023,
            "JMLR 24(70)",
        ),
    ),
    mistakes=(
        "Batches without a yes: the loss is 0 there and nothing is learned; draw some yeses into each.",
        "Reading a probability from the score: any shift of all scores leaves the loss as it is.",
        "Expecting the hinge to be consistent for AUC: it is not in general; the squared one is.",
        "A table of all pairs: n² memory; this sorts.",
    ),
    relatives={
        "auc_squared_hinge_loss": "squared: smooth at the margin, and consistent",
        "auc_square_loss": "squared on both sides: cheaper, but punishes pairs that are too right",
        "auc_margin_loss": "squares and a hinge on the means only",
    },
)
