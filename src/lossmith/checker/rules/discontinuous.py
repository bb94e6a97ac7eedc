"""The value jumps.

What it finds: two predictions that all but agree, with clearly different values.
Why it matters: at the jump the gradient says nothing of the step that is there.
Fix: make the branches meet: at the threshold both must give one value.
"""

import itertools
import math
from collections.abc import Iterator

from lossmith.checker.case import Case, Inputs, with_value
from lossmith.checker.found import Found
from lossmith.checker.probes import path, scale
from lossmith.finding import Severity

STEEP = 1e-6
"""Share of a value that even a steep slope may still move it by at the end of the halving."""
NEAREST, FARTHEST, RATIO = 0.05, 1000.0, 1.15
"""Errors that are walked through, each larger than the one before by this ratio."""
BEND = 1e-3
"""Share of a step by which it may leave what its neighbours say, before it is looked into."""
NUMBERS = ("real", "positive", "nonneg")


def find(case: Case) -> Found | None:
    """Halve towards the largest change along paths, as long as it stays.

    Where nothing is promised only numbers are looked at: of them hardly any loss jumps on purpose.
    """
    room = 1e-3 * scale(case) + 1e-9
    promised = case.promised("continuous", "differentiable", "robust", "convex", "monotone")
    for left, right, trend in [*(_near(case) if promised else ()), *_far(case)]:
        jump = _jump(case, left, right, room, trend)
        if jump is not None:
            low, high, at = jump
            told = f"The value jumps from {low:.4g} to {high:.4g} between predictions less than 1e-8 apart."
            return Found(told, at, f"{low:.6g} on one side, {high:.6g} on the other", _severity(case))
    return None


def _severity(case: Case) -> Severity:
    """Return how grave a jump is.

    A loss that only should never fall may jump upwards; one that says so, where it is not differentiable.
    """
    smooth = case.promised("continuous", "differentiable", "convex") or (
        case.promised("robust") and case.claims.get("differentiable") is not False
    )
    return "error" if smooth else "warning"


def _near(case: Case) -> Iterator[tuple[Inputs, Inputs, float]]:
    """Yield neighbours on paths among ordinary predictions."""
    for inputs in case.ordinary[:3]:
        # The very ends are left out: a probability of exactly 0 or 1 is an edge of its own.
        steps = [moved for _, moved in path(case, inputs, 41)[1:-1]] + _between(case, inputs)
        yield from ((left, right, 0.0) for left, right in itertools.pairwise(steps))


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


def _far(case: Case) -> Iterator[tuple[Inputs, Inputs, float]]:
    """Yield neighbours on the way to large errors where the value leaves its course.

    Branches may meet far beyond ordinary errors. The third is by how much the value would change on its course.
    """
    perfect = case.perfect(case.ordinary[0])
    if perfect is None or case.claims.get("continuous") is False:
        return
    count = math.ceil(math.log(FARTHEST / NEAREST) / math.log(RATIO))
    errors = [NEAREST * RATIO**step for step in range(count + 1)]
    for prediction, target in case.pairs:
        held = case.arguments[prediction].holds, case.arguments[target].holds
        if not set(held) <= set(NUMBERS):
            continue
        for way in (1.0, -1.0) if held[0] == "real" else (1.0,):
            steps = [with_value(perfect, prediction, perfect[prediction] + way * error) for error in errors]
            values = [case.number(moved) for moved in steps]
            yield from _off_course(steps, errors, values)


def _off_course(
    steps: list[Inputs], errors: list[float], values: list[float | None]
) -> Iterator[tuple[Inputs, Inputs, float]]:
    """Yield the steps whose slope is not between those of the steps before and after."""
    slopes = [
        (b - a) / (right - left) if a is not None and b is not None and math.isfinite(b - a) else math.nan
        for (left, right), (a, b) in zip(itertools.pairwise(errors), itertools.pairwise(values), strict=True)
    ]
    for at, (before, slope, after) in enumerate(zip(slopes, slopes[1:], slopes[2:], strict=False), 1):
        width = errors[at + 1] - errors[at]
        margin = BEND * max(abs(before), abs(after), abs(slope))
        if slope > max(before, after) + margin or slope < min(before, after) - margin:
            yield steps[at], steps[at + 1], width * (before + after) / 2.0


def _jump(case: Case, left: Inputs, right: Inputs, room: float, trend: float) -> tuple[float, float, Inputs] | None:
    """Halve towards what is more than the trend; return the values beside a jump."""
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
        trend /= 2.0
        if abs(value - low - trend) >= abs(high - value - trend):
            right, high = middle, value
        else:
            left, low = middle, value
    again = case.number(left), case.number(right)
    return (low, high, left) if again == (low, high) else None  # one that remembers or draws moves by itself
