"""The parts of a combined loss are reduced differently.

What it finds: a value that, when the batch is repeated, neither stays nor doubles: one part is summed, one averaged.
Why it matters: the balance between the parts changes with the batch size.
Fix: one reduction for all parts, then weights.
"""

import torch

from lossmith.checker.case import Case
from lossmith.checker.found import Found
from lossmith.checker.probes import numbers


def find(case: Case) -> Found | None:
    """Repeat the batch once and twice."""
    if not case.promised("components") or not case.batch or case.coupled:
        return None
    inputs = case.ordinary[0]
    repeated = (
        [x if a is None else torch.cat([x] * k, a) for x, a in zip(inputs, case.batch_axes, strict=True)]
        for k in (1, 2, 3)
    )
    values = numbers(case, repeated)
    if values is None:
        return None
    one, two, three = values
    room = 1e-5 * (1.0 + abs(two))
    straight = abs((three - two) - (two - one)) <= room  # a mean and a sum: linear in the repeats, but not through 0
    if straight and abs(two - one) > room and abs(two - 2.0 * one) > room:
        told = f"Repeating the batch takes {one:.4g} to {two:.4g}: {two - one:.4g} of it is summed, the rest averaged."
        return Found(told, inputs, f"{one:.6g}; with every example twice {two:.6g}")
    return None
