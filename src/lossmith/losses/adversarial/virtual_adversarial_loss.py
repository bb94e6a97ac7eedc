"""How much the answer changes where it is most sensitive: needs no labels.

Reach for it when few examples are labelled: it makes answers smooth around the others too; add it to cross-entropy on
the labelled ones.
Avoid it with a radius at which an example becomes another: smoothness is then asked across the boundary.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NON_NEGATIVE, NOTHING, POSITIVE, PROPERTIES, Card, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real
from lossmith.kernels.attack import away, undisturbed
from lossmith.kernels.divergence import softened_divergence


def virtual_adversarial_loss(
    model: Callable[[Tensor], Tensor],
    input: Float[Tensor, "n ..."],
    noise: Float[Tensor, "n ..."],
    *,
    epsilon: float = 2.5,
    steps: int = 1,
    probe: float = 1e-3,
) -> Float[Tensor, "n"]:
    """Local distributional smoothness of each example: the loss of VAT.

    Args:
        model: a classifier, from inputs to logits (n, c).
        input: examples, labelled or not.
        noise: normal random numbers in the shape of `input`, such as `torch.randn_like(input)`; where the search for
            the direction starts.
        epsilon: Euclidean length of the disturbance of one example; from 0 up.
        steps: rounds of the power iteration that finds the direction; 1 is usual.
        probe: Euclidean length at which the divergence is felt, the authors' ξ; above 0. Theirs is 1e-6, of which
            float32 keeps few digits.

    Returns:
        KL(p(x) || p(x + r)), in nats, with p the model's softmax and r of length epsilon in the direction in which the
        divergence rises fastest; from 0 up. The gradient is with respect to the model's parameters, through p(x + r)
        alone: p(x) and r are held fixed. The search looks at the model in evaluation mode; the value is taken in its
        own.

    Raises:
        ValueError: `noise` and `input` differ in shape.
        RuntimeError: the model is not differentiable in its input.

    Source:
        Miyato et al. (2018), algorithm 1.

    Example:
        >>> model, x = torch.nn.Identity(), torch.tensor([[0.0, 0.0]])
        >>> virtual_adversarial_loss(model, x, torch.tensor([[1.0, 0.2]]), epsilon=1.0)
        tensor([0.2316])
    """
    expect.same_shape(input=input, noise=noise)
    clean = input.detach()
    with undisturbed(model):
        known = model(clean).detach()
        direction = unit(noise.detach())
        for _ in range(int(steps)):
            direction = unit(away(model, known, clean + probe * direction))
    with torch.no_grad():
        held_fixed = model(clean)
    return softened_divergence(held_fixed, model(clean + epsilon * direction))


def unit(rows: Tensor) -> Tensor:
    """Give each row's tensor Euclidean length 1; one of zeros stays."""
    # Over its largest entry first: a gradient felt at a small probe has squares that vanish.
    flat = rows.flatten(1)
    flat = flat / flat.abs().amax(1, keepdim=True).clamp(min=torch.finfo(rows.dtype).tiny)
    length: Tensor = torch.linalg.vector_norm(flat, dim=1, keepdim=True).clamp(min=torch.finfo(rows.dtype).tiny)
    return (flat / length).reshape(rows.shape)


class VirtualAdversarialLoss(Criterion):
    """`virtual_adversarial_loss`, masked, weighted and reduced; the model first."""

    function = staticmethod(virtual_adversarial_loss)


CARD = Card(
    module=VirtualAdversarialLoss,
    kind="procedure",
    unit="example",
    inputs={"input": Real("n d"), "noise": Real("n d")},
    formula=r"\mathrm{KL}\big(p(x) \,\|\, p(x + r)\big),\quad r = \arg\max_{\|r\|_2 \le \varepsilon}"
    r" \mathrm{KL}\big(p(x) \,\|\, p(x + r)\big)",
    elicits=NOTHING,
    claims=dict.fromkeys(PROPERTIES, NotApplicable("it depends on the model")),
    parameters={
        "epsilon": NON_NEGATIVE,
        "steps": Interval(1, float("inf"), high_open=True),
        "probe": POSITIVE,
    },
    search={"epsilon": Interval(0.1, 10.0, log=True)},
    also_known_as=("vat", "virtual adversarial training", "local distributional smoothness"),
    references=(
        Reference(
            "Miyato et al.",
            "Virtual adversarial training: a regularization method for supervised and semi-supervised learning",
            2018,
            "arXiv:1704.03976",
        ),
    ),
    mistakes=(
        "Using it alone: a network that answers the same everywhere costs nothing; add cross-entropy on labelled rows.",
        "A probe of 1e-6 in half precision: the difference is lost; take 1e-3 in float32, more below it.",
        "A gradient through the clean answer: it is held fixed, or the network pulls both answers to nothing.",
        "An epsilon for images on rows of a table: it is a Euclidean length, over all of an example's numbers.",
    ),
    relatives={
        "trades_loss": "with labels and a clean part, within a box",
        "pgd_loss": "cross-entropy at the worst point: needs labels",
    },
)
