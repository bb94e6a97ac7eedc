"""Between cross-entropy and absolute error: a label that seems wrong pulls less.

Reach for it when a share of the labels is wrong and nobody knows which.
Avoid it on clean labels, from a bad start, and with many classes at a large q: where the network is surely wrong the
gradient vanishes, and training may not begin. The softmax is surer than the truth.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import MOST_LIKELY_CLASS, Card, Equivalent, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits


def generalized_cross_entropy_loss(
    input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, q: float = 0.7
) -> Float[Tensor, "n"]:
    """Generalised cross-entropy of each example.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the true class, 0 … c−1.
        q: above 0, where it tends to cross-entropy, up to 1, where it is 1 − p, half the absolute error.

    Returns:
        (1 − p^q)/q with p = softmax(input)[target]; between 0 and 1/q.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Zhang and Sabuncu (2018), equation 6, without their truncation.

    Example:
        >>> generalized_cross_entropy_loss(torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1]), q=0.5)
        tensor([0.1230, 0.5858])
    """
    expect.class_scores(input, target)
    # By way of expm1: 1 - p^q has no digits left where p is near 1 or q near 0.
    log_p = -torch.nn.functional.cross_entropy(input, target, reduction="none")
    return -torch.expm1(q * log_p) / q


class GeneralizedCrossEntropyLoss(Criterion):
    """`generalized_cross_entropy_loss`, masked, weighted and reduced."""

    function = staticmethod(generalized_cross_entropy_loss)


CARD = Card(
    module=GeneralizedCrossEntropyLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"\frac{1 - p_y^{\,q}}{q}",
    # The minimiser is proportional to P^(1/(1 - q)).
    elicits=MOST_LIKELY_CLASS,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite logits"),
        "convex": Fails(note="in the logits it levels off at 1/q"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="each entry lies in [-1, 1]"),
        "gradient_growth": Holds("vanishing", note="a surely wrong prediction is taken for a wrong label"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(
            note="the minimiser is surer than the truth: its odds are the true ones to the power 1/(1 - q)"
        ),
        "classification_calibrated": Holds(),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"q": Interval(0.0, 1.0, low_open=True)},
    search={"q": Interval(0.1, 0.9)},
    also_known_as=("gce", "lq loss", "box-cox cross-entropy"),
    references=(
        Reference(
            "Zhang and Sabuncu",
            "Generalized cross entropy loss for training deep neural networks with noisy labels",
            2018,
            "arXiv:1805.07836",
        ),
    ),
    equivalents=(
        Equivalent(
            "keras",
            "losses.CategoricalGeneralizedCrossEntropy",
            "q 0.5 unless given; target first; takes probabilities, not logits",
        ),
    ),
    mistakes=(
        "Starting at q near 1 with many classes: the gradient is multiplied by p^q, which is nearly 0 at the start; "
        "begin with cross-entropy or a small q.",
        "Putting a softmax before it: it takes logits.",
        "Judging it by log loss on labels that are as wrong: what it gives up are those; use accuracy, or labels that "
        "were checked.",
    ),
    relatives={
        "cross_entropy_loss": "its limit at q = 0: chases wrong labels",
        "symmetric_cross_entropy_loss": "a bounded part beside cross-entropy, which never stops pulling",
        "brier_loss": "bounded too, and proper",
    },
)
