"""Focal loss for tags: easy noes are played down far more than easy yeses.

Reach for it when a row has a few of many labels, so that noes drown the yeses, and a ranking or tuned cuts are wanted.
Avoid it where the sigmoid is read as a probability: it is far too high. With a margin, a no it gets surely wrong is
given up.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    CLASS_PROBABILITIES,
    MOST_LIKELY_CLASS,
    NON_NEGATIVE,
    RANKING,
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
from lossmith.domains import BinaryTarget, Logits


def asymmetric_loss(
    input: Float[Tensor, "..."],
    target: Float[Tensor, "..."],
    *,
    gamma_positive: float = 0.0,
    gamma_negative: float = 4.0,
    margin: float = 0.05,
) -> Float[Tensor, "..."]:
    """Asymmetric loss of each element.

    Args:
        input: logits, the log-odds of a yes.
        target: 0 or 1 as floating point, same shape; a number between them is a soft target.
        gamma_positive: how strongly easy yeses are played down. The authors' code takes 1 unasked, their paper 0.
        gamma_negative: the same for noes.
        margin: a no whose probability of a yes is below it costs nothing; the others are taken for so much easier.

    Returns:
        −(1 − p)^gamma_positive·log p for a yes, −q^gamma_negative·log(1 − q) for a no, with p = σ(input) and
        q = max(p − margin, 0); from 0 up. A soft target y mixes the two, y to 1 − y.

    Raises:
        ValueError: shapes differ.
        TypeError: `target` is not floating point.

    Source:
        Ridnik et al. (2021).

    Example:
        >>> asymmetric_loss(torch.tensor([0.0, 0.0, -4.0]), torch.tensor([1.0, 0.0, 0.0]))
        tensor([0.6931, 0.0245, 0.0000])
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    log_p, log_not_p = torch.nn.functional.logsigmoid(input), torch.nn.functional.logsigmoid(-input)
    yes = -torch.exp(gamma_positive * log_not_p) * log_p
    above = input.sigmoid() - margin
    inside = above > 0
    # Outside the margin the power's slope can be infinite at 0, and infinity times nothing is no number.
    base = torch.where(inside, above, torch.ones_like(above))
    log_rest = log_not_p if margin == 0 else torch.log(torch.where(inside, (-input).sigmoid() + margin, base))
    no = torch.where(inside, -(base**gamma_negative) * log_rest, torch.zeros_like(above))
    return target * yes + (1.0 - target) * no


class AsymmetricLoss(Criterion):
    """`asymmetric_loss`, masked, weighted and reduced."""

    function = staticmethod(asymmetric_loss)


def _elicits(gamma_positive: float, gamma_negative: float, margin: float) -> Functional:
    """Say what the minimiser is: more than the order only where both sides are alike."""
    if margin > 0 or gamma_positive != gamma_negative:
        return RANKING
    return CLASS_PROBABILITIES if gamma_positive == 0 else MOST_LIKELY_CLASS


_STEP = {"gamma_positive": 0.0, "gamma_negative": 0.0, "margin": 0.1}

CARD = Card(
    module=AsymmetricLoss,
    unit="element",
    inputs={"input": Logits(), "target": BinaryTarget()},
    formula=r"-y\,(1-p)^{\gamma_+}\log p - (1-y)\,q^{\gamma_-}\log(1-q),\quad q = \max(p - m, 0)",
    elicits=_elicits,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="a no is, within the margin; a yes approaches it"),
        "convex": Fails(note="in the logits; it is with both gammas and the margin at 0"),
        "differentiable": Fails(at=_STEP, note="at the margin, where gamma_negative is 0; else it is"),
        "smooth": Fails(at=_STEP, note="the gradient jumps there"),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("constant", note="of a yes; with a margin that of a surely wrong no vanishes"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="the minimiser's sigmoid is far above the truth"),
        "classification_calibrated": Fails(note="a yes is said at less than even odds"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={
        "gamma_positive": NON_NEGATIVE,
        "gamma_negative": NON_NEGATIVE,
        "margin": Interval(0.0, 1.0, high_open=True),
    },
    search={
        "gamma_positive": Interval(0.0, 2.0),
        "gamma_negative": Interval(1.0, 6.0),
        "margin": Interval(0.0, 0.2),
    },
    also_known_as=("asl", "asymmetric focal loss"),
    references=(
        Reference("Ridnik et al.", "Asymmetric loss for multi-label classification", 2021, "arXiv:2009.14119"),
    ),
    equivalents=(
        Equivalent(
            "timm",
            "loss.AsymmetricLossMultiLabel",
            "gamma_pos 1 unless given; sums over elements; clamps at 1e-8, without gradient there",
        ),
    ),
    mistakes=(
        "Cutting at 0.5: noes are played down, so that a yes is said far too often; tune the cut.",
        "Turning the gammas round: the larger one belongs to the noes, of which there are many.",
        "Summing over elements, as the authors' code does, with the same learning rate as a mean: "
        "the gradient is larger by their number.",
    ),
    relatives={
        "sigmoid_focal_loss": "one gamma for both, and no margin",
        "weighted_binary_cross_entropy_loss": "a weight instead of powers: keeps the odds, times a factor",
        "binary_cross_entropy_loss": "what it is with both gammas and the margin at 0",
    },
)
