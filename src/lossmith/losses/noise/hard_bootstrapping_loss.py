"""Cross-entropy against a mixture of the label and the class predicted likeliest.

Reach for it when some labels are wrong and nothing is known of how: where the network is sure of another class, the
label counts for less.
Avoid it from a cold start: the network then believes its first guesses.
"""

from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import CLASS_PROBABILITIES, MOST_LIKELY_CLASS, Card, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits


def hard_bootstrapping_loss(
    input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, beta: float = 0.8
) -> Float[Tensor, "n"]:
    """Hard bootstrapping loss of each example.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the class as labelled, 0 … c−1.
        beta: share of the label in the target, above 0 up to 1; the rest is the likeliest class's. 1 is cross-entropy.

    Returns:
        −beta·log p[target] − (1 − beta)·log max_k p_k with p = softmax(input), in nats; from 0 up.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Reed et al. (2015).

    Example:
        >>> import torch
        >>> hard_bootstrapping_loss(torch.tensor([[2.0, 0.0], [2.0, 0.0]]), torch.tensor([0, 1]))
        tensor([0.1269, 1.7269])
    """
    expect.class_scores(input, target)
    log_p = input.log_softmax(-1)
    labelled = log_p.gather(-1, target.unsqueeze(-1)).squeeze(-1)
    return -(beta * labelled + (1.0 - beta) * log_p.amax(-1))


class HardBootstrappingLoss(Criterion):
    """`hard_bootstrapping_loss`, masked, weighted and reduced."""

    function = staticmethod(hard_bootstrapping_loss)


CARD = Card(
    module=HardBootstrappingLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"-\beta \log p_y - (1 - \beta) \log \max_k p_k",
    # The minimiser's softmax is beta of the truth, the rest at the likeliest class.
    elicits=lambda beta: CLASS_PROBABILITIES if beta == 1 else MOST_LIKELY_CLASS,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite logits"),
        "convex": Fails(note="it is highest where two classes tie"),
        "differentiable": Fails(note="a kink where the likeliest class changes"),
        "smooth": Fails(note="the gradient jumps there"),
        "bounded_gradient": Holds(note="each entry lies in [-1, 1]"),
        "gradient_growth": Holds("constant", note="of size beta"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="the minimiser is surer than the truth"),
        "classification_calibrated": Holds(),
        "monotone": Fails(at={"beta": 0.6}, note="a wrong class may get surer of itself, and be believed"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from ties"),
    },
    parameters={"beta": Interval(0.0, 1.0, low_open=True)},
    search={"beta": Interval(0.6, 0.99)},
    also_known_as=("hard bootstrap",),
    references=(
        Reference(
            "Reed et al.", "Training deep neural networks on noisy labels with bootstrapping", 2015, "arXiv:1412.6596"
        ),
    ),
    mistakes=(
        "Turning beta round: it is the label's share, so a small one trusts the network.",
        "Starting with it: train a while with cross-entropy first, until predictions are worth believing.",
    ),
    relatives={
        "soft_bootstrapping_loss": "believes the whole prediction instead of its likeliest class",
        "early_learning_regularization_loss": "believes the average of past predictions",
    },
)
