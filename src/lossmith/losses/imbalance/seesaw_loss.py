"""Cross-entropy in which common classes push rare ones less, but for mistakes.

Reach for it with many classes and a long tail, in detection above all: noes for rare classes are played down by the
ratio of counts, and up again where the network falls for the wrong class.
Avoid it when probabilities are read off, and with even counts, where only its part for mistakes is left.
"""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import NON_NEGATIVE, Card, Equivalent, Fails, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits, Positive


def seesaw_loss(
    input: Float[Tensor, "n c"],
    target: Int[Tensor, "n"],
    *,
    class_counts: Float[Tensor, "c"],
    mitigation: float = 0.8,
    compensation: float = 2.0,
    floor: float = 0.01,
) -> Float[Tensor, "n"]:
    """Seesaw loss of each example.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the true class, 0 … c−1.
        class_counts: examples of each class, above 0. The authors count those met in training so far.
        mitigation: the authors' p, how far noes of a rarer class are played down; 0 not at all.
        compensation: the authors' q, how far noes of a class believed more than the true one are played up; 0 not at
            all.
        floor: least probability of the true class in that comparison; above 0.

    Returns:
        −log(e^{x_y}/(e^{x_y} + Σ_{k≠y} S_k·e^{x_k})), in nats, with x the input and y the target; from 0 up. There
        S_k = min(1, count_k/count_y)^mitigation·max(1, p_k/max(p_y, floor))^compensation, p = softmax(x). The factors
        are held fixed: no gradient goes through them.

    Raises:
        ValueError: shapes are not (n, c), (n,) and (c,).
        TypeError: `target` is not an integer tensor.

    Source:
        Wang et al. (2021). That the factors are held fixed is their code's.

    Example:
        >>> counts = torch.tensor([16.0, 1.0])
        >>> seesaw_loss(torch.zeros(2, 2), torch.tensor([0, 1]), class_counts=counts, mitigation=0.5)
        tensor([0.2231, 0.6931])
    """
    expect.class_scores(input, target)
    expect.one_per_class("class_counts", class_counts, input)
    shift = _log_factors(input.detach(), target, class_counts, mitigation, compensation, floor)
    return torch.nn.functional.cross_entropy(input + shift, target, reduction="none")


def _log_factors(
    input: Tensor, target: Tensor, class_counts: Tensor, mitigation: float, compensation: float, floor: float
) -> Tensor:
    """Logarithms of the factors S, 0 for the true class."""
    log_count, log_p, true = class_counts.log().to(input.dtype), input.log_softmax(-1), target.unsqueeze(-1)
    rarer = (log_count - log_count[true]).clamp(max=0.0)
    believed = (log_p - log_p.gather(-1, true).clamp(min=math.log(floor))).relu()
    return mitigation * rarer + compensation * believed


def seesaw_gradient(
    input: Tensor,
    target: Tensor,
    *,
    class_counts: Tensor,
    mitigation: float = 0.8,
    compensation: float = 2.0,
    floor: float = 0.01,
) -> Tensor:
    """Slope in the logits with the factors held fixed: shares less the truth."""
    shift = _log_factors(input, target, class_counts, mitigation, compensation, floor)
    truth = torch.nn.functional.one_hot(target, input.shape[-1]).to(input.dtype)
    return torch.softmax(input + shift, dim=-1) - truth


class SeesawLoss(Criterion):
    """`seesaw_loss`, masked, weighted and reduced."""

    function = staticmethod(seesaw_loss)


_UNEVEN = {"class_counts": (1000.0, 100.0, 10.0)}

CARD = Card(
    module=SeesawLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"-\log \frac{e^{x_y}}{e^{x_y} + \sum_{k \ne y} S_{yk} e^{x_k}},\quad "
    r"S_{yk} = \min\left(1, \tfrac{n_k}{n_y}\right)^p \max\left(1, \tfrac{p_k}{p_y}\right)^q \text{ held fixed}",
    elicits=Functional("class_scores_for_a_long_tail"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(at=_UNEVEN, note="approached, never reached at finite logits"),
        "convex": Fails(at=_UNEVEN, note="the factors change with the logits"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="each entry lies in [-1, 1]"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(at=_UNEVEN, note="the factors move the minimiser"),
        "classification_calibrated": Fails(at=_UNEVEN, note="a rare class wins below even odds"),
        "monotone": Fails(at=_UNEVEN, note="a wrong class that takes from another lowers that one's factor"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Fails(at=_UNEVEN, note="the slope of its gradient leaves out the fixed factors"),
    },
    parameters={
        "class_counts": Positive("c"),
        "mitigation": NON_NEGATIVE,
        "compensation": NON_NEGATIVE,
        "floor": Interval(0.0, 1.0, low_open=True),
    },
    search={"mitigation": Interval(0.2, 1.2), "compensation": Interval(0.5, 3.0)},
    references=(
        Reference("Wang et al.", "Seesaw loss for long-tailed instance segmentation", 2021, "arXiv:2008.10032"),
    ),
    equivalents=(
        Equivalent(
            "mmdet",
            "models.losses.SeesawLoss",
            "counts classes itself as it goes; two more logits say whether there is an object",
        ),
    ),
    mistakes=(
        "Logits without normalised features: the authors' classifier is of cosines, times 20.",
        "Counting background among the classes: they decide object or not by logits of their own.",
        "Differentiating the factors: raising a rare class would then pay by its factor; here they are held fixed.",
    ),
    relatives={
        "logit_adjusted_cross_entropy_loss": "one shift for each class, whatever the row; has a closed-form minimiser",
        "equalization_v2_loss": "one sigmoid per class, and gradients instead of counts",
        "ldam_loss": "margins by count",
    },
    surrogate_gradient=seesaw_gradient,
)
