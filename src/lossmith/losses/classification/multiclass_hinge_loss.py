"""Margin loss of several classes: the true one should beat the best other by 1.

Reach for it when only the decision counts and examples that are safely right should stop mattering.
Avoid it when no class may have more than half of the probability: it then prefers to tie all scores, and decides
nothing. Avoid it when probabilities are wanted.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import MAJORITY_CLASS, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Scores


def multiclass_hinge_loss(input: Float[Tensor, "n c"], target: Int[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Crammer–Singer hinge loss of each example.

    Args:
        input: scores, one row per example, one column per class; the largest decides.
        target: index of the true class, 0 … c−1.

    Returns:
        max(0, 1 + max_{k≠y} input_k − input_y); from 0 up. torch's `multi_margin_loss` is another loss: it adds up the
        violations of all other classes and divides by c (Weston and Watkins).

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Crammer and Singer (2001).

    Example:
        >>> multiclass_hinge_loss(torch.tensor([[2.0, 0.5, 1.5], [3.0, 0.0, 0.0]]), torch.tensor([0, 0]))
        tensor([0.5000, 0.0000])
    """
    expect.class_scores(input, target)
    truth = torch.arange(input.shape[-1], device=input.device) == target.unsqueeze(-1)
    best_other = input.masked_fill(truth, torch.finfo(input.dtype).min).amax(-1)
    return (1.0 + best_other - input.gather(-1, target.unsqueeze(-1)).squeeze(-1)).relu()


class MulticlassHingeLoss(Criterion):
    """`multiclass_hinge_loss`, masked, weighted and reduced."""

    function = staticmethod(multiclass_hinge_loss)


CARD = Card(
    module=MulticlassHingeLoss,
    unit="example",
    inputs={"input": Scores("n c"), "target": ClassIndex("n")},
    formula=r"\max\left(0,\ 1 + \max_{k \ne y} x_k - x_y\right)",
    elicits=MAJORITY_CLASS,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(note="from the margin on"),
        "convex": Holds(),
        "differentiable": Fails(note="a kink where the margin is reached, and where the best other class changes"),
        "smooth": Fails(note="the gradient jumps there"),
        "bounded_gradient": Holds(note="-1 at the true class, 1 at the best other"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="the minimiser knows nothing of the odds"),
        "classification_calibrated": Fails(note="where no class has more than half of the probability, all scores tie"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kinks, where the second derivative is 0"),
    },
    also_known_as=("crammer-singer loss", "categorical hinge", "multiclass svm loss"),
    references=(
        Reference(
            "Crammer and Singer",
            "On the algorithmic implementation of multiclass kernel-based vector machines",
            2001,
            "JMLR 2, 265-292",
        ),
        Reference("Tewari and Bartlett", "On the consistency of multiclass classification methods", 2007, "JMLR 8"),
    ),
    equivalents=(
        Equivalent("torch", "nn.MultiMarginLoss", "another loss: the sum over all other classes, divided by c"),
        Equivalent("keras", "losses.CategoricalHinge", "target first and one-hot; the masked scores count as 0"),
        Equivalent("optax", "losses.multiclass_hinge_loss"),
        Equivalent("scikit-learn", "metrics.hinge_loss", "a metric; target first"),
    ),
    mistakes=(
        "Expecting torch's MultiMarginLoss to give the same numbers: with two classes it is half of this, with more it "
        "counts every class that comes too close.",
        "Putting a softmax before it: scores between 0 and 1 never win by a margin of 1; pass them as they are.",
        "Using it where classes overlap much: without a majority class it ties; use cross_entropy_loss.",
    ),
    relatives={
        "hinge_loss": "a yes or no",
        "cross_entropy_loss": "the smooth one: gives probabilities, and decides without a majority too",
        "ldam_loss": "a margin for each class, wider for rare ones, in cross-entropy",
    },
)
