"""The same inputs give different values.

What it finds: randomness inside the loss: two calls differ, and agree again once the random state is set back.
Why it matters: validation is not repeatable, and small improvements drown.
Fix: draw outside the loss, or take a generator as an argument.
"""

import torch

from lossmith.checker.case import Case
from lossmith.checker.found import Found
from lossmith.finding import Severity


def find(case: Case) -> Found | None:
    """Call twice, and twice from one random state."""
    if case.claims.get("deterministic") is False:
        return None
    inputs, loss = case.ordinary[0], case.make()
    with torch.random.fork_rng(devices=[]):
        first, second = case.number(inputs, loss), case.number(inputs, loss)
        if first is None or second is None or first == second or first != first:
            return None
        torch.manual_seed(5)
        again = case.number(inputs, loss)
        torch.manual_seed(5)
        if again != case.number(inputs, loss):
            return None  # it remembers: another rule's
    severity: Severity = "error" if case.promised("deterministic") else "warning"
    return Found(f"Two calls on the same inputs give {first:.6g} and {second:.6g}.", inputs, severity=severity)
