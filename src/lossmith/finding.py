"""What a check found: the fault, what shows it, why it matters, what to change."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]
"""An error breaks a promise or the training; a warning trains, but not as claimed; a note asks what is meant."""


@dataclass(frozen=True)
class Finding:
    """One fault."""

    rule: str
    severity: Severity
    message: str
    """One sentence that names the fault and the numbers that show it."""
    witness: str = ""
    """Code to paste that shows it."""
    why: str = ""
    """Why it matters in training."""
    fix: str = ""
    """What to change."""
