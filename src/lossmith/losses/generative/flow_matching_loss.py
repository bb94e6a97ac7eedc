"""Squared error of the velocity that carries noise to examples in straight lines.

Reach for it when a generative model should sample in few steps of an ordinary differential equation and be trained like
a regression: no schedule, no divergence.
Avoid it where a likelihood is wanted: it bounds none, though the flow it learns has one.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NO_TARGET, NOTHING, Card, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def flow_matching_loss(
    input: Float[Tensor, "n *d"], clean: Float[Tensor, "n *d"], noise: Float[Tensor, "n *d"], *, sigma: float = 0.0
) -> Float[Tensor, "n"]:
    """Conditional flow matching loss of each example, along a straight line.

    Args:
        input: the network's velocity at (1 − (1 − sigma)·t)·noise + t·clean, for a time t drawn from 0 to 1.
        clean: the examples, where the flow ends.
        noise: draws of a standard normal distribution, where it begins.
        sigma: spread that is left about each example at the end; from 0, a rectified flow, to below 1.

    Returns:
        Mean of (input − (clean − (1 − sigma)·noise))² over an example's dimensions, from 0 up. It does not fall to 0:
        lines cross, and where they do the best velocity is their mean.

    Raises:
        ValueError: shapes differ.

    Source:
        Lipman et al. (2023), equation 23; Liu, Gong and Liu (2023), equation 1, at sigma 0.

    Example:
        >>> clean, noise = torch.tensor([[2.0, 0.0]]), torch.tensor([[1.0, -2.0]])
        >>> flow_matching_loss(torch.zeros(1, 2), clean, noise)
        tensor([2.5000])
    """
    expect.same_shape(input=input, clean=clean, noise=noise)
    velocity = clean - (1.0 - sigma) * noise
    return torch.nn.functional.mse_loss(input, velocity, reduction="none").flatten(1).mean(-1)


class FlowMatchingLoss(Criterion):
    """`flow_matching_loss`, masked, weighted and reduced."""

    function = staticmethod(flow_matching_loss)


CARD = Card(
    module=FlowMatchingLoss,
    unit="example",
    inputs={"input": Real("n p"), "clean": Real("n p"), "noise": Real("n p")},
    formula=r"\tfrac1d \big\|v_\theta(x_t, t) - (x_1 - (1 - \sigma)\,x_0)\big\|^2",
    elicits=NOTHING,
    claims={
        **dict.fromkeys(NO_TARGET, NotApplicable("its target is made of two inputs")),
        "non_negative": Holds(),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Fails(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"sigma": Interval(0.0, 1.0, high_open=True)},
    search={"sigma": Interval(0.0, 0.1)},
    also_known_as=("conditional flow matching", "rectified flow loss", "stochastic interpolant loss"),
    references=(
        Reference(
            "Lipman, Chen, Ben-Hamu, Nickel and Le",
            "Flow matching for generative modeling",
            2023,
            "ICLR, arXiv:2210.02747",
        ),
        Reference(
            "Liu, Gong and Liu",
            "Flow straight and fast: learning to generate and transfer data with rectified flow",
            2023,
            "ICLR, arXiv:2209.03003",
        ),
    ),
    mistakes=(
        "Time runs from noise (0) to example (1) here, and the other way in Stable Diffusion 3: the sign of the "
        "velocity "
        "turns with it.",
        "A plateau is no failure: the part that is left is how much lines cross; judge by samples.",
        "Draw t anew for each example, not one for the batch: it cuts the noise of the gradient.",
    ),
    relatives={
        "v_prediction_loss": "along an arc in place of a line, with the shares of a schedule",
        "epsilon_prediction_loss": "the noise alone",
    },
)
