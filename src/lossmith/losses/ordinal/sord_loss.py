"""Cross-entropy against a label that spreads over its neighbours.

Reach for it when classes are ordered and any classifier is to be told so by its targets alone.
Avoid it when the probabilities are used: they are spread as the labels are.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, Card, Fails, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits


def sord_loss(
    input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, sharpness: float = 1.0, power: float = 2.0
) -> Float[Tensor, "n"]:
    """Cross-entropy of each example against its soft ordinal label.

    Args:
        input: logits, one row per example, one column per level, in order.
        target: index of the true level, 0 … c−1.
        sharpness: factor of the distance; above 0. As it grows the label becomes a hard one.
        power: of the distance in levels: 1 the absolute, 2 the squared distance; above 0.

    Returns:
        −Σ s_k·log p_k with p = softmax(input) and s ∝ exp(−sharpness·|k − target|^power), in nats; above 0. The least
        value is the label's entropy.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Díaz and Marathe (2019).

    Example:
        >>> sord_loss(torch.tensor([[0.0, 2.0, 0.0]]), torch.tensor([1]))
        tensor([1.0873])
    """
    expect.class_scores(input, target)
    levels = torch.arange(input.shape[-1], device=input.device)
    away = (levels - target.unsqueeze(-1)).abs().to(input.dtype)
    label = (-sharpness * away**power).softmax(-1)
    return -(label * input.log_softmax(-1)).sum(-1)


class SordLoss(Criterion):
    """`sord_loss`, masked, weighted and reduced."""

    function = staticmethod(sord_loss)


WIDE = {"sharpness": 0.3, "power": 1.0}
CARD = Card(
    module=SordLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"-\sum_k s_k \log p_k,\quad s_k = \frac{e^{-a|k-y|^b}}{\sum_j e^{-a|j-y|^b}}",
    elicits=Functional("class_probabilities_spread_over_neighbours"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(at=WIDE, note="being sure of the true level is punished"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most 1/2"),
        "bounded_gradient": Holds(note="each entry lies in [-1, 1]"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(at=WIDE, note="the minimiser is the mean of the soft labels"),
        "classification_calibrated": Fails(at=WIDE, note="a level between two likely ones can get the most mass"),
        "monotone": Fails(at=WIDE, note="past its best margin, a surer right answer costs more"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"sharpness": POSITIVE, "power": POSITIVE},
    search={"sharpness": Interval(0.2, 5.0, log=True), "power": Interval(0.5, 2.0)},
    also_known_as=("soft ordinal labels", "soft labels for ordinal regression"),
    references=(Reference("Díaz and Marathe", "Soft labels for ordinal regression", 2019, "CVPR"),),
    mistakes=(
        "Scoring a validation set with it: its best value is not 0; use the metric itself, or cross_entropy_loss.",
        "Keeping the sharpness for another number of levels: with more of them the same step means less.",
        "Reading probabilities off the softmax: they carry the spread of the labels.",
    ),
    relatives={
        "cross_entropy_loss": "what it is at a large sharpness",
        "label_smoothing_cross_entropy_loss": "spreads over all classes alike",
        "ranked_probability_loss": "minds the order and stays proper",
    },
)
