"""Compares how far apart examples lie, in the student's space and the teacher's.

Reach for it when a student learns embeddings from a teacher of another width: distances within a batch, as shares of
their mean, are compared in place of features.
Avoid it in small batches, whose mean distance is noise, and where scale itself matters: any multiple of the teacher's
embedding costs nothing.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NO_TARGET, NOTHING, Card, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Embedding
from lossmith.kernels.pair_distances import distances


def relational_distance_loss(student: Float[Tensor, "n d"], teacher: Float[Tensor, "n k"]) -> Float[Tensor, ""]:
    """Distance-wise relational distillation loss of a batch.

    Args:
        student: the student's embeddings, one row per example.
        teacher: the teacher's embeddings of the same examples, of any width; compute them under `torch.no_grad()`.

    Returns:
        Mean over all pairs of Huber's loss, delta 1, of the difference of the two distances, each a share of its own
        mean over all pairs; from 0 up. Fewer than two examples have no distance: 0. It needs memory for n² numbers.

    Raises:
        ValueError: rows differ in number.

    Source:
        Park, Kim, Lu and Cho (2019), as a mean.

    Example:
        >>> student, teacher = torch.tensor([[0.0], [1.0], [2.0]]), torch.tensor([[0.0], [3.0], [3.0]])
        >>> relational_distance_loss(student, teacher)
        tensor(0.1875)
    """
    expect.row_for_row(student=student, teacher=teacher)
    first, second = torch.triu_indices(len(student), len(student), 1, device=student.device)
    found, wanted = (_shares(distances(x)[first, second]) for x in (student, teacher))
    return torch.nn.functional.smooth_l1_loss(found, wanted, reduction="sum") / max(found.numel(), 1)


def _shares(distance: Tensor) -> Tensor:
    """Divide distances by their mean; where all are 0, so are their shares."""
    total = distance.sum()
    return distance * distance.numel() / torch.where(total > 0, total, 1.0)


class RelationalDistanceLoss(Criterion):
    """`relational_distance_loss` of a batch; no mask, no weights."""

    function = staticmethod(relational_distance_loss)


CARD = Card(
    module=RelationalDistanceLoss,
    unit="batch",
    inputs={"student": Embedding("n d"), "teacher": Embedding("n d")},
    formula=r"\frac1{|P|} \sum_{(i,j) \in P} H_1\Big(\frac{\|s_i - s_j\|}{\mu_s} - \frac{\|t_i - t_j\|}{\mu_t}\Big)",
    elicits=NOTHING,
    claims={
        **dict.fromkeys(NO_TARGET, NotApplicable("it compares relations between examples, and predicts no target")),
        "non_negative": Holds(wrt="student"),
        "zero_at_target": Holds(wrt="student", note="and at any multiple, turn or shift of the teacher's embedding"),
        "convex": Fails(wrt="student"),
        "differentiable": Fails(wrt="student", note="where two examples coincide"),
        "smooth": NotApplicable("its slope has no bound where examples nearly coincide, which no sample shows"),
        "bounded_gradient": Fails(
            wrt="student", note="of a batch drawn close together: it falls with one over the mean"
        ),
        "symmetric": Holds(wrt="student"),
        "monotone": NotApplicable("a multiple of the teacher's embedding is off and costs nothing"),
        "sample_independent": NotApplicable("one value for the batch, whose examples it compares"),
        "vmap": Holds(wrt="student"),
        "fullgraph": Holds(wrt="student"),
        "twice_differentiable": Holds(wrt="student", note="except where two coincide, or shares are 1 apart"),
    },
    also_known_as=("RKD-D", "relational knowledge distillation, distances"),
    references=(
        Reference("Park, Kim, Lu and Cho", "Relational knowledge distillation", 2019, "CVPR, arXiv:1904.05068"),
    ),
    mistakes=(
        "The paper's code averages over all n² entries, an example with itself included: its value is (n - 1)/n of "
        "this.",
        "The teacher's mean is its own: dividing both by one of them compares scales again.",
        "On several devices the mean distance is that of each share of the batch: gather embeddings first.",
    ),
    relatives={
        "relational_angle_loss": "angles of three examples in place of distances of two",
        "fitnets_loss": "compares the features themselves, through a learned map",
    },
)
