"""It is not convex in the prediction, although that is promised.

What it finds: two predictions whose midpoint costs more than their mean does.
Why it matters: guarantees that rest on convexity are void; where the curve is flat, learning stops.
Fix: drop the claim, or take the convex relative (cross-entropy on logits instead of a squared probability).
"""

from collections.abc import Iterator

import torch

from lossmith.checker.case import Case, Inputs, with_value
from lossmith.checker.found import Found
from lossmith.checker.probes import numbers


def find(case: Case) -> Found | None:
    """Try many chords: of all entries at once, then of one alone."""
    if case.claims.get("convex") is not True:
        return None
    for one, other in [*_chords(case), *_single_chords(case)]:
        middle = [
            (a + b) / 2.0 if p in case.predictions else a for p, (a, b) in enumerate(zip(one, other, strict=True))
        ]
        values = numbers(case, (one, other, middle))
        if values is None:
            continue
        a, b, m = values
        if m > 0.5 * (a + b) + 1e-6 * (1.0 + abs(a) + abs(b)):
            told = f"Two predictions cost {a:.4g} and {b:.4g}, their midpoint {m:.4g}: more than {(a + b) / 2:.4g}."
            return Found(told, middle, f"{m:.6g}; the ends' mean is {(a + b) / 2:.6g}")
    return None


def _chords(case: Case) -> Iterator[tuple[Inputs, Inputs]]:
    """Yield pairs of predictions far apart."""
    for seed in range(24):
        stretch = (1.0, 4.0, 8.0)[seed % 3]
        one, other = (_stretched(case, case.draw(start + seed), stretch) for start in (200, 300))
        inputs = case.ordinary[seed % 4]
        yield tuple(  # type: ignore[misc]
            [drawn[p] if p in case.predictions else x.clone() for p, x in enumerate(inputs)] for drawn in (one, other)
        )


def _single_chords(case: Case) -> Iterator[tuple[Inputs, Inputs]]:
    """Yield pairs that differ in one entry: a bend there is not lost among others."""
    for seed in range(24):
        inputs = case.perfect(case.ordinary[0]) if seed % 2 else case.ordinary[0]
        if inputs is None:
            continue
        for place in case.predictions:
            x = inputs[place]
            if case.arguments[place].holds in ("simplex", "log_probabilities", "unit", "boxes") or not x.numel():
                continue
            one, other = (_stretched(case, case.draw(start + seed), 4.0)[place] for start in (400, 500))
            entry = torch.arange(x.numel()).reshape(x.shape) == (7 * seed) % x.numel()
            yield tuple(  # type: ignore[misc]
                with_value(inputs, place, torch.where(entry, end, x)) for end in (one, other)
            )


def _stretched(case: Case, drawn: Inputs, stretch: float) -> Inputs:
    free = ("real", "logits", "embeddings", "log_variance")
    return [stretch * x if a.holds in free else x for a, x in zip(case.arguments, drawn, strict=True)]
