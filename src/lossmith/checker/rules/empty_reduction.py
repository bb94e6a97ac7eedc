"""NaN where nothing remains.

What it finds: 0 divided by 0 when all is masked or ignored, no pair is active, no event or positive is there.
Why it matters: such a batch comes sooner or later, and one NaN ends the run.
Fix: divide by `count.clamp(min=1)`: nothing to learn from is a loss of 0 with gradient 0.
"""

from lossmith.checker import finite
from lossmith.checker.case import Case
from lossmith.checker.edges import EMPTY, edge
from lossmith.checker.found import Found


def find(case: Case) -> Found | None:
    """Look at claimed edges that leave nothing."""
    for broken in finite.breaks(case):
        if not broken.gradient and broken.edge in EMPTY:
            told = f"The value is {broken.value} {finite.where(broken)}"
            return Found(told, broken.inputs, f"{broken.value}", broken.severity)
    wanted = case.claims.get("all_ignored_value")
    if isinstance(wanted, (int, float)):
        for inputs in edge(case, "all_ignored"):
            value = case.number(inputs)
            if value is not None and abs(value - wanted) > 1e-6:
                return Found(
                    f"With everything ignored the value is {value:.4g}, not {wanted:g}.", inputs, f"{value:.4g}"
                )
    return None
