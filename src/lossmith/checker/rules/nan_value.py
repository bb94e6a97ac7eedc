"""The value is NaN or infinite at an allowed point.

What it finds: a value that is no finite number on an ordinary batch, or at an edge the author calls valid.
Why it matters: one such batch turns every weight into NaN.
Fix: guard the logarithm, root or quotient where it happens: `logsigmoid`, `xlogy`, a floor under a denominator.
"""

from lossmith.checker import finite
from lossmith.checker.argument import is_finite
from lossmith.checker.case import Case
from lossmith.checker.edges import EMPTY, EXTREME
from lossmith.checker.found import Found


def find(case: Case) -> Found | None:
    """Look at ordinary batches and at claimed edges, neither extreme nor empty."""
    for broken in finite.breaks(case):
        if not broken.gradient and broken.edge not in EXTREME | EMPTY:
            told = f"The value is {broken.value} {finite.where(broken)}"
            shows = lambda inputs: not is_finite(case.number(inputs))  # noqa: E731
            return Found(told, broken.inputs, f"{broken.value}", broken.severity, shows)
    return None
