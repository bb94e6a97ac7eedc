"""What is not a number at the edges of what a loss takes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import torch

from lossmith.checker.argument import is_finite
from lossmith.checker.case import Case, Inputs, with_value
from lossmith.checker.edges import edge, usual
from lossmith.finding import Severity

NEARER = (1e-2, 1e-4, 1e-6, 1e-8)
"""Shares of the way from an edge back to an ordinary batch."""
BURSTS = 5.0
"""By how much the last step towards an edge exceeds the first where the growth is steeper than a logarithm's."""

COVERED = {"one_target_zero": "zero_target"}
"""Usual edges that a promised one holds."""


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
    severity: Severity = "error"
    """A promise is broken; or a usual edge is; or a logarithm ends there, which may be meant."""


def breaks(case: Case) -> list[Break]:
    """Return every edge at which something is not finite, ordinary batches first.

    Edges that nobody called valid come last, and only where ordinary batches are fine.
    """
    found: list[Break] = case.remembered("breaks", lambda: list(_found(case)))
    return found


def _found(case: Case) -> Iterator[Break]:
    for inputs in case.ordinary[:2]:
        broken = broken_at(case, inputs, "")
        if broken:
            yield broken
            return
    promised = case.claims.get("valid_edges") or ()
    yield from filter(None, (_first(case, name) for name in promised))
    left = [name for name in usual(case) if name not in promised and COVERED.get(name) not in promised]
    met = filter(None, (_first(case, name) for name in left))
    judged = [replace(broken, severity="note" if _defined(case, broken) else "warning") for broken in met]
    yield from sorted(judged, key=lambda broken: broken.severity == "note")


def _first(case: Case, name: str) -> Break | None:
    for dtype in dict.fromkeys((case.dtype, torch.float32)):
        tries = (broken_at(case, _to(inputs, dtype), name) for inputs in edge(case, name))
        broken = next(filter(None, tries), None)
        if broken:
            return broken
    return None


def _defined(case: Case, broken: Break) -> bool:
    """Whether a logarithm ends at the edge: near it the number grows slowly for ever."""
    if any(case.claims.get(name) is not None for name in ("upper_bound", "minimum_value")) and not broken.gradient:
        return False
    sizes: Sequence[float | None] = [_size(case, broken, share) for share in NEARER]
    steps = [b - a for a, b in pairwise(sizes) if a is not None and b is not None]
    return len(steps) == len(NEARER) - 1 and min(steps) > 0.0 and 0.5 * steps[0] <= steps[-1] <= BURSTS * steps[0]


def _size(case: Case, broken: Break, share: float) -> float | None:
    """Return how large the number is at a share of the way back, if it is one."""
    inputs = broken.inputs
    numbers = [place for place in case.signature.places("target") if case.arguments[place].holds in ("real", "nonneg")]
    for place in (*case.predictions, *numbers):
        there = case.ordinary[0][place]
        if inputs[place].is_floating_point() and inputs[place].shape == there.shape:
            here = inputs[place].to(there.dtype)
            inputs = with_value(inputs, place, here + share * (there - here))
    value, gradient = case.gradient(inputs, broken.place)
    size = value if not broken.gradient else None if gradient is None else float(gradient.abs().max())
    return abs(size) if size is not None and is_finite(size) else None


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
    """Say where something promised breaks."""
    return f"at an edge that is called valid ({name.replace('_', ' ')})" if name else "on an ordinary batch"


def where(broken: Break) -> str:
    """Say where a number breaks, to the end of the sentence."""
    if broken.severity == "error":
        return f"{words(broken.edge)}."
    met = f"at an edge that training may meet ({broken.edge.replace('_', ' ')})"
    return f"{met}." if broken.severity == "warning" else f"{met}: a logarithm ends there. Is that meant?"
