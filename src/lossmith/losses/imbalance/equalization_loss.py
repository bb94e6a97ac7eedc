"""Binary cross-entropy in which rare classes hear no noes from others' rows.

Reach for it in detection and other tasks with many rare classes and one sigmoid per class: rows of common classes are
otherwise a flood of noes in which rare ones drown.
Avoid it with few classes or even shares, and where a rare class must not be said too often: nothing speaks against it
but rows of no class at all.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Fails, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Logits, Probability


def equalization_loss(
    input: Float[Tensor, "n q"],
    target: Float[Tensor, "n q"],
    *,
    class_share: Float[Tensor, "q"],
    threshold: float = 1.76e-3,
) -> Float[Tensor, "n"]:
    """Equalisation loss of each row, summed over classes.

    Args:
        input: logits, one row per region or example, one column per class.
        target: 1 where the row is of the class, else 0, as floating point; a row of zeros is background.
        class_share: share of the training images in which each class occurs, between 0 and 1.
        threshold: share below which a class is rare; from 0 to 1.

    Returns:
        Σ_k w_k·BCE(input_k, target_k), in nats; from 0 up. The weight w_k is 0 for the no of a rare class in a row that
        is of some class, and 1 otherwise: noes of the background count.

    Raises:
        ValueError: shapes are not (n, q), (n, q) and (q,).
        TypeError: `target` is not floating point.

    Source:
        Tan et al. (2020), with the sigmoid.

    Example:
        >>> target = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
        >>> equalization_loss(torch.zeros(2, 2), target, class_share=torch.tensor([0.5, 0.0001]))
        tensor([0.6931, 1.3863])
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    expect.one_per_class("class_share", class_share, input)
    rare = (class_share < threshold).to(input.dtype)
    foreground = 1.0 - (1.0 - target).prod(-1, keepdim=True)
    weight = 1.0 - foreground * rare * (1.0 - target)
    each = torch.nn.functional.binary_cross_entropy_with_logits(input, target, reduction="none")
    return (weight * each).sum(-1)


class EqualizationLoss(Criterion):
    """`equalization_loss`, masked, weighted and reduced; a mask leaves out rows."""

    function = staticmethod(equalization_loss)


_RARE = {"class_share": (0.5, 0.0001, 0.2)}

CARD = Card(
    module=EqualizationLoss,
    unit="example",
    inputs={"input": Logits("n q"), "target": BinaryTarget("n q")},
    formula=r"-\sum_k w_k \big(y_k \log p_k + (1 - y_k) \log(1 - p_k)\big),\quad "
    r"w_k = 1 - [\exists j: y_j = 1]\,[f_k < \lambda]\,(1 - y_k)",
    elicits=Functional("class_probabilities_but_for_unheard_noes"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(at=_RARE, note="approached as the margins grow, never reached at finite logits"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most 1/4 in each logit"),
        "bounded_gradient": Holds(note="each entry lies in [-1, 1]"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(at=_RARE, note="a rare class's probability is too high"),
        "classification_calibrated": NotApplicable("a row's target is several yeses and noes"),
        "monotone": Holds(),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"class_share": Probability("q"), "threshold": Interval(0.0, 1.0)},
    search={"threshold": Interval(1e-4, 1e-1, log=True)},
    also_known_as=("eql", "eqlv1", "equalisation loss"),
    references=(
        Reference("Tan et al.", "Equalization loss for long-tailed object recognition", 2020, "arXiv:2003.05176"),
    ),
    mistakes=(
        "Counting boxes for the share: it is of images in which the class occurs.",
        "Leaving out background rows: they are all that holds a rare class down.",
        "Averaging over classes: the authors sum over them and average over rows.",
    ),
    relatives={
        "equalization_v2_loss": "follows the gradients met so far instead of a threshold on shares",
        "seesaw_loss": "one softmax; noes are played down by ratio of counts",
        "binary_cross_entropy_loss": "what it is, summed, where no class is rare",
    },
)
