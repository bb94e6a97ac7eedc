"""Spread of each side, and a squared hinge on how far the means lie apart.

Reach for it when ROC AUC is the metric and easy or mislabelled examples disturb the squared loss of all pairs: the
means' lead is a hinge, so that what leads clearly is not pulled back.
Avoid it when probabilities or a cut are wanted, and in batches with a yes or two: it takes their mean and spread.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, POSITIVE, Card, Equivalent, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Scores
from lossmith.kernels.batch import side


def auc_margin_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, margin: float = 1.0
) -> Float[Tensor, ""]:
    """AUC margin loss of a batch.

    Args:
        input: scores; the higher, the likelier a yes. The authors put a sigmoid before it.
        target: 1 for a yes, 0 for a no, as floating point, same shape. A number between counts as both, in shares.
        margin: by how much the mean of the yeses should lead that of the noes; above 0.

    Returns:
        Variance of the yeses' scores + variance of the noes' + max(0, margin − (mean of the yeses − mean of the
        noes))²; from 0 up. One number for the batch; a side that is missing brings nothing, nor does the hinge then.

        It is the authors' saddle point for the batch, over p(1 − p) with p the share of yeses: their a and b are the
        means, and their α is the hinge.

    Raises:
        ValueError: shapes differ.
        TypeError: `target` is not floating point.

    Source:
        Yuan et al. (2021), solved for a, b and α instead of stepping in them.

    Example:
        >>> auc_margin_loss(torch.tensor([2.0, 0.5, 1.0]), torch.tensor([1.0, 1.0, 0.0]))
        tensor(1.1250)
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    yes = side(input, target)
    no = side(input, 1.0 - target)
    lead = (margin - (yes.mean - no.mean)).relu().square()
    both = (yes.weight > 0) & (no.weight > 0)
    return yes.variance + no.variance + torch.where(both, lead, torch.zeros_like(lead))


class AucMarginLoss(Criterion):
    """`auc_margin_loss`, of the whole batch."""

    function = staticmethod(auc_margin_loss)


CARD = Card(
    module=AucMarginLoss,
    unit="batch",
    inputs={"input": Scores(), "target": BinaryTarget()},
    formula=r"s_+^2 + s_-^2 + \max\big(0,\ m - (\bar x_+ - \bar x_-)\big)^2",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(note="where each side has one score, and they lie apart"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Fails(),
        "gradient_growth": Holds("linear"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": NotApplicable("it is of a batch: there is no one prediction for one distribution"),
        "classification_calibrated": NotApplicable("it is of a batch, and only ranks"),
        "monotone": Fails(note="a yes above its mean is pulled back"),
        "sample_independent": NotApplicable("it has one value for the whole batch, on purpose"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="except where the means lie a margin apart"),
    },
    parameters={"margin": POSITIVE},
    search={"margin": Interval(0.1, 5.0, log=True)},
    also_known_as=("aucm", "auc min-max margin loss", "deep auc maximisation"),
    references=(
        Reference(
            "Yuan et al.",
            "Large-scale robust deep AUC maximization: a new surrogate loss and empirical studies on medical image "
            "classification",
            2021,
            "arXiv:2012.03173",
        ),
    ),
    equivalents=(
        Equivalent(
            "monai",
            "losses.AUCMLoss",
            "the saddle itself: a, b and α are its parameters, for an optimiser that descends in two and climbs in one",
        ),
        Equivalent("libauc", "losses.AUCMLoss", "the saddle itself, for its PESG optimiser"),
    ),
    mistakes=(
        "Batches without a yes: only the spread of the noes is left; draw some yeses into each.",
        "Training from scratch with it: the authors start from cross-entropy's features.",
        "A margin of 1 after a sigmoid asks for the ends, 0 and 1; before it, for a step of one logit.",
    ),
    relatives={
        "auc_square_loss": "without the hinge: the mean over all pairs",
        "auc_squared_hinge_loss": "the hinge on every pair instead of the means",
    },
)
