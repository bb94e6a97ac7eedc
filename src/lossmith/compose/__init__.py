"""The smithy: losses made of losses, with a card derived from their parts.

    0.5 * CrossEntropyLoss() + 0.3 * BrierLoss()
    Asymmetric(AbsoluteErrorLoss(), over=1, under=3)

What is made is a Criterion: it masks, weights and reduces, and can be put together again. docs/compose.md shows each.
"""

from lossmith.compose.asymmetric import Asymmetric
from lossmith.compose.class_weighted import ClassWeighted
from lossmith.compose.clipped import Clipped
from lossmith.compose.composed import Composed
from lossmith.compose.derived import Derived, Unknown
from lossmith.compose.multi_task import MultiTask
from lossmith.compose.schedule import Schedule
from lossmith.compose.scheduled import Scheduled
from lossmith.compose.tail_weighted import Density, TailWeighted
from lossmith.compose.terms import Sum, Term
from lossmith.compose.time_decay import TimeDecay
from lossmith.compose.with_penalty import WithPenalty

__all__ = [
    "Asymmetric",
    "ClassWeighted",
    "Clipped",
    "Composed",
    "Density",
    "Derived",
    "MultiTask",
    "Schedule",
    "Scheduled",
    "Sum",
    "TailWeighted",
    "Term",
    "TimeDecay",
    "Unknown",
    "WithPenalty",
]
