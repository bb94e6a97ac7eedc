"""It is not convex in the prediction, although that is promised.

What it finds: two predictions whose midpoint costs more than their mean does.
Why it matters: guarantees that rest on convexity are void; where the curve is flat, learning stops.
Fix: drop the claim, or take the convex relative (cross-entropy on logits instead of a squared probability).
"""

from lossmith.checker.case import Case
from lossmith.checker.found import Found
from lossmith.checker.probes import numbers


def find(case: Case) -> Found | None:
    """Try many chords."""
    if case.claims.get("convex") is not True:
        return None
    for seed in range(24):
        one, other = case.draw(200 + seed), case.draw(300 + seed)
        stretch = (1.0, 4.0, 8.0)[seed % 3]
        ends = []
        for drawn in (one, other):
            inputs = [x.clone() for x in case.ordinary[seed % 4]]
            for place in case.predictions:
                free = case.arguments[place].holds in ("real", "logits", "embeddings", "log_variance")
                inputs[place] = drawn[place] * stretch if free else drawn[place]
            ends.append(inputs)
        middle = [(a + b) / 2.0 if p in case.predictions else a for p, (a, b) in enumerate(zip(*ends, strict=True))]
        values = numbers(case, (*ends, middle))
        if values is None:
            continue
        a, b, m = values
        if m > 0.5 * (a + b) + 1e-6 * (1.0 + abs(a) + abs(b)):
            told = f"Two predictions cost {a:.4g} and {b:.4g}, their midpoint {m:.4g}: more than {(a + b) / 2:.4g}."
            return Found(told, middle, f"{m:.6g}; the ends' mean is {(a + b) / 2:.6g}")
    return None
