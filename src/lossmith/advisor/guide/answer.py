"""An answer of the guide, and all that goes with it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lossmith import registry
from lossmith.advisor.guide.question import Question


@dataclass(frozen=True)
class Answer:
    """One loss to train with: why, how, and what to watch."""

    id: str
    """Loss, and where it is not the natural one its link: `absolute_error_loss@log1p`."""
    loss: str
    summary: str
    reach: str
    """When to reach for it, from its file."""
    avoid: str
    reasons: tuple[str, ...]
    output: str
    """What the network should end in."""
    link: str
    """How its output becomes a prediction: a name in `lossmith.training.links`; empty beyond tables."""
    rule: str
    """How a prediction becomes a decision: a name in `lossmith.training.decision`; beyond tables a sentence."""
    code: str
    mistakes: tuple[str, ...]


@dataclass(frozen=True)
class Guide:
    """The guide's answers, best first, and where to go from there."""

    question: Question
    asks_for: str
    """The functional that the metric asks for, in words."""
    answers: tuple[Answer, ...]
    misleads: tuple[str, ...]
    """Where a common rule of thumb misleads."""
    missing: tuple[str, ...]
    """Losses that the field usually trains with and that the catalogue does not have."""
    notes: tuple[str, ...]
    evidence: str
    """The command that measures, to be pasted."""

    @property
    def first(self) -> Answer | None:
        """What the guide would train with; None where the catalogue has nothing."""
        return self.answers[0] if self.answers else None

    def to_json(self) -> dict[str, Any]:
        """Return plain types only."""
        return asdict(self)


def prose(loss: str) -> Mapping[str, str]:
    """Return `summary`, `reach` and `avoid` from a loss's file.

    Example:
        >>> prose("huber_loss")["reach"][:18]
        'Reach for it when '
    """
    entry = registry.find(loss)
    lines = " ".join(entry["description"].split("\n")[1:]).strip()
    reach, _, avoid = lines.partition("Avoid it ")
    start = reach.find("Reach for it ")
    return {
        "summary": entry["summary"],
        "reach": reach[start:].strip() if start >= 0 else "",
        "avoid": f"Avoid it {avoid.partition('  ')[0].strip()}" if avoid else "",
    }
