"""Memory grows with every step.

What it finds: graphs of earlier steps that are still held, ever more of them; a loss that is returned with its graph.
Why it matters: every batch's graph stays in memory until the machine runs out of it.
Fix: keep and return numbers: `float(loss.detach())` or `loss.item()`.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor

from lossmith.checker.found import Found
from lossmith.checker.step import StepCase


def find(case: StepCase) -> Found | None:
    """Count what hangs on graphs after two, four and six steps."""
    setup = case.setup()
    run = setup.build()
    counts = []
    with _only_new_objects():
        for _ in range(3):
            case.calls(setup, 2, run)
            returned, run.returned = run.returned, None
            with_graph = isinstance(returned, Tensor) and returned.grad_fn is not None
            del returned
            gc.collect()
            counts.append(_nodes(_graphs()))
    if counts[0] < counts[1] < counts[2]:
        code = case.witness(setup, "for _ in range(6):", "    STEP  # what it keeps still has its grad_fn")
        told = f"It holds on to the graphs of earlier steps: {counts[0]}, {counts[1]}, {counts[2]} nodes after 2, 4, 6."
        return Found(told, code=code)
    if with_graph:
        code = case.witness(setup, "print(STEP)  # has a grad_fn")
        told = "It returns the loss with its graph: a caller that adds losses up keeps every graph."
        return Found(told, severity="note", code=code)
    return None


@contextmanager
def _only_new_objects() -> Iterator[None]:
    """Let the garbage collector see only what is made meanwhile.

    All else takes it a second.
    """
    already = gc.get_freeze_count()
    gc.freeze()
    try:
        yield
    finally:
        if not already:
            gc.unfreeze()


def _graphs() -> list[Tensor]:
    return [held for held in gc.get_objects() if issubclass(type(held), Tensor) and held.grad_fn is not None]


def _nodes(tensors: list[Tensor]) -> int:
    """Count the operations that these tensors hang on."""
    seen: set[Any] = set()
    left: list[Any] = [tensor.grad_fn for tensor in tensors]
    while left:
        node = left.pop()
        if node is not None and node not in seen:
            seen.add(node)
            left += [before for before, _ in node.next_functions]
    return len(seen)
