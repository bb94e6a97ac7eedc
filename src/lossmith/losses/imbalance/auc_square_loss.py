"""Square over all pairs of a yes and a no, by two means and two variances.

Reach for it when ROC AUC is the metric and batches are streams: it needs sums only.
Avoid it where some pairs are easily right: leading by more than the margin costs, too; `auc_squared_hinge_loss` lets
them be.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, POSITIVE, Card, Equivalent, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Scores
from lossmith.kernels.batch import side


def auc_square_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, margin: float = 1.0
) -> Float[Tensor, ""]:
    """Mean square of all pairs' distance from the margin, in a batch.

    Args:
        input: scores; the higher, the likelier a yes.
        target: 1 for a yes, 0 for a no, as floating point, same shape. A number between counts as both, in shares.
        margin: by how much a yes should lead a no; above 0.

    Returns:
        Mean over all pairs of (margin − (yes's score − no's score))²; from 0 up. One number for the batch, 0 where
        yeses or noes are missing. It is the variance of the yeses' scores, plus that of the noes', plus
        (margin − difference of the means)²: time and memory n.

    Raises:
        ValueError: shapes differ.
        TypeError: `target` is not floating point.

    Source:
        Gao et al. (2013); the sum of variances follows by expanding the square.

    Example:
        >>> auc_square_loss(torch.tensor([2.0, 0.5, 1.0]), torch.tensor([1.0, 1.0, 0.0]))
        tensor(1.1250)
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    yes = side(input, target)
    no = side(input, 1.0 - target)
    value = yes.variance + no.variance + (margin - (yes.mean - no.mean)).square()
    return torch.where((yes.weight > 0) & (no.weight > 0), value, torch.zeros_like(value))


class AucSquareLoss(Criterion):
    """`auc_square_loss`, of the whole batch."""

    function = staticmethod(auc_square_loss)


CARD = Card(
    module=AucSquareLoss,
    unit="batch",
    inputs={"input": Scores(), "target": BinaryTarget()},
    formula=r"\frac{1}{n_+ n_-} \sum_{i: y_i = 1} \sum_{j: y_j = 0} \big(m - (x_i - x_j)\big)^2"
    r" = s_+^2 + s_-^2 + (m - \bar x_+ + \bar x_-)^2",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="a pair that leads by more than the margin costs"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Fails(),
        "gradient_growth": Holds("linear"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": NotApplicable("it is of a batch: there is no one prediction for one distribution"),
        "classification_calibrated": NotApplicable("it is of a batch, and only ranks"),
        "monotone": Fails(note="a better prediction may lead by too much"),
        "sample_independent": NotApplicable("it has one value for the whole batch, on purpose"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"margin": POSITIVE},
    search={"margin": Interval(0.1, 5.0, log=True)},
    also_known_as=("pairwise square auc loss", "one-pass auc loss"),
    references=(
        Reference("Gao et al.", "One-pass AUC optimization", 2013, "arXiv:1305.1363"),
        Reference("Gao and Zhou", "On the consistency of AUC pairwise optimization", 2015, "IJCAI 24, 939-945"),
    ),
    equivalents=(Equivalent("libauc", "losses.PairwiseAUCLoss", "surr_loss='squared'; a table of all pairs"),),
    mistakes=(
        "Taking it for the squared hinge: pairs that are more than right are pulled back.",
        "Batches without a yes: the loss is 0 there and nothing is learned; draw some yeses into each.",
        "Reading a probability from the score: any shift of all scores leaves the loss as it is.",
    ),
    relatives={
        "auc_margin_loss": "a hinge on the difference of the means: clearly right batches cost their spread only",
        "auc_squared_hinge_loss": "lets pairs be that lead by more",
    },
)
