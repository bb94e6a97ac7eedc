"""A weight enters with the wrong size.

What it finds: an example's pull that is not proportional to its sample weight, or classes whose pulls are neither the
promised weights nor those of other classes.
Why it matters: weights applied twice count squared; applied to a part they hardly count.
Fix: multiply the per-example loss by its weight once, then reduce.
"""

import itertools

import torch

from lossmith.checker import weights
from lossmith.checker.case import Case
from lossmith.checker.found import Found
from lossmith.checker.probes import pulls


def find(case: Case) -> Found | None:
    """Double the weight of one example; then look at the classes."""
    return _sample(case) or _labels(case) or _classes(case)


def _labels(case: Case) -> Found | None:
    claimed = case.claims.get("class_weights_per_label")
    found = weights.per_label(case) if isinstance(claimed, (dict, list, tuple)) else None
    if found is None or not isinstance(claimed, (dict, list, tuple)):
        return None
    pairs = claimed.items() if isinstance(claimed, dict) else enumerate(claimed)
    promised = {int(k): float(v) for k, v in pairs if isinstance(v, (int, float))}
    whole = weights.of_labels(case)  # the other reading: a label's weight holds for yes and no
    if not promised or weights.matches(found, promised) or (whole and weights.matches(whole, promised)):
        return None
    told = f"A yes pulls against a no, label by label, {weights.told(found)}; promised are {weights.told(promised)}."
    return Found(told, case.ordinary[0], told)


def _sample(case: Case) -> Found | None:
    places = case.signature.places("weight")
    if not places or not case.batch or case.claims.get("sample_weight") in (None, False):
        return None
    for place in places:
        if case.batch_axes[place] != 0:
            continue
        for prediction, one in itertools.product(case.predictions, (0, -1)):  # targets of both kinds
            inputs = [x.clone() for x in case.ordinary[0]]
            inputs[place] = torch.ones_like(inputs[place])
            before = pulls(case, inputs, prediction)
            inputs[place][one] = 3.0
            after = pulls(case, inputs, prediction)
            if before is None or after is None or not bool((before > 0).all()):
                continue
            factor = float(after[one] / before[one] / (after[1] / before[1]))
            if abs(factor - 3.0) > 0.02:
                told = f"Three times the weight makes an example pull {factor:.3g} times as strongly, not 3 times."
                return Found(told, inputs, told)
    return None


def _classes(case: Case) -> Found | None:
    found, promised = weights.ratio(case), weights.wanted(case)
    if found is None or promised is None or weights.matches(found, promised):
        return None
    told = f"Weights against class 0 are {weights.told(found)}; promised are {weights.told(promised)}."
    return Found(told, case.ordinary[0], f"pulls of the classes: {weights.told(found)}")
