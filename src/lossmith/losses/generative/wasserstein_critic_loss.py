"""How much higher the critic scores what is made than what is real.

Reach for it when a discriminator with logarithms wins too soon: a critic may be trained far, and its value, with the
sign turned, follows the distance of the two distributions.
Avoid it alone: without a limit to the critic's slope it falls for ever. Add `gradient_penalty_loss`.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NO_TARGET, NOTHING, Card, Equivalent, Fails, Holds, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def wasserstein_critic_loss(
    real_scores: Float[Tensor, "..."], fake_scores: Float[Tensor, "..."]
) -> Float[Tensor, "..."]:
    """Wasserstein critic's loss of each pair of a real and a made example.

    The critic minimises it.

    Args:
        real_scores: the critic's scores of real examples: any real number; high means real.
        fake_scores: its scores of made examples, as many; the examples detached from the generator.

    Returns:
        fake − real, of either sign. The critic minimises it; minus its mean estimates the distance, if the
        critic's slope is at most 1.

    Raises:
        ValueError: shapes differ.

    Source:
        Arjovsky et al. (2017), algorithm 1, with a minus sign: there the critic ascends.

    Example:
        >>> import torch
        >>> wasserstein_critic_loss(torch.tensor([2.0]), torch.tensor([-1.0]))
        tensor([-3.])
    """
    expect.same_shape(real_scores=real_scores, fake_scores=fake_scores)
    return fake_scores - real_scores


class WassersteinCriticLoss(Criterion):
    """`wasserstein_critic_loss`, masked, weighted and reduced."""

    function = staticmethod(wasserstein_critic_loss)


CARD = Card(
    module=WassersteinCriticLoss,
    unit="element",
    inputs={"real_scores": Real(), "fake_scores": Real()},
    formula=r"D(G(z)) - D(x)",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Fails(wrt="real_scores", note="a good critic's is negative"),
        "convex": Holds(wrt="real_scores", note="linear in the scores; not so in the critic's weights"),
        "differentiable": Holds(wrt="real_scores"),
        "smooth": Holds(wrt="real_scores"),
        "bounded_gradient": Holds(wrt="real_scores", note="it is -1 for real and 1 for made scores"),
        "sample_independent": Holds(wrt="real_scores"),
        "vmap": Holds(wrt="real_scores"),
        "fullgraph": Holds(wrt="real_scores"),
        "twice_differentiable": Holds(wrt="real_scores", note="the second derivative is 0"),
    },
    also_known_as=(
        "WGAN critic loss",
        "Wasserstein discriminator loss",
    ),
    references=(Reference("Arjovsky, Chintala and Bottou", "Wasserstein GAN", 2017, "ICML, arXiv:1701.07875"),),
    equivalents=(
        Equivalent(
            "tensorflow-gan",
            "losses.wasserstein_discriminator_loss",
            "the mean of each side, so that the two may differ in number",
        ),
    ),
    mistakes=(
        "The paper ascends the distance; this is its negative, for an optimiser that descends: a falling value is a "
        "better critic.",
        "Alone it has no minimum: pair it with `gradient_penalty_loss`, or the scores run away.",
        "Batch normalisation makes an example's score depend on the others and voids the gradient penalty: use layer "
        "normalisation.",
        "The critic should be near its best before the generator moves: about five steps of it to one.",
    ),
    relatives={
        "wasserstein_generator_loss": "the other player",
        "gradient_penalty_loss": "keeps the critic's slope at 1; add it to this loss",
        "gan_discriminator_loss": "with logarithms, and no need for a penalty",
    },
)
