"""Pulls the slope of a discriminator to 0 at real examples, and only there.

Reach for it with `gan_discriminator_loss`, in the discriminator's step: where made examples are like real ones it lets
training come to rest (StyleGAN). At made examples it is R2: call it with those.
Avoid it with a Wasserstein critic, whose slope should be 1 and not 0: take `gradient_penalty_loss`; and where time is
short: a second derivative doubles the work, so it is often taken every 16th step with 16 times the weight.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith.card import NO_TARGET, NON_NEGATIVE, NOTHING, Card, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def r1_penalty_loss(
    model: Callable[[Tensor], Tensor], real: Float[Tensor, "n *d"], *, gamma: float = 10.0
) -> Float[Tensor, "n"]:
    """Zero-centred gradient penalty at each real example.

    Args:
        model: the discriminator: a batch of examples in, their logits out, each of its own example only.
        real: real examples; no gradient reaches them.
        gamma: weight of the penalty, which is halved; from 0 up.

    Returns:
        ½·gamma·‖∇D(real)‖², over all of an example's dimensions, from 0 up. Its gradient reaches the discriminator's
        weights, by a second derivative.

    Source:
        Mescheder, Geiger and Nowozin (2018), equation 9.

    Example:
        >>> discriminator = lambda x: x @ torch.tensor([3.0, 4.0])
        >>> r1_penalty_loss(discriminator, torch.ones(1, 2), gamma=2.0)
        tensor([25.])
    """
    learning = torch.is_grad_enabled()
    with torch.enable_grad():  # the slope is part of the value, under no_grad too
        point = real.detach().requires_grad_()
        (slope,) = torch.autograd.grad(model(point).sum(), point, create_graph=learning)
    return 0.5 * gamma * slope.flatten(1).square().sum(-1)


class R1PenaltyLoss(Criterion):
    """`r1_penalty_loss`, masked, weighted and reduced."""

    function = staticmethod(r1_penalty_loss)


_OF_MODEL = NotApplicable("no gradient reaches the examples; in the weights it depends on the discriminator")

CARD = Card(
    module=R1PenaltyLoss,
    kind="procedure",
    unit="example",
    inputs={"real": Real("n d")},
    formula=r"\tfrac{\gamma}{2} \|\nabla_x D(x)\|^2",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="real"),
        "convex": _OF_MODEL,
        "differentiable": _OF_MODEL,
        "smooth": _OF_MODEL,
        "bounded_gradient": _OF_MODEL,
        "sample_independent": Holds(wrt="real", note="of a discriminator without batch normalisation"),
        "vmap": Fails(wrt="real", note="it differentiates inside"),
        "fullgraph": NotApplicable("no gradient reaches the examples, and the compiler breaks at the one inside"),
        "twice_differentiable": _OF_MODEL,
    },
    parameters={"gamma": NON_NEGATIVE},
    search={"gamma": Interval(0.1, 100.0, log=True)},
    also_known_as=("R1 regularisation", "R2 regularisation", "zero-centred gradient penalty"),
    references=(
        Reference(
            "Mescheder, Geiger and Nowozin",
            "Which training methods for GANs do actually converge?",
            2018,
            "ICML, arXiv:1801.04406",
        ),
    ),
    mistakes=(
        "The slope is of the logit, not of the probability: a sigmoid at the end flattens it by itself.",
        "Every 16th step only, with the weight as it was: multiply it by 16 (lazy regularisation).",
        "Mixed precision underflows in the second derivative: compute it in float32.",
    ),
    relatives={
        "gradient_penalty_loss": "a slope of 1, between real and made examples, for a Wasserstein critic",
        "gan_discriminator_loss": "what it is added to",
    },
)
