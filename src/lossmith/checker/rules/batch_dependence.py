"""An example's loss depends on who shares its batch.

What it finds: a batch whose value is not the mean (or sum) of its examples' values, where each is promised to stand for
itself, or tokens that count differently by how they are cut into sequences.
Why it matters: the loss changes with the batch size and the shuffle, and validation differs from training.
Fix: compute per example first, reduce last.
"""

import math

from lossmith.checker.case import Case
from lossmith.checker.found import Found
from lossmith.checker.probes import numbers


def find(case: Case) -> Found | None:
    """Compare a batch with its examples one by one."""
    if not case.promised("sample_independent") or not case.batch:
        return None
    for inputs in case.ordinary:
        found = numbers(case, [inputs, *(case.rows(inputs, [i]) for i in range(case.batch))])
        if found is None:
            return None
        whole, total = found[0], math.fsum(found[1:])
        room = 1e-6 * (1.0 + abs(whole))
        if min(abs(whole - total), abs(whole - total / case.batch)) > room:
            told = f"The batch gives {whole:.5g}, its examples one by one {total / case.batch:.5g} on average."
            return Found(told, inputs, f"{whole:.6g}; the mean of its examples is {total / case.batch:.6g}")
    return None
