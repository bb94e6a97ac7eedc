"""Log-likelihood of a mixture of normals: targets with several answers.

Reach for it when one input has several right targets, as in inverse problems or paths around an obstacle, and a mean
between them would be wrong.
Avoid it with few rows, and where a component may sit on one target: its scale then falls without end. A floor on the
scale, as `softplus` plus a constant gives, prevents that.
"""

import math

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Logits, LogScale, Real, Several


def gaussian_mixture_nll_loss(
    mean: Float[Tensor, "n k"],
    log_scale: Float[Tensor, "n k"],
    logits: Float[Tensor, "n k"],
    target: Float[Tensor, "n"],
) -> Float[Tensor, "n"]:
    """Negative log-density of each target under its mixture of normals.

    Args:
        mean: mean of each component, in the target's unit.
        log_scale: logarithm of each component's standard deviation.
        logits: their softmax is the share of each component.
        target: observations.

    Returns:
        −log Σ_k w_k·N(target; mean_k, σ_k), in nats; any sign.

    Raises:
        ValueError: shapes are not three times (n, k), and (n,).

    Source:
        Bishop (1994).

    Example:
        >>> import torch
        >>> mean, even = torch.tensor([[-1.0, 1.0]]), torch.zeros(1, 2)
        >>> gaussian_mixture_nll_loss(mean, even, even, torch.tensor([0.0]))  # both are one deviation off
        tensor([1.4189])
    """
    expect.same_shape(mean=mean, log_scale=log_scale, logits=logits)
    expect.columns(mean, target, mean.shape[-1])
    z = (target.unsqueeze(-1) - mean) * (-log_scale).exp()
    log_density = -0.5 * z.square() - log_scale - 0.5 * math.log(2.0 * math.pi)
    return -(logits.log_softmax(-1) + log_density).logsumexp(-1)


class GaussianMixtureNllLoss(Criterion):
    """`gaussian_mixture_nll_loss`, masked, weighted and reduced."""

    function = staticmethod(gaussian_mixture_nll_loss)


CARD = Card(
    module=GaussianMixtureNllLoss,
    unit="example",
    inputs={
        "mean": Several("n k"),
        "log_scale": LogScale("n k"),
        "logits": Logits("n k"),
        "target": Real("n"),
    },
    formula=r"-\log \sum_k w_k\, \mathcal{N}(y;\, \mu_k, e^{2 s_k})",
    elicits=Functional("mixture_of_normals"),
    claims={
        "non_negative": Fails(wrt="mean", note="a density above 1"),
        "zero_at_target": NotApplicable("a distribution can always be narrower: none is perfect"),
        "convex": Fails(wrt="mean", note="it is with one component"),
        "differentiable": Holds(wrt="mean"),
        "smooth": Holds(wrt="mean", note="at given scales"),
        "bounded_gradient": Fails(wrt="mean"),
        "gradient_growth": Holds("linear", wrt="mean"),
        "symmetric": NotApplicable("a distribution is compared with a number"),
        "proper": NotApplicable(
            "it is a logarithmic score, but components that change places name one distribution: no row is the best"
        ),
        "classification_calibrated": NotApplicable("it predicts a distribution, not a class"),
        "monotone": Holds(wrt="mean", note="as all means move away at the same scales"),
        "sample_independent": Holds(wrt="mean"),
        "vmap": Holds(wrt="mean"),
        "fullgraph": Holds(wrt="mean"),
        "twice_differentiable": Holds(wrt="mean"),
    },
    also_known_as=("mixture density network loss", "MDN loss"),
    references=(Reference("Bishop", "Mixture density networks", 1994, "Aston University, NCRG/94/004"),),
    mistakes=(
        "Summing densities before the logarithm: far targets underflow to log 0; logsumexp does not.",
        "A component that collapses onto one row: put a floor under the scale, or weigh it down.",
        "Predicting the mean of the mixture: it may lie where no target ever does; sample, or take the heaviest mode.",
    ),
    relatives={
        "gaussian_nll_loss": "one component",
        "multi_quantile_loss": "no family at all",
        "ensemble_crps_loss": "members in place of components",
    },
)
