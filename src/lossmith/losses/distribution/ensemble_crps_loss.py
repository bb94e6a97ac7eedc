"""CRPS of an ensemble: members are trained to be as spread as the target is.

Reach for it when a network, or several, give samples or members for each example, and the distribution has no name.
Avoid it with very few members: they become quantiles at (k − ½)/m, so two of them mark the middle half.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import DISTRIBUTION, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Members, Real


def ensemble_crps_loss(input: Float[Tensor, "n m"], target: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """CRPS of each target under the members predicted for it.

    Args:
        input: members, one row per example, in any order.
        target: observations in the same unit.

    Returns:
        mean |x_i − y| − ½·mean |x_i − x_j|, the second mean over all m² pairs; from 0 up, in the target's unit. Sorting
        the members makes it a sum of m terms, none below 0.

    Raises:
        ValueError: shapes are not (n, m) and (n,).

    Source:
        Gneiting and Raftery (2007), equation 21; Bröcker (2012) for the sorted form.

    Example:
        >>> ensemble_crps_loss(torch.tensor([[0.0, 2.0], [1.0, 1.0]]), torch.tensor([1.0, 1.0]))
        tensor([0.5000, 0.0000])
    """
    expect.columns(input, target, input.shape[-1])
    members = input.shape[-1]
    level = (torch.arange(members, device=input.device, dtype=input.dtype) + 0.5) / max(members, 1)
    short = target.unsqueeze(-1) - input.sort(-1).values
    return 2.0 * torch.maximum(level * short, (level - 1.0) * short).mean(-1)


class EnsembleCrpsLoss(Criterion):
    """`ensemble_crps_loss`, masked, weighted and reduced."""

    function = staticmethod(ensemble_crps_loss)


CARD = Card(
    module=EnsembleCrpsLoss,
    unit="example",
    inputs={"input": Members("n k"), "target": Real("n")},
    formula=r"\frac1m \sum_i |x_i - y| - \frac{1}{2m^2} \sum_{i,j} |x_i - x_j|",
    elicits=DISTRIBUTION,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(note="with all members there"),
        "convex": Fails(note="two members that meet push each other apart"),
        "differentiable": Fails(note="kinks where a member meets the target or another member"),
        "smooth": Fails(note="the gradient jumps there"),
        "bounded_gradient": Holds(note="each entry by 2/m"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("several members are compared with one target"),
        "proper": Holds(note="the best members are the quantiles at (k − ½)/m"),
        "classification_calibrated": NotApplicable("it predicts a distribution, not a class"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kinks, where the second derivative is 0"),
    },
    also_known_as=("empirical CRPS", "sample CRPS"),
    references=(
        Reference(
            "Gneiting and Raftery", "Strictly proper scoring rules, prediction, and estimation", 2007, "JASA 102(477)"
        ),
        Reference(
            "Bröcker", "Evaluating raw ensembles with the continuous ranked probability score", 2012, "QJRMS 138"
        ),
    ),
    equivalents=(
        Equivalent(
            "scoringrules", "crps_ensemble(estimator='nrg')", "target first; 'fair' divides by m(m − 1) instead"
        ),
        Equivalent("properscoring", "crps_ensemble", "target first"),
    ),
    mistakes=(
        "Comparing with the fair form, which divides the second sum by m(m − 1): it is lower, and below 0 at times.",
        "All m² pairs in one tensor: sorting gives the same number in m·log m steps.",
        "Judging ensembles of different size by it: more members score better by themselves; use the fair form there.",
    ),
    relatives={
        "multi_quantile_loss": "half of it, where the members are quantiles of fixed columns",
        "energy_score_loss": "targets of several dimensions",
        "gaussian_crps_loss": "a normal distribution in place of members",
        "absolute_error_loss": "one member",
    },
)
