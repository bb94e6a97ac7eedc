"""The optimizer's learning rate has no effect.

What it finds: the same parameters after a step, whatever learning rate the optimizer has.
Why it matters: a schedule or a search over learning rates changes nothing.
Fix: call the `step` of the optimizer that was handed over, or read its rate: `optimizer.param_groups[0]["lr"]`.
"""

import torch

from lossmith.checker.found import Found
from lossmith.checker.step import StepCase

RATES = (0.1, 0.01)


def find(case: StepCase) -> Found | None:
    """Take the same step with two rates, with two kinds of optimizer."""
    for optimiser in ("SGD", "Adam"):
        ends = []
        for rate in RATES:
            setup = case.setup(optimiser=optimiser, lr=rate)
            run = case.aligned(setup)
            if not case.until_moved(setup, run):
                return None
            ends.append(run.parameters())
        if not all(torch.equal(a, b) for a, b in zip(*ends, strict=True)):
            return None
    body = [f"    {line.replace(f'lr={rate}', 'lr=lr')}" for line in case.setup(lr=rate).code.splitlines()[1:]]
    code = "\n".join([
        "import torch",
        f"for lr in {RATES}:",
        *body,
        f"    {case.call()}",
        "    print(lr, next(model.parameters()))  # the same twice",
    ])  # fmt: skip
    return Found(f"A step with a rate of {RATES[0]} ends exactly where one with {RATES[1]} does.", code=code)
