"""Cross-entropy, and a reward for staying with what was predicted early.

Reach for it when many labels are wrong: networks learn right labels first and wrong ones by heart later; the average of
an example's past predictions remembers the first phase and holds the network to it.
Avoid it when examples are seen once: the average needs several visits of each.

The average is the caller's to keep, one row per training example, 0 at first:

    with torch.no_grad():
        average[rows] = 0.7 * average[rows] + 0.3 * logits.softmax(-1)
    loss(logits, labels, average[rows])
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    CLASS_PROBABILITIES,
    NON_NEGATIVE,
    NOTHING,
    POSITIVE,
    Card,
    Fails,
    Holds,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, ClassProbabilities, Logits


def early_learning_regularization_loss(
    input: Float[Tensor, "n c"],
    target: Int[Tensor, "n"],
    average: Float[Tensor, "n c"],
    *,
    strength: float = 3.0,
    floor: float = 1e-4,
) -> Float[Tensor, "n"]:
    """Cross-entropy plus early-learning regularisation of each example.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the class as labelled, 0 … c−1.
        average: running average of the example's past probabilities, without gradient; rows of a sum up to 1.
        strength: price λ of leaving the average; from 0 up. The authors take 3 with 10 classes, 7 with 100.
        floor: keeps the logarithm finite where prediction and average are both sure of one class; above 0.

    Returns:
        −log p[target] + strength·log(floor + 1 − Σ_k p_k·average_k) with p = softmax(input), in nats. The second term
        is from strength·log(floor) up to about 0, so that the sum may be below 0.

    Raises:
        ValueError: shapes are not (n, c), (n,) and (n, c).
        TypeError: `target` is not an integer tensor.

    Source:
        Liu et al. (2020). Their code cuts probabilities off at 1e-4 instead, where gradients end; `floor`
        does the same smoothly.

    Example:
        >>> past = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
        >>> early_learning_regularization_loss(torch.zeros(2, 2), torch.tensor([0, 0]), past, strength=1.0, floor=0.1)
        tensor([0.1823, 0.1823])
    """
    expect.class_scores(input, target)
    expect.same_shape(input=input, average=average)
    # p sums to 1, so 1 - <p, average> is Σ p·(1 - average): no difference of numbers near 1.
    apart = (input.softmax(-1) * (1.0 - average)).sum(-1)
    return torch.nn.functional.cross_entropy(input, target, reduction="none") + strength * torch.log(floor + apart)


class EarlyLearningRegularizationLoss(Criterion):
    """`early_learning_regularization_loss`, masked, weighted and reduced."""

    function = staticmethod(early_learning_regularization_loss)


CARD = Card(
    module=EarlyLearningRegularizationLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n"), "average": ClassProbabilities("n c")},
    formula=r"-\log p_y + \lambda \log\big(\varepsilon + 1 - \langle p, t \rangle\big)",
    elicits=lambda strength, floor: CLASS_PROBABILITIES if strength == 0 else NOTHING,
    claims={
        "non_negative": Fails(note="the logarithm of a number below 1"),
        "zero_at_target": Fails(note="the average has its say"),
        "convex": Fails(note="the second term levels off on both sides"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("constant", note="cross-entropy's; the second term's vanishes"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="the minimiser leans to the average"),
        "classification_calibrated": Fails(note="the average may outvote the labels, as it is meant to"),
        "monotone": Fails(note="another class may be the one of the average"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"strength": NON_NEGATIVE, "floor": POSITIVE},
    search={"strength": Interval(1.0, 10.0, log=True)},
    also_known_as=("elr", "early-learning regularization"),
    references=(
        Reference(
            "Liu et al.",
            "Early-learning regularization prevents memorization of noisy labels",
            2020,
            "arXiv:2007.00151",
        ),
    ),
    mistakes=(
        "Averages by position in the batch instead of by example: keep them under the example's own number.",
        "Averages with a gradient: detach them, or the network moves the past.",
        "Updating the average after the step, or in evaluation: once per visit, from the prediction of that visit.",
        "Stopping on the training loss: it may fall below 0; watch accuracy on rows left out.",
    ),
    relatives={
        "soft_bootstrapping_loss": "believes the present prediction instead of the average of past ones",
        "cross_entropy_loss": "what it is at strength 0",
    },
)
