"""Cross-entropy with a price on each class, so that rare ones can cost more.

Reach for it when false alarms and misses have known, different costs, or when a rare class must not be drowned.
Avoid it when calibrated probabilities are wanted: it elicits reweighted ones, and a threshold on plain cross-entropy
makes the same decisions.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import WEIGHTED_PROBABILITIES, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits, Positive


def class_weighted_cross_entropy_loss(
    input: Float[Tensor, "n c"], target: Int[Tensor, "n"], *, weight: Float[Tensor, "c"]
) -> Float[Tensor, "n"]:
    """Cross-entropy of each example, times the weight of its class.

    Args:
        input: logits, one row per example, one column per class.
        target: index of the true class, 0 … c−1.
        weight: one factor above 0 per class. To leave a class out, mask its examples.

    Returns:
        −weight[target]·log softmax(input)[target]; from 0 up. Its mean over n examples divides by n, so the weights
        set the scale of the gradient too; torch's `CrossEntropyLoss(weight=...)` divides by the sum of the weights met
        in the batch, which makes an example's share depend on its neighbours.

    Raises:
        ValueError: shapes are not (n, c), (n,) and (c,).
        TypeError: `target` is not an integer tensor.

    Source:
        Elkan (2001), for weights as costs.

    Example:
        >>> rare_first = torch.tensor([5.0, 1.0])
        >>> class_weighted_cross_entropy_loss(torch.zeros(2, 2), torch.tensor([0, 1]), weight=rare_first)
        tensor([3.4657, 0.6931])
    """
    expect.class_scores(input, target)
    expect.one_per_class("weight", weight, input)
    return torch.nn.functional.cross_entropy(input, target, weight=weight.to(input.dtype), reduction="none")


class ClassWeightedCrossEntropyLoss(Criterion):
    """`class_weighted_cross_entropy_loss`, masked, weighted and reduced."""

    function = staticmethod(class_weighted_cross_entropy_loss)


CARD = Card(
    module=ClassWeightedCrossEntropyLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassIndex("n")},
    formula=r"-w_y \log \frac{e^{x_y}}{\sum_k e^{x_k}}",
    elicits=WEIGHTED_PROBABILITIES,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(at={"weight": (1.0, 2.0, 5.0)}, note="approached, never reached at finite logits"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most half the largest weight"),
        "bounded_gradient": Holds(note="by the weight of the class"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(
            at={"weight": (1.0, 2.0, 5.0)}, note="the minimiser is proportional to weight times probability"
        ),
        "classification_calibrated": Fails(at={"weight": (1.0, 2.0, 5.0)}, note="a heavy class wins below even odds"),
        "monotone": Holds(),
        "sample_independent": Holds(note="unlike torch's mean, which divides by the weights met in the batch"),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"weight": Positive("c")},
    also_known_as=("weighted cross-entropy", "cost-sensitive cross-entropy", "balanced cross-entropy"),
    references=(Reference("Elkan", "The foundations of cost-sensitive learning", 2001, "IJCAI 17, 973-978"),),
    equivalents=(
        Equivalent("torch", "nn.CrossEntropyLoss", "weight=; its mean divides by the weights met in the batch"),
        Equivalent("keras", "Model.fit", "class_weight= multiplies each row's loss; the mean divides by rows, as here"),
        Equivalent(
            "scikit-learn", "utils.class_weight.compute_class_weight", "'balanced' gives the usual weights, n/(c·count)"
        ),
    ),
    mistakes=(
        "Weights the wrong way round: the rare class gets the large one, 1/share; a share as weight drowns it further.",
        "Weights in another order than the class indices: weight[k] belongs to class k.",
        "Expecting torch's numbers: its mean divides by the sum of the weights met, here by the examples.",
        "Reading probabilities off the softmax: they are the true ones times the weights, normalised; divide by the "
        "weights first.",
        "Weighting and drawing rare classes more often at once, which corrects twice: do one.",
    ),
    relatives={
        "class_balanced_loss": "the weights from counts, growing less for very rare classes",
        "logit_adjusted_cross_entropy_loss": "moves the logits instead: its gradient is as large for every class",
        "weighted_binary_cross_entropy_loss": "a yes or no, or several labels a row",
        "focal_loss": "weights by how hard an example is; takes weights per class too",
    },
)
