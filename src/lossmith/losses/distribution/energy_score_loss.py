"""CRPS for several dimensions: members in the right place, and apart enough.

Reach for it when several numbers are predicted together and samples of them should go together as the truth does: wind
at many places, a path over many steps.
Avoid it where the dependence is the point and the margins are right already: it hardly sees a wrong correlation. Its
cost grows with the square of the members: tens of them, not thousands.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Equivalent, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Members, Real
from lossmith.kernels.lengths import length


def energy_score_loss(input: Float[Tensor, "n m d"], target: Float[Tensor, "n d"]) -> Float[Tensor, "n"]:
    """Energy score of each target under the members predicted for it.

    Args:
        input: members, for each example m points of d dimensions, in any order.
        target: observed points.

    Returns:
        mean ‖x_i − y‖ − ½·mean ‖x_i − x_j‖, the second mean over all m² pairs; from 0 up. The dimensions should have
        one unit, or be scaled.

    Raises:
        ValueError: shapes are not (n, m, d) and (n, d).

    Source:
        Gneiting and Raftery (2007), section 4.3, with exponent 1.

    Example:
        >>> members = torch.tensor([[[3.0, 4.0], [0.0, 0.0]]])
        >>> energy_score_loss(members, torch.tensor([[0.0, 0.0]]))  # 5/2 - 5/4
        tensor([1.2500])
    """
    expect.members(input, target)
    members = input.shape[1]
    off = length(input - target.unsqueeze(1)).mean(1)
    apart = torch.zeros_like(off)
    for shift in range(1, members // 2 + 1):  # all pairs, each once: those `shift` places apart around a ring
        pairs = length(input - input.roll(shift, 1)).mean(1)
        apart = apart + (pairs if 2 * shift == members else 2.0 * pairs)
    return off - 0.5 * apart / max(members, 1)


class EnergyScoreLoss(Criterion):
    """`energy_score_loss`, masked, weighted and reduced."""

    function = staticmethod(energy_score_loss)


CARD = Card(
    module=EnergyScoreLoss,
    unit="example",
    inputs={"input": Members("n k d"), "target": Real("n d")},
    formula=r"\frac1m \sum_i \|x_i - y\| - \frac{1}{2m^2} \sum_{i,j} \|x_i - x_j\|",
    elicits=Functional("distribution_by_members"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(note="with all members there"),
        "convex": Fails(note="two members that meet push each other apart"),
        "differentiable": Fails(note="kinks where a member meets the target or another member"),
        "smooth": Fails(note="the gradient turns around at once there"),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("several members are compared with one target"),
        "proper": NotApplicable("strictly proper as a score of distributions; of a few members no row is the best"),
        "classification_calibrated": NotApplicable("it predicts a distribution, not a class"),
        "monotone": NotApplicable(
            "a point is not further off on one side; straight away from the target it costs more"
        ),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the kinks"),
    },
    also_known_as=("multivariate CRPS",),
    references=(
        Reference(
            "Gneiting and Raftery", "Strictly proper scoring rules, prediction, and estimation", 2007, "JASA 102(477)"
        ),
    ),
    equivalents=(Equivalent("scoringrules", "es_ensemble(estimator='nrg')", "target first"),),
    mistakes=(
        "Dimensions in different units: the largest decides; scale them first.",
        "Taking torch.cdist through products: nearby members lose their digits; differences keep them.",
        "Trusting it to fix correlations: add the variogram score, or a likelihood, where they matter.",
    ),
    relatives={
        "ensemble_crps_loss": "one dimension, in m·log m steps",
        "gaussian_mixture_nll_loss": "components in place of members, by their likelihood",
    },
)
