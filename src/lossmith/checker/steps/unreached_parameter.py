"""A parameter stays as it is, while others learn.

What it finds: a parameter of the model that no step changes: it gets no gradient, or is not updated with it.
Why it matters: a part of the model stays at its random start.
Fix: keep the forward pass out of `no_grad` and free of `detach`; update all of `model.parameters()`.
"""

import torch
from torch import Tensor

from lossmith.checker.found import Found
from lossmith.checker.step import MODELS, MOST_CALLS, Run, StepCase


def find(case: StepCase) -> Found | None:
    """Look which parameters move, and whether a gradient arrives at the others."""
    for network in MODELS:
        setup = case.setup(network=network)
        run = setup.build()
        before, names = run.parameters(), [name for name, _ in run.model.named_parameters()]
        sizes = _watched(run)
        case.calls(setup, MOST_CALLS, run)
        moved = run.moved(before)
        still = [name for name, has in zip(names, moved, strict=True) if not has]
        # A gradient of 0 may be right: the bias under a loss that does not change when all scores move together.
        still = [name for name in still if name not in sizes or sizes[name] > 0.0]
        if not still or not any(moved):
            continue
        frozen = [name for name, p in run.model.named_parameters() if not p.requires_grad]
        why = "gets a gradient and is not updated" if still[0] in sizes else "never gets a gradient"
        code = case.witness(
            setup,
            "before = {name: p.detach().clone() for name, p in model.named_parameters()}",
            f"for _ in range({MOST_CALLS}):",
            "    STEP",
            "print([name for name, p in model.named_parameters() if torch.equal(p, before[name])])"
            f"  # {', '.join(still)}",
        )
        told = f"In {network} `{still[0]}` {why}, while {sum(moved)} of {len(moved)} parameters are trained."
        return Found(told, severity="warning" if still[0] in frozen else "error", code=code)
    return None


def _watched(run: Run) -> dict[str, float]:
    """Return where the largest gradient that arrives at each parameter will be noted."""
    sizes: dict[str, float] = {}
    for name, parameter in run.model.named_parameters():

        def note(gradient: Tensor, name: str = name) -> None:
            with torch.no_grad():
                sizes[name] = max(sizes.get(name, 0.0), float(gradient.abs().max()))

        parameter.register_hook(note)  # type: ignore[no-untyped-call]
    return sizes
