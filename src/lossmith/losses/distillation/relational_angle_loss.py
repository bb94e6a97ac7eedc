"""Compares angles of three examples, in the student's space and the teacher's.

Reach for it when a student learns embeddings from a teacher of another width; with `relational_distance_loss` at half
its weight it is the paper's best.
Avoid it in large batches: time and memory grow with their cube.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith import expect
from lossmith.card import NO_TARGET, NOTHING, Card, Fails, Holds, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Embedding
from lossmith.kernels.lengths import directions


def relational_angle_loss(student: Float[Tensor, "n d"], teacher: Float[Tensor, "n k"]) -> Float[Tensor, ""]:
    """Angle-wise relational distillation loss of a batch.

    Args:
        student: the student's embeddings, one row per example.
        teacher: the teacher's embeddings of the same examples, of any width; compute them under `torch.no_grad()`.

    Returns:
        Mean over all triples of Huber's loss, delta 1, of the difference of the two cosines at the triple's middle
        example; from 0 to 3/2. Where two of the three coincide there is no angle and the cosine is 0; fewer than three
        examples give 0. It needs memory for n²·(n + d) numbers.

    Raises:
        ValueError: rows differ in number.

    Source:
        Park, Kim, Lu and Cho (2019), as a mean.

    Example:
        >>> student, teacher = torch.tensor([[0.0], [1.0], [2.0]]), torch.tensor([[0.0], [3.0], [2.0]])
        >>> relational_angle_loss(student, teacher)
        tensor(1.)
    """
    expect.row_for_row(student=student, teacher=teacher)
    n = len(student)
    off = torch.nn.functional.smooth_l1_loss(_cosines(student), _cosines(teacher), reduction="sum")
    # The cosines of an example with itself and those of one arm with itself are equal in both: they add 0.
    return off / max(n * (n - 1) * (n - 2), 1)


def _cosines(x: Tensor) -> Tensor:
    """Cosines of the angles at the first of three; 1 or 0 where there are not three."""
    arms = directions(x[None] - x[:, None])
    cosine = arms @ arms.transpose(1, 2)
    return cosine.masked_fill(torch.eye(len(x), dtype=torch.bool, device=x.device), 1.0)


class RelationalAngleLoss(Criterion):
    """`relational_angle_loss` of a batch; no mask, no weights."""

    function = staticmethod(relational_angle_loss)


CARD = Card(
    module=RelationalAngleLoss,
    unit="batch",
    inputs={"student": Embedding("n d"), "teacher": Embedding("n d")},
    formula=r"\frac1{|T|} \sum_{(i,j,k) \in T} H_1\big(\cos \angle s_i s_j s_k - \cos \angle t_i t_j t_k\big)",
    elicits=NOTHING,
    claims={
        **dict.fromkeys(NO_TARGET, NotApplicable("it compares relations between examples, and predicts no target")),
        "non_negative": Holds(wrt="student"),
        "zero_at_target": Holds(wrt="student", note="and at any multiple, turn or shift of the teacher's embedding"),
        "convex": Fails(wrt="student"),
        "differentiable": Fails(wrt="student", note="where two examples coincide"),
        "smooth": NotApplicable("its slope has no bound where examples nearly coincide, which no sample shows"),
        "bounded_gradient": Fails(
            wrt="student", note="of two that nearly coincide: it falls with one over the distance"
        ),
        "symmetric": Holds(wrt="student"),
        "monotone": NotApplicable("a multiple of the teacher's embedding is off and costs nothing"),
        "sample_independent": NotApplicable("one value for the batch, whose examples it compares"),
        "vmap": Holds(wrt="student"),
        "fullgraph": Holds(wrt="student"),
        "twice_differentiable": Holds(wrt="student", note="except where two coincide, or cosines are 1 apart"),
    },
    also_known_as=("RKD-A", "relational knowledge distillation, angles"),
    references=(
        Reference("Park, Kim, Lu and Cho", "Relational knowledge distillation", 2019, "CVPR, arXiv:1904.05068"),
    ),
    mistakes=(
        "The paper's code averages over all n³ entries, most of which are triples: the ratio is (n - 1)(n - 2)/n² "
        "of this.",
        "A batch of 1000 needs 4 GB a network in float32: take angles of a part of it.",
        "Two views of one example that coincide have no angle, and no gradient: drop duplicates.",
    ),
    relatives={"relational_distance_loss": "distances of two examples in place of angles of three"},
)
