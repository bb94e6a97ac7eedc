"""Mean of a batch's losses without the worst share: spoiled rows are left out.

Reach for it when a known share of the rows is spoiled, in the target or in the features.
Avoid it where hard rows are rare but right: it gives them up for good. Avoid it from the first step, when what is worst
says nothing yet.

Put it after any loss with `reduction="none"`: `trimmed_loss(loss(prediction, target), trim=0.1)`.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith.card import NO_TARGET, NOTHING, Card, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real
from lossmith.kernels.batch import worst_first


def trimmed_loss(losses: Float[Tensor, "..."], *, trim: float = 0.1) -> Float[Tensor, ""]:
    """Trimmed mean of a batch's losses: the worst share left out.

    Args:
        losses: one value for each element or example, of any loss.
        trim: share that is left out, the worst; from 0, where it is the mean, to below 1.

    Returns:
        Mean of the (1 − trim)·n smallest losses, where the last may count in part; 0 of an empty batch. Of squared
        errors it is least trimmed squares.

    Source:
        Rousseeuw (1984), for squares; in batches Shen and Sanghavi (2019).

    Example:
        >>> trimmed_loss(torch.tensor([1.0, 5.0, 3.0, 0.0]), trim=0.25)
        tensor(1.3333)
    """
    sorted_losses = worst_first(losses).flip(0)
    count = (1.0 - trim) * len(sorted_losses)
    place = torch.arange(len(sorted_losses), device=losses.device, dtype=torch.float64)
    part = (count - place).clamp(0.0, 1.0).to(losses.dtype)
    return (part * sorted_losses).sum() / max(count, torch.finfo(losses.dtype).tiny)


class TrimmedLoss(Criterion):
    """`trimmed_loss` of a batch's losses."""

    function = staticmethod(trimmed_loss)


CARD = Card(
    module=TrimmedLoss,
    unit="batch",
    inputs={"losses": Real()},
    formula=r"\frac1h \sum_{i=1}^{h} \ell_{(i)},\quad \ell_{(1)} \le \ell_{(2)} \le \dots,\ h = (1 - \tau) n",
    elicits=NOTHING,
    claims={
        "non_negative": Fails(wrt="losses", note="where the losses are below 0; of losses from 0 up it is"),
        **NO_TARGET,
        "convex": Fails(at={"trim": 0.5}, wrt="losses", note="a loss that is bad enough stops counting"),
        "differentiable": Fails(at={"trim": 0.5}, wrt="losses", note="a kink where a loss joins the worst"),
        "smooth": Fails(at={"trim": 0.5}, wrt="losses", note="the gradient jumps there"),
        "bounded_gradient": Holds(wrt="losses", note="each entry by 1/((1 - trim)·n), and they sum to 1"),
        "sample_independent": NotApplicable("it has one value for the whole batch, on purpose"),
        "vmap": Holds(wrt="losses"),
        "fullgraph": Holds(wrt="losses"),
        "twice_differentiable": Holds(wrt="losses", note="away from the kinks, where the second derivative is 0"),
    },
    parameters={"trim": Interval(0.0, 1.0, high_open=True)},
    search={"trim": Interval(0.0, 0.5)},
    also_known_as=("least trimmed squares", "trimmed mean loss", "small-loss selection"),
    references=(
        Reference("Rousseeuw", "Least median of squares regression", 1984, "JASA 79, 871-880"),
        Reference(
            "Shen and Sanghavi",
            "Learning with bad training data via iterative trimmed loss minimization",
            2019,
            "arXiv:1810.11874",
        ),
    ),
    mistakes=(
        "Giving it a loss already reduced to a mean: it needs the single values, reduction='none'.",
        "Trimming from the first step: train a while with the mean, then raise trim to the share that is spoiled.",
        "Trimming less than what is spoiled: one outlier left in may still decide a squared error.",
        "Uneven classes: the rare class has the worst losses and is trimmed first; trim within classes.",
    ),
    relatives={
        "cvar_loss": "the other way round: only the worst count",
        "tilted_loss": "at a tilt below 0 it plays the worst down smoothly",
        "huber_loss": "bounds what one row pulls instead of leaving it out",
    },
)
