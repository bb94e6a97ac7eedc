"""Squared reconstruction error, plus what the code tells beyond chance.

Reach for it when a variational autoencoder's data are real numbers, standardised to a spread of about 1.
Avoid it for pixels between 0 and 1, where a spread of 1 swamps all detail: take `vae_elbo_loss`, or state the spread by
a small beta.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NON_NEGATIVE, NOTHING, Card, Equivalent, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import LogVariance, Real
from lossmith.kernels.gaussian import divergence_from_standard


def gaussian_vae_elbo_loss(
    input: Float[Tensor, "n *pixels"],
    target: Float[Tensor, "n *pixels"],
    mean: Float[Tensor, "n k"],
    log_variance: Float[Tensor, "n k"],
    *,
    beta: float = 1.0,
) -> Float[Tensor, "n"]:
    """Negative evidence lower bound of each example, for a normal decoder.

    Args:
        input: what the decoder makes of one draw of the code, which is mean + exp(½·log_variance)·noise.
        target: what went into the encoder, in the same unit.
        mean: the encoder's means of the code.
        log_variance: the encoder's logarithms of the code's variances.
        beta: weight of the divergence; with beta the decoder's variance, it is beta times the bound, less a constant.

    Returns:
        Σ ½(target − input)² over an example's values + beta·Σ ½(mean² + variance − 1 − log variance) over the code's
        dimensions, from 0 up. At beta 1 it lacks the constant ½·log 2π per value. The mean over examples is the
        reduction's.

    Raises:
        ValueError: shapes differ.

    Source:
        Kingma and Welling (2014), equation 10 with a minus sign; beta: Higgins et al. (2017).

    Example:
        >>> zeros = torch.zeros(1, 2)
        >>> gaussian_vae_elbo_loss(torch.zeros(1, 3), torch.ones(1, 3), zeros + 1.0, zeros)
        tensor([2.5000])
    """
    expect.same_shape(input=input, target=target)
    expect.same_shape(mean=mean, log_variance=log_variance)
    square = torch.nn.functional.mse_loss(input, target, reduction="none").flatten(1).sum(-1)
    return 0.5 * square + beta * divergence_from_standard(mean, log_variance).sum(-1)


class GaussianVaeElboLoss(Criterion):
    """`gaussian_vae_elbo_loss`, masked, weighted and reduced."""

    function = staticmethod(gaussian_vae_elbo_loss)


_BOUND = NotApplicable("the target is compared by way of a code, which has a price of its own")

CARD = Card(
    module=GaussianVaeElboLoss,
    unit="example",
    inputs={"input": Real("n d"), "target": Real("n d"), "mean": Real("n k"), "log_variance": LogVariance("n k")},
    formula=r"\tfrac12 \|x - \hat x\|^2 + \beta \sum_k \tfrac12 (\mu_k^2 + e^{s_k} - 1 - s_k)",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="the code's divergence remains"),
        "convex": Holds(note="and in mean and log-variance at the same reconstruction; not in the encoder's weights"),
        "differentiable": Holds(),
        "smooth": Holds(note="in the reconstruction; in the log-variance the curvature grows with the variance"),
        "bounded_gradient": Fails(),
        "gradient_growth": Holds("linear", note="in the reconstruction"),
        "symmetric": Holds(note="in reconstruction and target"),
        "proper": _BOUND,
        "classification_calibrated": _BOUND,
        "monotone": Holds(note="in the reconstruction"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"beta": NON_NEGATIVE},
    search={"beta": Interval(0.001, 10.0, log=True)},
    also_known_as=("Gaussian VAE loss",),
    references=(
        Reference("Kingma and Welling", "Auto-encoding variational Bayes", 2014, "ICLR, arXiv:1312.6114"),
        Reference(
            "Higgins et al.",
            "beta-VAE: learning basic visual concepts with a constrained variational framework",
            2017,
            "ICLR",
        ),
    ),
    equivalents=(
        Equivalent(
            "torch",
            "nn.MSELoss and distributions.kl_divergence",
            "two calls to be added; without the ½ on squares, and by default the mean over values",
        ),
    ),
    mistakes=(
        "The mean over values with the sum over the code's dimensions makes beta as large as the number of values: "
        "the code "
        "collapses to chance; sum both over dimensions, as here, and take means over examples only.",
        "Without the ½ on the squares the decoder's variance is taken for ½.",
        "An encoder that ends in the standard deviation or the variance is another: here it is the variance's "
        "logarithm.",
    ),
    relatives={
        "vae_elbo_loss": "for values between 0 and 1, from logits",
        "squared_error_loss": "the reconstruction alone, one value per number",
    },
)
