"""The perfect prediction is not the minimum, or not at the promised value.

What it finds: a broken promise about the perfect prediction that no simpler mistake explains.
Why it matters: the optimiser settles somewhere else, or its value cannot be read.
Fix: compare the formula term by term with its source; see which constant, factor or sign moves the minimum.
"""

import torch

from lossmith.checker import health
from lossmith.checker.case import Case, Inputs
from lossmith.checker.found import Found


def find(case: Case) -> Found | None:
    """Try the perfect prediction, and points that are said to be the minimum."""
    if health.promises(case):
        broken = health.breaks(case)
        if broken:
            perfect = case.perfect(case.ordinary[0]) or case.ordinary[0]
            return Found(f"{broken[0].upper()}{broken[1:]}.", perfect, broken)
    return _at(case)


def _at(case: Case) -> Found | None:
    """Read `minimum_at={name: value}` and look around it."""
    said = case.claims.get("minimum_at")
    if not isinstance(said, dict):
        return None
    names = {argument.name: place for place, argument in enumerate(case.arguments)}
    least: Inputs = [x.clone() for x in case.ordinary[0]]
    for name, value in said.items():
        if name not in names or not isinstance(value, (int, float)):
            return None
        least[names[name]] = torch.full_like(least[names[name]], float(value))
    best = case.number(least)
    if best is None:
        return None
    promised = case.claims.get("minimum_value")
    if isinstance(promised, (int, float)) and abs(best - promised) > 1e-4 * (1.0 + abs(best)):
        return Found(f"At the promised minimum the value is {best:.4g}, not {promised:g}.", least, f"{best:.6g}")
    for name in said:
        for step in (0.5, -0.5, 1.4, -1.4, 3.0, -3.0):
            moved = list(least)
            moved[names[name]] = least[names[name]] + step
            value = case.number(moved)
            if value is not None and value < best - 1e-6 * (1.0 + abs(best)):
                told = f"At the promised minimum it is {best:.4g}, with `{name}` moved by {step:g} {value:.4g}."
                return Found(told, moved, f"{value:.6g}; at the promised minimum {best:.6g}")
    return None
