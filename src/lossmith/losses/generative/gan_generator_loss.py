"""The minimax game as written: log(1 − D) for the generator, which saturates.

Reach for it when the zero-sum game itself is studied, or its value is to be comparable with the discriminator's.
Avoid it for training: while the discriminator wins, its gradient is nearly 0. `non_saturating_generator_loss` has the
same fixed point and a gradient there.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith.card import NO_TARGET, NOTHING, Card, Equivalent, Fails, Holds, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Logits


def gan_generator_loss(fake_logits: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Saturating generator loss of each made example; the generator minimises it.

    Args:
        fake_logits: the discriminator's logits of made examples, with the generator's gradient; high means real.

    Returns:
        log(1 − σ(fake)), from 0 down: −log 2 where the discriminator cannot tell. The generator minimises it.

    Source:
        Goodfellow et al. (2014), equation 1.

    Example:
        >>> gan_generator_loss(torch.tensor([0.0, -5.0]))
        tensor([-0.6931, -0.0067])
    """
    return torch.nn.functional.logsigmoid(-fake_logits)


class GanGeneratorLoss(Criterion):
    """`gan_generator_loss`, masked, weighted and reduced."""

    function = staticmethod(gan_generator_loss)


CARD = Card(
    module=GanGeneratorLoss,
    unit="element",
    inputs={"fake_logits": Logits()},
    formula=r"\log(1 - \sigma(D(G(z))))",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Fails(wrt="fake_logits", note="it is 0 at most"),
        "convex": Fails(wrt="fake_logits", note="it is concave"),
        "differentiable": Holds(wrt="fake_logits"),
        "smooth": Holds(wrt="fake_logits"),
        "bounded_gradient": Holds(wrt="fake_logits", note="by 1, and near 0 while the discriminator wins"),
        "sample_independent": Holds(wrt="fake_logits"),
        "vmap": Holds(wrt="fake_logits"),
        "fullgraph": Holds(wrt="fake_logits"),
        "twice_differentiable": Holds(wrt="fake_logits"),
    },
    also_known_as=(
        "saturating generator loss",
        "minimax generator loss",
    ),
    references=(Reference("Goodfellow et al.", "Generative adversarial nets", 2014, "NeurIPS, arXiv:1406.2661"),),
    equivalents=(Equivalent("torch", "nn.BCEWithLogitsLoss", "against zeros, with a minus sign"),),
    mistakes=(
        "Where the discriminator is sure the gradient is σ(logit), next to nothing: that is why nobody trains with it.",
        "Its value is below 0 and falls as the generator gets better: a fall is no overflow.",
    ),
    relatives={
        "non_saturating_generator_loss": "the same fixed point, with its gradient where the generator loses",
        "gan_discriminator_loss": "the other player of this game",
    },
)
