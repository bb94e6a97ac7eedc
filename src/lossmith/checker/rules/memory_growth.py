"""Memory grows with every call.

What it finds: tensors with their graph kept in the loss after a call: `self.total += loss`, a list of losses.
Why it matters: every batch's graph stays in memory until the machine runs out of it.
Fix: keep numbers: `float(loss.detach())`.
"""

from typing import Any

import torch

from lossmith.checker.case import Case
from lossmith.checker.found import Found


def find(case: Case) -> Found | None:
    """Look for graphs among what the loss holds on to."""
    loss = case.make()
    for inputs in case.ordinary[:3]:
        moved = [x.clone() for x in inputs]
        for place in case.predictions:
            moved[place].requires_grad_()
        case.call(moved, loss)
    held = [name for name, value in _kept(loss).items() if _graph(value)]
    if not held:
        return None
    return Found(f"`{held[0]}` keeps the graph of earlier calls.", case.ordinary[0], f"`{held[0]}` has a grad_fn")


def _kept(loss: Any) -> dict[str, Any]:
    """Return what outlives a call.

    Attributes, what a function closes over, lists and dicts of its module.
    """
    function = loss if hasattr(loss, "__code__") else getattr(type(loss), "forward", None)
    code = getattr(function, "__code__", None)
    cells = dict(zip(getattr(code, "co_freevars", ()), getattr(function, "__closure__", None) or (), strict=False))
    names = getattr(function, "__globals__", {})
    used = {n: names[n] for n in getattr(code, "co_names", ()) if isinstance(names.get(n), (list, dict, torch.Tensor))}
    return {**getattr(loss, "__dict__", {}), **used, **{n: _content(cell) for n, cell in cells.items()}}


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not yet filled
        return None


def _graph(value: Any, depth: int = 2) -> bool:
    if isinstance(value, torch.Tensor):
        return value.grad_fn is not None
    if isinstance(value, dict):
        return depth > 0 and any(_graph(entry, depth - 1) for entry in value.values())
    return isinstance(value, (list, tuple)) and depth > 0 and any(_graph(entry, depth - 1) for entry in value)
