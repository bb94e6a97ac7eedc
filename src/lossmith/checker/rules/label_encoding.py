"""Targets are coded differently from what the formula needs.

What it finds: a loss that keeps its promises only if labels are recoded: -1 and 1 for 0 and 1, one-hot for
class numbers.
Why it matters: one class is not learned at all, or the order of the class numbers decides.
Fix: recode the target inside the loss.
"""

import torch

from lossmith.checker import meaning
from lossmith.checker.case import Case, with_value
from lossmith.checker.found import Found
from lossmith.checker.probes import numbers, scaled


def find(case: Case) -> Found | None:
    """Try the changes to the inputs that would mend it; look for a deaf class."""
    return meaning.found(case, "label-encoding") or _deaf(case)


def _deaf(case: Case) -> Found | None:
    """Examples labelled 0 have a cost, and no score changes it."""
    if len(case.pairs) != 1 or case.arguments[case.pairs[0][1]].holds != "binary01":
        return None
    prediction, target = case.pairs[0]
    if case.arguments[prediction].holds not in ("logits", "real"):
        return None  # a margin is of scores
    heard = {}
    for label in (0.0, 1.0):
        drawn = [with_value(x, target, torch.full_like(x[target], label)) for x in case.ordinary]
        tries = [moved for inputs in drawn for moved in (inputs, *scaled(case, inputs, prediction))]
        values = numbers(case, tries)
        if values is None:
            return None
        heard[label] = max(values) - min(values), abs(values[0]), drawn[0]
    moves, cost, inputs = heard[0.0]
    if moves > 1e-9 or cost < 1e-6 or heard[1.0][0] < 1e-3:
        return None
    name = case.arguments[target].name
    told = f"Where `{name}` is 0 the value is {cost:.4g} whatever is predicted: labels of -1 and 1 seem to be meant."
    return Found(told, inputs, f"{cost:.6g}, for any prediction", fix=f"pass 2 * {name} - 1, or rewrite for 0 and 1")
