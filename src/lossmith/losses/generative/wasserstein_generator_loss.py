"""The critic's score of what is made, turned round: the generator raises it.

Reach for it when the critic is trained with `wasserstein_critic_loss`.
Avoid reading it as quality: a score has no zero point. The critic's loss, with the sign turned, tells of progress.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith.card import NO_TARGET, NOTHING, Card, Equivalent, Fails, Holds, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def wasserstein_generator_loss(fake_scores: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Wasserstein loss of each made example; the generator minimises it.

    Args:
        fake_scores: the critic's scores of made examples, with the generator's gradient; high means real.

    Returns:
        −fake, of either sign. The generator minimises it.

    Source:
        Arjovsky et al. (2017), algorithm 1.

    Example:
        >>> import torch
        >>> wasserstein_generator_loss(torch.tensor([2.0]))
        tensor([-2.])
    """
    return -fake_scores


class WassersteinGeneratorLoss(Criterion):
    """`wasserstein_generator_loss`, masked, weighted and reduced."""

    function = staticmethod(wasserstein_generator_loss)


CARD = Card(
    module=WassersteinGeneratorLoss,
    unit="element",
    inputs={"fake_scores": Real()},
    formula=r"-D(G(z))",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Fails(wrt="fake_scores", note="a score has no zero point"),
        "convex": Holds(wrt="fake_scores", note="linear in the score"),
        "differentiable": Holds(wrt="fake_scores"),
        "smooth": Holds(wrt="fake_scores"),
        "bounded_gradient": Holds(wrt="fake_scores", note="it is -1"),
        "sample_independent": Holds(wrt="fake_scores"),
        "vmap": Holds(wrt="fake_scores"),
        "fullgraph": Holds(wrt="fake_scores"),
        "twice_differentiable": Holds(wrt="fake_scores", note="the second derivative is 0"),
    },
    also_known_as=(
        "WGAN generator loss",
        "hinge GAN generator loss",
    ),
    references=(Reference("Arjovsky, Chintala and Bottou", "Wasserstein GAN", 2017, "ICML, arXiv:1701.07875"),),
    equivalents=(Equivalent("tensorflow-gan", "losses.wasserstein_generator_loss", ""),),
    mistakes=(
        "With the sign lost the generator learns to be told apart, and nothing looks wrong: its value must be minus "
        "the mean score.",
        "The gradient penalty belongs to the critic's step and not to this one.",
    ),
    relatives={
        "wasserstein_critic_loss": "the other player",
        "non_saturating_generator_loss": "with a logarithm; much the same where the discriminator wins",
    },
)
