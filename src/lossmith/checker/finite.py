"""What is not a number at the edges that the author calls valid."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from lossmith.checker.argument import is_finite
from lossmith.checker.case import Case, Inputs
from lossmith.checker.edges import edge


@dataclass(frozen=True)
class Break:
    """A number that is none, and where."""

    edge: str
    """Empty for an ordinary batch."""
    inputs: Inputs
    value: float | None
    gradient: bool
    """Whether the value is fine and only the gradient is not."""
    place: int = 0


def breaks(case: Case) -> list[Break]:
    """Return every edge at which something is not finite, ordinary batches first."""
    return list(_found(case))


def _found(case: Case) -> Iterator[Break]:
    for inputs in case.ordinary[:2]:
        broken = broken_at(case, inputs, "")
        if broken:
            yield broken
            return
    for name in case.claims.get("valid_edges") or ():
        for dtype in dict.fromkeys((case.dtype, torch.float32)):
            broken = next(
                filter(None, (broken_at(case, _to(inputs, dtype), name) for inputs in edge(case, name))), None
            )
            if broken:
                yield broken
                break


def broken_at(case: Case, inputs: Inputs, name: str) -> Break | None:
    """Look at the value and all gradients of one call.

    None where all is finite, or where the call fails.
    """
    outcome = case.call([x.clone() for x in inputs])
    if outcome.error is not None or outcome.number is None:
        return None
    if not is_finite(outcome.value):
        return Break(name, inputs, outcome.number, gradient=False)
    for place in case.predictions:
        _, gradient = case.gradient(inputs, place)
        if gradient is not None and not is_finite(gradient):
            return Break(name, inputs, outcome.number, gradient=True, place=place)
    return None


def _to(inputs: Inputs, dtype: torch.dtype) -> Inputs:
    return [x.to(dtype) if x.is_floating_point() else x for x in inputs]


def words(name: str) -> str:
    """Say where, in a sentence."""
    return f"at an edge that is called valid ({name.replace('_', ' ')})" if name else "on an ordinary batch"
