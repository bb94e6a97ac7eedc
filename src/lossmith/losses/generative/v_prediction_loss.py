"""Squared error of a diffusion model's velocity: noise and example, mixed.

Reach for it when a diffusion model is distilled to few steps or must start from pure noise: at both ends of the
schedule there is something to predict.
Avoid it with weights that were made for noise prediction: its square is the noise's times (1 + 1/SNR), and the clean
example's times (1 + SNR), with SNR the signal-to-noise ratio.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NO_TARGET, NOTHING, Card, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real, Share


def v_prediction_loss(
    input: Float[Tensor, "n *d"], clean: Float[Tensor, "n *d"], noise: Float[Tensor, "n *d"], signal: Float[Tensor, "n"]
) -> Float[Tensor, "n"]:
    """Velocity-prediction loss of each noisy example.

    Args:
        input: the network's guess of v at the noisy example √signal·clean + √(1 − signal)·noise.
        clean: the examples.
        noise: what was drawn from a standard normal distribution and mixed in.
        signal: share of the signal in the variance, the ᾱ of a schedule; from 0 to 1, one entry per example.

    Returns:
        Mean of (input − v)² over an example's dimensions, with v = √signal·noise − √(1 − signal)·clean; from 0 up. No
        gradient reaches `clean`, `noise` or `signal`.

    Raises:
        ValueError: shapes differ.

    Source:
        Salimans and Ho (2022), section 4 and appendix D.

    Example:
        >>> clean, noise = torch.tensor([[2.0]] * 3), torch.tensor([[5.0]] * 3)
        >>> v_prediction_loss(torch.zeros(3, 1), clean, noise, torch.tensor([0.0, 0.64, 1.0]))
        tensor([ 4.0000,  7.8400, 25.0000])
    """
    expect.same_shape(input=input, clean=clean, noise=noise)
    expect.one_per_row(input, signal=signal)
    velocity = _velocity(clean, noise, signal).detach()
    return torch.nn.functional.mse_loss(input, velocity, reduction="none").flatten(1).mean(-1)


def _velocity(clean: Tensor, noise: Tensor, signal: Tensor) -> Tensor:
    share = signal.reshape(-1, *[1] * (clean.ndim - 1))
    return share.sqrt() * noise - (1.0 - share).sqrt() * clean


def slope_of_the_guess(input: Tensor, clean: Tensor, noise: Tensor, signal: Tensor) -> Tensor:
    """Slope in the guess alone: twice what is missing, over the dimensions."""
    return 2.0 * (input - _velocity(clean, noise, signal)) / input[0].numel()


class VPredictionLoss(Criterion):
    """`v_prediction_loss`, masked, weighted and reduced."""

    function = staticmethod(v_prediction_loss)


CARD = Card(
    module=VPredictionLoss,
    unit="example",
    inputs={"input": Real("n p"), "clean": Real("n p"), "noise": Real("n p"), "signal": Share("n")},
    formula=r"\tfrac1d \big\|v_\theta(x_t, t) - (\sqrt{\bar\alpha_t}\,\epsilon - \sqrt{1 - \bar\alpha_t}\,x)\big\|^2",
    elicits=NOTHING,
    claims={
        **dict.fromkeys(NO_TARGET, NotApplicable("its target is made of three inputs")),
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
    also_known_as=("velocity prediction loss", "v-parameterisation"),
    references=(
        Reference(
            "Salimans and Ho",
            "Progressive distillation for fast sampling of diffusion models",
            2022,
            "ICLR, arXiv:2202.00512",
        ),
    ),
    mistakes=(
        "v is noise minus example, not the other way round: with the sign turned, sampling drifts away.",
        "The share is ᾱ, whose root goes with the signal: schedules that store the root itself need it squared first.",
        "The example is had back as √signal·noisy − √(1 − signal)·v; with the noise's formula it is grey.",
    ),
    relatives={
        "epsilon_prediction_loss": "the noise alone",
        "flow_matching_loss": "example minus noise, along a straight line",
    },
    surrogate_gradient=slope_of_the_guess,
)
