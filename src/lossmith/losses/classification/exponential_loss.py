"""Exponential of minus the margin: what boosting minimises; hard on mistakes.

Reach for it to compare with AdaBoost, or where labels are clean and every mistake must go.
Avoid it under label noise: one wrong label that is surely contradicted outweighs all the rest.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Equivalent, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, HalfLogOdds


def exponential_loss(input: Float[Tensor, "..."], target: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Exponential loss of each element.

    Args:
        input: scores, between -20 and 20; above 0 says yes. The best one is half the log-odds of a yes.
        target: 0 or 1 as floating point, same shape; a number between them is a soft target. Of labels of -1 and 1
            take (label + 1)/2.

    Returns:
        e^−x for a yes, e^x for a no, with x the input; above 0. A soft target y mixes the two, y to 1 − y. Where the
        probability of a yes is p, the minimiser is ½·log(p/(1 − p)), so that sigmoid(2x) estimates p.

    Raises:
        ValueError: shapes differ.
        TypeError: `target` is not floating point.

    Source:
        Friedman, Hastie and Tibshirani (2000), on AdaBoost of Freund and Schapire (1997).

    Example:
        >>> exponential_loss(torch.tensor([0.0, 1.0]), torch.tensor([1.0, 0.0]))
        tensor([1.0000, 2.7183])
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    return target * torch.exp(-input) + (1.0 - target) * torch.exp(input)


class ExponentialLoss(Criterion):
    """`exponential_loss`, masked, weighted and reduced."""

    function = staticmethod(exponential_loss)


CARD = Card(
    module=ExponentialLoss,
    unit="element",
    inputs={"input": HalfLogOdds(), "target": BinaryTarget()},
    formula=r"y\,e^{-x} + (1 - y)\,e^{x}",
    elicits=Functional("half_log_odds"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Fails(note="the curvature grows as fast as the loss"),
        "bounded_gradient": Fails(),
        "gradient_growth": Holds("exponential"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Holds(note="sigmoid(2x) is the probability, not sigmoid(x)"),
        "classification_calibrated": Holds(),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("adaboost loss", "boosting loss"),
    references=(
        Reference(
            "Freund and Schapire",
            "A decision-theoretic generalization of on-line learning and an application to boosting",
            1997,
            "Journal of Computer and System Sciences 55(1), 119-139",
        ),
        Reference(
            "Friedman, Hastie and Tibshirani",
            "Additive logistic regression: a statistical view of boosting",
            2000,
            "Annals of Statistics 28(2), 337-407",
        ),
    ),
    equivalents=(
        Equivalent("scikit-learn", "ensemble.GradientBoostingClassifier(loss='exponential')", "inside the trees only"),
    ),
    mistakes=(
        "Reading sigmoid(x) as the probability: it is sigmoid(2x).",
        "Training without a limit on the scores: e^90 overflows float32, so clip gradients or use log-odds and "
        "binary_cross_entropy_loss.",
        "Keeping it where labels are doubtful: modified_huber_loss or a bounded loss bears a wrong one.",
    ),
    relatives={
        "binary_cross_entropy_loss": "linear where it is wrong; gives log-odds instead of half of them",
        "modified_huber_loss": "linear far on the wrong side",
        "sigmoid_brier_loss": "bounded: a wrong label costs 1 at most",
    },
)
