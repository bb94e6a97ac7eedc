"""A mode is left switched: evaluation instead of training, or no gradients.

What it finds: from the second step on the model runs in evaluation mode; or gradients are off after a step.
Why it matters: dropout and batch normalisation no longer train; or the caller's next backward fails.
Fix: call `model.train()` at the start of the step; use `with torch.no_grad():` instead of `set_grad_enabled(False)`.
"""

from typing import Any

from torch import nn

from lossmith.checker.found import Found
from lossmith.checker.step import StepCase


def find(case: StepCase) -> Found | None:
    """Look at the modes in the second step."""
    setup = case.setup()
    run = case.calls(setup)
    if not run.gradients:
        code = case.witness(setup, "STEP", "print(torch.is_grad_enabled())  # False")
        return Found("After the step gradients are switched off for the whole program.", code=code)
    seen: list[bool] = []

    def note(module: nn.Module, inputs: Any) -> None:
        seen.append(module.training)

    run.model.register_forward_pre_hook(note)
    case.calls(setup, 1, run)
    if not seen or any(seen):
        return None
    code = case.witness(
        setup,
        "model.register_forward_pre_hook(lambda module, inputs: print(module.training))",
        "for _ in range(2):",
        "    STEP  # prints False in the second step",
    )
    return Found("The second step runs the model in evaluation mode.", severity="warning", code=code)
