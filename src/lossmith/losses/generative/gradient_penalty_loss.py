"""Pulls the slope of a critic to 1 between what is real and what is made.

Reach for it when training a Wasserstein critic: add it to `wasserstein_critic_loss`, in the critic's step alone.
Avoid it with batch normalisation in the critic, where one example's slope depends on the others, and where time is
short: a second derivative doubles the work.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    NO_TARGET,
    NON_NEGATIVE,
    NOTHING,
    Card,
    Equivalent,
    Fails,
    Holds,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import Real, Share
from lossmith.kernels.lengths import length


def gradient_penalty_loss(
    model: Callable[[Tensor], Tensor],
    real: Float[Tensor, "n *d"],
    fake: Float[Tensor, "n *d"],
    share: Float[Tensor, "n"],
    *,
    penalty: float = 10.0,
) -> Float[Tensor, "n"]:
    """Gradient penalty of WGAN-GP at one point between each real and made example.

    Args:
        model: the critic: a batch of examples in, their scores out, each score of its own example only.
        real: real examples; no gradient reaches them.
        fake: made examples, as many; no gradient reaches them, nor the generator.
        share: where in between, 1 is at the real one: `torch.rand(n)`, passed in so that a value can be had again.
        penalty: weight of the penalty; from 0 up.

    Returns:
        penalty·(‖∇critic‖ − 1)² at share·real + (1 − share)·fake, from 0 up. Its gradient reaches the critic's weights,
        by a second derivative; where the slope is 0, the length's subgradient is 0.

    Raises:
        ValueError: shapes differ.

    Source:
        Gulrajani et al. (2017), algorithm 1.

    Example:
        >>> critic = lambda x: x @ torch.tensor([3.0, 4.0])
        >>> gradient_penalty_loss(critic, torch.ones(1, 2), torch.zeros(1, 2), torch.tensor([0.5]), penalty=1.0)
        tensor([16.])
    """
    expect.same_shape(real=real, fake=fake)
    expect.one_per_row(real, share=share)
    learning = torch.is_grad_enabled()
    share = share.reshape(-1, *[1] * (real.ndim - 1))
    with torch.enable_grad():  # the slope is part of the value, under no_grad too
        between = (share * real + (1.0 - share) * fake).detach().requires_grad_()
        (slope,) = torch.autograd.grad(model(between).sum(), between, create_graph=learning)
    return penalty * (length(slope.flatten(1)) - 1.0).square()


class GradientPenaltyLoss(Criterion):
    """`gradient_penalty_loss`, masked, weighted and reduced."""

    function = staticmethod(gradient_penalty_loss)


_OF_MODEL = NotApplicable("no gradient reaches the examples; in the critic's weights it depends on the critic")
CARD = Card(
    module=GradientPenaltyLoss,
    kind="procedure",
    unit="example",
    inputs={"real": Real("n d"), "fake": Real("n d"), "share": Share("n")},
    formula=r"\lambda \big(\|\nabla_{\hat x} D(\hat x)\| - 1\big)^2, \quad \hat x = u\,x + (1 - u)\,G(z)",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="real"),
        "convex": _OF_MODEL,
        "differentiable": _OF_MODEL,
        "smooth": _OF_MODEL,
        "bounded_gradient": _OF_MODEL,
        "sample_independent": Holds(wrt="real", note="of a critic without batch normalisation"),
        "vmap": Fails(wrt="real", note="it differentiates inside"),
        "fullgraph": NotApplicable("no gradient reaches the examples, and the compiler breaks at the one inside"),
        "twice_differentiable": _OF_MODEL,
    },
    parameters={"penalty": NON_NEGATIVE},
    search={"penalty": Interval(0.1, 100.0, log=True)},
    also_known_as=("WGAN-GP penalty", "gradient penalty"),
    references=(
        Reference(
            "Gulrajani, Ahmed, Arjovsky, Dumoulin and Courville",
            "Improved training of Wasserstein GANs",
            2017,
            "NeurIPS, arXiv:1704.00028",
        ),
    ),
    equivalents=(
        Equivalent(
            "tensorflow-gan",
            "losses.wasserstein_gradient_penalty",
            "without the factor of 10; adds 1e-10 under the root",
        ),
    ),
    mistakes=(
        "The norm is over all dimensions of one example, and the penalty's mean over examples; not one norm of the "
        "batch.",
        "Without `create_graph=True` the penalty is a number with no effect on the critic; here it is set.",
        "Points must lie between real and made ones, one share per example: one share per pixel leaves the segment.",
        "Batch normalisation mixes examples: use layer normalisation in the critic.",
    ),
    relatives={"wasserstein_critic_loss": "what it is added to"},
)
