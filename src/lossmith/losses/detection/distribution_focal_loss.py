"""Cross-entropy over bins for a number between two: a side's distribution.

Reach for it where a box's side is blurred or hidden: the spread over bins says how sure it is.
Avoid it when numbers may lie beyond the last bin: they are cut there.
"""

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from lossmith import expect
from lossmith.card import Card, Equivalent, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Domain, Logits, Sizes


def distribution_focal_loss(input: Float[Tensor, "n c"], target: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Distribution focal loss of each side of a box.

    Args:
        input: logits of c bins, at the numbers 0, 1 … c−1; one row per side.
        target: true distance in steps of the bins, from 0 to c−1; what lies beyond counts as c−1.

    Returns:
        −(⌈y⌉ − y)·log p_⌊y⌋ − (y − ⌊y⌋)·log p_⌈y⌉ with p = softmax(input) and y the target, in nats, where a whole
        number is its own bin alone; from 0 up. The prediction is the mean Σ k·p_k.

    Raises:
        ValueError: shapes are not (n, c) and (n,).

    Source:
        Li et al. (2020), equation 6.

    Example:
        >>> distribution_focal_loss(torch.zeros(1, 4), torch.tensor([1.5]))  # log 4
        tensor([1.3863])
    """
    expect.columns(input, target, input.shape[-1])
    bins = torch.arange(input.shape[-1], device=input.device, dtype=input.dtype)
    off = (target.clamp(0.0, input.shape[-1] - 1.0).unsqueeze(-1) - bins).abs()
    return -((1.0 - off).relu() * input.log_softmax(-1)).sum(-1)


class Places(Domain):
    """Numbers between the first and the last of c bins."""

    low, words = 0.0, "numbers from 0 to the last bin's"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return (sizes["c"] - 1) * torch.rand(self.size(sizes), generator=generator, dtype=dtype)

    def edges(self, sizes: Sizes) -> tuple[float, ...]:
        return (0.0, sizes["c"] - 1.0)


class DistributionFocalLoss(Criterion):
    """`distribution_focal_loss`, masked, weighted and reduced."""

    function = staticmethod(distribution_focal_loss)


_BINS = NotApplicable("its target is a place among bins, not one of them")

CARD = Card(
    module=DistributionFocalLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": Places("n")},
    formula=r"-(\lceil y \rceil - y)\log p_{\lfloor y \rfloor} - (y - \lfloor y \rfloor)\log p_{\lceil y \rceil}",
    elicits=Functional("shares_of_bins"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": _BINS,
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="each entry lies in [-1, 1]"),
        "gradient_growth": _BINS,
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": _BINS,
        "classification_calibrated": _BINS,
        "monotone": _BINS,
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("DFL",),
    references=(
        Reference(
            "Li et al.",
            "Generalized focal loss: learning qualified and distributed bounding boxes for dense object detection",
            2020,
            "NeurIPS, arXiv:2006.04388",
        ),
    ),
    equivalents=(
        Equivalent(
            "mmdet", "models.losses.DistributionFocalLoss", "a target of exactly c - 1 looks up a bin that is not there"
        ),
    ),
    mistakes=(
        "Targets in pixels: divide them by the stride, so that they count bins.",
        "Fewer bins than the largest distance needs: what lies beyond the last one can never be predicted.",
        "Reading the likeliest bin as the prediction: it is the mean over bins.",
    ),
    relatives={
        "quality_focal_loss": "its companion for the score",
        "soft_cross_entropy_loss": "the same for any shares of the bins",
        "giou_loss": "used with it, on the box that the means make",
    },
)
