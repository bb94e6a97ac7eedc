"""Asks whether a real example looks more real than the made ones do on average.

Reach for it when a GAN's discriminator wins at once: real scores must fall as made ones rise, which keeps both sides
learning (ESRGAN). The generator minimises the same with the two arguments swapped.
Avoid it in small batches, whose averages are noise, and where a score should mean something by itself: only differences
count. For single pairs in place of averages it is `bpr_loss`.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NO_TARGET, NOTHING, Card, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Logits


def relativistic_average_loss(real_logits: Float[Tensor, "n"], fake_logits: Float[Tensor, "n"]) -> Float[Tensor, ""]:
    """Relativistic average loss of a batch, for the discriminator.

    Args:
        real_logits: the discriminator's logits of real examples; high means real.
        fake_logits: its logits of made examples, as many. For the generator's step swap the two, with the gradient of
            both.

    Returns:
        Mean of −log σ(real − mean fake) plus mean of −log σ(mean real − fake), from 0 up; 2·log 2 where it cannot tell.

    Raises:
        ValueError: shapes differ.

    Source:
        Jolicoeur-Martineau (2019), without the factor ½ that some code has.

    Example:
        >>> relativistic_average_loss(torch.tensor([3.0, 1.0]), torch.tensor([0.0, -2.0]))
        tensor(0.1451)
    """
    expect.same_shape(real_logits=real_logits, fake_logits=fake_logits)
    count = max(real_logits.numel(), 1)
    softplus = torch.nn.functional.softplus
    below = softplus(fake_logits.sum() / count - real_logits).sum() / count
    above = softplus(fake_logits - real_logits.sum() / count).sum() / count
    return below + above


class RelativisticAverageLoss(Criterion):
    """`relativistic_average_loss` of a batch; no mask, no weights."""

    function = staticmethod(relativistic_average_loss)


CARD = Card(
    module=RelativisticAverageLoss,
    unit="batch",
    inputs={"real_logits": Logits("n"), "fake_logits": Logits("n")},
    formula=r"-\overline{\log \sigma(D(x) - \overline{D(G)})} - \overline{\log \sigma(\overline{D(x)} - D(G))}",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="real_logits"),
        "convex": Holds(wrt="real_logits", note="in both: softplus of something linear"),
        "differentiable": Holds(wrt="real_logits"),
        "smooth": Holds(wrt="real_logits"),
        "bounded_gradient": Holds(wrt="real_logits", note="by 2/n in each logit"),
        "sample_independent": NotApplicable("one value for the batch, whose averages it compares with"),
        "vmap": Holds(wrt="real_logits"),
        "fullgraph": Holds(wrt="real_logits"),
        "twice_differentiable": Holds(wrt="real_logits"),
    },
    also_known_as=("RaGAN loss", "relativistic average GAN loss", "RaSGAN"),
    references=(
        Reference(
            "Jolicoeur-Martineau",
            "The relativistic discriminator: a key element missing from standard GAN",
            2019,
            "ICLR, arXiv:1807.00734",
        ),
    ),
    mistakes=(
        "The generator's gradient must pass through the real scores' average too: do not detach them in its step.",
        "The average is over the batch of one device: gather the scores first where several share it.",
        "Reading a single logit as the odds of being real: only its distance from the others' average is one.",
    ),
    relatives={
        "bpr_loss": "one real against one made example: the relativistic GAN without averages",
        "gan_discriminator_loss": "each score against 0",
    },
)
