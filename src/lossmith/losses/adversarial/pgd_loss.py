"""Cross-entropy at the worst point several steps uphill find near each example.

Reach for it when a network must bear disturbances that somebody chooses, at the price of steps + 1 passes more a batch.
Avoid it when disturbances are chance: augmentation with noise is cheaper and costs less accuracy on clean examples.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith.card import (
    NON_NEGATIVE,
    NOTHING,
    POSITIVE,
    PROPERTIES,
    Card,
    Equivalent,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Real
from lossmith.kernels.attack import undisturbed, worst_met


def pgd_loss(
    model: Callable[[Tensor], Tensor],
    input: Float[Tensor, "n ..."],
    target: Int[Tensor, "n"],
    *,
    epsilon: float = 8 / 255,
    steps: int = 10,
    step_size: float = 2 / 255,
    low: float = 0.0,
    high: float = 1.0,
) -> Float[Tensor, "n"]:
    """Cross-entropy of each example at the worst point projected gradient ascent met.

    Args:
        model: a classifier, from inputs to logits (n, c).
        input: examples, in the range from `low` to `high`.
        target: index of the true class, 0 … c−1.
        epsilon: how far every number of an input may move, in the unit of the inputs.
        steps: how many steps uphill.
        step_size: length of a step in every number of an input; about 2.5·epsilon/steps reaches the edge.
        low: smallest value that an input may have.
        high: largest value that an input may have.

    Returns:
        −log softmax(model(x'))[target]; from 0 up. x' is the worst of all points met, the example itself among them, so
        in evaluation mode no example's loss is below its clean one. The steps start at the example, not at a random
        point of the box, so that a value can be had again. The gradient is with respect to the model's parameters: x'
        is held fixed. The attack looks at the model in evaluation mode; the value is taken in the model's own.

    Raises:
        RuntimeError: the model is not differentiable in its input.

    Source:
        Madry et al. (2018), who keep the last point and start at a random one.

    Example:
        >>> model, x = torch.nn.Identity(), torch.tensor([[0.5, 0.5]])
        >>> pgd_loss(model, x, torch.tensor([0]), epsilon=0.1, steps=5, step_size=0.05)
        tensor([0.7981])
    """
    with undisturbed(model):
        worse = worst_met(model, input, target, epsilon, steps, step_size, low, high)
    return torch.nn.functional.cross_entropy(model(worse), target, reduction="none")


class PgdLoss(Criterion):
    """`pgd_loss`, masked, weighted and reduced; the model comes first."""

    function = staticmethod(pgd_loss)


CARD = Card(
    module=PgdLoss,
    kind="procedure",
    unit="example",
    inputs={"input": Real("n d"), "target": ClassIndex("n")},
    formula=r"\max_{\|\delta\|_\infty \le \varepsilon} -\log p_y(x + \delta)",
    elicits=NOTHING,
    claims=dict.fromkeys(PROPERTIES, NotApplicable("it depends on the model")),
    parameters={
        "epsilon": NON_NEGATIVE,
        "steps": Interval(1, float("inf"), high_open=True),
        "step_size": POSITIVE,
        "low": Interval(-float("inf"), float("inf")),
        "high": Interval(-float("inf"), float("inf")),
    },
    search={"epsilon": Interval(1 / 255, 16 / 255), "steps": Interval(1, 20)},
    also_known_as=("projected gradient descent training", "madry loss", "pgd adversarial training"),
    references=(
        Reference(
            "Madry et al.",
            "Towards deep learning models resistant to adversarial attacks",
            2018,
            "arXiv:1706.06083",
        ),
    ),
    equivalents=(
        Equivalent("torchattacks", "PGD", "gives the disturbed inputs of the last step, from a random start"),
    ),
    mistakes=(
        "Giving epsilon in grey levels (8) to inputs from 0 to 1: divide by 255.",
        "Attacking inputs that are already normalised: put the normalisation into the model.",
        "Steps too short to reach the edge: steps·step_size should be above epsilon.",
        "Attacking in training mode, which teaches batch statistics from every step: this one attacks in evaluation "
        "mode and puts the mode back.",
        "Taking the loss met in training for robustness: test with more steps and restarts than you trained with.",
    ),
    relatives={
        "fgsm_loss": "one long step: cheap, and easily fooled",
        "cross_entropy_loss": "the same at the example itself",
    },
)
