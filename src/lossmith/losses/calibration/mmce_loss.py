"""Kernel calibration error: rows of like confidence, as often right as said.

Reach for it as an addition to cross-entropy, where a large network is overconfident and is to be cured in training.
Avoid it alone (a network that says the same of every row costs nothing), and with small batches.
"""

from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, Card, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits
from lossmith.kernels.confidence import confidence_and_success


def mmce_loss(input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, width: float = 0.4) -> Float[Tensor, ""]:
    """Maximum mean calibration error of a batch, squared.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the true class, 0 … c−1.
        width: difference of two confidences over which rows are still compared; 0.02 or more.

    Returns:
        Mean over all n² pairs of (r_i − c_i)(r_j − c_j)·exp(−|r_i − r_j|/width), with r the probability of the
        likeliest class and c 1 where that class is the true one; from 0 to 1. Sorting makes it n·log n steps.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Kumar, Sarawagi and Jain (2018), squared.

    Example:
        >>> import torch
        >>> sure = torch.tensor([[20.0, 0.0], [20.0, 0.0]])
        >>> mmce_loss(sure, torch.tensor([0, 1]))  # says 1, is right half of the time: 1/4
        tensor(0.2500)
    """
    expect.class_scores(input, target)
    confidence, right = confidence_and_success(input, target)
    r, order = confidence.sort()
    over = r - right.gather(0, order)
    # In order, exp(-|r_i - r_j|/width) is a product of a factor of each: one running sum takes in all pairs.
    place = (r - 0.5) / width
    before = (over * place.exp()).cumsum(0) - over * place.exp()
    pairs = (over * (-place).exp() * before).sum()
    return (over.square().sum() + 2.0 * pairs) / max(len(r), 1) ** 2


class MmceLoss(Criterion):
    """`mmce_loss` of a batch; no mask, no weights."""

    function = staticmethod(mmce_loss)


CARD = Card(
    module=MmceLoss,
    unit="batch",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"\frac{1}{n^2} \sum_{i,j} (r_i - c_i)(r_j - c_j)\, e^{-|r_i - r_j|/w},"
    r"\quad r_i = \max_k p_{ik},\ c_i = [\arg\max_k p_{ik} = y_i]",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(note="the kernel is positive definite"),
        "zero_at_target": Fails(note="approached as the margins grow, and reached wherever confidence is deserved"),
        "convex": Fails(),
        "differentiable": Fails(note="it jumps where the likeliest class changes, and has kinks at equal confidences"),
        "smooth": Fails(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("vanishing"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": NotApplicable("it judges a batch; no single row has a best prediction"),
        "classification_calibrated": NotApplicable("it judges a batch; no single row has a best prediction"),
        "monotone": Fails(note="being surer can cost, though the class is right"),
        "sample_independent": NotApplicable("a loss of the whole batch has one value"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kinks"),
    },
    parameters={"width": Interval(0.02, float("inf"), high_open=True)},
    search={"width": Interval(0.05, 1.0, log=True)},
    also_known_as=("maximum mean calibration error", "kernel calibration error"),
    references=(
        Reference(
            "Kumar, Sarawagi and Jain",
            "Trainable calibration measures for neural networks from kernel mean embeddings",
            2018,
            "ICML",
        ),
    ),
    mistakes=(
        "Using it alone: add it to cross-entropy; the paper tunes the factor between 0 and 10 or so.",
        "Adding its root, as the paper does: the gradient of a root has no bound where the batch is calibrated.",
        "Batches of a few dozen: being right is then mostly luck; take 128 or more.",
    ),
    relatives={
        "soft_binned_ece_loss": "by bins of confidence in place of pairs",
        "cross_entropy_loss": "what it is added to",
        "brier_loss": "calibration and sharpness in one proper score",
    },
)
