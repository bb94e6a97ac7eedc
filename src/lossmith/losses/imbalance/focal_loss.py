"""Cross-entropy that turns its attention to the examples it still gets wrong.

Reach for it when easy examples outnumber hard ones by far, as background does in dense detection.
Avoid it under label noise (a mislabelled example stays hard forever) and where probabilities are read off the softmax.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    CLASS_PROBABILITIES,
    MOST_LIKELY_CLASS,
    NON_NEGATIVE,
    Card,
    Fails,
    Holds,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits


def focal_loss(input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, gamma: float = 2.0) -> Float[Tensor, "n"]:
    """Focal loss of each example, over a softmax.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the true class, 0 … c−1.
        gamma: how strongly easy examples are played down; 0 is cross-entropy.

    Returns:
        −(1 − p)^gamma·log p with p = softmax(input)[target], in nats; from 0 up.

    Raises:
        ValueError: shapes are not (n, c) and (n,).
        TypeError: `target` is not an integer tensor.

    Source:
        Lin et al. (2017), with a softmax in place of their sigmoid.

    Example:
        >>> focal_loss(torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1]))
        tensor([0.0018, 0.1733])
    """
    expect.class_scores(input, target)
    # (1 - p)^gamma by way of p has an infinite slope at p = 1 for gamma < 1: the NaN gradient of most libraries. The
    # logarithm of 1 - p, summed over the other classes, keeps its digits and its gradient however sure the network is.
    truth = torch.arange(input.shape[-1], device=input.device) == target.unsqueeze(-1)
    log_others = input.log_softmax(-1).masked_fill(truth, torch.finfo(input.dtype).min).logsumexp(-1)
    return torch.exp(gamma * log_others) * torch.nn.functional.cross_entropy(input, target, reduction="none")


class FocalLoss(Criterion):
    """`focal_loss`, masked, weighted and reduced."""

    function = staticmethod(focal_loss)


CARD = Card(
    module=FocalLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"-(1 - p_y)^{\gamma} \log p_y",
    elicits=lambda gamma: CLASS_PROBABILITIES if gamma == 0 else MOST_LIKELY_CLASS,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(at={"gamma": 2.0}, note="approached as the margin grows, never reached"),
        "convex": Fails(at={"gamma": 2.0}, note="in the logits; it is at gamma 0"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
        "gradient_growth": Holds("constant", note="a surely wrong prediction is pulled as by cross-entropy"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(at={"gamma": 2.0}, note="the minimiser's softmax is less sure than the truth"),
        "classification_calibrated": Holds(note="Charoenphakdee et al. (2021)"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"gamma": NON_NEGATIVE},
    search={"gamma": Interval(0.0, 5.0)},
    also_known_as=("softmax focal loss", "multiclass focal loss", "categorical focal loss"),
    references=(
        Reference("Lin et al.", "Focal loss for dense object detection", 2017, "arXiv:1708.02002"),
        Reference(
            "Charoenphakdee et al.",
            "On focal loss for class-posterior probability estimation: a theoretical perspective",
            2021,
            "arXiv:2011.09172",
        ),
    ),
)
