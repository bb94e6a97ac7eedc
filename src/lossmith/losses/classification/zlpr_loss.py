"""Several labels a row by their scores: each yes above 0, each no below.

Reach for it when each row has few of many labels: the sum over noes sits in one logarithm, so they do not outweigh.
Avoid it when a probability of each label is needed: the sigmoid of a score is none.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import Card, Equivalent, Fails, Functional, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import BinaryTarget, Scores


def zlpr_loss(input: Float[Tensor, "n k"], target: Float[Tensor, "n k"]) -> Float[Tensor, "n"]:
    """Zero-bounded log-sum-exp pairwise rank loss of each row of labels.

    Args:
        input: scores, one row per example, one column per label; above 0 says yes.
        target: 0 or 1 as floating point, same shape; what is above ½ counts as a yes.

    Returns:
        log(1 + Σ e^s over the noes) + log(1 + Σ e^−s over the yeses), in nats; from 0 up. With one label it is binary
        cross-entropy.

    Raises:
        ValueError: shapes differ.
        TypeError: `target` is not floating point.

    Source:
        Su et al. (2022), equation 9.

    Example:
        >>> zlpr_loss(torch.zeros(1, 3), torch.tensor([[1.0, 0.0, 0.0]]))  # log 3 + log 2
        tensor([1.7918])
    """
    expect.same_shape(input=input, target=target)
    expect.floating(target=target)
    # The 0 among the scores is the threshold, which every yes should lie above and every no below.
    yes = target > 0.5
    noes = _with_zero(input.masked_fill(yes, -torch.inf)).logsumexp(-1)
    return noes + _with_zero((-input).masked_fill(~yes, -torch.inf)).logsumexp(-1)


def _with_zero(scores: Tensor) -> Tensor:
    return torch.nn.functional.pad(scores, (1, 0))


class ZlprLoss(Criterion):
    """`zlpr_loss`, masked, weighted and reduced; a mask leaves out whole rows."""

    function = staticmethod(zlpr_loss)


CARD = Card(
    module=ZlprLoss,
    unit="example",
    inputs={"input": Scores("n k"), "target": BinaryTarget("n k")},
    formula=r"\log\Big(1 + \sum_{i \in neg} e^{s_i}\Big) + \log\Big(1 + \sum_{j \in pos} e^{-s_j}\Big)",
    elicits=Functional("labels_apart_at_a_threshold"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="approached as the scores grow, never reached at finite ones"),
        "convex": Holds(),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="the entries of either sign sum to 1 at most"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="the sigmoid of a score is no probability, from two labels on"),
        "classification_calibrated": NotApplicable("it decides about a whole row of labels"),
        "monotone": Holds(note="in each label, the others held"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    also_known_as=("multi-label categorical cross-entropy",),
    references=(Reference("Su et al.", "ZLPR: a novel loss for multi-label classification", 2022, "arXiv:2208.02955"),),
    equivalents=(Equivalent("timm", "loss.ZlprLoss", "one-hot rows, as float32; the mean over rows"),),
    mistakes=(
        "A sigmoid before it: it takes scores, and decides at 0.",
        "Reading the sigmoid of a score as a probability: fit one on held-out rows if it is needed.",
        "Averaging over labels: one value is of a whole row.",
    ),
    relatives={
        "binary_cross_entropy_loss": "each label on its own, with a probability",
        "asymmetric_loss": "plays easy noes down label by label",
        "soft_f1_loss": "what is judged by F1 over the batch",
    },
)
