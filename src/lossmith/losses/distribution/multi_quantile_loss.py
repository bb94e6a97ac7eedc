"""Pinball loss at several levels at once: fits a distribution by its quantiles.

Reach for it when an interval or the whole distribution is asked for and its shape is not known: skewed, or with a
spread that changes from row to row. Many even levels make it half the CRPS; two make it the interval score, up to a
constant.
Avoid it where data are few: a family with two parameters needs less of them. Columns may cross; sort them to predict.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import DISTRIBUTION, Card, Equivalent, Fails, Functional, Holds, NotApplicable, Reference, interval
from lossmith.criterion import Criterion
from lossmith.domains import Levels, Quantiles, Real


def multi_quantile_loss(
    input: Float[Tensor, "n q"], target: Float[Tensor, "n"], *, levels: Float[Tensor, "q"]
) -> Float[Tensor, "n"]:
    """Pinball loss of each example, averaged over the levels.

    Args:
        input: predicted quantiles, one row per example, one column per level.
        target: observations in the same unit.
        levels: share of the observations that should lie below each column; between 0 and 1.

    Returns:
        The mean over levels of level·r where r = target − input is positive, else (level − 1)·r; from 0 up. At levels
        α/2 and 1 − α/2 it is α/4 times the interval score; at several such pairs and 1/2, half the weighted interval
        score. At levels (k − ½)/q, k = 1 … q, it tends to half the CRPS as
        q grows.

    Raises:
        ValueError: shapes are not (n, q), (n,) and (q,).

    Source:
        Koenker and Bassett (1978); Gneiting and Raftery (2007), section 6, for what its sums come to.

    Example:
        >>> levels = torch.tensor([0.1, 0.9])
        >>> multi_quantile_loss(torch.tensor([[0.0, 2.0], [0.0, 2.0]]), torch.tensor([1.0, 3.0]), levels=levels)
        tensor([0.1000, 0.6000])
    """
    expect.columns(input, target, levels.shape[0])
    short = target.unsqueeze(-1) - input
    level = levels.to(input.dtype)
    # `maximum` shares the gradient evenly at a tie, as in `pinball_loss`.
    return torch.maximum(level * short, (level - 1.0) * short).mean(-1)


class MultiQuantileLoss(Criterion):
    """`multi_quantile_loss`, masked, weighted and reduced."""

    function = staticmethod(multi_quantile_loss)


def _elicited(levels: Any) -> Functional:
    """Two levels that lie evenly about the middle are an interval."""
    known = [] if levels is None else [float(level) for level in levels]
    if len(known) == 2 and abs(sum(known) - 1.0) < 1e-6:
        return interval(round(known[1] - known[0], 6))
    return DISTRIBUTION


EVEN = (0.1, 0.5, 0.9)
CARD = Card(
    module=MultiQuantileLoss,
    unit="example",
    inputs={"input": Quantiles("n q"), "target": Real("n")},
    formula=r"\frac1Q \sum_k \max(\tau_k\,(y - x_k),\ (\tau_k - 1)\,(y - x_k))",
    elicits=_elicited,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(note="with all quantiles there"),
        "convex": Holds(),
        "differentiable": Fails(at={"levels": EVEN}, note="a kink where a quantile and the target are equal"),
        "smooth": Fails(at={"levels": EVEN}, note="the gradient jumps by 1/q at the target"),
        "bounded_gradient": Holds(note="each entry by 1/q"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("several quantiles are compared with one target"),
        "proper": Holds(note="for the quantiles"),
        "classification_calibrated": NotApplicable("it predicts quantiles, not a class"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kinks, where the second derivative is 0"),
    },
    parameters={"levels": Levels("q")},
    also_known_as=("quantile grid loss", "weighted interval loss", "weighted interval score", "WIS", "quantile CRPS"),
    references=(
        Reference("Koenker and Bassett", "Regression quantiles", 1978, "Econometrica 46(1), 33-50"),
        Reference(
            "Gneiting and Raftery", "Strictly proper scoring rules, prediction, and estimation", 2007, "JASA 102(477)"
        ),
        Reference(
            "Bracher et al.", "Evaluating epidemic forecasts in an interval format", 2021, "PLoS Comp. Biol. 17(2)"
        ),
    ),
    equivalents=(
        Equivalent(
            "scoringrules",
            "weighted_interval_score",
            "twice it, of the median and pairs of ends; in 0.10.0 NumPy's form adds the median, not its error",
        ),
        Equivalent("neuralforecast", "losses.pytorch.MQLoss", "levels given as `quantiles` or `level`"),
        Equivalent("pytorch-forecasting", "QuantileLoss", "twice it, not averaged over levels before the reduction"),
    ),
    mistakes=(
        "Columns may cross: sort each row before it is read as quantiles.",
        "Levels and columns must be in one order: keep both rising.",
    ),
    relatives={
        "pinball_loss": "one level",
        "gaussian_crps_loss": "a normal distribution instead of free quantiles",
        "gaussian_nll_loss": "a normal distribution, by its likelihood",
    },
)
