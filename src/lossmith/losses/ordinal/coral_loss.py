"""A yes or no for each step between levels: is it above this one?

Reach for it when classes are ordered and a network can end in one output per step, best of all in one score with a
bias for each step, which keeps the steps from crossing.
Avoid it with free outputs where the probabilities are used: steps that cross leave a level with less than nothing.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import CLASS_PROBABILITIES, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, StepLogits


def coral_loss(input: Float[Tensor, "n k"], target: Int[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Binary cross-entropy of each example, summed over the steps.

    Args:
        input: log-odds of being above each level but the last; k columns for k + 1 levels.
        target: index of the true level, 0 … k.

    Returns:
        −Σ_k ([target > k]·log s_k + [target ≤ k]·log(1 − s_k)) with s = sigmoid(input), in nats; above 0.

    Raises:
        ValueError: shapes are not (n, k) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Cao, Mirjalili and Raschka (2020), with all steps equally important.

    Example:
        >>> coral_loss(torch.tensor([[2.0, 0.0], [2.0, 0.0]]), torch.tensor([1, 0]))
        tensor([0.8201, 2.8201])
    """
    expect.class_scores(input, target)
    above = torch.arange(input.shape[-1], device=input.device) < target.unsqueeze(-1)
    steps = torch.nn.functional.binary_cross_entropy_with_logits(input, above.to(input.dtype), reduction="none")
    return steps.sum(-1)


class CoralLoss(Criterion):
    """`coral_loss`, masked, weighted and reduced."""

    function = staticmethod(coral_loss)


CARD = Card(
    module=CoralLoss,
    unit="example",
    inputs={"input": StepLogits("n k"), "target": ClassIndex("n")},
    formula=r"-\sum_k \left([y > k]\log\sigma(x_k) + [y \le k]\log\sigma(-x_k)\right)",
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
        "proper": Holds(note="for the probability of being above each level"),
        "classification_calibrated": Holds(note="the level's probability is the difference of two steps"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("CORAL", "consistent rank logits", "ordinal binary cross-entropy"),
    references=(
        Reference(
            "Cao, Mirjalili and Raschka",
            "Rank consistent ordinal regression for neural networks with application to age estimation",
            2020,
            "Pattern Recognition Letters 140; arXiv:1901.07884",
        ),
        Reference("Niu et al.", "Ordinal regression with multiple output CNN for age estimation", 2016, "CVPR"),
    ),
    equivalents=(
        Equivalent("coral-pytorch", "losses.coral_loss", "target as rows of 0 and 1, by levels_from_labelbatch"),
    ),
    mistakes=(
        "A free weight for each step: CORAL is one shared score plus a bias per step; else the steps may cross.",
        "As many outputs as levels: there is one less.",
        "Confusing it with Deep CORAL, which aligns covariances between domains.",
    ),
    relatives={
        "corn_loss": "each step asked only of what has come so far: free weights, and no crossing",
        "cumulative_link_loss": "the likelihood of the level itself",
        "binary_cross_entropy_loss": "one step of it",
    },
)
