"""How far the prediction is from known probabilities: KL(target || input).

Reach for it when a row of probabilities is to be matched (a teacher, several annotators) and 0 should mean "matched".
Avoid it for labels: of a one-hot row it is cross-entropy by a longer way. It spreads over all that the target holds;
the other direction, KL(prediction || target), seeks one of its modes and is another loss.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import CLASS_PROBABILITIES, Card, Equivalent, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassProbabilities, Logits


def kl_divergence_loss(input: Float[Tensor, "n c"], target: Float[Tensor, "n c"]) -> Float[Tensor, "n"]:
    """Kullback–Leibler divergence of each example's prediction from its target.

    Args:
        input: logits, one row per example, one column per class. Log-probabilities are logits too: log-softmax leaves
            them as they are.
        target: probability of each class, same shape; rows sum to 1, which is not checked.

    Returns:
        Σ_k target_k·(log target_k − log softmax(input)_k), in nats; from 0 up. A target of exactly 0 adds nothing, and
        the slope in it, which is infinite, is left out.

    Raises:
        ValueError: shapes differ, or are not (n, c).
        TypeError: `target` is not floating point.

    Source:
        Kullback and Leibler (1951).

    Example:
        >>> kl_divergence_loss(torch.zeros(2, 2), torch.tensor([[1.0, 0.0], [0.5, 0.5]]))
        tensor([0.6931, 0.0000])
    """
    expect.class_rows(input, target)
    # log 0 would give 0·(-inf): no number.
    log_target = torch.where(target > 0, target, torch.ones_like(target)).log()
    return (target * (log_target - input.log_softmax(-1))).sum(-1)


class KlDivergenceLoss(Criterion):
    """`kl_divergence_loss`, masked, weighted and reduced."""

    function = staticmethod(kl_divergence_loss)


CARD = Card(
    module=KlDivergenceLoss,
    unit="example",
    inputs={"input": Logits("n c"), "target": ClassProbabilities("n c")},
    formula=r"\sum_k t_k \log \frac{t_k}{p_k},\quad p = \mathrm{softmax}(x)",
    elicits=CLASS_PROBABILITIES,
    claims={
        "non_negative": Holds(),
        "zero_at_target": Holds(),
        "convex": Holds(note="in the logits"),
        "differentiable": Holds(),
        "smooth": Holds(note="the gradient has slope at most 1/2"),
        "bounded_gradient": Holds(note="it is softmax(x) - t, each entry in [-1, 1]"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces; on probabilities it is not"),
        "proper": Holds(),
        "classification_calibrated": Holds(),
        "monotone": NotApplicable("rows of probabilities are not ordered by how wrong they are, but by a loss"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("kl divergence", "relative entropy", "kld", "forward kl"),
    references=(
        Reference("Kullback and Leibler", "On information and sufficiency", 1951, "Ann. Math. Statist. 22(1), 79-86"),
    ),
    equivalents=(
        Equivalent(
            "torch",
            "nn.KLDivLoss",
            "same order, input must be log-probabilities; reduction='mean' divides by n·c, 'batchmean' by n as here",
        ),
        Equivalent("keras", "losses.KLDivergence", "target first; both are probabilities, clipped to [1e-7, 1]"),
        Equivalent("optax", "losses.kl_divergence", "log-probabilities first, then target probabilities"),
    ),
    mistakes=(
        "Passing probabilities as input: it takes logits or log-probabilities; of probabilities take the log first.",
        "Swapping the arguments, which asks for KL(prediction || target), a loss that ignores modes of the target: the "
        "prediction comes first, as in torch, though the divergence is written the other way round.",
        "Averaging with torch's reduction='mean', which divides by the number of classes too and makes the loss c "
        "times smaller: 'batchmean' is the mean over examples.",
    ),
    relatives={
        "soft_cross_entropy_loss": "with the target's entropy left in: the same gradient",
        "per_example_prior_cross_entropy_loss": "a divergence from a prior beside a label",
    },
)
