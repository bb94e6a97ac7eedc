"""Cross-entropy that hears every difficulty alike: crowded ones share one voice.

Reach for it when easy examples outnumber the rest by far, and so do very hard ones that may be mislabelled: focal loss
plays down the first only, this every crowd.
Avoid it with small batches, in which a bin holds an element or two, and where probabilities are read off.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, Card, Equivalent, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Logits


def ghm_classification_loss(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, bins: int = 10
) -> Float[Tensor, ""]:
    """Gradient-harmonised binary cross-entropy of a batch.

    Args:
        input: logits, the log-odds of a yes.
        target: 0 or 1 as floating point, same shape; a number between them is a soft target.
        bins: number of equal bins for the size of the gradient |σ(input) − target|, from 0 to 1.

    Returns:
        The mean binary cross-entropy of each bin that is not empty, averaged over those bins, in nats; from 0 up. One
        number for the batch, 0 where it is empty.

        So an element weighs one over the number in its bin. The weights are constant between the bins' edges, so the
        gradient is that of weighted cross-entropy; at an edge the loss jumps, which no gradient sees.

    Raises:
        ValueError: shapes differ.
        TypeError: `target` is not floating point.

    Source:
        Li et al. (2019), GHM-C. As in their code the average is over the bins that are not empty, where the paper
        divides by all; without their moving average of the counts.

    Example:
        >>> easy, hard = torch.full((9,), 3.0), torch.tensor([-3.0])
        >>> ghm_classification_loss(torch.cat([easy, hard]), torch.ones(10))
        tensor(1.5486)
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    values = torch.nn.functional.binary_cross_entropy_with_logits(input, target, reduction="none").flatten()
    size = (input.sigmoid() - target).abs().detach().flatten()
    place = (size * bins).long().clamp(max=bins - 1)
    held = (place.unsqueeze(-1) == torch.arange(bins, device=input.device)).sum(0)
    return (values / held[place].to(values.dtype)).sum() / (held > 0).sum().clamp(min=1)


class GhmClassificationLoss(Criterion):
    """`ghm_classification_loss`, of the whole batch."""

    function = staticmethod(ghm_classification_loss)


CARD = Card(
    module=GhmClassificationLoss,
    unit="batch",
    inputs={"input": Logits(), "target": BinaryTarget()},
    formula=r"\frac{1}{|\{b: n_b > 0\}|} \sum_{b: n_b > 0} \frac{1}{n_b} \sum_{i \in b} \mathrm{BCE}(x_i, y_i),"
    r"\quad b(i) = \lfloor B\,|\sigma(x_i) - y_i| \rfloor",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite logits"),
        "convex": Fails(note="where an element changes its bin"),
        "differentiable": Fails(note="it jumps where an element changes its bin"),
        "smooth": Fails(note="the gradient jumps there"),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": NotApplicable("it is of a batch: there is no one prediction for one distribution"),
        "classification_calibrated": NotApplicable("it is of a batch"),
        "monotone": Fails(note="a worse prediction may join a crowded bin, and be heard less"),
        "sample_independent": NotApplicable("it has one value for the whole batch, on purpose"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the bins' edges"),
    },
    parameters={"bins": Interval(1.0, float("inf"), high_open=True)},
    also_known_as=("gradient harmonising mechanism", "ghm-c"),
    references=(Reference("Li et al.", "Gradient harmonized single-stage detector", 2019, "arXiv:1811.05181"),),
    equivalents=(
        Equivalent(
            "mmdet", "models.losses.GHMC", "takes a label weight, and a moving average of the counts on request"
        ),
    ),
    mistakes=(
        "Summing or averaging it again over elements: it is one number for the batch, already averaged.",
        "Masking or weighting elements afterwards: leave them out before the call, for the bins count what they see.",
        "Comparing its value between batch sizes or epochs: bins fall empty as training goes on; watch a metric.",
    ),
    relatives={
        "sigmoid_focal_loss": "plays down the easy ones only, by a formula instead of counts",
        "binary_cross_entropy_loss": "what it is with one bin, averaged over the batch",
        "asymmetric_loss": "gives up noes that are surely wrong",
    },
)
