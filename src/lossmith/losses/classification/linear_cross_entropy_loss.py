"""Cross-entropy and the linear layer before it, a few rows at a time.

Reach for it when classes are very many (a vocabulary) and n·c logits, not the network, fill the memory.
Avoid it when the logits are needed anyway, and with few classes: they are computed twice, once for each direction.
"""

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Equivalent, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Embedding, Real


def linear_cross_entropy_loss(
    features: Float[Tensor, "n d"], target: Int[Tensor, "n"], *, weight: Float[Tensor, "c d"], rows: int = 1024
) -> Float[Tensor, "n"]:
    """Cross-entropy of each example's linear layer, without keeping its logits.

    Args:
        features: what the network's last hidden layer says, one row per example or token.
        target: index of the true class, 0 … c−1.
        weight: the last layer, one row per class, which training learns. For a bias, give features a column of ones.
        rows: how many examples have logits at a time, from 1: memory is of the order of rows·c.

    Returns:
        −log softmax(weight·features)[target], in nats; from 0 up.

    Raises:
        ValueError: shapes do not fit.
        TypeError: `target` is not an integer tensor.

    Source:
        Wijmans et al. (2025), whose kernels also leave out what is too small to count.

    Example:
        >>> linear_cross_entropy_loss(torch.ones(1, 2), torch.tensor([0]), weight=torch.zeros(3, 2))  # log 3
        tensor([1.0986])
    """
    expect.linear_head(features, target, weight)
    values: Tensor = _InPieces.apply(features, target, weight.to(features.dtype), rows)  # type: ignore[no-untyped-call]
    return values


class _InPieces(torch.autograd.Function):
    """Logits of some rows at a time, computed anew for the gradient."""

    generate_vmap_rule = True

    @staticmethod
    def forward(features: Tensor, target: Tensor, weight: Tensor, rows: int) -> Tensor:
        pieces = zip(torch.split(features, rows), torch.split(target, rows), strict=True)
        return torch.cat([_cross_entropy(x @ weight.T, y) for x, y in pieces])

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        *tensors, ctx.rows = inputs
        ctx.save_for_backward(*tensors)

    @staticmethod
    def backward(ctx: Any, *pulls: Tensor) -> tuple[Tensor, None, Tensor, None]:
        features, target, weight = ctx.saved_tensors
        by_features, by_weight = [], torch.zeros_like(weight)
        pieces = zip(*(torch.split(x, ctx.rows) for x in (features, target, pulls[0])), strict=True)
        for x, y, pull in pieces:
            truth = torch.arange(len(weight), device=x.device) == y.unsqueeze(-1)
            off = ((x @ weight.T).softmax(-1) - truth.to(x.dtype)) * pull.unsqueeze(-1)
            by_features.append(off @ weight)
            by_weight = by_weight + off.T @ x
        return torch.cat(by_features), None, by_weight, None


def _cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    return torch.nn.functional.cross_entropy(logits, target, reduction="none")


class LinearCrossEntropyLoss(Criterion):
    """`linear_cross_entropy_loss`, masked, weighted and reduced.

    It learns the last layer: hand its `parameters()` to the optimiser beside the network's, or tie `weight` to the
    embedding's.
    """

    function = staticmethod(linear_cross_entropy_loss)


_HEAD = NotApplicable("what is given is what the last layer sees, not a prediction")

CARD = Card(
    module=LinearCrossEntropyLoss,
    unit="example",
    inputs={"features": Embedding("n d"), "target": ClassIndex("n")},
    formula=r"-\log \mathrm{softmax}(W h)_y",
    elicits=Functional("class_probabilities_of_the_head"),
    claims={
        "non_negative": Holds(wrt="features"),
        "zero_at_target": _HEAD,
        "convex": Holds(wrt="features", note="and in the weight"),
        "differentiable": Holds(wrt="features"),
        "smooth": Holds(wrt="features"),
        "bounded_gradient": Holds(wrt="features", note="by the distance of two rows of the weight"),
        "gradient_growth": _HEAD,
        "symmetric": _HEAD,
        "proper": _HEAD,
        "classification_calibrated": _HEAD,
        "monotone": _HEAD,
        "sample_independent": Holds(wrt="features"),
        "vmap": Holds(wrt="features"),
        "fullgraph": Holds(wrt="features"),
        "twice_differentiable": Holds(wrt="features"),
    },
    parameters={"weight": Real("c d"), "rows": Interval(1, float("inf"), high_open=True)},
    learned=("weight",),
    also_known_as=("fused linear cross-entropy", "cut cross-entropy"),
    references=(
        Reference(
            "Wijmans et al.", "Cut your losses in large-vocabulary language models", 2025, "ICLR, arXiv:2411.09009"
        ),
    ),
    equivalents=(
        Equivalent(
            "torch",
            "nn.functional.linear_cross_entropy",
            "all logits at once unless options say otherwise; in pieces it neither compiles nor maps; the mean",
        ),
        Equivalent(
            "liger-kernel",
            "LigerFusedLinearCrossEntropyLoss",
            "on a GPU by Triton; gradients computed on the way forward",
        ),
    ),
    mistakes=(
        "Forgetting to hand its parameters to the optimiser: the last layer then stays as it began.",
        "Keeping the network's own last layer as well: pass what goes into it.",
        "A mask over most tokens: they are computed all the same; select the rows first.",
    ),
    relatives={
        "cross_entropy_loss": "the same from logits that are there",
        "sampled_softmax_loss": "fewer classes instead of fewer rows at a time; not the same value",
    },
)
