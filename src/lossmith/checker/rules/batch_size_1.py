"""One example alone fails.

What it finds: an error, or another kind of result, for a batch of one where larger batches work.
Why it matters: the last batch of an epoch often holds one example.
Fix: name the axis: `squeeze(-1)` instead of `squeeze()`; no statistics over the batch axis without a guard.
"""

from lossmith.checker.case import Case
from lossmith.checker.found import Found

OTHERS = 6
"""Single examples that are tried: one alone may also fail for what it holds, such as no event."""


def find(case: Case) -> Found | None:
    """Call it with one example."""
    if not case.batch or case.coupled:
        return None
    claimed = "batch_size_1" in (case.claims.get("valid_edges") or ())
    inputs = case.draw(0, N=1)
    outcome = case.call(inputs)
    others = (case.call(case.draw(seed, N=1)) for seed in range(1, OTHERS))
    if outcome.error is not None and all(other.error is not None for other in others):
        told = (
            f"One example alone fails with {type(outcome.error).__name__}: {str(outcome.error).splitlines()[0][:140]}"
        )
        alone = claimed or case.promised("sample_independent") or case.claims.get("reduction") == "mean"
        return Found(told, inputs, severity="error" if alone else "warning")
    number = outcome.number
    if number is not None and number != number and claimed:
        return Found("For one example alone the value is NaN.", inputs, "nan")
    return None
