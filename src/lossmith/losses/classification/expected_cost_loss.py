"""Mean price of deciding by the predicted probabilities, from a table of prices.

Reach for it when each kind of mistake has a known price, also with more than two classes, and only decisions count.
Avoid it when probabilities are wanted or prices may change: cross-entropy, then the cheapest class by its
probabilities, needs no new training. The gradient of a surely wrong row vanishes.
"""

from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import LEAST_COST_CLASS, Card, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits, NonNegative


def expected_cost_loss(
    input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, cost: Float[Tensor, "c c"]
) -> Float[Tensor, "n"]:
    """Expected cost of each example, were its class drawn by the softmax.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the true class, 0 … c−1.
        cost: price of predicting each class (columns) where each is true (rows); 0 or more, mostly 0 on the diagonal.

    Returns:
        Σ_k p_k·cost[target, k] with p = softmax(input), in the unit of the prices; from 0 to the row's dearest.

    Raises:
        ValueError: shapes are not (n, c), (n,) and (c, c).
        TypeError: `target` is not an integer tensor.

    Source:
        Elkan (2001) for the cost matrix; Kukar and Kononenko (1998) for training with it.

    Example:
        >>> import torch
        >>> cost = torch.tensor([[0.0, 1.0], [5.0, 0.0]])
        >>> expected_cost_loss(torch.zeros(2, 2), torch.tensor([0, 1]), cost=cost)
        tensor([0.5000, 2.5000])
    """
    expect.class_scores(input, target)
    expect.class_pairs("cost", cost, input)
    return (input.softmax(-1) * cost.to(input.dtype)[target]).sum(-1)


class ExpectedCostLoss(Criterion):
    """`expected_cost_loss`, masked, weighted and reduced."""

    function = staticmethod(expected_cost_loss)


PRICES = {"cost": ((0.0, 1.0, 4.0), (3.0, 0.0, 1.0), (9.0, 2.0, 0.0))}
CARD = Card(
    module=ExpectedCostLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"\sum_k p_k\, C_{yk}",
    elicits=LEAST_COST_CLASS,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(at=PRICES, note="approached as the margin grows, if being right is free"),
        "convex": Fails(at=PRICES, note="linear in the probabilities; in the logits it levels off"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="by half the row's range of prices"),
        "gradient_growth": Holds("vanishing", note="a surely wrong prediction is not corrected"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(at=PRICES, note="all mass goes to the cheapest class"),
        "classification_calibrated": Fails(at=PRICES, note="it finds the cheapest class, not the likeliest"),
        "monotone": Fails(at=PRICES, note="raising a cheap wrong class takes mass from dear ones"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"cost": NonNegative("c c")},
    also_known_as=("cost matrix loss", "cost-sensitive loss", "expected misclassification cost"),
    references=(
        Reference("Elkan", "The foundations of cost-sensitive learning", 2001, "IJCAI"),
        Reference("Kukar and Kononenko", "Cost-sensitive learning with neural networks", 1998, "ECAI"),
    ),
    mistakes=(
        "Rows and columns the wrong way round: rows are the true class here, and many texts have them as columns.",
        "Reading probabilities off the softmax: they are driven to 0 or 1.",
        "Training from scratch with it: where the network is surely wrong nothing pulls; begin with cross-entropy.",
    ),
    relatives={
        "class_weighted_cross_entropy_loss": "prices by the true class alone, and never stops pulling",
        "cross_entropy_loss": "probabilities, from which any price table can be served later",
        "ordinal_log_loss": "prices by distance between levels",
    },
)
