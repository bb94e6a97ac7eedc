"""Calibration error by bins with soft edges, so that it can be trained.

Reach for it as an addition to cross-entropy, where the expected calibration error is what will be judged.
Avoid it alone (a network that says the same of every row costs nothing), and with small batches, whose bins are empty.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, POSITIVE, Card, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits
from lossmith.kernels.confidence import confidence_and_success


def soft_binned_ece_loss(
    input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, bins: int = 15, temperature: float = 0.01
) -> Float[Tensor, ""]:
    """Soft-binned expected calibration error of a batch, squared.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the true class, 0 … c−1.
        bins: number of bins of equal width for the confidence, from 0 to 1.
        temperature: how soft their edges are, in squared confidence; above 0.

    Returns:
        Σ_b (S_b/n)·(A_b − C_b)²: with r the probability of the likeliest class, a row belongs to bin b in the share
        softmax_b(−(r − middle_b)²/temperature); S_b is the sum of the shares, A_b and C_b the bin's mean accuracy and
        confidence. From 0 to 1.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Karandikar et al. (2021), at norm 2 and without the root.

    Example:
        >>> sure = torch.tensor([[20.0, 0.0], [20.0, 0.0]])
        >>> soft_binned_ece_loss(sure, torch.tensor([0, 1]))  # says 1, is right half of the time: 1/4
        tensor(0.2500)
    """
    expect.class_scores(input, target)
    r, right = confidence_and_success(input, target)
    middle = (torch.arange(bins, device=r.device, dtype=r.dtype) + 0.5) / bins
    share = (-(r.unsqueeze(-1) - middle).square() / temperature).softmax(-1)
    size, over = share.sum(0), (share * (r - right).unsqueeze(-1)).sum(0)
    some = size > 1e-12  # a bin of no rows: 0/0
    return torch.where(some, over.square() / torch.where(some, size, 1.0), 0.0).sum() / max(len(r), 1)


class SoftBinnedEceLoss(Criterion):
    """`soft_binned_ece_loss` of a batch; no mask, no weights."""

    function = staticmethod(soft_binned_ece_loss)


CARD = Card(
    module=SoftBinnedEceLoss,
    unit="batch",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"\sum_b \frac{S_b}{n} (A_b - C_b)^2,\quad S_b = \sum_i"
    r"\operatorname{softmax}_b\left(-\tfrac{(r_i - \xi_b)^2}{T}\right)",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margins grow, and reached wherever confidence is deserved"),
        "convex": Fails(),
        "differentiable": Fails(note="it jumps where the likeliest class changes"),
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
        "twice_differentiable": Holds(),
    },
    parameters={"bins": Interval(1, float("inf"), high_open=True), "temperature": POSITIVE},
    search={"temperature": Interval(1e-3, 0.1, log=True)},
    also_known_as=("SB-ECE", "soft-binned calibration error"),
    references=(
        Reference(
            "Karandikar et al.", "Soft calibration objectives for neural networks", 2021, "NeurIPS; arXiv:2108.00106"
        ),
    ),
    mistakes=(
        "Using it alone: add it to cross-entropy, or minimise it last, by a temperature on the logits.",
        "Adding its root, as the paper does: the gradient of a root has no bound where the batch is calibrated.",
        "Comparing with the expected calibration error: that has hard edges, and absolute differences.",
    ),
    relatives={
        "mmce_loss": "by pairs of like confidence, without bins",
        "cross_entropy_loss": "what it is added to",
        "brier_loss": "calibration and sharpness in one proper score",
    },
)
