"""Squared error of the noise a diffusion model finds in a noisy example.

Reach for it when training a denoising diffusion model that predicts the noise, with gamma 5 where training is slow: the
steps with little noise, which are easy here but whose errors count most in the picture, then no longer rule.
Avoid it at signal shares near 0, where the noisy example is the noise and nothing is learned from telling it:
`v_prediction_loss` keeps the question hard at both ends.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, Card, Equivalent, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real, Share


def epsilon_prediction_loss(
    input: Float[Tensor, "n *d"],
    target: Float[Tensor, "n *d"],
    signal: Float[Tensor, "n"],
    *,
    gamma: float = math.inf,
) -> Float[Tensor, "n"]:
    """Noise-prediction loss of each noisy example.

    Args:
        input: the network's guess of the noise in √signal·clean + √(1 − signal)·noise.
        target: that noise, drawn from a standard normal distribution.
        signal: share of the signal in the variance, the ᾱ of a schedule; from 0 to 1, one entry per example.
        gamma: largest signal-to-noise ratio that counts in full; above it the weight falls (Min-SNR). At inf, the
            paper's simple loss, all count alike.

    Returns:
        min(1, gamma/SNR)·mean of (input − target)² over an example's dimensions, with SNR = signal/(1 − signal); from 0
        up. A network that knows nothing and says 0 has 1, the noise's variance.

    Raises:
        ValueError: shapes differ.

    Source:
        Ho, Jain and Abbeel (2020), equation 14, as a mean; gamma: Hang et al. (2023), section 3.4.

    Example:
        >>> guess, noise = torch.zeros(2, 2), torch.ones(2, 2)
        >>> epsilon_prediction_loss(guess, noise, torch.tensor([0.5, 0.9]), gamma=3.0)
        tensor([1.0000, 0.3333])
    """
    expect.same_shape(input=input, target=target)
    expect.one_per_row(input, signal=signal)
    square = torch.nn.functional.mse_loss(input, target, reduction="none").flatten(1).mean(-1)
    if math.isinf(gamma):
        return square
    # min(1, gamma/SNR) without the division by a signal or a noise of 0.
    allowed = gamma * (1.0 - signal)
    return allowed / torch.maximum(signal, allowed) * square


class EpsilonPredictionLoss(Criterion):
    """`epsilon_prediction_loss`, masked, weighted and reduced."""

    function = staticmethod(epsilon_prediction_loss)


_DRAWN = NotApplicable("the target is noise that was drawn; what is learned is its mean, given the noisy example")

CARD = Card(
    module=EpsilonPredictionLoss,
    unit="example",
    inputs={"input": Real("n p"), "target": Real("n p"), "signal": Share("n")},
    formula=r"\min\big(1, \tfrac{\gamma}{\mathrm{SNR}}\big)\,\tfrac1d \|\epsilon - \epsilon_\theta(x_t, t)\|^2",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Fails(),
        "gradient_growth": Holds("linear"),
        "symmetric": Holds(),
        "proper": _DRAWN,
        "classification_calibrated": _DRAWN,
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"gamma": Interval(0.0, math.inf, low_open=True)},
    search={"gamma": Interval(0.5, 20.0, log=True)},
    also_known_as=("DDPM simple loss", "noise prediction loss", "min-SNR loss", "diffusion loss"),
    references=(
        Reference("Ho, Jain and Abbeel", "Denoising diffusion probabilistic models", 2020, "NeurIPS, arXiv:2006.11239"),
        Reference(
            "Hang et al.", "Efficient diffusion training via min-SNR weighting strategy", 2023, "ICCV, arXiv:2303.09556"
        ),
    ),
    equivalents=(Equivalent("torch", "nn.MSELoss", "at gamma inf; the mean over the batch as well"),),
    mistakes=(
        "The share is ᾱ, the product of the schedule's alphas up to the step, and not one step's alpha.",
        "The weight is min(SNR, gamma)/SNR for noise, but min(SNR, gamma)/(SNR + 1) for v and min(SNR, gamma) for "
        "clean "
        "examples: do not carry one over to another.",
        "The value at one step says little of another's: compare runs with the same steps and the same noise.",
    ),
    relatives={
        "v_prediction_loss": "a mixture of noise and example, which stays hard at both ends",
        "flow_matching_loss": "the difference of the two, along a straight line",
        "squared_error_loss": "the same for numbers of any kind, one value each",
    },
)
