"""Cross-entropy with the label, and beside it with a teacher's softened opinion.

Reach for it when a small classifier should come near a large one: what the teacher holds possible beside the label
tells of likeness between classes.
Avoid it with a teacher that is sure of everything (trained to a loss of 0, or with smoothed labels): a temperature does
not bring back what is not there. `decoupled_distillation_loss` gives the other classes their own weight.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lossmith import expect
from lossmith.card import POSITIVE, Card, Equivalent, Fails, Functional, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import ClassIndex, Logits
from lossmith.kernels.divergence import softened_divergence


def knowledge_distillation_loss(
    input: Float[Tensor, "n c"],
    teacher: Float[Tensor, "n c"],
    target: Int[Tensor, "n"],
    *,
    temperature: float = 4.0,
    alpha: float = 0.9,
) -> Float[Tensor, "n"]:
    """Knowledge distillation loss of each example.

    Args:
        input: the student's logits, one row per example, one column per class.
        teacher: the teacher's logits, same shape; compute them under `torch.no_grad()`.
        target: the labels.
        temperature: what both logits are divided by before the softmax; above 1 it softens; above 0.
        alpha: weight of the teacher, against 1 − alpha for the label; from 0 to 1.

    Returns:
        (1 − alpha)·cross-entropy + alpha·temperature²·KL(teacher || student), the divergence at the temperature; in
        nats, from 0 up. The square keeps the teacher's gradient as large as the label's when the temperature changes.

    Raises:
        ValueError: shapes differ, or are not (n, c) and (n,).
        TypeError: `target` holds no integers.

    Source:
        Hinton, Vinyals and Dean (2015), section 2.

    Example:
        >>> student, teacher = torch.zeros(1, 2), torch.tensor([[2.1972, 0.0]])
        >>> knowledge_distillation_loss(student, teacher, torch.tensor([0]), temperature=2.0, alpha=0.5)
        tensor([0.6082])
    """
    expect.class_scores(input, target)
    expect.same_shape(input=input, teacher=teacher)
    hard = torch.nn.functional.cross_entropy(input, target, reduction="none")
    soft = temperature**2 * softened_divergence(teacher / temperature, input / temperature)
    return (1.0 - alpha) * hard + alpha * soft


class KnowledgeDistillationLoss(Criterion):
    """`knowledge_distillation_loss`, masked, weighted and reduced."""

    function = staticmethod(knowledge_distillation_loss)


CARD = Card(
    module=KnowledgeDistillationLoss,
    unit="example",
    inputs={"input": Logits("n c"), "teacher": Logits("n c"), "target": ClassIndex("n")},
    formula=r"-(1 - \alpha) \log p_y + \alpha T^2 \sum_k q_k^{(T)} \log \frac{q_k^{(T)}}{p_k^{(T)}}",
    elicits=Functional("class_probabilities_mixed_with_a_teacher's"),
    claims={
        "non_negative": Holds(),
        "zero_at_target": Fails(note="the teacher may be of another opinion"),
        "convex": Holds(note="in the logits"),
        "differentiable": Holds(),
        "smooth": Holds(),
        "bounded_gradient": Holds(note="each entry by 1 - alpha + alpha times the temperature"),
        "gradient_growth": Holds("constant"),
        "symmetric": NotApplicable("prediction and target live in different spaces"),
        "proper": Fails(note="the teacher moves the minimiser, away from the truth where the teacher is wrong"),
        "classification_calibrated": Fails(note="a teacher that is sure outvotes the labels"),
        "monotone": Fails(note="a prediction nearer the label may be further from the teacher"),
        "sample_independent": Holds(),
        "vmap": Holds(),
        "fullgraph": Holds(),
        "twice_differentiable": Holds(),
    },
    parameters={"temperature": POSITIVE, "alpha": Interval(0.0, 1.0)},
    search={"temperature": Interval(1.0, 20.0, log=True), "alpha": Interval(0.1, 0.95)},
    also_known_as=("KD loss", "Hinton distillation", "soft target loss"),
    references=(
        Reference("Hinton, Vinyals and Dean", "Distilling the knowledge in a neural network", 2015, "arXiv:1503.02531"),
    ),
    equivalents=(
        Equivalent(
            "torch", "nn.KLDivLoss(reduction='batchmean')", "the teacher's part alone, without the temperature's square"
        ),
    ),
    mistakes=(
        "Without the temperature's square the teacher's gradient falls with it, and alpha means something else.",
        "`nn.KLDivLoss` takes the student's log-probabilities first, and by default divides by the classes too.",
        "A teacher in training mode gives another opinion each time: call `eval()` on it, and `torch.no_grad()`.",
    ),
    relatives={
        "decoupled_distillation_loss": "weighs what the teacher says of the label's class and of the others apart",
        "kl_divergence_loss": "the teacher's part, of probabilities and at temperature 1",
        "label_smoothing_cross_entropy_loss": "a teacher that knows nothing",
    },
)
