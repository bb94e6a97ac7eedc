"""Cross-entropy whose first term in 1 − p is given a weight of its own.

Reach for it when cross-entropy works and one more number is worth tuning: above 0 it presses on where it is nearly
right, below 0 it lets go earlier.
Avoid it when probabilities are read off the softmax: they are surer than the truth at epsilon above 0, less sure below.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    CLASS_PROBABILITIES,
    Card,
    Equivalent,
    Fails,
    Functional,
    Holds,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits


def poly1_loss(input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, epsilon: float = 1.0) -> Float[Tensor, "n"]:
    """Poly-1 cross-entropy of each example.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the true class, 0 … c−1.
        epsilon: what is added to the weight of 1 − p, which in cross-entropy is 1; from −1 up. The authors take 2 on
            ImageNet; 0 is cross-entropy.

    Returns:
        −log p + epsilon·(1 − p) with p = softmax(input)[target]; from 0 up.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Leng et al. (2022), equation 5.

    Example:
        >>> poly1_loss(torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1]), epsilon=2.0)
        tensor([0.3653, 1.6931])
    """
    expect.class_scores(input, target)
    usual = torch.nn.functional.cross_entropy(input, target, reduction="none")
    return usual - epsilon * torch.expm1(-usual)


class Poly1Loss(Criterion):
    """`poly1_loss`, masked, weighted and reduced."""

    function = staticmethod(poly1_loss)


CARD = Card(
    module=Poly1Loss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"-\log p_y + \varepsilon\,(1 - p_y)",
    # The minimiser's p_k is P_k/(λ - epsilon·P_k): in the order of P_k, but surer, or less sure.
    elicits=lambda epsilon: CLASS_PROBABILITIES if epsilon == 0 else Functional("class_probabilities_bent_by_epsilon"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite logits"),
        "convex": Fails(at={"epsilon": 6.0}, note="in the logits 1 - p levels off"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(at={"epsilon": 2.0}, note="it is at epsilon 0"),
        "classification_calibrated": Holds(),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"epsilon": Interval(-1.0, float("inf"), high_open=True)},
    search={"epsilon": Interval(-0.8, 6.0)},
    also_known_as=("polyloss", "poly-1 cross-entropy"),
    references=(
        Reference(
            "Leng et al.",
            "PolyLoss: a polynomial expansion perspective of classification loss functions",
            2022,
            "ICLR, arXiv:2204.12511",
        ),
    ),
    equivalents=(
        Equivalent("timm", "loss.PolyCrossEntropy", "epsilon is 2; float32"),
        Equivalent("optax", "losses.poly_loss_cross_entropy", "takes rows of class probabilities; epsilon is 2"),
    ),
    mistakes=(
        "Copying epsilon from ImageNet: its best value has either sign from task to task, so search it.",
        "An epsilon below -1, at which a right answer is pushed away: keep it from -1 up.",
        "Smoothed labels with it: 1 - p is of the true class, whatever the smoothing; the authors mix "
        "the labels in both parts.",
    ),
    relatives={
        "cross_entropy_loss": "epsilon 0",
        "focal_loss": "changes every term of the expansion instead of the first",
        "symmetric_cross_entropy_loss": "the same two parts, weighted against wrong labels",
    },
)
