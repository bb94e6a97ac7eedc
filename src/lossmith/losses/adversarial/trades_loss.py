"""Clean cross-entropy, and a price on answers that change under attack.

Reach for it when a network must bear disturbances that somebody chooses and accuracy on clean examples still counts:
beta trades the one for the other.
Avoid it when disturbances are chance: augmentation with noise is cheaper.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import NON_NEGATIVE, NOTHING, POSITIVE, PROPERTIES, Card, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Real
from lossmith.kernels.attack import away, held, undisturbed
from lossmith.kernels.divergence import softened_divergence


def trades_loss(
    model: Callable[[Tensor], Tensor],
    input: Float[Tensor, "n ..."],
    target: Int[Tensor, "n"],
    noise: Float[Tensor, "n ..."],
    *,
    beta: float = 6.0,
    epsilon: float = 8 / 255,
    steps: int = 10,
    step_size: float = 2 / 255,
    low: float = 0.0,
    high: float = 1.0,
) -> Float[Tensor, "n"]:
    """TRADES loss of each example.

    Args:
        model: a classifier, from inputs to logits (n, c).
        input: examples, in the range from `low` to `high`.
        target: index of the true class, 0 … c−1.
        noise: normal random numbers in the shape of `input`, such as `torch.randn_like(input)`. The attack starts a
            thousandth of them away: at the example itself the divergence has no slope.
        beta: price of the divergence; from 0 up. The authors take 6, and 1 where clean accuracy counts more.
        epsilon: how far every number of an input may move, in the unit of the inputs.
        steps: how many steps uphill.
        step_size: length of a step in every number of an input.
        low: smallest value that an input may have.
        high: largest value that an input may have.

    Returns:
        −log p(x)[target] + beta·KL(p(x) || p(x')), in nats, with p the model's softmax and x' where the attack ended,
        which climbs the divergence; from 0 up. The gradient is with respect to the model's parameters, through p(x) and
        p(x'): x' is held fixed. The attack looks at the model in evaluation mode; the value is taken in its own.

    Raises:
        ValueError: `noise` and `input` differ in shape.
        RuntimeError: the model is not differentiable in its input.

    Source:
        Zhang et al. (2019), algorithm 1.

    Example:
        >>> model, x = torch.nn.Identity(), torch.tensor([[0.5, 0.5]])
        >>> trades_loss(model, x, torch.tensor([0]), torch.tensor([[1.0, -1.0]]), epsilon=0.1, step_size=0.1)
        tensor([0.7231])
    """
    expect.same_shape(input=input, noise=noise)
    with undisturbed(model):
        clean = model(input.detach()).detach()
        point = (input + 1e-3 * noise).detach()
        for _ in range(int(steps)):
            point = held(point + step_size * away(model, clean, point).sign(), input, epsilon, low, high)
    logits = model(input.detach())
    apart = softened_divergence(logits, model(point))
    return torch.nn.functional.cross_entropy(logits, target, reduction="none") + beta * apart


class TradesLoss(Criterion):
    """`trades_loss`, masked, weighted and reduced; the model comes first."""

    function = staticmethod(trades_loss)


CARD = Card(
    module=TradesLoss,
    kind="procedure",
    unit="example",
    inputs={"input": Real("n d"), "target": ClassIndex("n"), "noise": Real("n d")},
    formula=r"-\log p_y(x) + \beta \max_{\|\delta\|_\infty \le \varepsilon} "
    r"\mathrm{KL}\big(p(x) \,\|\, p(x + \delta)\big)",
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
    also_known_as=("trades",),
    references=(
        Reference(
            "Zhang et al.",
            "Theoretically principled trade-off between robustness and accuracy",
            2019,
            "arXiv:1901.08573",
        ),
    ),
    mistakes=(
        "Averaging the divergence over classes as well as rows: it is a sum over classes; beta 6 is meant for that.",
        "Starting the attack at the example: the divergence is 0 there and has no slope; give noise.",
        "The divergence the other way round: it is of the clean answer from the attacked one, KL(clean || attacked).",
        "Giving epsilon in grey levels (8) to inputs from 0 to 1: divide by 255.",
    ),
    relatives={
        "mart_loss": "weighs the divergence by how wrong the clean answer is, and trains on the attacked example",
        "virtual_adversarial_loss": "the divergence alone, in a ball instead of a box: needs no label",
        "pgd_loss": "cross-entropy at the attacked example: no clean part",
    },
)
