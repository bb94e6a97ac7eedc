"""Cross-entropy at the attacked example; a divergence weighs more where misread.

Reach for it when a network must bear chosen disturbances: examples that it gets wrong even clean matter most for that,
and here they weigh most.
Avoid it where labels are wrong: those are the examples it weighs most. Avoid it when clean accuracy counts as much.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith.card import NON_NEGATIVE, NOTHING, POSITIVE, PROPERTIES, Card, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Real
from lossmith.kernels.attack import undisturbed, worst_met
from lossmith.kernels.class_sums import log_others
from lossmith.kernels.divergence import softened_divergence


def mart_loss(
    model: Callable[[Tensor], Tensor],
    input: Float[Tensor, "n ..."],
    target: Int[Tensor, "n"],
    *,
    beta: float = 5.0,
    epsilon: float = 8 / 255,
    steps: int = 10,
    step_size: float = 2 / 255,
    low: float = 0.0,
    high: float = 1.0,
) -> Float[Tensor, "n"]:
    """MART loss of each example: misclassification-aware adversarial training.

    Args:
        model: a classifier, from inputs to logits (n, c), two classes or more.
        input: examples, in the range from `low` to `high`.
        target: index of the true class, 0 … c−1.
        beta: price of the divergence, the authors' λ; from 0 up.
        epsilon: how far every number of an input may move, in the unit of the inputs.
        steps: how many steps uphill.
        step_size: length of a step in every number of an input.
        low: smallest value that an input may have.
        high: largest value that an input may have.

    Returns:
        −log q_y − log(1 − max_{k≠y} q_k) + beta·KL(p || q)·(1 − p_y), in nats, with p and q the model's softmax at the
        example and at the worst point that the attack on cross-entropy met, y the target; from 0 up. The gradient is
        with respect to the model's parameters: the point is held fixed. The attack looks at the model in evaluation
        mode; the value is taken in the model's own.

    Raises:
        RuntimeError: the model is not differentiable in its input.

    Source:
        Wang et al. (2020). The steps start at the example, as those of `pgd_loss`.

    Example:
        >>> model, x = torch.nn.Identity(), torch.tensor([[0.5, 0.5]])
        >>> mart_loss(model, x, torch.tensor([0]), epsilon=0.1, step_size=0.1)
        tensor([1.6088])
    """
    with undisturbed(model):
        point = worst_met(model, input, target, epsilon, steps, step_size, low, high)
    clean, attacked = model(input.detach()), model(point)
    log_q, true = attacked.log_softmax(-1), target.unsqueeze(-1)
    boosted = -(log_q.gather(-1, true) + rival(log_others(attacked), true)).squeeze(-1)
    misread = -torch.expm1(clean.log_softmax(-1).gather(-1, true).squeeze(-1))
    return boosted + beta * softened_divergence(clean, attacked) * misread


def rival(log_rest: Tensor, true: Tensor) -> Tensor:
    """Return log(1 − q) of the likeliest class but the true one."""
    wrong = torch.arange(log_rest.shape[-1], device=log_rest.device) != true
    return log_rest.masked_fill(~wrong, torch.inf).amin(-1, keepdim=True)


class MartLoss(Criterion):
    """`mart_loss`, masked, weighted and reduced; the model comes first."""

    function = staticmethod(mart_loss)


CARD = Card(
    module=MartLoss,
    kind="procedure",
    unit="example",
    inputs={"input": Real("n d"), "target": ClassIndex("n")},
    formula=r"-\log q_y - \log\big(1 - \max_{k \ne y} q_k\big) + \lambda\,\mathrm{KL}(p \,\|\, q)\,(1 - p_y),"
    r"\quad p = p(x),\ q = p(x')",
    elicits=NOTHING,
    claims=dict.fromkeys(PROPERTIES, NotApplicable("it depends on the model")),
    parameters={
        "beta": NON_NEGATIVE,
        "epsilon": NON_NEGATIVE,
        "steps": Interval(1, float("inf"), high_open=True),
        "step_size": POSITIVE,
        "low": Interval(-float("inf"), float("inf")),
        "high": Interval(-float("inf"), float("inf")),
    },
    search={"beta": Interval(1.0, 10.0, log=True), "epsilon": Interval(1 / 255, 16 / 255)},
    also_known_as=("mart", "misclassification aware adversarial training"),
    references=(
        Reference(
            "Wang et al.",
            "Improving adversarial robustness requires revisiting misclassified examples",
            2020,
            "ICLR",
        ),
    ),
    mistakes=(
        "Plain cross-entropy at the attacked example: the second logarithm, of the strongest rival, is part of it.",
        "Adding 1e-12 inside logarithms: gradients end there; logarithms of the softmax need no help.",
        "Giving epsilon in grey levels (8) to inputs from 0 to 1: divide by 255.",
    ),
    relatives={
        "trades_loss": "clean cross-entropy, and the same divergence for all examples",
        "pgd_loss": "cross-entropy at the attacked example alone",
    },
)
