"""Global state is changed.

What it finds: the gradient mode, default dtype, number of threads, or the seed differ after a call.
Why it matters: the change outlives the loss: validation records graphs, other randomness repeats itself.
Fix: use the context managers `torch.no_grad()`, `torch.random.fork_rng()`.
"""

import random

import numpy as np
import torch

from lossmith.checker.case import Case
from lossmith.checker.found import Found
from lossmith.checker.state import kept


def find(case: Case) -> Found | None:
    """Compare before and after, from states that the loss cannot have left."""
    inputs = case.ordinary[0]
    for grad, dtype in ((True, torch.float32), (False, torch.float64)):
        with kept(), torch.set_grad_enabled(grad):
            torch.set_default_dtype(dtype)
            torch.manual_seed(918273645 + grad)
            random.seed(918273645 + grad)
            np.random.seed(918273645 + grad)
            before = _state()
            case.call([x.clone() for x in inputs])
            after = _state()
        changed = [name for name in before if before[name] != after[name]]
        if changed:
            where = "" if grad else " when called under torch.no_grad()"
            return Found(f"The {changed[0]} is changed by the call{where}.", inputs, f"changes the {changed[0]}{where}")
    return None


def _state() -> dict[str, object]:
    return {
        "gradient mode": torch.is_grad_enabled(),
        "default dtype": torch.get_default_dtype(),
        "number of threads": torch.get_num_threads(),
        "seed": torch.initial_seed(),
        "rule of deterministic algorithms": torch.are_deterministic_algorithms_enabled(),
        "anomaly mode": torch.is_anomaly_enabled(),
        "random state of Python": hash(random.getstate()),
        "random state of NumPy": str(np.random.get_state()),
    }
