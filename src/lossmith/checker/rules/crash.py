"""The loss raises an error on inputs it is meant for.

What it finds: an exception on ordinary inputs of the declared kind, or where the declared input allows it.
Why it matters: training stops at the first such batch, often hours in.
Fix: make the call below work; the message says where it stops.
"""

from lossmith.checker import health
from lossmith.checker.case import Case, Inputs, Outcome
from lossmith.checker.edges import edge
from lossmith.checker.found import Found


def find(case: Case) -> Found | None:
    """Call the loss on ordinary inputs in both common precisions."""
    inputs = case.draw(0)
    outcome = case.call(inputs)
    if outcome.error is None:
        for other in case.ordinary[1:]:
            outcome = case.call([x.clone() for x in other], case.make())
            if outcome.error is not None:
                inputs = other
                break
    if outcome.error is not None and health.promises(case) and health.mending(case):
        return None  # it fails because the inputs are taken for something else: that is the fault
    if outcome.error is None:
        found = _at_edges(case)
        if found is None:
            return None
        inputs, outcome = found
    told = f"{type(outcome.error).__name__}: {str(outcome.error).splitlines()[0] if str(outcome.error) else ''}"
    return Found(f"A call it is meant for fails with {told[:200]}", inputs, told[:120])


def _at_edges(case: Case) -> tuple[Inputs, Outcome] | None:
    """Return the first call that fails at an edge the author calls valid.

    One example alone is another rule's.
    """
    for name in case.claims.get("valid_edges") or ():
        for inputs in edge(case, name) if name != "batch_size_1" else ():
            outcome = case.call([x.clone() for x in inputs])
            if outcome.error is not None:
                return inputs, outcome
    return None
