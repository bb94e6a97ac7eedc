"""Mean cross-entropy of what is hard in a batch: the rest does not count at all.

Reach for it in segmentation and detection, where most pixels or boxes are easy and their sum drowns the others.
Avoid it under label noise, where the hardest are wrong labels, and when probabilities are read off: it hears nothing of
what is nearly right.
"""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, Card, Equivalent, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits
from lossmith.kernels.batch import mean_where, worst_first


def ohem_cross_entropy_loss(
    input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, threshold: float = 0.7, least: float = 0.1
) -> Float[Tensor, ""]:
    """Cross-entropy of a batch, averaged over its hard examples.

    Args:
        input: logits, one row per example or pixel, one column per class.
        target: index of the true class, 0 … c−1.
        threshold: probability of the true class below which an example is hard; from 0 to 1.
        least: share of the batch that is kept however easy, the hardest first; above 0, up to 1.

    Returns:
        Mean of −log softmax(input)[target], in nats, over the examples whose probability is below `threshold`, and at
        least the ⌈least·n⌉ hardest; from 0 up. One number for the batch, 0 where it is empty.

        Which examples are kept is decided anew in every batch; where one joins or leaves, the mean jumps.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Shrivastava, Gupta and Girshick (2016); the threshold as is usual in segmentation.

    Example:
        >>> scores = torch.tensor([[3.0, 0.0], [3.0, 0.0], [0.0, 0.0]])
        >>> ohem_cross_entropy_loss(scores, torch.tensor([0, 0, 0]))
        tensor(0.6931)
    """
    expect.class_scores(input, target)
    hardest = worst_first(torch.nn.functional.cross_entropy(input, target, reduction="none"))
    place = torch.arange(len(hardest), device=hardest.device)
    kept = (hardest > -math.log(max(threshold, 1e-300))) | (place < math.ceil(least * len(hardest)))
    return mean_where(hardest, kept.to(hardest.dtype))


class OhemCrossEntropyLoss(Criterion):
    """`ohem_cross_entropy_loss`, of the whole batch."""

    function = staticmethod(ohem_cross_entropy_loss)


CARD = Card(
    module=OhemCrossEntropyLoss,
    unit="batch",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"\frac{1}{|H|} \sum_{i \in H} -\log p_{i y_i},\quad H = \{i: p_{i y_i} < t\} \cup \text{the hardest}",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the margin grows, never reached at finite logits"),
        "convex": Fails(note="where an example joins the hard ones, their mean falls"),
        "differentiable": Fails(note="it jumps there"),
        "smooth": Fails(note="the gradient jumps there"),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": NotApplicable("it is of a batch: there is no one prediction for one distribution"),
        "classification_calibrated": NotApplicable("it is of a batch"),
        "monotone": Fails(note="a worse prediction that joins the hard ones lowers their mean"),
        "sample_independent": NotApplicable("it has one value for the whole batch, on purpose"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(note="away from the jumps"),
    },
    parameters={"threshold": Interval(0.0, 1.0), "least": Interval(0.0, 1.0, low_open=True)},
    search={"threshold": Interval(0.5, 0.95), "least": Interval(0.05, 0.5)},
    also_known_as=("online hard example mining", "ohem", "hard example mining cross-entropy"),
    references=(
        Reference(
            "Shrivastava, Gupta and Girshick",
            "Training region-based object detectors with online hard example mining",
            2016,
            "arXiv:1604.03540",
        ),
    ),
    equivalents=(
        Equivalent(
            "mmseg",
            "structures.sampler.OHEMPixelSampler",
            "gives weights of pixels; keeps 100000 at least, not a share",
        ),
    ),
    mistakes=(
        "Watching its value: the better the network, the harder what is left; it need not fall. Watch a metric.",
        "A threshold and no least share: once all are easy there is nothing left to train on.",
        "Averaging again over all examples: it is already the mean over the hard ones.",
    ),
    relatives={
        "focal_loss": "plays easy examples down smoothly: no jumps, and single values",
        "cvar_loss": "the mean of the worst share of any loss: without a threshold it is that, and convex",
        "cross_entropy_loss": "what it is at threshold 1",
    },
)
