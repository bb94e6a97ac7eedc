"""The generator's loss that pulls hardest where the discriminator is surest.

Reach for it when training a GAN's generator against `gan_discriminator_loss`: what is meant by a GAN, as a rule.
Avoid it where samples lack variety: it cares that each looks real, and not that together they cover the data.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith.card import NO_TARGET, NOTHING, Card, Equivalent, Holds, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Logits


def non_saturating_generator_loss(fake_logits: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Non-saturating generator loss of each made example.

    The generator minimises it.

    Args:
        fake_logits: the discriminator's logits of made examples, with the generator's gradient; high means real.

    Returns:
        −log σ(fake), from 0 up; log 2 where the discriminator cannot tell. The generator minimises it.

    Source:
        Goodfellow et al. (2014), section 3.

    Example:
        >>> non_saturating_generator_loss(torch.tensor([0.0, -5.0]))
        tensor([0.6931, 5.0067])
    """
    return torch.nn.functional.softplus(-fake_logits)


class NonSaturatingGeneratorLoss(Criterion):
    """`non_saturating_generator_loss`, masked, weighted and reduced."""

    function = staticmethod(non_saturating_generator_loss)


CARD = Card(
    module=NonSaturatingGeneratorLoss,
    unit="element",
    inputs={"fake_logits": Logits()},
    formula=r"-\log \sigma(D(G(z)))",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="fake_logits"),
        "convex": Holds(wrt="fake_logits"),
        "differentiable": Holds(wrt="fake_logits"),
        "smooth": Holds(wrt="fake_logits"),
        "bounded_gradient": Holds(wrt="fake_logits", note="by 1, and near 1 while the discriminator wins"),
        "sample_independent": Holds(wrt="fake_logits"),
        "vmap": Holds(wrt="fake_logits"),
        "fullgraph": Holds(wrt="fake_logits"),
        "twice_differentiable": Holds(wrt="fake_logits"),
    },
    also_known_as=(
        "NS-GAN loss",
        "-log D trick",
    ),
    references=(Reference("Goodfellow et al.", "Generative adversarial nets", 2014, "NeurIPS, arXiv:1406.2661"),),
    equivalents=(
        Equivalent("torch", "nn.BCEWithLogitsLoss", "against ones"),
        Equivalent("keras", "losses.BinaryCrossentropy(from_logits=True)", "against ones"),
        Equivalent(
            "monai",
            "losses.PatchAdversarialLoss(criterion='bce')",
            "with target_is_real=True, on a sigmoid output by default",
        ),
    ),
    mistakes=(
        "Labels are flipped here: made examples against ones, since the generator wants them taken for real.",
        "The discriminator's parameters must not step with it: give the optimiser the generator's alone.",
        "A logarithm of the discriminator's sigmoid is infinite where the generator loses: give logits.",
    ),
    relatives={
        "gan_discriminator_loss": "what the discriminator minimises beside it",
        "gan_generator_loss": "the same without the flip, which saturates",
        "least_squares_generator_loss": "squares in place of logarithms",
        "wasserstein_generator_loss": "no logarithm: the score itself",
    },
)
