"""A dial from the best of a batch's losses by way of the mean to the worst.

Reach for it with a tilt above 0 when the worst cases count, below 0 when outliers or wrong labels should count less;
near 0 it is the mean plus half the tilt times the variance.
Avoid it with losses of unknown size: the tilt is in one over their unit.

Put it after any loss with `reduction="none"`: `tilted_loss(loss(prediction, target), tilt=1.0)`.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith.card import NO_TARGET, NOTHING, Card, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real


def tilted_loss(losses: Float[Tensor, "..."], *, tilt: float = 1.0) -> Float[Tensor, ""]:
    """Tilted mean of a batch's losses.

    Args:
        losses: one value for each element or example, of any loss.
        tilt: in one over the losses' unit; above 0 towards the worst, below 0 towards the best, 0 the mean.

    Returns:
        log(mean(exp(tilt·loss)))/tilt, between the least and the largest loss; 0 of an empty batch.

    Source:
        Li et al. (2021).

    Example:
        >>> losses = torch.tensor([0.0, 1.0])
        >>> tilted_loss(losses, tilt=1.0), tilted_loss(losses, tilt=-1.0)
        (tensor(0.6201), tensor(0.3799))
    """
    if not losses.numel():
        return losses.sum()
    if tilt == 0.0:
        return losses.mean()
    # Seen from the loss that counts most, no exponential is above 1; by expm1 and log1p digits stay as tilt nears 0.
    most = (losses.amax() if tilt > 0.0 else losses.amin()).detach()
    return most + torch.log1p(torch.expm1(tilt * (losses - most)).mean()) / tilt


class TiltedLoss(Criterion):
    """`tilted_loss` of a batch's losses."""

    function = staticmethod(tilted_loss)


CARD = Card(
    module=TiltedLoss,
    unit="batch",
    inputs={"losses": Real()},
    formula=r"\frac1t \log \frac1n \sum_i e^{t \ell_i}",
    elicits=NOTHING,
    claims={
        "non_negative": Fails(wrt="losses", note="where the losses are below 0; of losses from 0 up it is"),
        **NO_TARGET,
        "convex": Fails(at={"tilt": -1.0}, wrt="losses", note="it is, at a tilt from 0 up"),
        "differentiable": Holds(wrt="losses"),
        "smooth": Holds(wrt="losses", note="the gradient has slope at most |tilt|/2"),
        "bounded_gradient": Holds(wrt="losses", note="it is a set of shares: they sum to 1"),
        "sample_independent": NotApplicable("it has one value for the whole batch, on purpose"),
        "vmap": Holds(wrt="losses"),
        "fullgraph": Holds(wrt="losses"),
        "twice_differentiable": Holds(wrt="losses"),
    },
    parameters={"tilt": Interval(-float("inf"), float("inf"), low_open=True, high_open=True)},
    search={"tilt": Interval(-5.0, 5.0)},
    also_known_as=("tilted empirical risk", "term", "entropic risk", "log-mean-exp loss"),
    references=(Reference("Li et al.", "Tilted empirical risk minimization", 2021, "arXiv:2007.01162"),),
    mistakes=(
        "Giving it a loss already reduced to a mean: it needs the single values, reduction='none'.",
        "Carrying a tilt over from one loss to another: it is in one over the loss's unit.",
        "Writing it as log(mean(exp)) by hand: it overflows at losses of a hundred; this does not.",
        "Small batches: the mean of exponentials is that of the batch, so that the tilt does less than on all rows.",
    ),
    relatives={
        "cvar_loss": "the mean of the worst share: no unit to mind",
        "trimmed_loss": "leaves the worst out altogether",
        "group_dro_loss": "tilts towards the worst of known groups",
    },
)
