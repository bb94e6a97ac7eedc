"""Log-odds that a policy, against a reference, favours the preferred answer.

Reach for it when a language model should follow preferences between two answers: no reward model, no sampling.
Avoid it with preferences that were made by very different models than the one in training, and for many epochs: the
preferred answer's own probability may fall, as long as the other's falls more.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    NO_TARGET,
    NOTHING,
    POSITIVE,
    Card,
    Equivalent,
    Holds,
    Interval,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import AnswerLogProbability


def dpo_loss(
    chosen: Float[Tensor, "..."],
    rejected: Float[Tensor, "..."],
    reference_chosen: Float[Tensor, "..."],
    reference_rejected: Float[Tensor, "..."],
    *,
    beta: float = 0.1,
) -> Float[Tensor, "..."]:
    """Direct preference optimisation loss of each pair of answers.

    Args:
        chosen: the policy's log-probability of the preferred answer, summed over its tokens, with its gradient.
        rejected: that of the other one.
        reference_chosen: the reference's log-probability of the preferred answer; compute it under `torch.no_grad()`.
        reference_rejected: that of the other one.
        beta: how dear it is to leave the reference: what log-ratios are multiplied by; above 0.

    Returns:
        −log σ(beta·((chosen − reference_chosen) − (rejected − reference_rejected))), in nats, from 0 up; log 2 before
        the first step.

    Raises:
        ValueError: shapes differ.

    Source:
        Rafailov et al. (2023), equation 7.

    Example:
        >>> one = torch.ones(1)
        >>> dpo_loss(-2.0 * one, -6.0 * one, -3.0 * one, -5.0 * one, beta=0.5)
        tensor([0.3133])
    """
    expect.same_shape(
        chosen=chosen, rejected=rejected, reference_chosen=reference_chosen, reference_rejected=reference_rejected
    )
    favoured = (chosen - reference_chosen) - (rejected - reference_rejected)
    return torch.nn.functional.softplus(-beta * favoured)


class DpoLoss(Criterion):
    """`dpo_loss`, masked, weighted and reduced."""

    function = staticmethod(dpo_loss)


CARD = Card(
    module=DpoLoss,
    unit="element",
    inputs={
        "chosen": AnswerLogProbability(),
        "rejected": AnswerLogProbability(),
        "reference_chosen": AnswerLogProbability(),
        "reference_rejected": AnswerLogProbability(),
    },
    formula=r"-\log \sigma\Big(\beta \log \frac{\pi(y_w \mid x)}{\pi_0(y_w \mid x)} - \beta \log \frac{\pi(y_l \mid "
    r"x)}{\pi_0(y_l \mid x)}\Big)",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Holds(wrt="chosen"),
        "convex": Holds(wrt="chosen", note="in the log-probabilities; not in a model's scores"),
        "differentiable": Holds(wrt="chosen"),
        "smooth": Holds(wrt="chosen"),
        "bounded_gradient": Holds(wrt="chosen", note="by beta in each"),
        "sample_independent": Holds(wrt="chosen"),
        "vmap": Holds(wrt="chosen"),
        "fullgraph": Holds(wrt="chosen"),
        "twice_differentiable": Holds(wrt="chosen"),
    },
    parameters={"beta": POSITIVE},
    search={"beta": Interval(0.01, 1.0, log=True)},
    also_known_as=("direct preference optimization",),
    references=(
        Reference(
            "Rafailov, Sharma, Mitchell, Ermon, Manning and Finn",
            "Direct preference optimization: your language model is secretly a reward model",
            2023,
            "NeurIPS, arXiv:2305.18290",
        ),
    ),
    equivalents=(Equivalent("trl", "DPOTrainer(loss_type='sigmoid')", "takes the models; label_smoothing 0"),),
    mistakes=(
        "Log-probabilities are sums over the answer's tokens, without the question's: means favour long answers.",
        "A reference in training mode, or the policy itself without a copy, makes the log-ratios noise or 0.",
        "A falling value with a falling `chosen` is common: watch both log-probabilities, not only their difference.",
    ),
    relatives={
        "bpr_loss": "the same with scores of any kind",
        "grpo_loss": "rewards of sampled answers in place of pairs",
    },
)
