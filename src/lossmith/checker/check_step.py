"""`check --kind step`: a training step in, a report out."""

import functools
import inspect
import time
from collections.abc import Callable, Mapping
from typing import Any

from lossmith.checker import source, step
from lossmith.checker.examine_step import examine_step
from lossmith.checker.report import Report

FORM = (TypeError, KeyError, IndexError, ValueError, AttributeError)
"""What a step raises whose batch has another form than the checker's."""


def report_step(
    found: Callable[..., Any] | str, settings: Mapping[str, Any], seed: int, begun: Callable[[str], None]
) -> Report:
    """Look for faults in a training step, here and now.

    Args:
        found: a function of a model, a batch and an optimizer, or its address.
        settings: further arguments to call it with.
        seed: of models and batches.
        begun: told of each rule before it starts.

    Raises:
        ValueError: it is no such function, or its batch is no pair (x, y).
    """
    began = time.perf_counter()
    begun("loading")
    name, thing = source.found(found) if isinstance(found, str) else (getattr(found, "__name__", "step"), found)
    if not callable(thing):
        raise ValueError(f"A training step should be callable. Found {type(thing).__name__}.")
    make = _made(thing, settings)
    begun("reading its arguments")
    case = step.StepCase(make, step.order(make()), seed, name if name.isidentifier() else "step")
    _refuse_other_batches(case)
    assumed = (
        f"It is called as {case.call()}, with a linear and a two-layer network, by trial calls.",
        f"The batch holds x: numbers (8, 3), y: {case.batch.holds}.",
    )
    findings = examine_step(case, begun)
    return Report(name, assumed, tuple(findings), seconds=round(time.perf_counter() - began, 3))


def _made(thing: Any, settings: Mapping[str, Any]) -> Callable[[], step.Step]:
    if not inspect.isclass(thing):
        return lambda: functools.partial(thing, **settings) if settings else thing
    kind: Any = thing
    return lambda: kind(**settings)


def _refuse_other_batches(case: step.StepCase) -> None:
    """Ask where every batch fails in a way that speaks of the batch's form."""
    if any(case.likely(batch)[0] for batch in step.BATCHES):
        return
    error = case.calls(case.setup()).error
    if type(error) in FORM:
        raise ValueError(
            f"The step should run as {case.call()} on one of the batches tried. Found {type(error).__name__}: {error}. "
            "Try a wrapper around it that takes the batch as a pair (x, y)."
        )
