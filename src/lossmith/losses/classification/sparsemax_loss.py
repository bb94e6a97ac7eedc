"""Cross-entropy's sparse sibling: what is far behind has probability 0.

Reach for it when most classes should be ruled out rather than made unlikely, as in attention or with many labels.
Avoid it when the logarithm of a probability is scored: one that is ruled out and true costs infinity.
"""

from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Equivalent, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Scores
from lossmith.kernels.sparse_probabilities import from_the_top, sparsemax


def sparsemax_loss(input: Float[Tensor, "n c"], target: Int[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Sparsemax loss of each example.

    Args:
        input: scores, one row per example, one column per class.
        target: index of the true class, 0 … c−1.

    Returns:
        ½·(1 − Σ p²) + Σ_k p_k·z_k − z_target with p = sparsemax(z), the nearest point to the scores z among rows of
        probabilities; from 0, which is reached where the true score leads by 1. Its gradient is p − [k = target].

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Martins and Astudillo (2016), equation 15.

    Example:
        >>> import torch
        >>> sparsemax_loss(torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1]))
        tensor([0.0000, 0.2500])
    """
    expect.class_scores(input, target)
    scores = from_the_top(input)  # only differences count; what the sums below hold is then small
    p = sparsemax(scores)
    true = scores.gather(-1, target.unsqueeze(-1)).squeeze(-1)
    spread = 0.5 * (1.0 - p.square().sum(-1))
    return ((p * scores).sum(-1) + spread - true).to(input.dtype)


class SparsemaxLoss(Criterion):
    """`sparsemax_loss`, masked, weighted and reduced."""

    function = staticmethod(sparsemax_loss)


class SparsemaxScores(Scores):
    """Class scores of which a sparsemax makes probabilities."""

    words, head = "scores for a sparsemax", "a linear layer; a sparsemax of the scores gives the probabilities"

    def decode(self, values: Tensor) -> Tensor:
        return sparsemax(values)


CARD = Card(
    module=SparsemaxLoss,
    unit="example",
    inputs={"input": SparsemaxScores("n c"), "target": ClassIndex("n")},
    formula=r"-z_y + \tfrac12\left(1 - \|p\|^2\right) + p^\top z,\quad p = \mathrm{sparsemax}(z)",
    elicits=Functional("class_probabilities_by_sparsemax"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(note="from a margin of 1 on"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="each entry lies in [-1, 1]"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": NotApplicable("its probabilities are a sparsemax of the scores, not a softmax: see what it elicits"),
        "classification_calibrated": Holds(),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="except where a class gets or loses its probability"),
    },
    references=(
        Reference(
            "Martins and Astudillo",
            "From softmax to sparsemax: a sparse model of attention and multi-label classification",
            2016,
            "ICML, arXiv:1602.02068",
        ),
        Reference(
            "Blondel, Martins and Niculae", "Learning with Fenchel-Young losses", 2020, "JMLR 21(35), arXiv:1901.02324"
        ),
    ),
    equivalents=(
        Equivalent("entmax", "sparsemax_loss"),
        Equivalent("optax", "losses.multiclass_sparsemax_loss"),
    ),
    mistakes=(
        "A softmax of the scores at prediction: the probabilities are their sparsemax.",
        "Scoring its probabilities by log loss: a class at 0 that is true costs infinity; mix a little of the even "
        "distribution in, or use cross-entropy.",
        "Scaling the scores as for a softmax: from a margin of 1 on nothing is learned.",
    ),
    relatives={
        "cross_entropy_loss": "no probability is ever 0",
        "entmax15_loss": "half-way to it",
        "multiclass_hinge_loss": "zero from a margin on too; gives no probabilities",
        "brier_loss": "squared distance of softmax probabilities instead; not convex in the scores",
    },
)
