"""The value jumps.

What it finds: two predictions that all but agree, with clearly different values.
Why it matters: at the jump the gradient says nothing of the step that is there.
Fix: make the branches meet: at the threshold both must give one value.
"""

import itertools

from lossmith.checker.case import Case, Inputs
from lossmith.checker.found import Found
from lossmith.checker.probes import path, scale
from lossmith.finding import Severity

STEEP = 1e-6
"""Share of a value that even a steep slope may still move it by at the end of the halving."""


def find(case: Case) -> Found | None:
    """Halve towards the largest change along paths, as long as it stays."""
    if not case.promised("continuous", "differentiable", "robust", "convex", "monotone"):
        return None
    room = 1e-3 * scale(case) + 1e-9
    for inputs in case.ordinary[:3]:
        # The very ends are left out: a probability of exactly 0 or 1 is an edge of its own.
        steps = [moved for _, moved in path(case, inputs, 41)[1:-1]] + _between(case, inputs)
        for left, right in itertools.pairwise(steps):
            jump = _jump(case, left, right, room)
            if jump is not None:
                low, high, at = jump
                told = f"The value jumps from {low:.4g} to {high:.4g} between predictions that differ by 1e-9."
                # A loss that only should never fall may jump upwards; one that says so, where it is not differentiable.
                smooth = case.promised("continuous", "differentiable", "convex") or (
                    case.promised("robust") and case.claims.get("differentiable") is not False
                )
                severity: Severity = "error" if smooth else "warning"
                return Found(told, at, f"{low:.6g} on one side, {high:.6g} on the other", severity)
    return None


def _between(case: Case, inputs: Inputs) -> list[Inputs]:
    other = case.ordinary[-1]
    found = []
    for step in range(21):
        share = step / 20.0
        found.append([
            (1.0 - share) * a + share * b if p in case.predictions else a
            for p, (a, b) in enumerate(zip(inputs, other, strict=True))
        ])  # fmt: skip
    return found


def _jump(case: Case, left: Inputs, right: Inputs, room: float) -> tuple[float, float, Inputs] | None:
    low, high = case.number(left), case.number(right)
    if low is None or high is None or low != low or high != high:
        return None
    for _ in range(34):
        if abs(high - low) <= max(room, STEEP * max(abs(low), abs(high))):
            return None
        middle = [
            (a + b) / 2.0 if p in case.predictions else a for p, (a, b) in enumerate(zip(left, right, strict=True))
        ]
        value = case.number(middle)
        if value is None or value != value:
            return None
        if abs(value - low) >= abs(high - value):
            right, high = middle, value
        else:
            left, low = middle, value
    return low, high, left
