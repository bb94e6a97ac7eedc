"""A yes or no for each step, asked only of what has come that far.

Reach for it when classes are ordered and each step should have weights of its own: probabilities are products, so they
cannot cross.
Avoid it where the upper levels are rare: the last steps are learned from the few examples that reach them.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import CLASS_PROBABILITIES, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, ConditionalStepLogits


def corn_loss(input: Float[Tensor, "n k"], target: Int[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Negative log-likelihood of each example's level, step by step.

    Args:
        input: log-odds of being above each level but the last, of what is not below it; k columns for k + 1 levels.
        target: index of the true level, 0 … k.

    Returns:
        −Σ_{k≤target} ([target > k]·log s_k + [target = k]·log(1 − s_k)) with s = sigmoid(input), in nats; above 0. It
        is −log of the level's probability, the product of the steps up to it.

    Raises:
        ValueError: shapes are not (n, k) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Shi, Cao and Raschka (2021); as a likelihood, the continuation ratios of Fienberg (1980).

    Example:
        >>> corn_loss(torch.tensor([[2.0, 0.0], [2.0, 0.0]]), torch.tensor([1, 0]))
        tensor([0.8201, 2.1269])
    """
    expect.class_scores(input, target)
    levels, true = torch.arange(input.shape[-1], device=input.device), target.unsqueeze(-1)
    above = (levels < true).to(input.dtype)
    steps = torch.nn.functional.binary_cross_entropy_with_logits(input, above, reduction="none")
    return torch.where(levels <= true, steps, 0.0).sum(-1)


class CornLoss(Criterion):
    """`corn_loss`, masked, weighted and reduced."""

    function = staticmethod(corn_loss)


CARD = Card(
    module=CornLoss,
    unit="example",
    inputs={"input": ConditionalStepLogits("n k"), "target": ClassIndex("n")},
    formula=r"-\sum_{k \le y} \left([y > k]\log\sigma(x_k) + [y = k]\log\sigma(-x_k)\right)",
    elicits=CLASS_PROBABILITIES,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margins grow, never reached at finite logits"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most 1/4 in each column"),
        "bounded_gradient": Holds(note="each entry lies in [-1, 1]"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Holds(),
        "classification_calibrated": Holds(note="by the product of the steps"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("CORN", "continuation ratio loss", "conditional ordinal regression"),
    references=(
        Reference(
            "Shi, Cao and Raschka",
            "Deep neural networks for rank consistent ordinal regression based on conditional probabilities",
            2021,
            "arXiv:2111.08851",
        ),
        Reference("Fienberg", "The analysis of cross-classified categorical data", 1980, "MIT Press"),
    ),
    equivalents=(
        Equivalent(
            "coral-pytorch", "losses.corn_loss", "the sum over the batch by the number of steps asked, not of examples"
        ),
    ),
    mistakes=(
        "Reading sigmoid(input) as the probability of being above a level: it is the product of the steps up to there.",
        "As many outputs as levels: there is one less.",
        "Comparing values with coral-pytorch's, which divides by the steps asked: its mean is smaller.",
    ),
    relatives={
        "coral_loss": "every step asked of every example",
        "cross_entropy_loss": "the same likelihood, of a softmax that knows no order",
    },
)
