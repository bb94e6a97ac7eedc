"""Negative log-likelihood of counts whose variance grows with their mean.

Reach for it when the target counts events or is a positive amount whose mean is wanted, zeros included.
Avoid comparing its value across data sets: the part that does not depend on the prediction is left out, so it can be
negative and is not 0 at a perfect fit.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import MEAN, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import LogMean, NonNegative


def poisson_loss(input: Float[Tensor, "..."], target: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Poisson negative log-likelihood of each element, without the constant log y!.

    Args:
        input: logarithm of the predicted mean; the prediction is its exponential.
        target: counts or amounts from 0 up, same shape; they need not be whole.

    Returns:
        exp(input) − target·input, in nats up to a constant of the target; least at exp(input) = target.

    Raises:
        ValueError: shapes differ.

    Source:
        Nelder and Wedderburn (1972).

    Example:
        >>> poisson_loss(torch.tensor([0.0, 1.0]), torch.tensor([0.0, 3.0]))
        tensor([ 1.0000, -0.2817])
    """
    expect.same_shape(input=input, target=target)
    return torch.nn.functional.poisson_nll_loss(input, target, log_input=True, full=False, reduction="none")


class PoissonLoss(Criterion):
    """`poisson_loss`, masked, weighted and reduced."""

    function = staticmethod(poisson_loss)


CARD = Card(
    module=PoissonLoss,
    unit="element",
    inputs={"input": LogMean(), "target": NonNegative()},
    formula=r"e^x - y x",
    elicits=MEAN,
    claims={
        "non_negative": Fails(note="y - y log y at its least, below 0 from y = e on"),
        "zero_at_target": Fails(note="the constant log y! is left out"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Fails(note="the second derivative e^x has no bound"),
        "bounded_gradient": Fails(note="predicting far too much costs e^x"),
        "gradient_growth": Holds("exponential", note="above the target; below it the gradient tends to -y"),
        "symmetric": NotApplicable("the prediction is a logarithm, the target an amount"),
        "proper": Holds(note="for the mean, of any non-negative target and not only of a Poisson one"),
        "classification_calibrated": NotApplicable("targets are amounts, not classes"),
        "monotone": Holds(note="in the predicted mean"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("poisson nll", "poisson negative log likelihood", "poisson deviance"),
    references=(
        Reference("Nelder and Wedderburn", "Generalized linear models", 1972, "JRSS A 135(3), 370-384"),
        Reference("Gourieroux, Monfort and Trognon", "Pseudo maximum likelihood methods", 1984, "Econometrica 52(3)"),
    ),
    equivalents=(
        Equivalent("torch", "nn.PoissonNLLLoss", "the same by default; full=True adds Stirling's log y! above 1"),
        Equivalent("keras", "losses.Poisson", "takes the mean, not its logarithm"),
        Equivalent(
            "scikit-learn", "metrics.mean_poisson_deviance", "a metric of the mean: twice it, 0 at a perfect fit"
        ),
    ),
    mistakes=(
        "The network's output is a logarithm: take exp to predict, and nothing before the loss.",
        "Exposure belongs into the output as + log(exposure), not into the target as a ratio without a weight.",
        "The value may be negative: compare it on the same targets only, or compare deviances.",
    ),
    relatives={
        "tweedie_loss": "variance grows faster than the mean, zeros allowed",
        "gamma_loss": "spread in proportion to the mean, no zeros",
        "squared_error_loss": "the same mean, all rows' errors alike",
    },
)
