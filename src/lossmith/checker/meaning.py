"""What a loss takes its inputs for, told by the change that mends it."""

import torch

from lossmith.checker import health
from lossmith.checker.case import Case
from lossmith.checker.found import Found


def found(case: Case, rule: str) -> Found | None:
    """Return the fault of this rule, if the change that mends it is of its kind."""
    if not health.promises(case):
        return None
    broken = health.breaks(case)
    if not broken:
        return None
    repair = health.mending(case)
    perfect = case.perfect(case.ordinary[0]) or case.ordinary[0]
    if repair is not None:
        if repair.rule != rule:
            return None
        return Found(f"{repair.words[0].upper()}{repair.words[1:]}: {broken}.", perfect, broken, fix=repair.fix)
    if rule == "double-softmax" and _squeezed(case):
        told = f"However certain the scores, {broken}: they seem to pass through an activation twice."
        return Found(told, perfect, broken)
    return None


def _squeezed(case: Case) -> bool:
    """Whether ever larger scores, right or wrong, change nothing: both ends saturate.

    Scores that pass through one activation are still told apart by the logarithm behind it: a wrong one costs ever
    more. After a second activation neither end moves.
    """
    for prediction, _ in case.pairs:
        if case.arguments[prediction].holds != "logits":
            return False
        ends = []
        for share in (0.0, 1.0):
            values = []
            for size in (1.0, 10.0):
                moved = case.perfect(case.ordinary[0], share)
                if moved is None:
                    return False
                moved[prediction] = size * moved[prediction]
                values.append(case.number(moved))
            if values[0] is None or values[1] is None or abs(values[0] - values[1]) > 1e-6 * (1.0 + abs(values[0])):
                return False
            ends.append(values[0])
        steps = [case.number(case.perfect(case.ordinary[0], s) or []) for s in (0.45, 0.5, 0.55)]
        return ends[1] > ends[0] + 1e-3 and all(v is not None and torch.isfinite(torch.tensor(v)) for v in steps)
    return False
