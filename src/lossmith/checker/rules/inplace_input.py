"""An argument is changed by the call.

What it finds: a tensor of the caller that differs after the call.
Why it matters: the next use of the batch (a metric, a second loss, the next epoch) sees other data.
Fix: work on a copy: `masked_fill` instead of `masked_fill_`, `x = x + y` instead of `x += y`.
"""

import torch

from lossmith.checker.case import Case
from lossmith.checker.found import Found


def find(case: Case) -> Found | None:
    """Compare the arguments before and after."""
    for inputs in case.ordinary[:2]:
        given = [x.clone() for x in inputs]
        case.call(given)
        for argument, before, after in zip(case.arguments, inputs, given, strict=True):
            if not torch.equal(before, after):
                return Found(
                    f"`{argument.name}` is changed by the call.", inputs, f"afterwards `{argument.name}` differs"
                )
    return None
