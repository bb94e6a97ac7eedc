"""The value is finite, the gradient is not.

What it finds: a NaN or infinite gradient on an ordinary batch, or at an edge the author calls valid.
Why it matters: nothing warns in the printed loss; the weights are NaN after the step.
Fix: avoid the infinite slope: an epsilon inside the root, and `torch.where` on the argument, not on the result.
"""

from lossmith.checker import finite
from lossmith.checker.case import Case
from lossmith.checker.found import Found


def find(case: Case) -> Found | None:
    """Look at gradients on ordinary batches and at claimed edges."""
    for broken in finite.breaks(case):
        if broken.gradient:
            name = case.arguments[broken.place].name
            told = f"The value is {broken.value:.4g}, but the gradient of `{name}` is not finite {finite.where(broken)}"
            given = f"holds NaN or inf; the value is {broken.value:.4g}"
            return Found(told, broken.inputs, given, broken.severity, wrt=broken.place)
    return None
