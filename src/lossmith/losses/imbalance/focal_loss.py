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
    WEIGHTED_CLASS,
    WEIGHTED_PROBABILITIES,
    Card,
    Equivalent,
    Fails,
    Functional,
    Holds,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits, Positive


def focal_loss(
    input: Float[Tensor, "n c"],
    target: Int[Tensor, "n"],
    *,
    gamma: float = 2.0,
    alpha: Float[Tensor, "c"] | None = None,
) -> Float[Tensor, "n"]:
    """Focal loss of each example, over a softmax.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the true class, 0 … c−1.
        gamma: how strongly easy examples are played down; 0 is (weighted) cross-entropy.
        alpha: one weight above 0 per class; None weighs none. They need not sum to 1.

    Returns:
        −alpha[target]·(1 − p)^gamma·log p with p = softmax(input)[target], in nats; from 0 up.

    Raises:
        ValueError: shapes are not (n, c), (n,) and (c,).
        TypeError: `target` is not an integer tensor.

    Source:
        Lin et al. (2017), with a softmax in place of their sigmoid.

    Example:
        >>> focal_loss(torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1]))
        tensor([0.0018, 0.1733])
    """
    expect.class_scores(input, target)
    if alpha is not None:
        expect.one_per_class("alpha", alpha, input)
    # (1 - p)^gamma by way of p has an infinite slope at p = 1 for gamma < 1: the NaN gradient of most libraries. The
    # logarithm of 1 - p, summed over the other classes, keeps its digits and its gradient however sure the network is.
    truth = torch.arange(input.shape[-1], device=input.device) == target.unsqueeze(-1)
    log_others = input.log_softmax(-1).masked_fill(truth, torch.finfo(input.dtype).min).logsumexp(-1)
    weight = None if alpha is None else alpha.to(input.dtype)
    return torch.exp(gamma * log_others) * torch.nn.functional.cross_entropy(
        input, target, weight=weight, reduction="none"
    )


class FocalLoss(Criterion):
    """`focal_loss`, masked, weighted and reduced."""

    function = staticmethod(focal_loss)


def _elicits(gamma: float, alpha: Tensor | None) -> Functional:
    """Say what the minimiser is: alpha weighs probabilities, gamma keeps order."""
    if gamma == 0:
        return CLASS_PROBABILITIES if alpha is None else WEIGHTED_PROBABILITIES
    return MOST_LIKELY_CLASS if alpha is None else WEIGHTED_CLASS


CARD = Card(
    module=FocalLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"-\alpha_y (1 - p_y)^{\gamma} \log p_y",
    elicits=_elicits,
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
        "classification_calibrated": Fails(
            at={"alpha": (1.0, 2.0, 5.0)}, note="it is without alpha (Charoenphakdee et al. 2021)"
        ),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"gamma": NON_NEGATIVE, "alpha": Positive("c")},
    search={"gamma": Interval(0.0, 5.0)},
    also_known_as=(
        "softmax focal loss",
        "multiclass focal loss",
        "categorical focal loss",
        "alpha-balanced focal loss",
    ),
    references=(
        Reference("Lin et al.", "Focal loss for dense object detection", 2017, "arXiv:1708.02002"),
        Reference(
            "Charoenphakdee et al.",
            "On focal loss for class-posterior probability estimation: a theoretical perspective",
            2021,
            "arXiv:2011.09172",
        ),
    ),
    equivalents=(
        Equivalent("monai", "losses.FocalLoss", "use_softmax=True; one-hot targets; a value per class, to be summed"),
        Equivalent(
            "keras", "losses.CategoricalFocalCrossentropy", "alpha 0.25 for all; target first; probabilities, clipped"
        ),
        Equivalent(
            "kornia", "losses.focal_loss", "class dimension second; its mean divides by the number of classes too"
        ),
    ),
    mistakes=(
        "One alpha such as 0.25 for all classes, which only makes the loss a quarter: give one for each, or none.",
        "alpha the wrong way round: the class to be heard gets the larger weight.",
        "Taking torchvision's sigmoid_focal_loss for it: that is c independent yes-or-no losses; here it is "
        "sigmoid_focal_loss.",
        "Computing the power of 1 - p by hand, whose gradient at p = 1 is NaN for gamma below 1; here it is finite.",
        "Reading probabilities off the softmax: they are less sure than the truth; recalibrate.",
    ),
    relatives={
        "sigmoid_focal_loss": "a yes or no, or several labels a row",
        "cross_entropy_loss": "what it is at gamma 0",
        "class_weighted_cross_entropy_loss": "weights by class, not by how hard an example is",
        "generalized_cross_entropy_loss": "the opposite: a hard example is taken for a wrong label",
    },
)
