"""A documented parameter does nothing, the opposite, or another's work.

What it finds: a hyperparameter whose change leaves the value as it is, or moves it the other way than documented; costs
of false positives and misses that are exchanged.
Why it matters: tuning it tunes nothing.
Fix: use the parameter where the value is computed, and pass parameters by name.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import torch

from lossmith.checker import weights
from lossmith.checker.case import Case
from lossmith.checker.found import Found

SIZES = "larger|bigger|higher|smaller|lower"


def find(case: Case) -> Found | None:
    """Change each documented parameter; compare the price of both mistakes."""
    documented = case.claims.get("params") or {}
    for name, effect in documented.items() if isinstance(documented, dict) else ():
        found = (
            _dead(case, str(name))
            or _opposite(case, str(name), str(effect))
            or _roles(case, str(name), str(effect))
            or _sides(case, str(name), str(effect))
        )
        if found:
            return found
    return _prices(case) or _exchanged(case)


def _dead(case: Case, name: str) -> Found | None:
    value = case.parameters.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    kept = False
    for other in (0.5 * value + 0.1, 2.0 * value + 0.2):
        loss = case.changed(name, other)
        if loss is None:
            return None
        for inputs in _points(case):
            before, after = case.number(inputs), case.number(inputs, loss)
            if before is None or after is None or before != before:
                continue
            kept = True
            if abs(before - after) > 1e-12 * (1.0 + abs(before)):
                return None
    if not kept:
        return None
    return Found(f"Changing `{name}` changes nothing.", case.ordinary[0], f"the same for every other {name}")


def _points(case: Case) -> list[list[torch.Tensor]]:
    wrong = [moved for moved in (case.perfect(inputs, 0.7) for inputs in case.ordinary[:2]) if moved is not None]
    return [*case.ordinary, *wrong]


def _opposite(case: Case, name: str, effect: str) -> Found | None:
    """Read "larger NAME gives a larger loss"."""
    said, value = effect.lower(), case.parameters.get(name)
    match = re.search(rf"\b({SIZES})\b.*\b({SIZES}) (loss|value)", said)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or match is None:
        return None
    way = 1.0 if (match[1] in ("smaller", "lower")) == (match[2] in ("smaller", "lower")) else -1.0
    loss = case.changed(name, value + 0.3 * way * max(abs(value), 0.5))
    pairs = [(case.number(inputs), case.number(inputs, loss)) for inputs in case.ordinary]
    if all(a is not None and b is not None and b < a - 1e-9 for a, b in pairs):
        return Found(f"`{name}` moves the loss the other way than documented: {effect}.", case.ordinary[0])
    return None


def _roles(case: Case, name: str, effect: str) -> Found | None:
    """Read "weight of class 1" and "weight of the positive class"."""
    said, value = effect.lower(), case.parameters.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0.0:
        return None
    loss = case.changed(name, 0.5 * value)
    if loss is None or not re.search(r"weight (of|on|for) (the )?(class 1|positives?)", said):
        return None
    before, after = weights.ratio(case), weights.ratio(replace(case, make=partial(_same, loss)))
    if before and after and 1 in before and after[1] >= before[1] * (1.0 - 1e-6):
        told = f"With half of `{name}` class 1 pulls {after[1]:.3g} against class 0, before {before[1]:.3g}: no less."
        return Found(told, case.ordinary[0], told)
    return None


def _sides(case: Case, name: str, effect: str) -> Found | None:
    """Read "for negatives" and "for positives".

    It must not act on the other kind alone.
    """
    said, value = effect.lower(), case.parameters.get(name)
    words = ((0.0, "negative"), (1.0, "positive"))
    kinds = [kind for kind, word in words if re.search(rf"\b(of|on|for|to) (?!false)(\w+ )?{word}s?\b", said)]
    if len(kinds) != 1 or len(case.pairs) != 1 or isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    target = case.pairs[0][1]
    loss = case.changed(name, 0.5 * value + 0.1)
    if case.arguments[target].holds != "binary01" or loss is None:
        return None
    acts = {}
    for kind in (0.0, 1.0):
        inputs = [torch.full_like(x, kind) if place == target else x for place, x in enumerate(case.ordinary[0])]
        before, after = case.number(inputs), case.number(inputs, loss)
        if before is None or after is None or before != before:
            return None
        acts[kind] = abs(before - after) > 1e-9 * (1.0 + abs(before))
    if acts[kinds[0]] or not acts[1.0 - kinds[0]]:
        return None
    told = f"`{name}` acts on labels of {1.0 - kinds[0]:g} only; documented is: {effect}."
    return Found(told, case.ordinary[0], told)


def _prices(case: Case) -> Found | None:
    """Compare what a false positive and a miss cost with what is promised."""
    extra, missed = case.claims.get("fp_cost"), case.claims.get("fn_cost")
    if not isinstance(extra, (int, float)) or not isinstance(missed, (int, float)) or len(case.pairs) != 1:
        return None
    prediction, target = case.pairs[0]
    inputs = [x.clone() for x in case.ordinary[0]]
    if case.arguments[target].holds != "binary01" or case.batch_axes[target] != 0:
        return None
    inputs = case.rows(inputs, [0])
    flat = inputs[target].view(-1)
    flat[: flat.numel() // 2], flat[flat.numel() // 2 :] = 1.0, 0.0
    perfect = case.perfect(inputs)
    opposite = case.perfect(inputs, 1.0)
    if perfect is None or opposite is None or flat.numel() < 4:
        return None
    values = []
    for entry in (flat.numel() - 1, 0):  # one false positive, one miss
        moved = list(perfect)
        moved[prediction] = perfect[prediction].clone()
        moved[prediction].view(-1)[entry] = opposite[prediction].reshape(-1)[entry]
        values.append(case.number(moved))
    if values[0] is None or values[1] is None or (values[0] - values[1]) * (extra - missed) >= 0:
        return None
    told = f"A false positive costs {values[0]:.4g} and a miss {values[1]:.4g}; promised are {extra:g} and {missed:g}."
    return Found(told, perfect, told)


def _exchanged(case: Case) -> Found | None:
    """See whether two documented numbers, exchanged, give the promised class weights."""
    promised = weights.wanted(case)
    names = [n for n in (case.claims.get("params") or {}) if isinstance(case.parameters.get(n), (int, float))]
    found = weights.ratio(case)
    if promised is None or found is None or len(names) < 2 or weights.matches(found, promised):
        return None
    for one in names:
        for other in names:
            if one >= other:
                continue
            loss = case.make()
            try:
                setattr(loss, one, case.parameters[other])
                setattr(loss, other, case.parameters[one])
            except (AttributeError, TypeError):
                continue
            swapped = Case(partial(_same, loss), case.signature, case.claims, case.seed, case.name)
            again = weights.ratio(swapped)
            if again is not None and weights.matches(again, promised):
                return Found(f"`{one}` and `{other}` are exchanged: each does what the other is for.", case.ordinary[0])
    return None


def _same(loss: Callable[..., Any]) -> Callable[..., Any]:
    return loss
