"""Negative log-likelihood, for networks that end in a log-softmax.

Reach for it when the model gives log-probabilities and no logits: a log-softmax shared with decoding, a mixture, an
adaptive softmax.
Avoid it on logits: they are not normalised, and raising all of them lowers it without end. `cross_entropy_loss` takes
logits.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import CLASS_PROBABILITIES, Card, Equivalent, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, LogProbabilities


def nll_loss(input: Float[Tensor, "n c"], target: Int[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Negative log-likelihood of each example.

    Args:
        input: log-probabilities, one row per example, one column per class; their exponentials sum to 1, which is not
            checked. It takes no logarithm itself.
        target: index of the true class, 0 … c−1.

    Returns:
        −input[target], in nats; from 0 up.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Good (1952), the logarithmic scoring rule.

    Example:
        >>> nll_loss(torch.tensor([[0.75, 0.25]]).log(), torch.tensor([1]))
        tensor([1.3863])
    """
    expect.class_scores(input, target)
    return torch.nn.functional.nll_loss(input, target, reduction="none")


class NllLoss(Criterion):
    """`nll_loss`, masked, weighted and reduced."""

    function = staticmethod(nll_loss)


CARD = Card(
    module=NllLoss,
    unit="example",
    inputs={"input": LogProbabilities("n c"), "target": ClassIndex("n")},
    formula=r"-x_y",
    elicits=CLASS_PROBABILITIES,
    claims={
        "non_negative": Holds(note="of normalised rows"),
        "zero_at_target": Holds(note="at a log-probability of exactly 0"),
        "convex": Holds(note="it is linear"),
        "differentiable": Holds(),
        "smooth": Holds(note="its gradient does not change at all"),
        "bounded_gradient": Holds(note="it is -1 at the true class, 0 elsewhere"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Holds(note="among normalised rows"),
        "classification_calibrated": Holds(note="among normalised rows"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="the second derivative is 0"),
    },
    also_known_as=("negative log-likelihood", "nll"),
    references=(
        Reference("Good", "Rational decisions", 1952, "Journal of the Royal Statistical Society B 14(1), 107-114"),
    ),
    equivalents=(
        Equivalent("torch", "nn.NLLLoss", "its mean with class weights divides by the weights met; ignores index -100"),
        Equivalent(
            "keras", "losses.SparseCategoricalCrossentropy", "takes probabilities and the logarithm; target first"
        ),
    ),
    mistakes=(
        "Passing logits or probabilities: it takes no logarithm and no softmax; log_softmax comes before it, or use "
        "cross_entropy_loss.",
        "Writing log(softmax(x)) before it, which is -inf where the softmax underflows: use log_softmax.",
        "Taking it for a loss of several labels a row: it is of one class; for tags use binary_cross_entropy_loss.",
    ),
    relatives={
        "cross_entropy_loss": "the log-softmax included: takes logits",
        "gaussian_nll_loss": "the negative log-likelihood of a number under a normal distribution",
        "probability_binary_cross_entropy_loss": "a yes or no, from its probability",
    },
)
