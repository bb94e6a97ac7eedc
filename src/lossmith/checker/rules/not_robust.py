"""Outliers dominate, although bounded influence is promised.

What it finds: a gradient that keeps growing with the error.
Why it matters: one gross error steers the fit.
Fix: large errors belong on the linear branch; check which branch is taken where.
"""

from lossmith.checker.case import Case
from lossmith.checker.found import Found


def find(case: Case) -> Found | None:
    """Compare the pull of an error of 10 with that of 100 and 1000."""
    if not case.promised("robust"):
        return None
    for prediction, target in case.pairs:
        if case.arguments[target].integer or case.arguments[prediction].holds not in ("real", "positive", "logits"):
            continue
        sizes = []
        for far in (10.0, 100.0, 1000.0):
            inputs = [x.clone() for x in case.ordinary[0]]
            start = case.perfect(inputs)
            if start is None:
                return None
            inputs[prediction] = start[prediction].clone()
            inputs[prediction].view(-1)[0] += far
            _, gradient = case.gradient(inputs, prediction)
            sizes.append(0.0 if gradient is None else float(gradient.abs().max()))
        if sizes[1] > 3.0 * sizes[0] > 0.0 or sizes[2] > 3.0 * sizes[1] > 0.0:
            told = f"An error of 10, 100, 1000 pulls with {sizes[0]:.3g}, {sizes[1]:.3g}, {sizes[2]:.3g}."
            pulls = f"up to {sizes[2]:.3g}; with 100 in place of 1000 {sizes[1]:.3g}"
            return Found(told, inputs, pulls, wrt=prediction)
    return None
