"""What a loss takes its inputs for, told by the change that mends it."""

from dataclasses import replace

import torch

from lossmith.checker import health
from lossmith.checker.case import Case
from lossmith.checker.found import Found


def found(case: Case, rule: str) -> Found | None:
    """Return the fault of this rule, if the change that mends it is of its kind."""
    if not health.promises(case):
        return _asked(case) if rule == "double-softmax" and not case.claims else None
    broken = health.breaks(case)
    if not broken:
        return None
    repair = health.mending(case)
    perfect = case.perfect(case.ordinary[0]) or case.ordinary[0]
    if repair is not None:
        if repair.rule != rule:
            return None
        return Found(f"{repair.words[0].upper()}{repair.words[1:]}: {broken}.", perfect, broken, fix=repair.fix)
    if rule == "double-softmax" and _squeezed(case) is not None:
        told = f"However certain the scores, {broken}: they seem to pass through an activation twice."
        return Found(told, perfect, broken)
    return None


FLOOR = 0.1
"""What a certain, right prediction costs beside a wrong one, as a share, before it is asked why."""


def _asked(case: Case) -> Found | None:
    """Ask why certainty costs so much, where nothing is promised.

    Two activations would do that.
    """
    ends = _squeezed(case)
    if ends is not None and ends[0] > FLOOR * (ends[1] - ends[0]):
        told = (
            f"However certain the scores, a right prediction costs {ends[0]:.4g} and a wrong one {ends[1]:.4g}, as if "
            "they passed through an activation twice. Are the scores logits when the inner loss gets them?"
        )
        return Found(told, case.perfect(case.ordinary[0]), f"{ends[0]:.6g}", "note")
    promised = replace(case, claims={"minimum_value": 0.0})
    repair = health.mending(promised) if health.breaks(promised) else None
    perfect = case.perfect(case.ordinary[0])
    best = None if perfect is None else case.number(perfect)
    if repair is None or repair.rule != "double-softmax" or best is None:
        return None
    told = f"A certain, right prediction costs {best:.4g}: {repair.words}. Are the scores logits?"
    return Found(told, perfect, f"{best:.6g}", "note", fix=f"Pass logits, or {repair.fix}.")


def _squeezed(case: Case) -> tuple[float, float] | None:
    """Return what certain scores cost, right and wrong, where both ends saturate.

    Ever larger scores then change nothing.

    Scores that pass through one activation are still told apart by the logarithm behind it: a wrong one costs ever
    more. After a second activation neither end moves.
    """
    for prediction, _ in case.pairs:
        if case.arguments[prediction].holds != "logits":
            return None
        ends = []
        for share in (0.0, 1.0):
            values = []
            for size in (1.0, 10.0):
                moved = case.perfect(case.ordinary[0], share)
                if moved is None:
                    return None
                moved[prediction] = size * moved[prediction]
                values.append(case.number(moved))
            if values[0] is None or values[1] is None or abs(values[0] - values[1]) > 1e-6 * (1.0 + abs(values[0])):
                return None
            ends.append(values[0])
        steps = [case.number(case.perfect(case.ordinary[0], s) or []) for s in (0.45, 0.5, 0.55)]
        apart = ends[1] > ends[0] + 1e-3 and all(v is not None and torch.isfinite(torch.tensor(v)) for v in steps)
        return (ends[0], ends[1]) if apart else None
    return None
