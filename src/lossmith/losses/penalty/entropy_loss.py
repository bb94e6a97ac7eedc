"""Entropy of the predicted classes: unlabelled rows should not sit on the fence.

Reach for it as a small addition on rows without labels, in semi-supervised learning or when adapting to new data.
Avoid it alone (any sure answer costs nothing), and early on: it makes the network sure of whatever it believes.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NOTHING, Card, Equivalent, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Logits


def entropy_loss(input: Float[Tensor, "n c"]) -> Float[Tensor, "n"]:
    """Entropy of each row's class probabilities.

    Args:
        input: logits, one row per example, one column per class.

    Returns:
        −Σ p_k·log p_k with p = softmax(input), in nats; from 0 to log c.

    Raises:
        ValueError: not rows of logits.

    Source:
        Grandvalet and Bengio (2005), their penalty by itself.

    Example:
        >>> import torch
        >>> entropy_loss(torch.tensor([[0.0, 0.0], [0.0, 3.0]]))
        tensor([0.6931, 0.1909])
    """
    expect.rows(input=input)
    log_p = input.log_softmax(-1)
    return -(log_p.exp() * log_p).sum(-1)


class EntropyLoss(Criterion):
    """`entropy_loss`, masked, weighted and reduced."""

    function = staticmethod(entropy_loss)


_ALONE = NotApplicable("there is no target to be compared with")

CARD = Card(
    module=EntropyLoss,
    unit="example",
    inputs={"input": Logits("n c")},
    formula=r"-\sum_k p_k \log p_k",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(),
        "zero_at_target": _ALONE,
        "convex": Fails(note="highest in the middle, where the logits are even"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(),
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
    also_known_as=("entropy minimisation", "entropy minimization", "entropy regularisation"),
    references=(
        Reference("Grandvalet and Bengio", "Semi-supervised learning by entropy minimization", 2005, "NIPS 17"),
        Reference(
            "Wang et al.", "Tent: fully test-time adaptation by entropy minimization", 2021, "ICLR; arXiv:2006.10726"
        ),
    ),
    equivalents=(
        Equivalent("torch", "distributions.Categorical(logits=...).entropy", "probabilities are clamped before"),
    ),
    mistakes=(
        "The wrong sign: added it makes the network surer; subtracted it is the confidence penalty, or the bonus that "
        "keeps a policy exploring.",
        "A full weight from the first step: all rows end in one class; let it rise slowly.",
    ),
    relatives={
        "cross_entropy_loss": "against a label; the entropy is that against itself",
        "batch_prior_cross_entropy_loss": "keeps the batch's classes in proportion",
    },
)
