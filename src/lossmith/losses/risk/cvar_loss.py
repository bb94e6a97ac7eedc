"""Mean of the worst share of a batch's losses: the easy rest does not count.

Reach for it when the worst cases count, as with safety, or with a minority that nobody has labelled.
Avoid it under label noise, where the worst are wrong labels, and with batches so small that the worst share is one.

Put it after any loss with `reduction="none"`: `cvar_loss(loss(prediction, target), share=0.1)`.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith.card import NO_TARGET, NOTHING, Card, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real
from lossmith.kernels.batch import worst_first


def cvar_loss(losses: Float[Tensor, "..."], *, share: float = 0.1) -> Float[Tensor, ""]:
    """Conditional value at risk of a batch's losses.

    Args:
        losses: one value for each element or example, of any loss.
        share: which part counts, the worst; above 0, up to 1, where it is the mean.

    Returns:
        Mean of the share·n largest losses, where the last may count in part; 0 of an empty batch. It is
        min over η of η + mean(max(0, loss − η))/share. Where the losses are convex in a prediction, so is it.

    Source:
        Rockafellar and Uryasev (2000), of the batch; with share = k/n the average top-k loss of Fan et al. (2017).

    Example:
        >>> cvar_loss(torch.tensor([1.0, 5.0, 3.0, 0.0]), share=0.375)
        tensor(4.3333)
    """
    sorted_losses = worst_first(losses)
    count = share * len(sorted_losses)
    place = torch.arange(len(sorted_losses), device=losses.device, dtype=torch.float64)
    part = (count - place).clamp(0.0, 1.0).to(losses.dtype)
    return (part * sorted_losses).sum() / max(count, torch.finfo(losses.dtype).tiny)


class CvarLoss(Criterion):
    """`cvar_loss` of a batch's losses."""

    function = staticmethod(cvar_loss)


CARD = Card(
    module=CvarLoss,
    unit="batch",
    inputs={"losses": Real()},
    formula=r"\min_\eta\ \eta + \frac{1}{\alpha n} \sum_i \max(0, \ell_i - \eta)",
    elicits=NOTHING,
    claims={
        "non_negative": Fails(wrt="losses", note="where the losses are below 0; of losses from 0 up it is"),
        **NO_TARGET,
        "convex": Holds(wrt="losses"),
        "differentiable": Fails(wrt="losses", note="a kink where a loss joins the worst"),
        "smooth": Fails(wrt="losses", note="the gradient jumps there"),
        "bounded_gradient": Holds(wrt="losses", note="each entry by 1/(share·n), and they sum to 1"),
        "sample_independent": NotApplicable("it has one value for the whole batch, on purpose"),
        "vmap": Holds(wrt="losses"),
        "fullgraph": Holds(wrt="losses"),
        "twice_differentiable": Holds(wrt="losses", note="away from the kinks, where the second derivative is 0"),
    },
    parameters={"share": Interval(0.0, 1.0, low_open=True)},
    search={"share": Interval(0.05, 0.9)},
    also_known_as=(
        "conditional value at risk",
        "expected shortfall",
        "superquantile loss",
        "average top-k loss",
        "tail loss",
    ),
    references=(
        Reference("Rockafellar and Uryasev", "Optimization of conditional value-at-risk", 2000, "Journal of Risk 2(3)"),
        Reference("Fan et al.", "Learning with average top-k loss", 2017, "arXiv:1705.08826"),
        Reference(
            "Levy et al.", "Large-scale methods for distributionally robust optimization", 2020, "arXiv:2010.05893"
        ),
    ),
    mistakes=(
        "Giving it a loss already reduced to a mean: it needs the single values, reduction='none'.",
        "Turning the share round: share 0.05 is what finance calls CVaR at the 95 % level.",
        "Small batches: of 16 examples a share of 0.1 is nearly the maximum, and above the CVaR of the whole.",
    ),
    relatives={
        "tilted_loss": "a smooth way from the mean to the worst",
        "group_dro_loss": "the worst of known groups instead of the worst examples",
        "trimmed_loss": "the other way round: leaves the worst out",
        "ohem_cross_entropy_loss": "of cross-entropy, with a threshold",
    },
)
