"""PPO's clip for whole answers, each judged against others to the same question.

Reach for it when a language model learns from rewards of its own answers and no critic is to be trained: draw a group
of answers to a question, and standardise their rewards within the group.
Avoid it where all answers of a group are equally good, whose advantages are 0 and teach nothing; and read its
normaliser first.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    NO_TARGET,
    NON_NEGATIVE,
    NOTHING,
    UNIT_OPEN,
    Card,
    Equivalent,
    Fails,
    Holds,
    Interval,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import ActionLogProbability, Lengths, Real
from lossmith.kernels.policy import clipped_gain, clipped_slope


def grpo_loss(
    log_prob: Float[Tensor, "n t"],
    old_log_prob: Float[Tensor, "n t"],
    reference_log_prob: Float[Tensor, "n t"],
    advantage: Float[Tensor, "n"],
    length: Int[Tensor, "n"],
    *,
    clip: float = 0.2,
    beta: float = 0.04,
) -> Float[Tensor, "n"]:
    """Group relative policy optimisation loss of each answer: its tokens' mean.

    The normaliser is the answer's own length, as in the paper: a token of a long answer counts less. For Dr. GRPO
    multiply by length/t, with t the longest allowed; for DAPO weigh answers by their lengths (`sample_weight=length`).

    Args:
        log_prob: log-probability that the policy gives to each token, with its gradient; padding at the end.
        old_log_prob: that of the policy which wrote the answer; held fixed.
        reference_log_prob: that of the model not to be left; held fixed.
        advantage: of each answer: its reward less its group's mean, over the group's standard deviation; held fixed.
        length: how many of the tokens count.
        clip: by how much the ratio of new to old may leave 1 before it brings no more; between 0 and 1.
        beta: weight of the divergence from the reference; 0 leaves it out; from 0 up.

    Returns:
        Mean over the answer's tokens of −min(ratio·advantage, clamp(ratio, 1 − clip, 1 + clip)·advantage) +
        beta·(exp(d) − d − 1), with d = reference_log_prob − log_prob; of either sign.

    Raises:
        ValueError: shapes differ, or are not (n, t) and (n,).

    Source:
        Shao et al. (2024), equations 3 and 4, with a minus sign.

    Example:
        >>> old = torch.full((1, 3), -1.0)
        >>> grpo_loss(old + torch.tensor([0.5, 0.1, 9.0]), old, old, torch.tensor([1.0]), torch.tensor([2]), beta=0.0)
        tensor([-1.1526])
    """
    expect.same_shape(log_prob=log_prob, old_log_prob=old_log_prob, reference_log_prob=reference_log_prob)
    expect.one_per_row(log_prob, advantage=advantage, length=length)
    counts = torch.arange(log_prob.shape[1], device=length.device) < length.unsqueeze(-1)
    moved = (log_prob - old_log_prob.detach()).masked_fill(~counts, 0.0)
    left = (reference_log_prob.detach() - log_prob).masked_fill(~counts, 0.0)
    gain = clipped_gain(moved, advantage.detach().unsqueeze(-1), clip)
    each = beta * (torch.expm1(left) - left) - gain
    return each.masked_fill(~counts, 0.0).sum(-1) / length.clamp(min=1)


def clipped_policy_gradient(
    log_prob: Tensor,
    old_log_prob: Tensor,
    reference_log_prob: Tensor,
    advantage: Tensor,
    length: Tensor,
    *,
    clip: float = 0.2,
    beta: float = 0.04,
) -> Tensor:
    """Slope in the log-probabilities that count: PPO's, and the pull back."""
    slope = -clipped_slope(log_prob - old_log_prob, advantage.unsqueeze(-1), clip)
    slope = slope + beta * (1.0 - (reference_log_prob - log_prob).exp())
    counts = torch.arange(log_prob.shape[1]) < length.unsqueeze(-1)
    return torch.where(counts, slope, 0.0) / length.unsqueeze(-1)


class GrpoLoss(Criterion):
    """`grpo_loss`, masked, weighted and reduced."""

    function = staticmethod(grpo_loss)


CARD = Card(
    module=GrpoLoss,
    unit="example",
    inputs={
        "log_prob": ActionLogProbability("n t"),
        "old_log_prob": ActionLogProbability("n t"),
        "reference_log_prob": ActionLogProbability("n t"),
        "advantage": Real("n"),
        "length": Lengths("n", of="t"),
    },
    formula=r"\frac1{|o|} \sum_t -\min\big(\rho_t A, [\rho_t]_{1-\epsilon}^{1+\epsilon} A\big) + \beta "
    r"\Big(\frac{\pi_0}{\pi} - \log \frac{\pi_0}{\pi} - 1\Big)_t",
    elicits=NOTHING,
    claims={
        **NO_TARGET,
        "non_negative": Fails(wrt="log_prob", note="the gain is subtracted"),
        "convex": Fails(wrt="log_prob", note="the ratio of a good action is cut off"),
        "differentiable": Fails(wrt="log_prob", note="at the clip"),
        "smooth": Fails(wrt="log_prob"),
        "bounded_gradient": Fails(wrt="log_prob", note="of a bad answer it grows with the ratio"),
        "sample_independent": Holds(wrt="log_prob"),
        "vmap": Holds(wrt="log_prob"),
        "fullgraph": Holds(wrt="log_prob"),
        "twice_differentiable": Holds(wrt="log_prob", note="except at the clip"),
    },
    parameters={"clip": UNIT_OPEN, "beta": NON_NEGATIVE},
    search={"clip": Interval(0.05, 0.5), "beta": Interval(0.001, 0.2, log=True)},
    also_known_as=("group relative policy optimization",),
    references=(
        Reference(
            "Shao et al.",
            "DeepSeekMath: pushing the limits of mathematical reasoning in open language models",
            2024,
            "arXiv:2402.03300",
        ),
        Reference(
            "Liu et al.", "Understanding R1-Zero-like training: a critical perspective", 2025, "arXiv:2503.20783"
        ),
        Reference(
            "Yu et al.", "DAPO: an open-source LLM reinforcement learning system at scale", 2025, "arXiv:2503.14476"
        ),
    ),
    equivalents=(
        Equivalent("trl", "GRPOTrainer(loss_type='grpo')", "its default is 'dapo', over all tokens, and beta 0 there"),
        Equivalent("torchrl", "objectives.llm.GRPOLoss", "the mean over all tokens of the batch by default"),
    ),
    mistakes=(
        "Libraries average differently (per answer, per token, by the longest allowed): say which, it changes lengths.",
        "The group's standard deviation makes easy and hard questions weigh more: Dr. GRPO leaves it out.",
        "Under gradient accumulation a mean over tokens of each part is not that of the whole: per answer it is.",
    ),
    relatives={
        "ppo_clip_loss": "each step by itself, with a critic's advantage",
        "dpo_loss": "pairs of answers, without sampling",
    },
    surrogate_gradient=clipped_policy_gradient,
)
