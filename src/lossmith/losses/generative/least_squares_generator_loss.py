"""The generator's half of the least squares game: made scores to 1.

Reach for it when the discriminator is trained with `least_squares_discriminator_loss`.
Avoid it against a discriminator trained otherwise: 1 means real only to that one.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith.card import NO_TARGET, NOTHING, Card, Equivalent, Fails, Holds, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def least_squares_generator_loss(fake_scores: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Least squares loss of each made example; the generator minimises it.

    Args:
        fake_scores: the discriminator's scores of made examples, with the generator's gradient: any real number.

    Returns:
        ½(fake − 1)², from 0 up. The generator minimises it.

    Source:
        Mao et al. (2017), equation 2, with their code c = 1.

    Example:
        >>> import torch
        >>> least_squares_generator_loss(torch.tensor([0.0, 1.0, 3.0]))
        tensor([0.5000, 0.0000, 2.0000])
    """
    return 0.5 * (fake_scores - 1.0).square()


class LeastSquaresGeneratorLoss(Criterion):
    """`least_squares_generator_loss`, masked, weighted and reduced."""

    function = staticmethod(least_squares_generator_loss)


CARD = Card(
    module=LeastSquaresGeneratorLoss,
    unit="element",
    inputs={"fake_scores": Real()},
    formula=r"\tfrac12 (D(G(z)) - 1)^2",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="fake_scores"),
        "convex": Holds(wrt="fake_scores"),
        "differentiable": Holds(wrt="fake_scores"),
        "smooth": Holds(wrt="fake_scores"),
        "bounded_gradient": Fails(wrt="fake_scores", note="it grows with the score"),
        "sample_independent": Holds(wrt="fake_scores"),
        "vmap": Holds(wrt="fake_scores"),
        "fullgraph": Holds(wrt="fake_scores"),
        "twice_differentiable": Holds(wrt="fake_scores"),
    },
    also_known_as=("LSGAN generator loss",),
    references=(
        Reference(
            "Mao, Li, Xie, Lau, Wang and Smolley",
            "Least squares generative adversarial networks",
            2017,
            "ICCV, arXiv:1611.04076",
        ),
    ),
    equivalents=(
        Equivalent("torch", "nn.MSELoss", "half of it, against ones"),
        Equivalent(
            "monai",
            "losses.PatchAdversarialLoss(criterion='least_squares')",
            "with target_is_real=True, without the ½, and with a leaky ReLU on the scores unless it is told otherwise",
        ),
    ),
    mistakes=(
        "The label is 1 here, and 0 for the same examples in the discriminator's step.",
        "A score above 1 costs as well: made examples are pulled back to the border, which is meant.",
    ),
    relatives={
        "least_squares_discriminator_loss": "the other player",
        "non_saturating_generator_loss": "with logarithms",
    },
)
