"""Logistic loss with two temperatures: bounded far off, heavy-tailed nearby.

Reach for it when labels are wrong both near the boundary and far from it: the first temperature bounds what one row can
cost, the second keeps probability on other classes for long.
Avoid it on clean labels, and reading the plain softmax: the probabilities are the tempered softmax's.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    CLASS_PROBABILITIES,
    MOST_LIKELY_CLASS,
    Card,
    Equivalent,
    Fails,
    Holds,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Scores
from lossmith.kernels.precision import wide
from lossmith.kernels.tempered import log_tempered_softmax, tempered_log


def bi_tempered_loss(
    input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, t1: float = 0.8, t2: float = 1.2
) -> Float[Tensor, "n"]:
    """Bi-tempered logistic loss of each example.

    Args:
        input: scores, one row per example, one column per class; the largest decides.
        target: index of the true class, 0 … c−1.
        t1: temperature of the logarithm, from 0 to 1; below 1 the loss is at most 1/(1 − t1).
        t2: temperature of the softmax, from 1 to 4; above 1 its tails are heavy.

    Returns:
        −log_t1(p[target]) − (1 − Σ_k p_k^(2−t1))/(2 − t1), from 0 up. There log_t(x) = (x^(1−t) − 1)/(1 − t), and
        p_k = (1 + (t2 − 1)(λ − input_k))^(−1/(t2−1)) with λ such that they sum to 1. Both at 1 it is cross-entropy;
        t1 = 0 with t2 = 1 is half the Brier loss.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Amid et al. (2019), with λ solved for instead of approached in five steps.

    Example:
        >>> bi_tempered_loss(torch.tensor([[1.5, 0.0], [0.0, 1.5]]), torch.tensor([0, 0]), t1=0.0, t2=2.0)
        tensor([0.1111, 0.4444])
    """
    expect.class_scores(input, target)
    log_p = log_tempered_softmax(wide(input), t2)  # solved for λ, digits are dear
    right = tempered_log(log_p.gather(-1, target.unsqueeze(-1)).squeeze(-1), t1)
    rest = (1.0 - torch.exp((2.0 - t1) * log_p).sum(-1)) / (2.0 - t1)
    return (-right - rest).to(input.dtype)


class BiTemperedLoss(Criterion):
    """`bi_tempered_loss`, masked, weighted and reduced."""

    function = staticmethod(bi_tempered_loss)


CARD = Card(
    module=BiTemperedLoss,
    unit="example",
    inputs={"input": Scores("n c"), "target": ClassIndex("n")},
    formula=r"-\log_{t_1} p_y - \frac{1 - \sum_k p_k^{2 - t_1}}{2 - t_1},\quad p = \exp_{t_2}(x - \lambda(x))",
    # It is a Bregman divergence: the tempered softmax of the minimiser is the distribution.
    elicits=lambda t1, t2: CLASS_PROBABILITIES if t2 == 1 else MOST_LIKELY_CLASS,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite scores"),
        "convex": Fails(note="in the scores it levels off; it is where t1 = t2 = 1"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("vanishing"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="by way of the plain softmax; by way of the tempered one it is"),
        "classification_calibrated": Holds(),
        "monotone": Fails(at={"t1": 0.2}, note="one wrong class that takes all from another costs more, and less back"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"t1": Interval(0.0, 1.0), "t2": Interval(1.0, 4.0)},
    search={"t1": Interval(0.2, 0.95), "t2": Interval(1.05, 2.5)},
    also_known_as=("bi-tempered logistic loss", "tempered logistic loss"),
    references=(
        Reference(
            "Amid et al.",
            "Robust bi-tempered logistic loss based on Bregman divergences",
            2019,
            "arXiv:1906.03361",
        ),
    ),
    equivalents=(
        Equivalent(
            "pytorch-toolbelt",
            "losses.BiTemperedLogisticLoss",
            "approaches λ in five steps unless told more; can smooth labels",
        ),
    ),
    mistakes=(
        "Reading the softmax of the scores as probabilities: only with t2 at 1; else take the tempered softmax.",
        "Turning the temperatures round: t1 is at most 1, t2 at least 1.",
        "Few steps of the fixed-point iteration: with many classes five leave probabilities that do not sum to 1.",
    ),
    relatives={
        "generalized_cross_entropy_loss": "bounded too, over the plain softmax; half as many dials",
        "cross_entropy_loss": "what it is with both at 1",
        "brier_loss": "twice what it is at t1 = 0, t2 = 1",
    },
)
