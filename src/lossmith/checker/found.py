"""What a rule hands back: the fault in numbers, and the input that shows it."""

from collections.abc import Callable
from dataclasses import dataclass

from lossmith.checker.case import Inputs
from lossmith.finding import Severity


@dataclass(frozen=True)
class Found:
    """A fault as a rule sees it; the runner turns it into a `Finding`."""

    message: str
    inputs: Inputs | None = None
    said: str = ""
    """What the call on these inputs gives, and what it should give."""
    severity: Severity = "error"
    shows: Callable[[Inputs], bool] | None = None
    """Whether other inputs show the fault too: with it the witness is made smaller."""
    fix: str = ""
    """What to change, where it is more than the rule's page says."""
    wrt: int | None = None
    """Which argument's gradient shows it, rather than the value."""
    code: str = ""
    """The witness, where it is more than one call."""
