"""NaN or infinity at large but finite inputs.

What it finds: overflow or underflow in single precision for logits or errors of a hundred or so.
Why it matters: an unlucky batch early in training, or a confident model late, ends the run.
Fix: `logsumexp`, `logsigmoid`, `softplus`, `log1p` instead of `log(exp(...))`; subtract the maximum first.
"""

from lossmith.checker import finite
from lossmith.checker.case import Case
from lossmith.checker.edges import EXTREME
from lossmith.checker.found import Found


def find(case: Case) -> Found | None:
    """Look at the value at claimed extremes."""
    for broken in finite.breaks(case):
        if not broken.gradient and broken.edge in EXTREME:
            return Found(f"The value is {broken.value} {finite.words(broken.edge)}.", broken.inputs, f"{broken.value}")
    return None
