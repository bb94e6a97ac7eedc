"""One minus quadratic weighted kappa: agreement on ordered levels, beyond chance.

Reach for it when quadratic weighted kappa is the metric, to fine-tune what was trained with cross-entropy.
Avoid it with small batches, whose chance agreement is mostly chance itself, and when the probabilities are used.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, Card, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits


def quadratic_weighted_kappa_loss(
    input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, floor: float = 1e-4
) -> Float[Tensor, ""]:
    """One minus the soft quadratic weighted kappa of a batch.

    Args:
        input: logits, one row per example, one column per level, in order.
        target: index of the true level, 0 … c−1.
        floor: squared levels added below, so that a batch of one level is no 0/0; above 0.

    Returns:
        D/(E + floor): D is the mean of Σ_k p_k·(k − target)² with p = softmax(input), E what it would be if predictions
        were dealt to the examples by chance. From 0 to 2; without the floor it is 1 − κ.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Cohen (1968); de la Torre, Puig and Valls (2018), without their logarithm.

    Example:
        >>> sure = torch.tensor([[20.0, 0.0, 0.0], [0.0, 20.0, 0.0], [0.0, 0.0, 20.0]])
        >>> quadratic_weighted_kappa_loss(sure, torch.tensor([0, 1, 1]), floor=1e-6)  # D = 1/3; E = 1
        tensor(0.3333)
    """
    expect.class_scores(input, target)
    p, count = input.softmax(-1), max(len(input), 1)
    levels = torch.arange(p.shape[-1], device=p.device, dtype=p.dtype)
    true = target.to(p.dtype)
    apart = (p * (levels - true.unsqueeze(-1)).square()).sum() / count
    # Two independent draws lie apart by both variances and the squared distance of the means: no c × c table, and
    # nothing cancels.
    shares = p.sum(0) / count
    said, mean = (shares * levels).sum(), true.sum() / count
    spread = (shares * (levels - said).square()).sum() + (true - mean).square().sum() / count
    return apart / (spread + (said - mean).square() + floor)


class QuadraticWeightedKappaLoss(Criterion):
    """`quadratic_weighted_kappa_loss` of a batch; no mask, no weights."""

    function = staticmethod(quadratic_weighted_kappa_loss)


CARD = Card(
    module=QuadraticWeightedKappaLoss,
    unit="batch",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"\frac{\frac1n \sum_i \sum_k p_{ik}\,(k - y_i)^2}"
    r"{\frac1{n^2} \sum_{i,j} \sum_k p_{ik}\,(k - y_j)^2 + f}",
    elicits=Functional("levels_of_the_best_expected_kappa"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margins grow, never reached at finite logits"),
        "convex": Fails(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("vanishing"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": NotApplicable("it judges a batch; no single row has a best prediction"),
        "classification_calibrated": NotApplicable("it judges a batch; no single row has a best prediction"),
        "monotone": Fails(note="raising a level next to the true one takes mass from those further off"),
        "sample_independent": NotApplicable("a loss of the whole batch has one value"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"floor": POSITIVE},
    also_known_as=("QWK loss", "weighted kappa loss", "quadratic kappa loss"),
    references=(
        Reference("Cohen", "Weighted kappa", 1968, "Psychological Bulletin 70(4), 213-220"),
        Reference(
            "de la Torre, Puig and Valls",
            "Weighted kappa loss function for multi-class classification of ordinal data in deep learning",
            2018,
            "Pattern Recognition Letters 105",
        ),
    ),
    mistakes=(
        "Training from scratch with it: the gradient of a surely wrong row vanishes; begin with cross-entropy.",
        "Small batches, or batches of one level: kappa compares with chance in this batch; draw them large and mixed.",
        "Taking its logarithm, as the paper does, without a floor: a perfect batch is then minus infinity.",
    ),
    relatives={
        "ranked_probability_loss": "minds the order row by row, and is proper",
        "squared_emd_loss": "the same against soft targets",
        "dice_loss": "a metric made soft, too",
    },
)
