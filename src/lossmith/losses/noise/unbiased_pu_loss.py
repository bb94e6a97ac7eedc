"""Learning from some yeses and a heap of unknowns: the noes are what is left.

Reach for it with a model too simple to learn rows by heart, or as a measure on validation rows: on average it is the
error on labelled data.
Avoid it with networks: it falls below 0 as they overfit; take `non_negative_pu_loss`.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, UNIT_OPEN, Card, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Scores
from lossmith.kernels.batch import mean_where


def unbiased_pu_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, prior: float = 0.5
) -> Float[Tensor, ""]:
    """Unbiased risk of a batch of positive and unlabelled examples.

    Args:
        input: scores; above 0 says yes.
        target: 1 for a labelled positive, 0 for an unlabelled example, as floating point, same shape.
        prior: share of yeses among the unlabelled, between 0 and 1. Set it: no default is right.

    Returns:
        prior·P + U − prior·N, with P the mean of σ(−input) over the positives, N that of σ(input) over the positives,
        and U that of σ(input) over the unlabelled; between −prior and 1 + prior. A mean over none is 0.

    Raises:
        ValueError: shapes differ.
        TypeError: `target` is not floating point.

    Source:
        du Plessis, Niu and Sugiyama (2014), with the sigmoid loss.

    Example:
        >>> scores, labelled = torch.tensor([2.0, 0.0, -2.0]), torch.tensor([1.0, 0.0, 0.0])
        >>> unbiased_pu_loss(scores, labelled, prior=0.2)
        tensor(0.1573)
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    # σ(-x) - σ(x) = -tanh(x/2): the two means over the positives in one.
    return prior * mean_where(-torch.tanh(0.5 * input), target) + mean_where(input.sigmoid(), 1.0 - target)


class UnbiasedPuLoss(Criterion):
    """`unbiased_pu_loss`, of the whole batch."""

    function = staticmethod(unbiased_pu_loss)


CARD = Card(
    module=UnbiasedPuLoss,
    unit="batch",
    inputs={"input": Scores(), "target": BinaryTarget()},
    formula=r"\pi \hat R_p^+ - \pi \hat R_p^- + \hat R_u^-",
    elicits=NOTHING,
    claims={
        "non_negative": Fails(note="the noes are a difference"),
        "zero_at_target": Fails(note="unlabelled is no target: some of them are yeses"),
        "convex": Fails(note="a sigmoid levels off"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("vanishing"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": NotApplicable("it is of a batch: there is no one prediction for one distribution"),
        "classification_calibrated": NotApplicable("it is of a batch"),
        "monotone": Holds(),
        "sample_independent": NotApplicable("it has one value for the whole batch, on purpose"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"prior": UNIT_OPEN},
    search={"prior": Interval(0.05, 0.95)},
    also_known_as=("upu", "unbiased pu learning"),
    references=(
        Reference(
            "du Plessis, Niu and Sugiyama",
            "Analysis of learning from positive and unlabeled data",
            2014,
            "NeurIPS 27",
        ),
    ),
    mistakes=(
        "Leaving prior at its default: it is the share of yeses among the unlabelled, and moves the decision.",
        "Training a network until it is far below 0: it has learned the labelled rows by heart.",
    ),
    relatives={"non_negative_pu_loss": "the estimate of the noes is kept from falling below 0: for networks"},
)
