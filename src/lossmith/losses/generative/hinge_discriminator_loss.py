"""A hinge for each side: real scores above 1, made ones below −1, and no more.

Reach for it when training a GAN of large pictures with spectral normalisation (SAGAN, BigGAN): examples that are told
apart well enough no longer pull. Its generator minimises `wasserstein_generator_loss`, the score with a minus sign.
Avoid it where scores should be read as odds: beyond the margin they mean nothing.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NO_TARGET, NOTHING, Card, Equivalent, Fails, Holds, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Scores


def hinge_discriminator_loss(
    real_logits: Float[Tensor, "..."], fake_logits: Float[Tensor, "..."]
) -> Float[Tensor, "..."]:
    """Discriminator's hinge loss of each pair of a real and a made example.

    Args:
        real_logits: the discriminator's scores of real examples; high means real.
        fake_logits: its scores of made examples, as many; the examples detached from the generator.

    Returns:
        max(0, 1 − real) + max(0, 1 + fake), from 0 up; 2 where all scores are 0. The discriminator minimises it.

    Raises:
        ValueError: shapes differ.

    Source:
        Lim and Ye (2017); Miyato et al. (2018), equation 16 with a minus sign.

    Example:
        >>> hinge_discriminator_loss(torch.tensor([0.25, 3.0]), torch.tensor([0.5, -3.0]))
        tensor([2.2500, 0.0000])
    """
    expect.same_shape(real_logits=real_logits, fake_logits=fake_logits)
    return torch.relu(1.0 - real_logits) + torch.relu(1.0 + fake_logits)


class HingeDiscriminatorLoss(Criterion):
    """`hinge_discriminator_loss`, masked, weighted and reduced."""

    function = staticmethod(hinge_discriminator_loss)


CARD = Card(
    module=HingeDiscriminatorLoss,
    unit="element",
    inputs={"real_logits": Scores(), "fake_logits": Scores()},
    formula=r"\max(0, 1 - D(x)) + \max(0, 1 + D(G(z)))",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="real_logits"),
        "convex": Holds(wrt="real_logits", note="in both scores"),
        "differentiable": Fails(wrt="real_logits", note="at a score of 1, and of -1 for made examples"),
        "smooth": Fails(wrt="real_logits"),
        "bounded_gradient": Holds(wrt="real_logits", note="by 1 in each score, and 0 beyond the margin"),
        "sample_independent": Holds(wrt="real_logits"),
        "vmap": Holds(wrt="real_logits"),
        "fullgraph": Holds(wrt="real_logits"),
        "twice_differentiable": Holds(wrt="real_logits", note="except at its kinks; the second derivative is 0"),
    },
    also_known_as=("GAN hinge loss", "geometric GAN discriminator loss"),
    references=(
        Reference("Lim and Ye", "Geometric GAN", 2017, "arXiv:1705.02894"),
        Reference(
            "Miyato, Kataoka, Koyama and Yoshida",
            "Spectral normalization for generative adversarial networks",
            2018,
            "ICLR, arXiv:1802.05957",
        ),
    ),
    equivalents=(
        Equivalent("monai", "losses.PatchAdversarialLoss(criterion='hinge')", "one call each for real and made"),
    ),
    mistakes=(
        "The generator has no hinge: it minimises the score with a minus sign, `wasserstein_generator_loss`.",
        "A value of 0 means that every example is beyond the margin and nothing learns: the discriminator is too good.",
        "Without `fake.detach()` the discriminator's step also trains the generator, to be told apart.",
    ),
    relatives={
        "wasserstein_generator_loss": "what the generator minimises beside it",
        "gan_discriminator_loss": "logarithms in place of hinges: every example pulls, for ever",
        "wasserstein_critic_loss": "without the margin, and therefore with a penalty",
    },
)
