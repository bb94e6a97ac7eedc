"""Cross-entropy against a mixture of the label and the prediction itself.

Reach for it when some labels are wrong and nothing is known of how: a sure prediction is believed in part.
Avoid it from a cold start with a small beta: the network then believes its first guesses.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import CLASS_PROBABILITIES, MOST_LIKELY_CLASS, Card, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits


def soft_bootstrapping_loss(
    input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, beta: float = 0.95
) -> Float[Tensor, "n"]:
    """Soft bootstrapping loss of each example.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the class as labelled, 0 … c−1.
        beta: share of the label in the target, above 0 up to 1; the rest is the prediction's. 1 is cross-entropy.

    Returns:
        −Σ_k (beta·[k = target] + (1 − beta)·p_k)·log p_k with p = softmax(input), in nats; from 0 up. The gradient goes
        through both p: it is cross-entropy plus a price on the prediction's entropy.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Reed et al. (2015).

    Example:
        >>> soft_bootstrapping_loss(torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1]))
        tensor([0.1388, 0.6931])
    """
    expect.class_scores(input, target)
    log_p = input.log_softmax(-1)
    entropy = -(log_p.exp() * log_p).sum(-1)
    return beta * torch.nn.functional.cross_entropy(input, target, reduction="none") + (1.0 - beta) * entropy


class SoftBootstrappingLoss(Criterion):
    """`soft_bootstrapping_loss`, masked, weighted and reduced."""

    function = staticmethod(soft_bootstrapping_loss)


CARD = Card(
    module=SoftBootstrappingLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"-\sum_k \big(\beta [k = y] + (1 - \beta) p_k\big) \log p_k",
    elicits=lambda beta: CLASS_PROBABILITIES if beta == 1 else MOST_LIKELY_CLASS,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite logits"),
        "convex": Fails(
            at={"beta": 0.2}, note="where the label has less than half; an entropy is not convex in the logits"
        ),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("constant", note="of size beta"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="the minimiser is surer than the truth"),
        "classification_calibrated": Holds(),
        "monotone": Fails(at={"beta": 0.2}, note="a wrong class that gets surer lowers the entropy"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"beta": Interval(0.0, 1.0, low_open=True)},
    search={"beta": Interval(0.6, 0.99)},
    also_known_as=("soft bootstrap", "bootstrapped cross-entropy"),
    references=(
        Reference(
            "Reed et al.", "Training deep neural networks on noisy labels with bootstrapping", 2015, "arXiv:1412.6596"
        ),
    ),
    mistakes=(
        "Turning beta round: it is the label's share, so a small one trusts the network.",
        "Starting with it: train a while with cross-entropy first, until predictions are worth believing.",
        "Detaching the prediction: the authors differentiate it, which is what makes predictions surer.",
    ),
    relatives={
        "hard_bootstrapping_loss": "believes the likeliest class instead of the whole prediction",
        "early_learning_regularization_loss": "believes the average of past predictions",
        "label_smoothing_cross_entropy_loss": "mixes in even shares: makes predictions less sure, not more",
    },
)
