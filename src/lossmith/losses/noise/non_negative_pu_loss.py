"""Learning from some yeses and a heap of unknowns, never below 0: for networks.

Reach for it when a few positives are labelled and the rest is unlabelled, yeses and noes mixed, and the share of yeses
is known.
Avoid it when the share is a guess: it shifts the decision. Avoid it when unlabelled means no: then it is plain binary
classification.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, UNIT_OPEN, Card, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Scores
from lossmith.kernels.batch import mean_where


def non_negative_pu_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, prior: float = 0.5
) -> Float[Tensor, ""]:
    """Non-negative risk of a batch of positive and unlabelled examples.

    Args:
        input: scores; above 0 says yes.
        target: 1 for a labelled positive, 0 for an unlabelled example, as floating point, same shape.
        prior: share of yeses among the unlabelled, between 0 and 1. Set it: no default is right.

    Returns:
        prior·P + max(0, U − prior·N), with P the mean of σ(−input) over the positives, N that of σ(input) over the
        positives, and U that of σ(input) over the unlabelled; from 0 up. A mean over none is 0.

    Raises:
        ValueError: shapes differ.
        TypeError: `target` is not floating point.

    Source:
        Kiryo et al. (2017), with the sigmoid loss. Where the maximum is 0 only P has a gradient; their
        algorithm steps uphill on the other part there.

    Example:
        >>> import torch
        >>> scores, labelled = torch.tensor([2.0, 0.0, -2.0]), torch.tensor([1.0, 0.0, 0.0])
        >>> non_negative_pu_loss(scores, labelled, prior=0.2)
        tensor(0.1573)
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    said_yes = input.sigmoid()
    missed = mean_where((-input).sigmoid(), target)
    noes = mean_where(said_yes, 1.0 - target) - prior * mean_where(said_yes, target)
    return prior * missed + noes.relu()


class NonNegativePuLoss(Criterion):
    """`non_negative_pu_loss`, of the whole batch."""

    function = staticmethod(non_negative_pu_loss)


CARD = Card(
    module=NonNegativePuLoss,
    unit="batch",
    inputs={"input": Scores(), "target": BinaryTarget()},
    formula=r"\pi \hat R_p^+ + \max\big(0,\ \hat R_u^- - \pi \hat R_p^-\big)",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="unlabelled is no target: some of them are yeses"),
        "convex": Fails(note="a sigmoid levels off"),
        "differentiable": Fails(note="a kink where the estimate of the noes reaches 0"),
        "smooth": Fails(note="the gradient jumps there"),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("vanishing"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": NotApplicable("it is of a batch: there is no one prediction for one distribution"),
        "classification_calibrated": NotApplicable("it is of a batch"),
        "monotone": Holds(),
        "sample_independent": NotApplicable("it has one value for the whole batch, on purpose"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kink"),
    },
    parameters={"prior": UNIT_OPEN},
    search={"prior": Interval(0.05, 0.95)},
    also_known_as=("nnpu", "nnpu loss", "positive-unlabelled learning"),
    references=(
        Reference(
            "Kiryo et al.",
            "Positive-unlabeled learning with non-negative risk estimator",
            2017,
            "arXiv:1703.00593",
        ),
    ),
    mistakes=(
        "Leaving prior at its default: it is the share of yeses among the unlabelled, and moves the decision.",
        "Giving the share of labelled rows as prior: that is how many were labelled, not how many are yeses.",
        "Batches without labelled positives: the estimate is then of the unlabelled alone; put some into each.",
        "Choosing the model by it on few positives: it is noisy; take a larger validation set.",
    ),
    relatives={
        "unbiased_pu_loss": "without the maximum: unbiased, and overfits below 0",
        "forward_correction_loss": "known mistakes in both directions",
    },
)
