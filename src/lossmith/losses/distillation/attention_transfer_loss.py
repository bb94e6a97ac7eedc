"""Makes a student look where a teacher looks: maps of activity, of any widths.

Reach for it when a convolutional student has feature maps as large as the teacher's, though fewer: only where the
activity lies is compared, so nothing between has to be learned.
Avoid it where features that fire everywhere matter (global texture, style): their maps are flat and say nothing.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lossmith.card import NOTHING, Card, Fails, Holds, Interval, NotApplicable, Reference
from lossmith.criterion import Criterion
from lossmith.domains import Real
from lossmith.kernels.lengths import directions


def attention_transfer_loss(
    student: Float[Tensor, "n c h w"], teacher: Float[Tensor, "n d h w"], *, power: float = 2.0
) -> Float[Tensor, "n"]:
    """Attention transfer loss of each picture, at one pair of layers.

    Args:
        student: feature maps of one of the student's layers.
        teacher: feature maps of the teacher's layer of the same height and width, of any number; compute them under
            `torch.no_grad()`.
        power: to which activations are raised before they are added up over maps; large ones look at the strongest
            only; from 1 up.

    Returns:
        ‖S/‖S‖ − T/‖T‖‖² with S and T the sums of |activation|^power over maps, one entry per place; from 0 to 2. A
        layer without any activity has no map to compare: it costs 1.

    Raises:
        ValueError: pictures or places differ in number.

    Source:
        Zagoruyko and Komodakis (2017), equation 2, squared.

    Example:
        >>> student, teacher = torch.tensor([[[[3.0, 4.0]]]]), torch.tensor([[[[0.0, 1.0]], [[0.0, 1.0]]]])
        >>> attention_transfer_loss(student, teacher, power=1.0)
        tensor([0.4000])
    """
    shapes = [tuple(x.shape[:1] + x.shape[2:]) for x in (student, teacher)]
    if student.ndim != 4 or shapes[0] != shapes[1]:
        found = " and ".join(str(tuple(x.shape)) for x in (student, teacher))
        raise ValueError(
            f"`student` should have shape (n, c, h, w) and `teacher` (n, d, h, w). Found {found}. "
            "Try `torch.nn.functional.interpolate` where only height and width differ."
        )
    return (_map(student, power) - _map(teacher, power)).square().sum(-1)


def _map(features: Tensor, power: float) -> Tensor:
    """Where the activity lies, as a direction.

    The size does not matter, so that powers and squares are taken of numbers up to 1 and neither overflow nor vanish.
    """
    size = features.detach().abs().flatten(1).amax(-1)
    size = torch.where(size > 0, size, 1.0).reshape(-1, 1, 1, 1)
    return directions((features / size).abs().pow(power).sum(1).flatten(1))


class AttentionTransferLoss(Criterion):
    """`attention_transfer_loss`, masked, weighted and reduced."""

    function = staticmethod(attention_transfer_loss)


_FEATURES = NotApplicable("it compares features, of which no distribution is predicted")

CARD = Card(
    module=AttentionTransferLoss,
    unit="example",
    inputs={"student": Real("n c h w"), "teacher": Real("n c h w")},
    formula=r"\Big\|\frac{q(S)}{\|q(S)\|} - \frac{q(T)}{\|q(T)\|}\Big\|^2, \quad q(A) = \sum_c |A_c|^p",
    elicits=NOTHING,
    claims={
        "non_negative": Holds(wrt="student"),
        "zero_at_target": Holds(wrt="student"),
        "convex": Fails(wrt="student"),
        "differentiable": Fails(at={"power": 1.0}, wrt="student", note="at activations of 0, and at an empty map"),
        "smooth": Fails(at={"power": 1.0}, wrt="student", note="else near an empty map alone"),
        "bounded_gradient": Fails(wrt="student", note="of weak activity: it falls with one over the size"),
        "gradient_growth": NotApplicable("only the direction of a map counts, not how far off its values are"),
        "symmetric": Holds(wrt="student"),
        "proper": _FEATURES,
        "classification_calibrated": _FEATURES,
        "monotone": NotApplicable("larger activations are no worse as long as the map is the same"),
        "sample_independent": Holds(wrt="student"),
        "vmap": Holds(wrt="student"),
        "fullgraph": Holds(wrt="student"),
        "twice_differentiable": Holds(wrt="student", note="away from activations of 0"),
    },
    parameters={"power": Interval(1.0, float("inf"), high_open=True)},
    search={"power": Interval(1.0, 4.0)},
    also_known_as=("AT loss", "activation-based attention transfer"),
    references=(
        Reference(
            "Zagoruyko and Komodakis",
            "Paying more attention to attention: improving the performance of convolutional neural networks via "
            "attention transfer",
            2017,
            "ICLR, arXiv:1612.03928",
        ),
    ),
    mistakes=(
        "The paper's formula has the norm and its code the mean of squares: this is the square, which is the code's "
        "times "
        "h·w; state which one a weight belongs to.",
        "Maps of different sizes must be made alike first: interpolate the larger one.",
        "After a ReLU or before, all three ways are in use: take the same for both networks.",
    ),
    relatives={
        "fitnets_loss": "compares the features themselves, through a learned map",
        "knowledge_distillation_loss": "compares what comes out at the end",
    },
)
