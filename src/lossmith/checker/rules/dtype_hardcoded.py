"""A fixed precision.

What it finds: an error, or a value of another type, for a floating-point type the loss is said to take.
Why it matters: it fails under double precision, bfloat16 or autocast, or silently costs speed and memory.
Fix: make constants with the input's type: `torch.ones_like(x)`, `weight.to(x)`, `one_hot(...).to(x.dtype)`.
"""

import torch

from lossmith.checker.case import Case, Inputs, Outcome
from lossmith.checker.found import Found


def find(case: Case) -> Found | None:
    """Call the loss in each precision."""
    claimed = [str(name) for name in case.claims.get("dtypes") or ()]
    kept = case.promised("dtype_preserved")
    for name in dict.fromkeys([*claimed, *(["float32", "float64"] if not claimed else [])]):
        dtype = getattr(torch, name.removeprefix("torch."), None)
        if not isinstance(dtype, torch.dtype):
            continue
        inputs = case.draw(0, dtype)
        outcome = case.call(inputs)
        if outcome.error is not None and not claimed:
            outcome = _cast(case, inputs, dtype)
        if outcome.error is not None and "not implemented for" in str(outcome.error):
            continue  # torch's own gap on this device
        if outcome.error is not None:
            told = f"In {name} it fails: {str(outcome.error).splitlines()[0][:160]}"
            return Found(told, inputs, severity="error" if claimed else "warning")
        if kept and outcome.value is not None and outcome.value.dtype != dtype:
            return Found(f"In {name} the value is {outcome.value.dtype}.", inputs)
    return None


def _cast(case: Case, inputs: Inputs, dtype: torch.dtype) -> Outcome:
    """Call the loss cast to the precision, as a module is with its model."""
    loss = case.make()
    return case.call(inputs, loss.to(dtype) if isinstance(loss, torch.nn.Module) else loss)
