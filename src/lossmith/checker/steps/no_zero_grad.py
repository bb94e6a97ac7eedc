"""Gradients are not reset between steps.

What it finds: a second step that moves the parameters elsewhere than the same step with cleared gradients does.
Why it matters: each step adds all earlier gradients to its own: the path is that of a strong, unbounded momentum, and
the same learning rate soon overshoots.
Fix: call `optimizer.zero_grad()` once in each step, before `backward()` or after `step()`.
"""

import torch
from torch import Tensor

from lossmith.checker.found import Found
from lossmith.checker.step import Setup, StepCase


def find(case: StepCase) -> Found | None:
    """Take two steps, with and without clearing the gradients between them."""
    for setup in case.setups()[:4]:
        kept, cleared = _second(case, setup, clear=False), _second(case, setup, clear=True)
        if kept is None or cleared is None:
            return None
        gap = max(float((a - b).abs().max()) for a, b in zip(kept, cleared, strict=True))
        if not gap > 1e-4 * max(float(a.abs().max()) for a in cleared):
            return None
    body = "\n".join(f"    {line}" for line in setup.code.splitlines()[1:])
    lines = ("STEP", "if clear:", "    model.zero_grad()", "STEP",
             "print(clear, next(model.parameters()))  # would be the same twice")  # fmt: skip
    code = "\n".join(
        ["import torch", "for clear in (False, True):", body, *(f"    {x.replace('STEP', case.call())}" for x in lines)]
    )
    told = f"The second step also follows the gradient of the first: it ends {gap:.3g} from where its own would lead."
    return Found(told, code=code)


def _second(case: StepCase, setup: Setup, *, clear: bool) -> list[Tensor] | None:
    run = case.aligned(setup)
    if not case.until_moved(setup, run):
        return None
    if clear:
        run.model.zero_grad()
    torch.manual_seed(setup.seed)
    return run.parameters() if case.until_moved(setup, run) else None
