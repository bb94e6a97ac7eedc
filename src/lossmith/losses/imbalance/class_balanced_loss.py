"""Cross-entropy with class weights of one over an effective number.

Reach for it when classes are long-tailed and weights of one over the count would let a handful of rows rule.
Avoid it when calibrated probabilities are wanted, and with counts so small that every weight is nearly one over the
count: class-weighted cross-entropy then says the same with one knob less.
"""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    CLASS_PROBABILITIES,
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
from lossmith.domains import ClassIndex, Logits, Positive


def class_balanced_loss(
    input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, class_counts: Float[Tensor, "c"], beta: float = 0.999
) -> Float[Tensor, "n"]:
    """Class-balanced cross-entropy of each example.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the true class, 0 … c−1.
        class_counts: examples of each class in the training data, above 0; numbers, not shares.
        beta: how far counts are believed, from 0 (all classes alike) to below 1 (near it, one over the count). No
            effective number exceeds 1/(1 − beta).

    Returns:
        −w[target]·log softmax(input)[target]; from 0 up. w_k is (1 − beta)/(1 − beta^count_k), times what makes the c
        weights sum to c.

    Raises:
        ValueError: shapes are not (n, c), (n,) and (c,).
        TypeError: `target` is not an integer tensor.

    Source:
        Cui et al. (2019), equation 10, over a softmax.

    Example:
        >>> counts = torch.tensor([1.0, 2.0])
        >>> class_balanced_loss(torch.zeros(2, 2), torch.tensor([0, 1]), class_counts=counts, beta=0.5)
        tensor([0.8318, 0.5545])
    """
    expect.class_scores(input, target)
    expect.one_per_class("class_counts", class_counts, input)
    # 1 - beta^count as -expm1(count·log beta): of beta = 0.9999 and few examples the power leaves no digits.
    effective = torch.ones_like(class_counts) if beta == 0 else -torch.expm1(class_counts * math.log(beta))
    weight = effective.reciprocal()
    weight = (weight * (weight.shape[0] / weight.sum())).to(input.dtype)
    return torch.nn.functional.cross_entropy(input, target, weight=weight, reduction="none")


class ClassBalancedLoss(Criterion):
    """`class_balanced_loss`, masked, weighted and reduced."""

    function = staticmethod(class_balanced_loss)


_UNEVEN = {"class_counts": (1000.0, 100.0, 10.0), "beta": 0.999}

CARD = Card(
    module=ClassBalancedLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"-\frac{1 - \beta}{1 - \beta^{n_y}} \log \frac{e^{x_y}}{\sum_k e^{x_k}}",
    elicits=lambda class_counts, beta: CLASS_PROBABILITIES if beta == 0 else WEIGHTED_PROBABILITIES,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(at=_UNEVEN, note="approached, never reached at finite logits"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most half the largest weight"),
        "bounded_gradient": Holds(note="by the weight of the class"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(at=_UNEVEN, note="the minimiser is proportional to weight times probability"),
        "classification_calibrated": Fails(at=_UNEVEN, note="a rare class wins below even odds"),
        "monotone": Holds(),
        "sample_independent": Holds(note="the weights come from the training data, not from the batch"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"class_counts": Positive("c"), "beta": Interval(0.0, 1.0, high_open=True)},
    search={"beta": Interval(0.9, 0.9999)},
    also_known_as=("effective number weighting", "cb loss", "class-balanced cross-entropy"),
    references=(
        Reference("Cui et al.", "Class-balanced loss based on effective number of samples", 2019, "arXiv:1901.05555"),
    ),
    equivalents=(
        Equivalent(
            "torch", "nn.CrossEntropyLoss", "with weight=w; its mean divides by the weights met, not by the examples"
        ),
    ),
    mistakes=(
        "Giving shares instead of counts: with numbers below 1 every class is rare and the weights hardly depend on "
        "beta; give the number of examples.",
        "Leaving the weights as (1 - beta)/(1 - beta^n), which are tiny, and the steps of SGD with them: here, as in "
        "the authors' code, they sum to the number of classes.",
        "Counting the batch: the counts are those of the whole training set.",
    ),
    relatives={
        "class_weighted_cross_entropy_loss": "any weights; one over the count is this one's limit",
        "logit_adjusted_cross_entropy_loss": "moves the logits by the class frequencies instead of weighting",
        "ldam_loss": "margins instead of weights; these weights follow in its second stage",
        "focal_loss": "weights by how hard an example is; takes weights per class too",
    },
)
