"""The perfect prediction is not the minimum, or not at the promised value.

What it finds: a broken promise about the perfect prediction that no simpler mistake explains.
Why it matters: the optimiser settles somewhere else, or its value cannot be read.
Fix: compare the formula term by term with its source; see which constant, factor or sign moves the minimum.
"""

import math
import re

import torch

from lossmith.checker import health
from lossmith.checker.case import Case, Inputs, with_value
from lossmith.checker.found import Found

SHIFTS = (0.02, -0.02, 0.1, -0.1, 0.3, -0.3, 1.0, -1.0)
"""How far predictions are moved off the truth, in the unit of ordinary ones."""


def find(case: Case) -> Found | None:
    """Try the perfect prediction, and points that are said to be the minimum."""
    if health.promises(case):
        broken = health.breaks(case)
        if broken:
            perfect = case.perfect(case.ordinary[0]) or case.ordinary[0]
            return Found(f"{broken[0].upper()}{broken[1:]}.", perfect, broken)
        return _displaced(case) or _at(case)
    return _at(case)


def _displaced(case: Case) -> Found | None:
    """Numbers all a little too high, or too low, must not cost less than the truth."""
    perfect = case.perfect(case.ordinary[0])
    if perfect is None or any(case.arguments[place].holds != "real" for pair in case.pairs for place in pair):
        return None
    for prediction, _ in case.pairs:
        moved = {s: with_value(perfect, prediction, perfect[prediction] + s) for s in (0.0, *SHIFTS)}
        values = {step: case.number(inputs) for step, inputs in moved.items()}
        known = {step: value for step, value in values.items() if value is not None and math.isfinite(value)}
        if len(known) < len(values):
            continue
        best = min(known, key=lambda step: known[step])
        if known[best] < known[0.0] - 1e-3 * (max(known.values()) - known[best]) - 1e-9:
            name = case.arguments[prediction].name
            told = f"With `{name}` equal to its target it is {known[0.0]:.4g}, {best:g} above it {known[best]:.4g}."
            return Found(told, moved[best], f"{known[best]:.6g}; equal to the target {known[0.0]:.6g}")
    return None


def _at(case: Case) -> Found | None:
    """Read `minimum_at={name: value}` and look around it."""
    said = case.claims.get("minimum_at")
    if isinstance(said, str):
        return _told(case, said)
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


def _told(case: Case, said: str) -> Found | None:
    """Read `minimum_at="log_rate = log(count)"` and look around it."""
    names = {argument.name: place for place, argument in enumerate(case.arguments)}
    match = re.match(r"\s*(\w+)\s*=\s*(log\()?\s*(\w+)\s*\)?\s*(,|;|$)", said)
    if match is None or match[1] not in names or match[3] not in names or names[match[1]] not in case.predictions:
        return None
    place, target = names[match[1]], names[match[3]]
    least: Inputs = [x.clone() for x in case.ordinary[0]]
    if least[place].shape != least[target].shape or not least[target].is_floating_point():
        return None
    if match[2]:
        least[target] = least[target].clamp(min=1.0)
    least[place] = least[target].log() if match[2] else least[target].clone()
    best = case.number(least)
    for step in (0.5, -0.5, 2.0, -2.0):
        moved = list(least)
        moved[place] = least[place] + step
        value = case.number(moved)
        if best is not None and value is not None and value < best - 1e-6 * (1.0 + abs(best)):
            told = (
                f"At the promised minimum, {said}, it is {best:.4g}, with `{match[1]}` moved by {step:g} {value:.4g}."
            )
            return Found(told, moved, f"{value:.6g}; at the promised minimum {best:.6g}")
    return None
