"""Binary cross-entropy for long-tailed tags: evens out labels that come together.

Reach for it when rows have several tags and a long tail: drawing rows by one rare tag draws the common tags beside it
too, which its weights take back; and its noes let go once they are safe.
Avoid it with one label a row, and where probabilities are read off.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NON_NEGATIVE, POSITIVE, Card, Fails, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Logits, OpenShare


def distribution_balanced_loss(
    input: Float[Tensor, "n q"],
    target: Float[Tensor, "n q"],
    *,
    class_share: Float[Tensor, "q"],
    alpha: float = 0.1,
    beta: float = 10.0,
    mu: float = 0.2,
    bias: float = 0.05,
    tolerance: float = 2.0,
) -> Float[Tensor, "n"]:
    """Distribution-balanced loss of each row, averaged over labels.

    Args:
        input: logits, one row per example, one column per label. Predict with these as they are.
        target: 1 for a yes, 0 for a no, as floating point.
        class_share: share of the training rows that have each label, between 0 and 1.
        alpha: least weight; above 0. The authors' map is weight = alpha + σ(beta·(r − mu)).
        beta: steepness of the map; above 0.
        mu: ratio r in the middle of the map.
        bias: how far logits are moved by the log-odds of the share, the authors' κ; from 0 up.
        tolerance: steepness λ of a no; the larger, the sooner a no that is right lets go. 1 treats both alike.

    Returns:
        mean_k w_k·(y_k·softplus(−z_k) + (1 − y_k)·softplus(tolerance·z_k)/tolerance), in nats, from 0 up, with
        z = input + bias·log(share/(1 − share)) and the weights' r_k = (1/share_k)/Σ_j y_j/share_j: how often a draw by
        label k picks the row, of all draws that do.

    Raises:
        ValueError: shapes are not (n, q), (n, q) and (q,).
        TypeError: `target` is not floating point.

    Source:
        Wu et al. (2020), without the focal factor.

    Example:
        >>> share = torch.tensor([0.5, 0.1])
        >>> distribution_balanced_loss(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]), class_share=share)
        tensor([0.5432])
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    expect.one_per_class("class_share", class_share, input)
    share = class_share.to(input.dtype)
    rarity = 1.0 / share
    # A row without a label would divide by 0: half the least that a label brings gives it nearly the largest weight.
    draws = (target * rarity).sum(-1, keepdim=True).clamp(min=0.5 * rarity.min())
    weight = alpha + torch.sigmoid(beta * (rarity / draws - mu))
    z = input + bias * share.logit()
    yes, no = -torch.nn.functional.logsigmoid(z), -torch.nn.functional.logsigmoid(-tolerance * z) / tolerance
    return (weight * (target * yes + (1.0 - target) * no)).mean(-1)


class DistributionBalancedLoss(Criterion):
    """`distribution_balanced_loss`, masked, weighted and reduced, by rows."""

    function = staticmethod(distribution_balanced_loss)


_UNEVEN = {"class_share": (0.5, 0.01, 0.2)}

CARD = Card(
    module=DistributionBalancedLoss,
    unit="example",
    inputs={"input": Logits("n q"), "target": BinaryTarget("n q")},
    formula=r"\frac1K \sum_k \hat r_k \left[y_k \log(1 + e^{-z_k}) + \tfrac{1 - y_k}{\lambda} \log(1 + e^{\lambda z_k})"
    r"\right],\quad \hat r_k = \alpha + \sigma\!\left(\beta \left(\tfrac{1/n_k}{\sum_j y_j / n_j} - \mu\right)\right)",
    elicits=Functional("reweighted_label_scores"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(at=_UNEVEN, note="approached as the margins grow, never reached at finite logits"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="each entry by (1 + alpha)/k"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(at=_UNEVEN, note="weights, bias and tolerance move the minimiser"),
        "classification_calibrated": NotApplicable("a row's target is several yeses and noes"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={
        "class_share": OpenShare("q"),
        "alpha": POSITIVE,
        "beta": POSITIVE,
        "mu": Interval(-float("inf"), float("inf")),
        "bias": NON_NEGATIVE,
        "tolerance": POSITIVE,
    },
    search={
        "mu": Interval(0.1, 0.5),
        "bias": Interval(0.01, 0.2, log=True),
        "tolerance": Interval(1.0, 10.0, log=True),
    },
    also_known_as=("db loss", "resample loss"),
    references=(
        Reference(
            "Wu et al.",
            "Distribution-balanced loss for multi-label classification in long-tailed datasets",
            2020,
            "arXiv:2007.09654",
        ),
    ),
    mistakes=(
        "Using it without drawing rows by class: its weights correct that sampling; without it they are mere weights.",
        "Adding the bias at prediction time: it belongs to training, predict with the logits as they are.",
        "Cutting at 0.5: noes let go early, so that yeses are said too often; tune the cut.",
    ),
    relatives={
        "asymmetric_loss": "powers and a margin for the noes, no counts",
        "equalization_v2_loss": "weights from gradients met so far",
        "weighted_binary_cross_entropy_loss": "one weight for the yeses of each label, whatever comes with it",
    },
)
