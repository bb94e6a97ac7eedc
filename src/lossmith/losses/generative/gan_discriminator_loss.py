"""Cross-entropy of telling real from made: the discriminator minimises it.

Reach for it when training a GAN's discriminator, whichever of the two generator losses goes with it.
Avoid it where real and made barely overlap and the discriminator wins at once: the generator then learns nothing from
it. Regularise the discriminator, or take `wasserstein_critic_loss`.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NO_TARGET, NOTHING, Card, Equivalent, Holds, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Logits


def gan_discriminator_loss(
    real_logits: Float[Tensor, "..."], fake_logits: Float[Tensor, "..."]
) -> Float[Tensor, "..."]:
    """Discriminator's loss of each pair of a real and a made example.

    Args:
        real_logits: the discriminator's logits of real examples; high means real.
        fake_logits: its logits of made examples, as many; the examples detached from the generator.

    Returns:
        −log σ(real) − log(1 − σ(fake)), from 0 up; 2·log 2 where it cannot tell. The discriminator minimises it.

    Raises:
        ValueError: shapes differ.

    Source:
        Goodfellow et al. (2014), equation 1, with a minus sign: there the discriminator maximises.

    Example:
        >>> gan_discriminator_loss(torch.tensor([0.0, 3.0]), torch.tensor([0.0, -3.0]))
        tensor([1.3863, 0.0972])
    """
    expect.same_shape(real_logits=real_logits, fake_logits=fake_logits)
    softplus = torch.nn.functional.softplus
    return softplus(-real_logits) + softplus(fake_logits)


class GanDiscriminatorLoss(Criterion):
    """`gan_discriminator_loss`, masked, weighted and reduced."""

    function = staticmethod(gan_discriminator_loss)


CARD = Card(
    module=GanDiscriminatorLoss,
    unit="element",
    inputs={"real_logits": Logits(), "fake_logits": Logits()},
    formula=r"-\log \sigma(D(x)) - \log(1 - \sigma(D(G(z))))",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="real_logits"),
        "convex": Holds(wrt="real_logits", note="in both logits"),
        "differentiable": Holds(wrt="real_logits"),
        "smooth": Holds(wrt="real_logits"),
        "bounded_gradient": Holds(wrt="real_logits", note="by 1 in each logit"),
        "sample_independent": Holds(wrt="real_logits"),
        "vmap": Holds(wrt="real_logits"),
        "fullgraph": Holds(wrt="real_logits"),
        "twice_differentiable": Holds(wrt="real_logits"),
    },
    also_known_as=(
        "minimax discriminator loss",
        "vanilla GAN discriminator loss",
    ),
    references=(Reference("Goodfellow et al.", "Generative adversarial nets", 2014, "NeurIPS, arXiv:1406.2661"),),
    equivalents=(
        Equivalent("torch", "nn.BCEWithLogitsLoss", "the sum of two calls, against ones and against zeros"),
        Equivalent(
            "keras",
            "losses.BinaryCrossentropy(from_logits=True)",
            "the sum of two calls; one call on both batches together is half of it",
        ),
        Equivalent(
            "monai",
            "losses.PatchAdversarialLoss(criterion='bce')",
            "one call each for real and made, on sigmoid outputs by default",
        ),
    ),
    mistakes=(
        "The paper's value is maximised by the discriminator; this one is minimised: negate it once, not twice.",
        "Without `fake.detach()` the discriminator's step also trains the generator, to be told apart.",
        "A sigmoid at the end of the discriminator and this loss are two sigmoids: give logits.",
        "A value near 0 is no success but the end of learning; near 2·log 2 = 1.386 the two are even.",
    ),
    relatives={
        "non_saturating_generator_loss": "what the generator minimises beside it, as a rule",
        "gan_generator_loss": "what the generator minimises in the paper's game",
        "least_squares_discriminator_loss": "squares in place of logarithms",
        "wasserstein_critic_loss": "no logarithm: scores without a limit",
    },
)
