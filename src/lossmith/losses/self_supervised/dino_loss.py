"""Cross-entropy with a slow network's sharpened, centred opinion of another view.

Reach for it when a vision transformer is trained without labels: a student of small and large crops, a teacher of large
ones. Call it for each pair of different views.
Avoid it with few outputs or small batches: the centre that keeps it from collapsing is a mean over the batch.
"""

from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NO_TARGET, NOTHING, POSITIVE, Card, Equivalent, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Logits, Real


def dino_loss(
    student: Float[Tensor, "n c"],
    teacher: Float[Tensor, "n c"],
    *,
    center: Float[Tensor, "c"],
    student_temperature: float = 0.1,
    teacher_temperature: float = 0.04,
) -> Float[Tensor, "n"]:
    """Self-distillation loss of each example.

    Args:
        student: the student's outputs for one view, one row per example.
        teacher: the teacher's outputs for another view; held fixed.
        center: running mean of the teacher's outputs, a buffer of the module; held fixed. After each step:
            `loss.center.lerp_(teacher.mean(0), 0.1)`. A usual start is `torch.zeros(c)`.
        student_temperature: what the student's outputs are divided by; above 0.
        teacher_temperature: the same for the teacher, lower, which sharpens; above 0.

    Returns:
        Cross-entropy of softmax(student/student_temperature) against softmax((teacher − center)/teacher_temperature),
        in nats; from 0 up. No gradient reaches the teacher.

    Raises:
        ValueError: shapes differ, or the centre has not one entry per column.

    Source:
        Caron et al. (2021), equations 2 and 4.

    Example:
        >>> import torch
        >>> student, teacher = torch.zeros(1, 2), torch.tensor([[1.0, 3.0]])
        >>> dino_loss(student, teacher, center=torch.tensor([1.0, 3.0]))
        tensor([0.6931])
    """
    expect.same_shape(student=student, teacher=teacher)
    expect.one_per_class("center", center, teacher)
    wanted = _opinion(teacher, center, teacher_temperature).detach()
    return -(wanted * (student / student_temperature).log_softmax(-1)).sum(-1)


def _opinion(teacher: Tensor, center: Tensor, temperature: float) -> Tensor:
    return ((teacher - center.to(teacher.dtype)) / temperature).softmax(-1)


def opinions_apart(
    student: Tensor,
    teacher: Tensor,
    *,
    center: Tensor,
    student_temperature: float = 0.1,
    teacher_temperature: float = 0.04,
) -> Tensor:
    """Slope in the student alone: its probabilities less the teacher's."""
    found = (student / student_temperature).softmax(-1)
    return (found - _opinion(teacher, center, teacher_temperature)) / student_temperature


class DinoLoss(Criterion):
    """`dino_loss`, masked, weighted and reduced."""

    function = staticmethod(dino_loss)


CARD = Card(
    module=DinoLoss,
    unit="example",
    inputs={"student": Logits("n c"), "teacher": Logits("n c")},
    formula=r"-\sum_k q_k \log p_k, \quad p = \mathrm{softmax}(s/\tau_s), \; q = \mathrm{softmax}((t - c)/\tau_t)",
    elicits=NOTHING,
    claims={
        **dict.fromkeys(NO_TARGET, NotApplicable("what it is compared with moves along with the network")),
        "non_negative": Holds(wrt="student"),
        "convex": Holds(wrt="student"),
        "differentiable": Holds(wrt="student"),
        "smooth": Holds(wrt="student"),
        "bounded_gradient": Holds(wrt="student", note="each entry by one over the student's temperature"),
        "sample_independent": Holds(wrt="student", note="at a given centre"),
        "vmap": Holds(wrt="student"),
        "fullgraph": Holds(wrt="student"),
        "twice_differentiable": Holds(wrt="student"),
    },
    parameters={"center": Real("c"), "student_temperature": POSITIVE, "teacher_temperature": POSITIVE},
    search={"student_temperature": Interval(0.05, 0.5), "teacher_temperature": Interval(0.02, 0.1)},
    also_known_as=("self-distillation with no labels",),
    references=(
        Reference(
            "Caron et al.",
            "Emerging properties in self-supervised vision transformers",
            2021,
            "ICCV, arXiv:2104.14294",
        ),
    ),
    equivalents=(
        Equivalent(
            "lightly",
            "loss.DINOLoss",
            "takes lists of views, averages over pairs of different ones, updates the centre",
        ),
    ),
    mistakes=(
        "Without the centre one output takes all, without sharpening all become alike: both are needed.",
        "The same view on both sides teaches nothing: skip those pairs.",
        "The teacher's temperature starts at 0.04 and may rise to 0.07 in the first epochs; from 0.07 at once it "
        "fails.",
    ),
    relatives={
        "byol_loss": "directions in place of probabilities, and a predictor in place of a centre",
        "knowledge_distillation_loss": "a teacher that is trained already, with labels",
    },
    surrogate_gradient=opinions_apart,
)
