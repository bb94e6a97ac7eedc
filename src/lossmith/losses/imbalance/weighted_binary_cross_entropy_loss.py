"""Binary cross-entropy in which a yes weighs more than a no, label by label.

Reach for it when labels are rare and missing one costs more than a false one, by a known factor.
Avoid it when probabilities are wanted: it raises them. A lower cut on plain cross-entropy makes the same decisions.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    POSITIVE,
    WEIGHTED_PROBABILITIES,
    Card,
    Equivalent,
    Fails,
    Holds,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Logits


def weighted_binary_cross_entropy_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, positive_weight: float | Tensor = 1.0
) -> Float[Tensor, "..."]:
    """Binary cross-entropy of each element, a yes times its weight.

    Args:
        input: logits, the log-odds of a yes.
        target: 0 or 1 as floating point, same shape; a number between them is a soft target.
        positive_weight: what a yes counts, against 1 for a no: one factor above 0, or one for each label, which is
            the last dimension. The minimiser's odds are the true ones times this.

    Returns:
        −positive_weight·y·log σ(x) − (1 − y)·log(1 − σ(x)), in nats, with x the input and y the target; from 0 up.
        At 1 it is binary cross-entropy.

    Raises:
        ValueError: shapes differ.
        TypeError: `target` is not floating point.

    Source:
        Elkan (2001), for weights as costs.

    Example:
        >>> weighted_binary_cross_entropy_loss(torch.zeros(2), torch.tensor([1.0, 0.0]), positive_weight=3.0)
        tensor([2.0794, 0.6931])
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    log_p, log_not_p = torch.nn.functional.logsigmoid(input), torch.nn.functional.logsigmoid(-input)
    return -(positive_weight * target * log_p + (1.0 - target) * log_not_p)


class WeightedBinaryCrossEntropyLoss(Criterion):
    """`weighted_binary_cross_entropy_loss`, masked, weighted and reduced."""

    function = staticmethod(weighted_binary_cross_entropy_loss)


CARD = Card(
    module=WeightedBinaryCrossEntropyLoss,
    unit="element",
    inputs={"input": Logits(), "target": BinaryTarget()},
    formula=r"-w\,y \log \sigma(x) - (1 - y) \log(1 - \sigma(x))",
    elicits=WEIGHTED_PROBABILITIES,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite logits"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most a quarter of the larger weight"),
        "bounded_gradient": Holds(note="by the larger weight"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(at={"positive_weight": 5.0}, note="the minimiser's odds are the true ones times the weight"),
        "classification_calibrated": Fails(at={"positive_weight": 5.0}, note="a yes wins below even odds"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"positive_weight": POSITIVE},
    search={"positive_weight": Interval(0.1, 100.0, log=True)},
    also_known_as=("pos weight", "bce with pos_weight", "balanced binary cross-entropy"),
    references=(Reference("Elkan", "The foundations of cost-sensitive learning", 2001, "IJCAI 17, 973-978"),),
    equivalents=(
        Equivalent("torch", "nn.BCEWithLogitsLoss", "pos_weight="),
        Equivalent("tensorflow", "nn.weighted_cross_entropy_with_logits", "labels first"),
        Equivalent("keras", "Model.fit", "class_weight={0: 1, 1: w}; for one label a row"),
    ),
    mistakes=(
        "The weight the wrong way round: above 1 it lifts the yes; the even one is noes over yeses.",
        "One weight for many labels of different shares: give one for each.",
        "Reading the sigmoid as a probability: the odds are the true ones times the weight; divide them by it.",
        "Taking torch's weight= for pos_weight=: the first multiplies a yes and a no alike.",
    ),
    relatives={
        "binary_cross_entropy_loss": "what it is at 1; a lower cut makes the same decisions",
        "class_weighted_cross_entropy_loss": "classes that exclude each other",
        "sigmoid_focal_loss": "weights by how hard an element is, too",
        "asymmetric_loss": "made for few of many labels",
    },
)
