"""Squared logarithm of the softmax's normaliser: keeps logits from drifting away.

Reach for it as a small addition to cross-entropy in low precision, where logits that all grow by the same amount lose
their digits though the loss does not see them.
Avoid it alone (it never sees a label), and with a large weight: it then shrinks what the logits can say.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith.card import NOTHING, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Logits


def z_loss(input: Float[Tensor, "*tokens c"]) -> Float[Tensor, "*tokens"]:
    """Z-loss of each token: how far its normaliser is from 1.

    Args:
        input: logits, one row of c classes per token or example.

    Returns:
        (log Σ_k e^{z_k})²; from 0 up. Add it to cross-entropy with a weight of 1e-4 (language models) or 1e-3
        (routers of experts).

    Source:
        Zoph et al. (2022), equation 5; Chowdhery et al. (2022), section 5.

    Example:
        >>> import torch
        >>> z_loss(torch.zeros(1, 2))  # (log 2)²
        tensor([0.4805])
    """
    return input.logsumexp(-1).square()


class ZLoss(Criterion):
    """`z_loss`, masked, weighted and reduced."""

    function = staticmethod(z_loss)


_ALONE = NotApplicable("there is no target to be compared with")

CARD = Card(
    module=ZLoss,
    unit="element",
    inputs={"input": Logits("... c")},
    formula=r"\Big(\log \sum_k e^{z_k}\Big)^2",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(),
        "zero_at_target": _ALONE,
        "convex": Fails(note="where the normaliser is below 1"),
        "differentiable": Holds(),
        "smooth": Holds(note="on the domain: between two equal logits the curvature grows with their size"),
        "bounded_gradient": Fails(),
        "gradient_growth": _ALONE,
        "symmetric": _ALONE,
        "proper": _ALONE,
        "classification_calibrated": _ALONE,
        "monotone": _ALONE,
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("router z-loss", "log-normaliser penalty"),
    references=(
        Reference(
            "Zoph et al.", "ST-MoE: designing stable and transferable sparse expert models", 2022, "arXiv:2202.08906"
        ),
        Reference("Chowdhery et al.", "PaLM: scaling language modeling with pathways", 2022, "arXiv:2204.02311"),
    ),
    equivalents=(
        Equivalent("liger-kernel", "LigerCrossEntropyLoss(lse_square_scale=1e-4)", "added to the cross-entropy"),
        Equivalent("flash-attn", "losses.cross_entropy.CrossEntropyLoss(lse_square_scale=1e-4)", "likewise"),
    ),
    mistakes=(
        "Adding it at a weight near 1: start at 1e-4 of the cross-entropy.",
        "Averaging it over padding: mask what the cross-entropy masks.",
        "Expecting it to cure over-confidence: logits far apart with a normaliser of 1 cost nothing.",
    ),
    relatives={
        "cross_entropy_loss": "what it is added to",
        "per_example_prior_cross_entropy_loss": "makes predictions less sure, which this one does not",
    },
)
