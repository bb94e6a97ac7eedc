"""Makes a student's middle layer tell what a teacher's middle layer holds.

Reach for it when a thin, deep student does not learn from labels or soft targets alone: a hint half-way helps the lower
half along. Widths may differ, since a learned regressor lies between.
Avoid it late in training and at the last layers, where it ties the student to how the teacher says things and not what
it says: use it as a first stage, or with a falling weight.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NO_TARGET, NOTHING, Card, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Embedding, Real


def fitnets_loss(
    student: Float[Tensor, "n k"], hint: Float[Tensor, "n d"], *, regressor: Float[Tensor, "d k"]
) -> Float[Tensor, "n"]:
    """FitNets' hint loss of each example.

    Args:
        student: features of the student's guided layer, one row per example; of a feature map, one per place.
        hint: features of the teacher's hint layer for the same rows; compute them under `torch.no_grad()`.
        regressor: the matrix that turns the student's features into the teacher's; training learns it. A good start is
            `torch.nn.init.kaiming_uniform_(torch.empty(d, k))`.

    Returns:
        ½‖hint − regressor·student‖², the sum over the teacher's features; from 0 up.

    Raises:
        ValueError: rows differ in number, or the regressor is not (d, k).

    Source:
        Romero et al. (2015), equation 3.

    Example:
        >>> student, hint = torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0]])
        >>> fitnets_loss(student, hint, regressor=torch.tensor([[1.0, -1.0]]))
        tensor([8.])
    """
    expect.row_for_row(student=student, hint=hint)
    wanted = (*hint.shape[1:], *student.shape[1:])
    if regressor.shape != wanted:
        raise ValueError(f"`regressor` should have shape (d, k), here {wanted}. Found {tuple(regressor.shape)}.")
    guess = student @ regressor.to(student.dtype).T
    return 0.5 * torch.nn.functional.mse_loss(guess, hint, reduction="none").sum(-1)


class FitnetsLoss(Criterion):
    """`fitnets_loss`, masked, weighted and reduced; its regressor is learned.

    Hand `parameters()` to the optimiser beside the student's.
    """

    function = staticmethod(fitnets_loss)


CARD = Card(
    module=FitnetsLoss,
    unit="example",
    inputs={"student": Embedding("n k"), "hint": Embedding("n d")},
    formula=r"\tfrac12 \|h - W s\|^2",
    elicits=NOTHING,
    claims={
        **dict.fromkeys(NO_TARGET, NotApplicable("a learned regressor lies between the student and the hint")),
        "non_negative": Holds(wrt="student"),
        "convex": Holds(wrt="student", note="and in the regressor, but not in both together"),
        "differentiable": Holds(wrt="student"),
        "smooth": Holds(wrt="student"),
        "bounded_gradient": Fails(wrt="student"),
        "sample_independent": Holds(wrt="student"),
        "vmap": Holds(wrt="student"),
        "fullgraph": Holds(wrt="student"),
        "twice_differentiable": Holds(wrt="student"),
    },
    parameters={"regressor": Real("d k")},
    learned=("regressor",),
    also_known_as=("hint loss", "hint-based distillation"),
    references=(Reference("Romero et al.", "FitNets: hints for thin deep nets", 2015, "ICLR, arXiv:1412.6550"),),
    mistakes=(
        "Forgetting to hand the regressor to the optimiser: the student must then fit a random map; add "
        "`loss.parameters()`.",
        "A feature map is one row per place: `features.flatten(2).transpose(1, 2).flatten(0, 1)`, of equal size in "
        "both.",
        "Summed over wide layers it dwarfs the label's loss: begin with a weight of one over the teacher's width.",
    ),
    relatives={
        "attention_transfer_loss": "compares where the two look, whatever their widths, with nothing learned",
        "relational_distance_loss": "compares distances between examples, whatever the widths",
        "knowledge_distillation_loss": "compares what comes out at the end",
    },
)
