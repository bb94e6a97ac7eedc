"""Squares in place of logarithms: real scores to 1, made ones to 0.

Reach for it when a GAN's logarithms saturate: a score far on the right side still has a gradient.
Avoid it with a sigmoid or clamp on the scores, which brings the saturation back.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NO_TARGET, NOTHING, Card, Equivalent, Fails, Holds, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def least_squares_discriminator_loss(
    real_scores: Float[Tensor, "..."], fake_scores: Float[Tensor, "..."]
) -> Float[Tensor, "..."]:
    """Least squares loss of each pair of a real and a made example.

    The discriminator minimises it.

    Args:
        real_scores: the discriminator's scores of real examples: any real number, no sigmoid.
        fake_scores: its scores of made examples, as many; the examples detached from the generator.

    Returns:
        ½(real − 1)² + ½fake², from 0 up. The discriminator minimises it.

    Raises:
        ValueError: shapes differ.

    Source:
        Mao et al. (2017), equation 2, with their codes a = 0 and b = 1.

    Example:
        >>> import torch
        >>> least_squares_discriminator_loss(torch.tensor([0.5, 1.0]), torch.tensor([0.5, 0.0]))
        tensor([0.2500, 0.0000])
    """
    expect.same_shape(real_scores=real_scores, fake_scores=fake_scores)
    return 0.5 * ((real_scores - 1.0).square() + fake_scores.square())


class LeastSquaresDiscriminatorLoss(Criterion):
    """`least_squares_discriminator_loss`, masked, weighted and reduced."""

    function = staticmethod(least_squares_discriminator_loss)


CARD = Card(
    module=LeastSquaresDiscriminatorLoss,
    unit="element",
    inputs={"real_scores": Real(), "fake_scores": Real()},
    formula=r"\tfrac12 (D(x) - 1)^2 + \tfrac12 D(G(z))^2",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="real_scores"),
        "convex": Holds(wrt="real_scores", note="in both scores"),
        "differentiable": Holds(wrt="real_scores"),
        "smooth": Holds(wrt="real_scores"),
        "bounded_gradient": Fails(wrt="real_scores", note="it grows with the score, on the right side too"),
        "sample_independent": Holds(wrt="real_scores"),
        "vmap": Holds(wrt="real_scores"),
        "fullgraph": Holds(wrt="real_scores"),
        "twice_differentiable": Holds(wrt="real_scores"),
    },
    also_known_as=("LSGAN discriminator loss",),
    references=(
        Reference(
            "Mao, Li, Xie, Lau, Wang and Smolley",
            "Least squares generative adversarial networks",
            2017,
            "ICCV, arXiv:1611.04076",
        ),
    ),
    equivalents=(
        Equivalent("torch", "nn.MSELoss", "half the sum of two calls, against ones and against zeros"),
        Equivalent(
            "monai",
            "losses.PatchAdversarialLoss(criterion='least_squares')",
            "without the ½, and with a leaky ReLU on the scores unless it is told otherwise",
        ),
    ),
    mistakes=(
        "Scores are not probabilities: a sigmoid at the end of the discriminator takes the loss's point away.",
        "Some code has no factor ½ on one of the two losses: the players' learning rates then differ by 2.",
        "Without `fake.detach()` the discriminator's step also trains the generator, to be told apart.",
    ),
    relatives={
        "least_squares_generator_loss": "what the generator minimises beside it",
        "gan_discriminator_loss": "with logarithms",
    },
)
