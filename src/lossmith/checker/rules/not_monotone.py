"""A worse prediction costs less than a better one.

What it finds: a value that falls on the way from right to wrong, though it starts at its minimum.
Why it matters: past that point the optimiser drives predictions further off.
Fix: continue the formula beyond the point where it turns, often linearly.
"""

import itertools

from lossmith.checker.case import Case, Inputs
from lossmith.checker.found import Found
from lossmith.checker.probes import numbers, path


def find(case: Case) -> Found | None:
    """Walk from right to wrong in small steps."""
    if not case.promised("monotone"):
        return None
    for inputs in case.ordinary[:3]:
        for steps in (path(case, inputs, 41), _gentle(case, inputs)):
            values = numbers(case, (moved for _, moved in steps))
            if not values:
                continue
            size = max(values) - min(values)
            for (_, worse), (before, after) in zip(steps[1:], itertools.pairwise(values), strict=True):
                if after < before - 1e-4 * size - 1e-9:
                    told = f"On the way from right to wrong the value falls from {before:.4g} to {after:.4g}."
                    return Found(told, worse, f"{after:.6g}; a little nearer to the truth {before:.6g}")
    return None


def _gentle(case: Case, inputs: Inputs) -> list[tuple[float, Inputs]]:
    """Walk in the scores as they are: a tenth of the way that certainty takes."""
    perfect = case.perfect(inputs)
    if perfect is None or not any(case.arguments[p].holds in ("logits", "real") for p in case.predictions):
        return []
    opposite = case.perfect(inputs, 1.0)
    if opposite is None:
        return []
    found = []
    for step in range(41):
        share = step / 40.0
        moved = list(perfect)
        for place in case.predictions:
            if case.class_axis(place) is not None or case.arguments[place].holds == "logits":
                moved[place] = ((1.0 - share) * perfect[place] + share * opposite[place]) * 0.1
                if case.class_axis(place) is not None:  # the right class alone sinks
                    moved[place] = (1.0 - 2.0 * share) * perfect[place] * 0.1
        found.append((share, moved))
    return found
