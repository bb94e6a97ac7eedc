"""A small network as the loss: taught by what training with it leads to.

Reach for it when many tasks of one kind are trained, again and again and for few steps, or when what counts at the end
cannot be differentiated in the prediction but can be at the end of a step: teach it once, then use it for all of them.
Avoid it for a single task, which it cannot be cheaper than, and far from what it was taught on: it elicits whatever it
has learned. `lossmith.training.meta_step.after_a_step` makes the step that teaches it.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Fails, Functional, Holds, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def meta_learned_loss(
    input: Float[Tensor, "..."],
    target: Float[Tensor, "..."],
    *,
    weight: Float[Tensor, "c 2"],
    bias: Float[Tensor, "c"],
    readout: Float[Tensor, "c"],
) -> Float[Tensor, "..."]:
    """Output of a network of one hidden layer, for each element.

    Args:
        input: predictions.
        target: observations, same shape and unit; best standardised, since the network was taught on one scale.
        weight: what the c hidden units make of prediction and target; learned. A good start is `torch.randn(c, 2)`.
        bias: what is added to it; learned. A good start is `torch.zeros(c)`.
        readout: what the loss makes of the hidden units; learned. A good start is `torch.randn(c) / c`.

    Returns:
        log(1 + exp(Σ readout·tanh(weight·(input, target) + bias))), above 0 and with a slope that is bounded by the
        weights.

    Raises:
        ValueError: shapes differ.

    Source:
        Bechtle et al. (2021), with one hidden layer.

    Example:
        >>> weight, bias, readout = torch.tensor([[1.0, -1.0]]), torch.zeros(1), torch.tensor([2.0])
        >>> meta_learned_loss(torch.tensor([0.0, 5.0]), torch.zeros(2), weight=weight, bias=bias, readout=readout)
        tensor([0.6931, 2.1268])
    """
    expect.same_shape(input=input, target=target)
    weight, bias, readout = (x.to(input.dtype) for x in (weight, bias, readout))
    pair = torch.stack([input, target], dim=-1)
    return torch.nn.functional.softplus(torch.tanh(pair @ weight.T + bias) @ readout)


class MetaLearnedLoss(Criterion):
    """`meta_learned_loss`, masked, weighted and reduced; its weights are learned.

    They are taught by what a step with it leads to, and fixed when it is used.
    """

    function = staticmethod(meta_learned_loss)


CARD = Card(
    module=MetaLearnedLoss,
    unit="element",
    inputs={"input": Real(), "target": Real()},
    formula=r"\log\big(1 + e^{v \cdot \tanh(W (x, y) + b)}\big)",
    elicits=Functional("whatever_it_was_taught"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="it never is 0: only its slope counts"),
        "convex": Fails(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="by Σ |readout|·|weight|"),
        "gradient_growth": Holds("vanishing", note="far off all hidden units are saturated"),
        "symmetric": Fails(),
        "proper": Fails(),
        "classification_calibrated": Fails(),
        "monotone": Fails(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"weight": Real("c 2"), "bias": Real("c"), "readout": Real("c")},
    learned=("weight", "bias", "readout"),
    also_known_as=("learned loss", "ML3"),
    references=(
        Reference(
            "Bechtle, Molchanov, Chebotar, Grefenstette, Righetti, Sukhatme and Meier",
            "Meta learning via learned loss",
            2021,
            "ICPR, arXiv:1906.05374",
        ),
    ),
    mistakes=(
        "Handing its weights to the optimiser of the network in training drives it to a constant near 0: they are "
        "taught by another loss, after a step with this one.",
        "A step without `create_graph=True` tells nothing of the loss that made it: take `after_a_step`.",
        "Taught for one step at one rate, it need not do well after a hundred at another.",
    ),
    relatives={
        "adaptive_barron_loss": "learns a shape within a family, along with the network",
        "squared_error_loss": "what it is usually taught by, after the step",
    },
)
