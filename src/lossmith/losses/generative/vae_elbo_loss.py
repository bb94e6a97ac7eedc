"""Minus the ELBO: reconstruction of pixels, plus what the code tells.

Reach for it when a variational autoencoder's data lie in 0..1 and the decoder ends in logits, one per pixel.
Avoid it for other real numbers, with `gaussian_vae_elbo_loss` instead, and where the best likelihood is wanted: it is a
bound, and the gap is unknown.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NON_NEGATIVE, NOTHING, Card, Equivalent, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Logits, LogVariance, Real
from lossmith.kernels.gaussian import divergence_from_standard


def vae_elbo_loss(
    input: Float[Tensor, "n *pixels"],
    target: Float[Tensor, "n *pixels"],
    mean: Float[Tensor, "n k"],
    log_variance: Float[Tensor, "n k"],
    *,
    beta: float = 1.0,
) -> Float[Tensor, "n"]:
    """Negative evidence lower bound of each example, for a Bernoulli decoder.

    Args:
        input: the decoder's logits at one draw of the code, which is mean + exp(½·log_variance)·noise.
        target: what went into the encoder, between 0 and 1.
        mean: the encoder's means of the code.
        log_variance: the encoder's logarithms of the code's variances.
        beta: weight of the divergence; 1 is the bound itself, above 1 trades reconstruction for independent codes.

    Returns:
        Σ cross-entropy over the pixels + beta·Σ ½(mean² + variance − 1 − log variance) over the code's dimensions, in
        nats, from 0 up. Both are sums over an example's dimensions; the mean over examples is the reduction's.

    Raises:
        ValueError: shapes differ.

    Source:
        Kingma and Welling (2014), equation 10 with a minus sign; beta: Higgins et al. (2017).

    Example:
        >>> zeros = torch.zeros(1, 2)
        >>> vae_elbo_loss(torch.zeros(1, 3), torch.ones(1, 3), zeros + 1.0, zeros)
        tensor([3.0794])
    """
    expect.same_shape(input=input, target=target)
    expect.same_shape(mean=mean, log_variance=log_variance)
    cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits(input, target, reduction="none")
    divergence = divergence_from_standard(mean, log_variance).sum(-1)
    return cross_entropy.flatten(1).sum(-1) + beta * divergence


class VaeElboLoss(Criterion):
    """`vae_elbo_loss`, masked, weighted and reduced."""

    function = staticmethod(vae_elbo_loss)


_BOUND = NotApplicable("the target is compared by way of a code, which has a price of its own")

CARD = Card(
    module=VaeElboLoss,
    unit="example",
    inputs={
        "input": Logits("n d"),
        "target": BinaryTarget("n d"),
        "mean": Real("n k"),
        "log_variance": LogVariance("n k"),
    },
    formula=r"-\sum_j \log p(x_j \mid z) + \beta \sum_k \tfrac12 (\mu_k^2 + e^{s_k} - 1 - s_k)",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="the code's divergence remains"),
        "convex": Holds(note="and in mean and log-variance at the same logits; not in the encoder's weights"),
        "differentiable": Holds(),
        "smooth": Holds(note="in the logits; in the log-variance the curvature grows with the variance"),
        "bounded_gradient": Fails(wrt="log_variance", note="it grows with the variance; by 1 in each logit"),
        "gradient_growth": Holds("constant", note="in the logits"),
        "symmetric": NotApplicable("logits are compared with shares"),
        "proper": _BOUND,
        "classification_calibrated": _BOUND,
        "monotone": Holds(note="in the logits"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"beta": NON_NEGATIVE},
    search={"beta": Interval(0.1, 10.0, log=True)},
    also_known_as=("VAE loss", "negative ELBO", "beta-VAE loss"),
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
            "nn.BCEWithLogitsLoss(reduction='sum') and distributions.kl_divergence",
            "two calls to be added; the sum over the batch, too, which makes the step grow with it",
        ),
        Equivalent(
            "keras",
            "losses.binary_crossentropy",
            "for the first part alone, and its mean over the last dimension: multiply by the number of pixels",
        ),
    ),
    mistakes=(
        "The mean over pixels with the sum over the code's dimensions makes beta as large as the number of pixels: "
        "the code "
        "collapses to chance; sum both over dimensions, as here, and take means over examples only.",
        "An encoder that ends in the standard deviation or the variance is another: here it is the variance's "
        "logarithm.",
        "Means and log-variances without noise in the code make an autoencoder with a penalty, and no bound.",
        "The divergence at 0 for all examples means that the code is ignored: raise beta slowly from 0, or weaken the "
        "decoder.",
    ),
    relatives={
        "gaussian_vae_elbo_loss": "for real numbers: squares in place of cross-entropies",
        "binary_cross_entropy_loss": "the reconstruction alone, one value per pixel",
    },
)
