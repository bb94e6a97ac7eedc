"""One minus the mean F1 of several labels, counted softly over the batch.

Reach for it when macro F1 is judged and rare labels count as much as common ones.
Avoid it with small batches: a label that a batch does not hold teaches little but not to say it. Avoid it when
probabilities are used: they are driven to 0 or 1.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, POSITIVE, Card, Equivalent, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Logits
from lossmith.kernels.overlap import hits_and_misses


def soft_f1_loss(
    input: Float[Tensor, "n k"], target: Float[Tensor, "n k"], *, smooth: float = 1.0
) -> Float[Tensor, ""]:
    """Soft macro F1 loss of a batch.

    Args:
        input: logits, one row per example, one column per label.
        target: 0 or 1 as floating point, same shape.
        smooth: rows added to numerator and denominator, above 0: a label that is neither there nor predicted costs 0.

    Returns:
        Mean over labels of 1 − (2TP + smooth)/(2TP + FP + FN + smooth), where TP = Σpy, FP = Σp(1 − y) and
        FN = Σ(1 − p)y are sums over the batch and p = sigmoid(input); from 0 to 1.

    Raises:
        ValueError: shapes differ.

    Source:
        Bénédict et al. (2022), without the sigmoid's slope and offset that they tune.

    Example:
        >>> import torch
        >>> rows = torch.tensor([[9.0, -9.0], [9.0, -9.0]])  # the first label said once too often
        >>> soft_f1_loss(rows, torch.tensor([[1.0, 0.0], [0.0, 0.0]]))
        tensor(0.1251)
    """
    expect.masks(input, target)
    hit, extra, missed = hits_and_misses(input.mT, target.mT)
    return ((extra + missed) / (2.0 * hit + extra + missed + smooth)).mean()


class SoftF1Loss(Criterion):
    """`soft_f1_loss`: one value for the batch."""

    function = staticmethod(soft_f1_loss)


_BATCH = NotApplicable("one value for the whole batch")

CARD = Card(
    module=SoftF1Loss,
    unit="batch",
    inputs={"input": Logits("n k"), "target": BinaryTarget("n k")},
    formula=r"\frac1K \sum_k \left(1 - \frac{2TP_k + s}{2TP_k + FP_k + FN_k + s}\right)",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the logits grow, never reached at finite ones"),
        "convex": Fails(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("vanishing", note="what is surely wrong hardly moves"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": _BATCH,
        "classification_calibrated": _BATCH,
        "monotone": Holds(note="in each entry, the others held"),
        "sample_independent": NotApplicable("all rows of the batch are counted together"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"smooth": POSITIVE},
    search={"smooth": Interval(0.01, 10.0, log=True)},
    also_known_as=("macro soft-f1", "soft macro F1 loss"),
    references=(
        Reference(
            "Bénédict, Koops, Odijk and de Rijke",
            "sigmoidF1: a smooth F1 score surrogate loss for multilabel classification",
            2022,
            "TMLR, arXiv:2108.10566",
        ),
    ),
    equivalents=(
        Equivalent(
            "pytorch-toolbelt",
            "losses.soft_f1.soft_micro_f1",
            "macro F1, whatever its name says; takes probabilities; 1e-6 below only: an absent label costs 1",
        ),
    ),
    mistakes=(
        "Small batches: with n rows a label rarer than 1 in n is mostly absent; take large ones, or cross-entropy.",
        "Averaging the losses of micro-batches: F1 of the whole is not their mean.",
        "Putting a sigmoid before it: it takes logits.",
        "Reading the outputs as probabilities: tune the threshold on held-out rows instead.",
    ),
    relatives={
        "dice_loss": "the same ratio for each image over its pixels",
        "binary_cross_entropy_loss": "with probabilities, and a threshold tuned for F1 afterwards",
    },
)
