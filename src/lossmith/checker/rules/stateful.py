"""The value depends on earlier calls.

What it finds: the same call giving another value, or failing, after a first one: a buffer overwritten, a running sum.
Why it matters: training and validation disturb each other, and the order of batches changes the loss.
Fix: keep what the call computes in local names; a running statistic belongs in a buffer that only training updates.
"""

import torch

from lossmith.checker.case import Case
from lossmith.checker.found import Found
from lossmith.finding import Severity


def find(case: Case) -> Found | None:
    """Call on one batch, then on another, then on the first again."""
    if case.claims.get("stateless") is False:
        return None
    loss, (one, other) = case.make(), case.ordinary[:2]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        first = case.number(one, loss)
        case.number(other, loss)
        torch.manual_seed(5)
        outcome = case.call([x.clone() for x in one], loss)
    if first is None:
        return None
    severity: Severity = "error" if case.promised("stateless", "deterministic", "pure") else "warning"
    if outcome.error is not None:
        return Found(f"The second call fails: {str(outcome.error).splitlines()[0][:160]}", one)
    if outcome.number != first and first == first:
        told = f"After a call on other data the same inputs give {outcome.number:.6g} instead of {first:.6g}."
        return Found(told, one, severity=severity)
    return None
