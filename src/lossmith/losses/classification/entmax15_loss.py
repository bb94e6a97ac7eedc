"""Between cross-entropy and sparsemax: probabilities of 0, and smoother.

Reach for it when sparse probabilities are wanted over many classes (a vocabulary): sparsemax lets go too early there.
Avoid it when the logarithm of a probability is scored: one that is ruled out and true costs infinity.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Equivalent, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Scores
from lossmith.kernels.sparse_probabilities import entmax15, from_the_top


def entmax15_loss(input: Float[Tensor, "n c"], target: Int[Tensor, "n"]) -> Float[Tensor, "n"]:
    """1.5-entmax loss of each example.

    Args:
        input: scores, one row per example, one column per class.
        target: index of the true class, 0 … c−1.

    Returns:
        4/3·(1 − Σ p^1.5) + Σ_k p_k·z_k − z_target with p = entmax15(z), which is (z/2 − τ)² above the one τ at which
        the row sums to 1, else 0; from 0, which is reached where the true score leads by 2. Its gradient is
        p − [k = target].

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Peters, Niculae and Martins (2019), equations 8 and 9 at α = 1.5.

    Example:
        >>> entmax15_loss(torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1]))
        tensor([0.0000, 0.3905])
    """
    expect.class_scores(input, target)
    scores = from_the_top(input)  # only differences count; what the sums below hold is then small
    p = entmax15(scores)
    true = scores.gather(-1, target.unsqueeze(-1)).squeeze(-1)
    spread = (1.0 - (p * _root(p)).sum(-1)) * (4.0 / 3.0)
    return ((p * scores).sum(-1) + spread - true).to(input.dtype)


def _root(p: Tensor) -> Tensor:
    """Square root, with slope 0 at 0: what is ruled out does not pull."""
    some = p > 0
    return torch.where(some, torch.where(some, p, 1.0).sqrt(), 0.0)


class Entmax15Loss(Criterion):
    """`entmax15_loss`, masked, weighted and reduced."""

    function = staticmethod(entmax15_loss)


class Entmax15Scores(Scores):
    """Class scores of which a 1.5-entmax makes probabilities."""

    words, head = "scores for a 1.5-entmax", "a linear layer; a 1.5-entmax of the scores gives the probabilities"

    def decode(self, values: Tensor) -> Tensor:
        return entmax15(values)


CARD = Card(
    module=Entmax15Loss,
    unit="example",
    inputs={"input": Entmax15Scores("n c"), "target": ClassIndex("n")},
    formula=r"-z_y + \tfrac43\left(1 - \sum_k p_k^{3/2}\right) + p^\top z,\quad p = \mathrm{entmax}_{1.5}(z)",
    elicits=Functional("class_probabilities_by_entmax"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(note="from a margin of 2 on"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="each entry lies in [-1, 1]"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": NotApplicable("its probabilities are a 1.5-entmax of the scores, not a softmax: see what it elicits"),
        "classification_calibrated": Holds(),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="except where a class gets or loses its probability"),
    },
    also_known_as=("1.5-entmax loss",),
    references=(
        Reference("Peters, Niculae and Martins", "Sparse sequence-to-sequence models", 2019, "ACL, arXiv:1905.05702"),
        Reference(
            "Blondel, Martins and Niculae", "Learning with Fenchel-Young losses", 2020, "JMLR 21(35), arXiv:1901.02324"
        ),
    ),
    equivalents=(Equivalent("entmax", "entmax15_loss"),),
    mistakes=(
        "A softmax of the scores at prediction: the probabilities are their 1.5-entmax.",
        "Scoring its probabilities by log loss, or reporting perplexity: a class at 0 that is true costs infinity.",
        "Smoothing the labels: it puts mass on what the loss is meant to rule out.",
    ),
    relatives={
        "cross_entropy_loss": "the same family at 1: no probability is ever 0",
        "sparsemax_loss": "the same family at 2: sparser",
    },
)
