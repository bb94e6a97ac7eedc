"""The training step raises an error.

What it finds: an exception on a small network with SGD, SGD with momentum or Adam, in the first steps.
Why it matters: training stops there.
Fix: make the code below run; the message says where it stops.
"""

from lossmith.checker.found import Found
from lossmith.checker.step import MODELS, OPTIMISERS, StepCase


def find(case: StepCase) -> Found | None:
    """Run three steps with each network and optimizer."""
    for optimiser in OPTIMISERS:
        for network in MODELS:
            setup = case.setup(network=network, optimiser=optimiser, lr=0.01)
            error = case.calls(setup, 3).error
            if error is not None:
                told = f"{type(error).__name__}: {(str(error).strip().splitlines() or [''])[0]}"[:200]
                code = case.witness(setup, "for _ in range(3):", f"    STEP  # {told}")
                return Found(f"With {network} and {optimiser} it fails with {told}", code=code)
    return None
