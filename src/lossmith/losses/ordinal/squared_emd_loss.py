"""Squared earth mover's distance: how far mass must be carried.

Reach for it when each example comes with a distribution over ordered levels, such as the votes of several raters.
Avoid it where the levels have no order, and from a bad start: the gradient of a surely wrong row vanishes.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import CLASS_PROBABILITIES, Card, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassProbabilities, Logits


def squared_emd_loss(input: Float[Tensor, "n c"], target: Float[Tensor, "n c"]) -> Float[Tensor, "n"]:
    """Squared earth mover's distance of each example.

    Args:
        input: logits, one row per example, one column per level, in order.
        target: rows of probabilities that sum to 1, such as shares of votes.

    Returns:
        Σ_{k<c−1} (F_k − G_k)² with F and G the cumulative sums of softmax(input) and of the target; from 0 to c − 1.
        Levels lie one apart.

    Raises:
        ValueError: shapes differ, or are not (n, c).
        TypeError: `target` is not floating point.

    Source:
        Hou, Yu and Samaras (2016).

    Example:
        >>> import torch
        >>> even = torch.zeros(2, 3)
        >>> squared_emd_loss(even, torch.tensor([[1.0, 0.0, 0.0], [0.5, 0.0, 0.5]]))
        tensor([0.5556, 0.0556])
    """
    expect.class_rows(input, target)
    carried = (input.softmax(-1) - target).cumsum(-1)[:, :-1]
    return carried.square().sum(-1)


class SquaredEmdLoss(Criterion):
    """`squared_emd_loss`, masked, weighted and reduced."""

    function = staticmethod(squared_emd_loss)


CARD = Card(
    module=SquaredEmdLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassProbabilities("n c")},
    formula=r"\sum_{k<c-1} \Big(\sum_{j \le k} (p_j - t_j)\Big)^2",
    elicits=CLASS_PROBABILITIES,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Fails(note="in the probabilities it is; in the logits it levels off"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("vanishing", note="a surely wrong prediction is not corrected"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Holds(note="for the mean of the targets"),
        "classification_calibrated": Holds(),
        "monotone": Fails(note="raising a level next to the true one takes mass from those further off"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("EMD loss", "squared earth mover's distance", "NIMA loss"),
    references=(
        Reference(
            "Hou, Yu and Samaras",
            "Squared earth mover's distance-based loss for training deep neural networks",
            2016,
            "arXiv:1611.05916",
        ),
        Reference("Talebi and Milanfar", "NIMA: neural image assessment", 2018, "IEEE TIP; arXiv:1709.05424"),
    ),
    mistakes=(
        "NIMA takes the root of the mean over levels, row by row: its numbers are √(this/c), another loss on average.",
        "Passing votes as counts: divide each row by its sum.",
        "Passing probabilities: it takes logits.",
    ),
    relatives={
        "ranked_probability_loss": "the same against one true level",
        "soft_cross_entropy_loss": "no order among the levels",
    },
)
