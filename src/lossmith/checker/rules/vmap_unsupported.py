"""vmap or torch.compile fails.

What it finds: an error under `torch.func.vmap` or a graph break under `torch.compile(fullgraph=True)`, where promised.
Why it matters: per-example gradients, ensembles and fast training loops need them.
Fix: no Python `if`, `.item()` or indexing by a mask on tensor values: use `torch.where` and weights.
"""

from collections.abc import Callable

import torch

from lossmith.checker.case import Case
from lossmith.checker.found import Found


def find(case: Case) -> Found | None:
    """Run both."""
    supports = case.claims.get("supports") or ()
    inputs = case.ordinary[0]
    if "vmap" in supports:
        stacked = [torch.stack([x, y]) for x, y in zip(inputs, case.ordinary[1], strict=True)]
        error = _fails(lambda: torch.func.vmap(lambda *one: case.loss(*one))(*stacked))
        if error:
            return Found(f"torch.func.vmap fails: {error}", inputs)
    if "compile" in supports:
        torch._dynamo.reset()
        compiled = torch.compile(case.make(), fullgraph=True, backend="eager")
        error = _fails(lambda: compiled(*inputs))
        if error:
            return Found(f"torch.compile(fullgraph=True) fails: {error}", inputs)
    return None


def _fails(run: Callable[[], object]) -> str:
    """Return the first line of what it raises."""
    try:
        run()
    except Exception as error:
        return str(error).strip().splitlines()[0][:160]
    return ""
