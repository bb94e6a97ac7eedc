"""Distillation in two parts: how sure of the label, and how the rest is split.

Reach for it when a good teacher is sure of most labels: in plain distillation what it says of the other classes then
counts next to nothing, and here as much as beta says.
Avoid it with few classes, of two of which nothing is left to split, and with a poor teacher, whose split is noise.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import (
    NO_TARGET,
    NON_NEGATIVE,
    NOTHING,
    POSITIVE,
    Card,
    Fails,
    Holds,
    Interval,
    NotApplicable,
    Reference,
)
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits
from lossmith.kernels.divergence import softened_divergence
from lossmith.kernels.likeness import log_sum_exp


def decoupled_distillation_loss(
    input: Float[Tensor, "n c"],
    teacher: Float[Tensor, "n c"],
    target: Int[Tensor, "n"],
    *,
    temperature: float = 4.0,
    alpha: float = 1.0,
    beta: float = 8.0,
) -> Float[Tensor, "n"]:
    """Decoupled distillation loss of each example, without the label's part.

    Args:
        input: the student's logits, one row per example, one column per class, of which there are two or more.
        teacher: the teacher's logits, same shape; compute them under `torch.no_grad()`.
        target: the labels, which only say which class is set apart.
        temperature: what both logits are divided by before the softmax; above 0.
        alpha: weight of the divergence in "this class or another"; from 0 up.
        beta: weight of the divergence among the others; from 0 up. With the teacher's probability of another class in
            its place, and alpha 1, it is plain distillation.

    Returns:
        temperature²·(alpha·KL over this class and all others + beta·KL among the others), teacher from student; in
        nats, from 0 up. Add the label's cross-entropy to it.

    Raises:
        ValueError: shapes differ, are not (n, c) and (n,), or there is one class only.
        TypeError: `target` holds no integers.

    Source:
        Zhao, Cui, Song, Qiu and Liang (2022), equation 7.

    Example:
        >>> student, teacher = torch.zeros(1, 3), torch.tensor([[1.3863, 1.0986, 0.0]])
        >>> decoupled_distillation_loss(student, teacher, torch.tensor([0]), temperature=1.0, beta=1.0)
        tensor([0.1897])
    """
    expect.class_scores(input, target)
    expect.same_shape(input=input, teacher=teacher)
    if input.shape[1] < 2:
        raise ValueError(f"`input` should have two classes or more, shape (n, c). Found {tuple(input.shape)}.")
    own = torch.nn.functional.one_hot(target, input.shape[1]).bool()
    wanted, found = teacher / temperature, input / temperature
    apart = softened_divergence(_own_or_other(wanted, own), _own_or_other(found, own))
    among = _among_others(wanted, found, own)
    return temperature**2 * (alpha * apart + beta * among)


def _own_or_other(logits: Tensor, own: Tensor) -> Tensor:
    """Return logits of two classes: the label's, and all others as one."""
    return torch.stack([logits.masked_fill(~own, 0.0).sum(-1), log_sum_exp(logits, ~own)], dim=-1)


def _among_others(wanted: Tensor, found: Tensor, own: Tensor) -> Tensor:
    log_wanted, log_found = (
        x.masked_fill(own, -torch.inf).log_softmax(-1).masked_fill(own, 0.0) for x in (wanted, found)
    )
    return (log_wanted.exp() * (log_wanted - log_found)).sum(-1)


class DecoupledDistillationLoss(Criterion):
    """`decoupled_distillation_loss`, masked, weighted and reduced."""

    function = staticmethod(decoupled_distillation_loss)


CARD = Card(
    module=DecoupledDistillationLoss,
    unit="example",
    inputs={"input": Logits("n c"), "teacher": Logits("n c"), "target": ClassIndex("n")},
    formula=r"T^2 \big(\alpha\,\mathrm{KL}(b^{\mathcal{T}} \| b^{\mathcal{S}}) + \beta\,\mathrm{KL}(\hat p^"
    r"{\mathcal{T}} \| \hat p^{\mathcal{S}})\big)",
    elicits=NOTHING,
    claims={
        **dict.fromkeys(NO_TARGET, NotApplicable("it is compared with the teacher; the label only sets a class apart")),
        "non_negative": Holds(),
        "convex": Fails(at={"alpha": 8.0, "beta": 0.0}, note="it is where beta is alpha or more"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="by (alpha + beta) times the temperature, times the root of 2"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"temperature": POSITIVE, "alpha": NON_NEGATIVE, "beta": NON_NEGATIVE},
    search={
        "temperature": Interval(1.0, 20.0, log=True),
        "alpha": Interval(0.1, 10.0, log=True),
        "beta": Interval(0.1, 20.0, log=True),
    },
    also_known_as=("DKD", "decoupled knowledge distillation"),
    references=(
        Reference("Zhao, Cui, Song, Qiu and Liang", "Decoupled knowledge distillation", 2022, "CVPR, arXiv:2203.08679"),
    ),
    mistakes=(
        "It lacks the label's cross-entropy: add it, as the paper does.",
        "Beta 8 from the start drowns the label: the paper's code raises it over the first epochs.",
        "Masking the label's class by subtracting 1000 from its logit, as the paper's code does, is no mask in half "
        "precision and with large logits: here it is left out of the softmax.",
    ),
    relatives={
        "knowledge_distillation_loss": "both parts at once, the second one weighted by the teacher's doubt",
        "kl_divergence_loss": "rows of probabilities, at temperature 1",
    },
)
