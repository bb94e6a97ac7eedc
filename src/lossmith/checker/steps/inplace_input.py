"""The batch is changed by the step.

What it finds: inputs or targets that differ after the step.
Why it matters: the next epoch, a second model or a metric sees other data.
Fix: work on a copy: `x = x + noise` instead of `x += noise`.
"""

import torch

from lossmith.checker.found import Found
from lossmith.checker.step import StepCase


def find(case: StepCase) -> Found | None:
    """Compare the batch before and after."""
    setup = case.setup()
    run = setup.build()
    before = {"x": run.x.clone(), "y": run.y.clone()}
    case.calls(setup, 2, run)
    for name, was in before.items():
        if not torch.equal(was, getattr(run, name)):
            code = case.witness(setup, f"before = {name}.clone()", "for _ in range(2):", "    STEP",
                                f"print(torch.equal({name}, before))  # False")  # fmt: skip
            what = "inputs" if name == "x" else "targets"
            return Found(f"The {what} of the batch are changed by the step.", code=code)
    return None
