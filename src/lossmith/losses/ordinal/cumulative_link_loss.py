"""One score cut into ordered levels: proportional odds, its cuts learned.

Reach for it when one quantity stands behind the levels, as severity behind grades, and rows are few: a score costs one
output, and the cuts are shared by all.
Avoid it where what leads to the first step is not what leads to the last: then let each step have its own weights.
Its cuts belong to the module: hand `loss.parameters()` to the optimiser, without weight decay.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import logsigmoid

from lossmith import expect
from lossmith.card import Card, Equivalent, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, LogScale, Real


def cumulative_link_loss(
    input: Float[Tensor, "n"], target: Int[Tensor, "n"], *, cuts: Float[Tensor, "k"]
) -> Float[Tensor, "n"]:
    """Negative log-likelihood of each level under a score and its cut points.

    Args:
        input: one score per example; larger means a higher level.
        target: index of the true level, 0 … k.
        cuts: the first cut point, then the logarithm of each step to the next; learned. So they stay in order. For a
            start take even steps about 0, such as −1 and then zeros.

    Returns:
        −log(σ(θ_y − x) − σ(θ_{y−1} − x)) with θ the cut points, θ_{−1} = −∞ and θ_k = ∞, in nats; above 0.

    Raises:
        ValueError: shapes are not (n,), or there is no cut.
        TypeError: `target` is not an integer tensor.

    Source:
        McCullagh (1980), with the logit link.

    Example:
        >>> cuts = torch.tensor([-1.0, 0.0])  # cut at -1 and at 0
        >>> cumulative_link_loss(torch.tensor([0.0, 0.0, 0.0]), torch.tensor([0, 1, 2]), cuts=cuts)
        tensor([1.3133, 1.4651, 0.6931])
    """
    expect.levels_of_one_score(input, target, cuts)
    steps = cuts.to(input.dtype)
    points = torch.cat([steps[:1], steps[1:].exp()]).cumsum(0)
    last = len(points)
    upper, lower = points[target.clamp(max=last - 1)] - input, points[(target - 1).clamp(min=0)] - input
    # σ(a) - σ(b) = σ(a)·σ(-b)·(1 - e^(b - a)): the difference of two sigmoids has no digits left in the tails.
    step = steps[target.clamp(min=1, max=max(last - 1, 0))] if last > 1 else torch.zeros_like(input)
    between = torch.log(-torch.expm1(-step.exp()))
    zero = torch.zeros_like(input)
    below = torch.where(target < last, logsigmoid(upper), zero)
    above = torch.where(target > 0, logsigmoid(-lower), zero)
    return -(below + above + torch.where((target > 0) & (target < last), between, zero))


class CumulativeLinkLoss(Criterion):
    """`cumulative_link_loss`, masked, weighted and reduced."""

    function = staticmethod(cumulative_link_loss)


_OWN_SCALE = NotApplicable("a score is on a scale of its own; how far off it is depends on the cuts")

CARD = Card(
    module=CumulativeLinkLoss,
    unit="example",
    inputs={"input": Real("n"), "target": ClassIndex("n")},
    formula=r"-\log\left(\sigma(\theta_y - x) - \sigma(\theta_{y-1} - x)\right)",
    elicits=Functional("score_of_proportional_odds"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": _OWN_SCALE,
        "convex": Holds(note="in score and cut points, not in the logarithms of the steps"),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most 1/2"),
        "bounded_gradient": Holds(note="by 1"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("a score is compared with a level"),
        "proper": Fails(note="one score cannot express every distribution over the levels"),
        "classification_calibrated": NotApplicable("one score is cut into levels: there is none for each"),
        "monotone": _OWN_SCALE,
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"cuts": LogScale("q")},
    learned=("cuts",),
    also_known_as=("proportional odds loss", "ordered logit loss", "ordinal logistic loss"),
    references=(Reference("McCullagh", "Regression models for ordinal data", 1980, "JRSS B 42(2), 109-142"),),
    equivalents=(
        Equivalent(
            "statsmodels", "miscmodels.OrderedModel(distr='logit')", "minus its loglikeobs; the same parameters of cuts"
        ),
    ),
    mistakes=(
        "The optimiser gets the network's parameters only, and the cuts never move: add the loss's parameters to it.",
        "Weight decay on the cuts draws them together: put them in a group without it.",
        "A bias in the last layer beside a free first cut: one of the two is enough, and both drift.",
        "Passing the cut points themselves: after the first they are the logarithms of the steps.",
    ),
    relatives={
        "coral_loss": "one score as well, each step a yes or no of its own",
        "corn_loss": "weights of its own for each step",
    },
)
