"""Binary cross-entropy whose weights even out the pull of yeses and noes.

Reach for it in detection and other tasks with many rare classes and one sigmoid per class, where a threshold between
rare and common would be arbitrary.
Avoid it where gradients cannot be gathered over batches, and on even shares.

The ratio is gathered in training; `label_pulls` says what a batch adds to it:

    pulls += label_pulls(logits.detach(), target, gradient_ratio=ratio)
    ratio.copy_(pulls[0] / pulls[1].clamp(min=1e-10))
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    NON_NEGATIVE,
    POSITIVE,
    Card,
    Equivalent,
    Fails,
    Functional,
    Holds,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Logits, NonNegative


def equalization_v2_loss(
    input: Float[Tensor, "n q"],
    target: Float[Tensor, "n q"],
    *,
    gradient_ratio: Float[Tensor, "q"],
    alpha: float = 4.0,
    gamma: float = 12.0,
    mu: float = 0.8,
) -> Float[Tensor, "n"]:
    """Equalisation loss v2 of each row, summed over classes.

    Args:
        input: logits, one row per region or example, one column per class.
        target: 1 where the row is of the class, else 0, as floating point.
        gradient_ratio: for each class the sum of its yeses' gradients so far over that of its noes; from 0 up. Below 1
            the noes have pulled harder. The authors' code begins at 100.
        alpha: how much more a yes counts at ratio 0; from 0 up.
        gamma: steepness of the step between rare and common; above 0.
        mu: ratio at which the step lies.

    Returns:
        −Σ_k (1 + alpha·(1 − f_k))·y_k·log p_k + f_k·(1 − y_k)·log(1 − p_k), in nats, with p = σ(input) and
        f_k = σ(gamma·(gradient_ratio_k − mu)); from 0 up.

    Raises:
        ValueError: shapes are not (n, q), (n, q) and (q,).
        TypeError: `target` is not floating point.

    Source:
        Tan et al. (2021).

    Example:
        >>> target = torch.tensor([[1.0, 0.0]])
        >>> equalization_v2_loss(torch.zeros(1, 2), target, gradient_ratio=torch.tensor([100.0, 0.8]))
        tensor([1.0397])
    """
    yes, no = _weights(input, target, gradient_ratio, alpha, gamma, mu)
    log_p, log_not_p = torch.nn.functional.logsigmoid(input), torch.nn.functional.logsigmoid(-input)
    return -(yes * target * log_p + no * (1.0 - target) * log_not_p).sum(-1)


def label_pulls(
    input: Tensor, target: Tensor, *, gradient_ratio: Tensor, alpha: float = 4.0, gamma: float = 12.0, mu: float = 0.8
) -> Tensor:
    """Sizes of a batch's gradients by class, (2, k): of its yeses, of its noes."""
    yes, no = _weights(input, target, gradient_ratio, alpha, gamma, mu)
    pull = (input.sigmoid() - target).abs()
    return torch.stack([(yes * target * pull).sum(0), (no * (1.0 - target) * pull).sum(0)])


def _weights(
    input: Tensor, target: Tensor, gradient_ratio: Tensor, alpha: float, gamma: float, mu: float
) -> tuple[Tensor, Tensor]:
    """Weights of a yes and of a no of each class."""
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    expect.one_per_class("gradient_ratio", gradient_ratio, input)
    common = torch.sigmoid(gamma * (gradient_ratio - mu)).to(input.dtype)
    return 1.0 + alpha * (1.0 - common), common


class EqualizationV2Loss(Criterion):
    """`equalization_v2_loss`, masked, weighted and reduced; a mask leaves out rows."""

    function = staticmethod(equalization_v2_loss)


_RARE = {"gradient_ratio": (100.0, 0.5, 0.9)}

CARD = Card(
    module=EqualizationV2Loss,
    unit="example",
    inputs={"input": Logits("n q"), "target": BinaryTarget("n q")},
    formula=r"-\sum_k \big(1 + \alpha (1 - f_k)\big) y_k \log p_k + f_k (1 - y_k) \log(1 - p_k),"
    r"\quad f_k = \sigma(\gamma (g_k - \mu))",
    elicits=Functional("class_probabilities_raised_where_noes_pull"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(at=_RARE, note="approached as the margins grow, never reached at finite logits"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="each entry by 1 + alpha"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(at=_RARE, note="the odds are the true ones times the ratio of the weights"),
        "classification_calibrated": NotApplicable("a row's target is several yeses and noes"),
        "monotone": Holds(),
        "sample_independent": Holds(note="given the ratios"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={
        "gradient_ratio": NonNegative("q"),
        "alpha": NON_NEGATIVE,
        "gamma": POSITIVE,
        "mu": Interval(-float("inf"), float("inf")),
    },
    search={"alpha": Interval(1.0, 8.0), "gamma": Interval(4.0, 20.0), "mu": Interval(0.5, 1.0)},
    also_known_as=("eql v2", "gradient-guided reweighting"),
    references=(
        Reference(
            "Tan et al.",
            "Equalization loss v2: a new gradient balance approach for long-tailed object detection",
            2021,
            "arXiv:2012.08548",
        ),
    ),
    equivalents=(
        Equivalent("mmdet", "models.losses.EQLV2Loss", "keeps the gradients itself; sums over classes and rows"),
    ),
    mistakes=(
        "Leaving the ratio as it began: with 100 everywhere it is binary cross-entropy; add up `label_pulls`.",
        "Resetting the sums every epoch: they are of the whole training so far.",
        "On several devices: add the pulls up over all of them.",
    ),
    relatives={
        "equalization_loss": "a threshold on shares instead",
        "seesaw_loss": "one softmax, and counts of rows",
        "weighted_binary_cross_entropy_loss": "one fixed weight for a yes",
    },
)
