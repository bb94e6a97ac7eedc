"""Log-odds that what was chosen scores higher than what was not.

Reach for it when you know of two things which one is preferred: an item bought against one that was not (recommending),
one answer against another (reward models), a real picture against a made one (the relativistic GAN).
Avoid it where scores must mean something by themselves: only differences count, and ties need a model of their own.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NO_TARGET, NOTHING, Card, Equivalent, Holds, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Logits


def bpr_loss(positive: Float[Tensor, "..."], negative: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Bayesian personalised ranking loss of each pair.

    Args:
        positive: scores of what was preferred.
        negative: scores of what it was preferred to, same shape.

    Returns:
        −log σ(positive − negative), from 0 up; log 2 where both score alike.

    Raises:
        ValueError: shapes differ.

    Source:
        Rendle et al. (2009), section 4.1, without its penalty; the model is Bradley and Terry's (1952).

    Example:
        >>> bpr_loss(torch.tensor([2.0, 0.0]), torch.tensor([2.0, 3.0]))
        tensor([0.6931, 3.0486])
    """
    expect.same_shape(positive=positive, negative=negative)
    return torch.nn.functional.softplus(negative - positive)


class BprLoss(Criterion):
    """`bpr_loss`, masked, weighted and reduced."""

    function = staticmethod(bpr_loss)


CARD = Card(
    module=BprLoss,
    unit="element",
    inputs={"positive": Logits(), "negative": Logits()},
    formula=r"-\log \sigma(s_+ - s_-)",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="positive"),
        "convex": Holds(wrt="positive", note="in both scores"),
        "differentiable": Holds(wrt="positive"),
        "smooth": Holds(wrt="positive"),
        "bounded_gradient": Holds(wrt="positive", note="by 1 in each score"),
        "sample_independent": Holds(wrt="positive"),
        "vmap": Holds(wrt="positive"),
        "fullgraph": Holds(wrt="positive"),
        "twice_differentiable": Holds(wrt="positive"),
    },
    also_known_as=(
        "bayesian personalised ranking",
        "Bradley-Terry loss",
        "reward model loss",
        "relativistic standard GAN loss",
        "RpGAN loss",
    ),
    references=(
        Reference(
            "Rendle, Freudenthaler, Gantner and Schmidt-Thieme",
            "BPR: Bayesian personalized ranking from implicit feedback",
            2009,
            "UAI, arXiv:1205.2618",
        ),
        Reference(
            "Bradley and Terry", "Rank analysis of incomplete block designs", 1952, "Biometrika 39(3/4), 324-345"
        ),
        Reference(
            "Jolicoeur-Martineau",
            "The relativistic discriminator: a key element missing from standard GAN",
            2019,
            "ICLR, arXiv:1807.00734",
        ),
    ),
    equivalents=(
        Equivalent("torch", "nn.BCEWithLogitsLoss", "of positive − negative against ones"),
        Equivalent("torch", "nn.SoftMarginLoss", "of positive − negative against ones"),
    ),
    mistakes=(
        "log(sigmoid(x)) is minus infinity where x is -100 or so: here it stays finite.",
        "Negatives that are merely unknown include things that would be liked: draw several, and not the most popular.",
        "As a relativistic GAN the generator minimises it with the two arguments swapped.",
    ),
    relatives={
        "ranknet_loss": "all pairs of a list with different relevance",
        "relativistic_average_loss": "against the average of the other side",
        "dpo_loss": "with a policy's log-probabilities, less a reference's, as scores",
    },
)
