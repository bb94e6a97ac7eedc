"""Between cross-entropy and absolute error: a wrong label costs little.

Reach for it when a share of the labels is wrong: near 1, `pi` holds against many, near 0 it learns like cross-entropy.
Avoid it on clean labels, and where probabilities are read off the softmax: they are surer than the truth.
"""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    UNIT_OPEN,
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


def jensen_shannon_loss(
    input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, pi: float = 0.5
) -> Float[Tensor, "n"]:
    """Scaled Jensen-Shannon divergence of each prediction from its label.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the true class, 0 … c−1.
        pi: weight of the label in the mixture, 1 − pi that of the prediction; between 0 and 1. The authors take 0.1
            to 0.9, the more the noise.

    Returns:
        (pi·KL(e || m) + (1 − pi)·KL(p || m))/Z with e the label, p = softmax(input), m = pi·e + (1 − pi)·p and
        Z = −(1 − pi)·log(1 − pi). From 0 up; as pi falls to 0 it becomes cross-entropy, as pi rises to 1 it becomes
        1 − p_target, half the absolute error.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Englesson and Azizpour (2021), definition 1 and proposition 1.

    Example:
        >>> jensen_shannon_loss(torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1]))
        tensor([0.1247, 0.6226])
    """
    expect.class_scores(input, target)
    usual = torch.nn.functional.cross_entropy(input, target, reduction="none")
    # All other classes have m = (1 - pi)·p, so that only the true one's probability matters.
    rest, off = 1.0 - pi, -torch.expm1(-usual)
    own = -(1.0 - rest * off) * torch.log1p(-rest * off) - rest * (1.0 - off) * usual
    return off - own / (rest * math.log(rest))


class JensenShannonLoss(Criterion):
    """`jensen_shannon_loss`, masked, weighted and reduced."""

    function = staticmethod(jensen_shannon_loss)


CARD = Card(
    module=JensenShannonLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"\frac{\pi\,\mathrm{KL}(e_y \| m) + (1-\pi)\,\mathrm{KL}(p \| m)}{-(1-\pi)\log(1-\pi)},"
    r"\quad m = \pi e_y + (1-\pi) p",
    # Convex in p, and ever steeper towards 0: the minimiser is in the order of the probabilities, but surer.
    elicits=Functional("class_probabilities_made_surer"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite logits"),
        "convex": Fails(note="in the probabilities it is; in the logits it levels off"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("vanishing", note="a surely wrong prediction is not corrected"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="the minimiser is surer than the truth"),
        "classification_calibrated": Holds(),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"pi": UNIT_OPEN},
    search={"pi": Interval(0.1, 0.9)},
    also_known_as=("js loss", "scaled jensen-shannon divergence loss"),
    references=(
        Reference(
            "Englesson and Azizpour",
            "Generalized Jensen-Shannon divergence loss for learning with noisy labels",
            2021,
            "NeurIPS, arXiv:2105.04522",
        ),
    ),
    equivalents=(
        Equivalent(
            "timm",
            "loss.JsdCrossEntropy",
            "another loss of the name: cross-entropy, and how far the predictions for augmented copies differ",
        ),
        Equivalent("kornia", "losses.js_div_loss_2d", "without Z, at pi = 0.5, between two heat maps of probabilities"),
    ),
    mistakes=(
        "Leaving out Z: the loss and its gradient then shrink to nothing as pi nears 0 or 1.",
        "Taking it for the loss of AugMix, which compares predictions with each other: this one is of the label.",
        "Starting from a network that is surely wrong: the gradient is nearly 0 there; begin with a last layer of "
        "zeros.",
    ),
    relatives={
        "generalized_cross_entropy_loss": "the same aim, by a power of the probability",
        "symmetric_cross_entropy_loss": "adds the bounded part to cross-entropy instead of blending",
        "kl_divergence_loss": "from known probabilities, unbounded",
    },
)
