"""Cross-entropy one step uphill from each example: robustness at a low price.

Reach for it when a network must bear small changes of its input and several steps per batch cost too much.
Avoid it as proof of robustness: one long step is easily learned by heart, while smaller steps still break the network.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith.card import NON_NEGATIVE, NOTHING, PROPERTIES, Card, Equivalent, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Real
from lossmith.kernels.attack import ascent, held, undisturbed


def fgsm_loss(
    model: Callable[[Tensor], Tensor],
    input: Float[Tensor, "n ..."],
    target: Int[Tensor, "n"],
    *,
    epsilon: float = 8 / 255,
    low: float = 0.0,
    high: float = 1.0,
) -> Float[Tensor, "n"]:
    """Cross-entropy of each example after one step of the fast gradient sign method.

    Args:
        model: a classifier, from inputs to logits (n, c).
        input: examples, in the range from `low` to `high`.
        target: index of the true class, 0 … c−1.
        epsilon: how far every number of an input may move, in the unit of the inputs.
        low: smallest value that an input may have.
        high: largest value that an input may have.

    Returns:
        −log softmax(model(x'))[target], where x' = clip(x + ε·sign(∇ₓ)); from 0 up. Its gradient is with respect to the
        model's parameters: x' is held fixed. The gradient ∇ₓ is taken in evaluation mode, the value in the model's own.

    Raises:
        RuntimeError: the model is not differentiable in its input.

    Source:
        Goodfellow, Shlens and Szegedy (2015).

    Example:
        >>> model, x = torch.nn.Identity(), torch.tensor([[0.5, 0.5]])
        >>> fgsm_loss(model, x, torch.tensor([0]), epsilon=0.1)
        tensor([0.7981])
    """
    with undisturbed(model):
        _, uphill = ascent(model, input, target)
    worse = held(input + epsilon * uphill, input, epsilon, low, high)
    return torch.nn.functional.cross_entropy(model(worse), target, reduction="none")


class FgsmLoss(Criterion):
    """`fgsm_loss`, masked, weighted and reduced; the model comes first."""

    function = staticmethod(fgsm_loss)


CARD = Card(
    module=FgsmLoss,
    kind="procedure",
    unit="example",
    inputs={"input": Real("n d"), "target": ClassIndex("n")},
    formula=r"-\log p_y\bigl(x + \varepsilon\,\mathrm{sign}\,\nabla_x(-\log p_y(x))\bigr)",
    elicits=NOTHING,
    claims=dict.fromkeys(PROPERTIES, NotApplicable("it depends on the model")),
    parameters={
        "epsilon": NON_NEGATIVE,
        "low": Interval(-float("inf"), float("inf")),
        "high": Interval(-float("inf"), float("inf")),
    },
    search={"epsilon": Interval(1 / 255, 16 / 255)},
    also_known_as=("fast gradient sign method", "adversarial cross-entropy"),
    references=(
        Reference(
            "Goodfellow, Shlens and Szegedy", "Explaining and harnessing adversarial examples", 2015, "arXiv:1412.6572"
        ),
        Reference("Wong, Rice and Kolter", "Fast is better than free", 2020, "arXiv:2001.03994"),
    ),
    equivalents=(Equivalent("torchattacks", "FGSM", "gives the disturbed inputs, not the loss"),),
    mistakes=(
        "Giving epsilon in grey levels (8) to inputs from 0 to 1: divide by 255.",
        "Attacking inputs that are already normalised: epsilon and the range are then in other units for each channel; "
        "put the normalisation into the model.",
        "Training with it alone and testing with it alone: the network learns to fool one step; test with `pgd_loss`.",
        "Replacing the clean loss altogether where accuracy on clean examples matters: add both.",
    ),
    relatives={
        "pgd_loss": "several smaller steps: slower, and much harder to fool",
        "cross_entropy_loss": "the same at the example itself",
    },
)
