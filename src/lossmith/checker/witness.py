"""The smallest input that shows a fault, as code to paste."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from lossmith.checker.case import Case, Inputs
from lossmith.checker.found import Found

MOST_ENTRIES = 128
"""Entries of a tensor that are written out; a larger one is described."""
SMALL = {"N": 2, "C": 3, "D": 3, "H": 4, "W": 5, "M": 2}
SEQUENCE = {"T": 5, "S": 2}
TRIES: tuple[tuple[dict[str, int], int], ...] = (
    (SMALL, 1), (SMALL, 2), ({**SMALL, "N": 4}, 1), ({**SMALL, "N": 4}, 2), ({}, 1), ({}, 2),
)  # fmt: skip
"""Sizes and decimals of smaller worlds in which a rule looks again."""
KERAS = ("import os", 'os.environ["KERAS_BACKEND"] = "torch"  # before Keras is imported')


def shorter(case: Case, rule: Callable[[Case], Found | None], found: Found) -> tuple[Case, Found]:
    """Return the fault as the rule sees it in a smaller world of rounder numbers.

    Only where the rule says the same there.
    """
    if found.inputs is None:
        return case, found
    lengths = any(argument.holds == "lengths" for argument in case.arguments)
    for sizes, decimals in TRIES:
        known = {**({} if lengths or not sizes else SEQUENCE), **sizes}
        left = {letter: size for letter, size in known.items() if letter == "N" or letter not in case.signature.sizes}
        signature = replace(case.signature, sizes={**case.signature.sizes, **left}, decimals=decimals)
        other = replace(case, signature=signature, lost=[], tally=Counter())
        try:
            again = rule(other)
        except MemoryError:
            raise
        except Exception:  # a world too small for it
            continue
        if again is not None and (again.severity, _shape(again.message)) == (found.severity, _shape(found.message)):
            return other, again
    return case, found


def _shape(message: str) -> str:
    """Return a message without its numbers."""
    return re.sub(r"-?(\d[\d.]*(e[-+]?\d+)?|inf|nan)", "#", message)


def smallest(case: Case, inputs: Inputs, shows: Callable[[Inputs], bool]) -> Inputs:
    """Shrink a witness: fewer examples, then rounder numbers."""
    best = inputs
    for count in (1, 2, 3):
        if 0 < count < case.batch:
            fewer = case.rows(inputs, range(count))
            if _holds(shows, fewer):
                best = fewer
                break
    for decimals in (0, 1, 2):
        rounder = [_rounded(x, decimals) if x.is_floating_point() else x for x in best]
        if all(_inside(case, place, x) for place, x in enumerate(rounder)) and _holds(shows, rounder):
            return rounder
    return best


def _holds(shows: Callable[[Inputs], bool], inputs: Inputs) -> bool:
    try:
        return bool(shows([x.clone() for x in inputs]))
    except Exception:  # an input that no longer makes sense shows nothing
        return False


def _rounded(x: Tensor, decimals: int) -> Tensor:
    rounded: Tensor = torch.round(x.detach(), decimals=decimals)
    return rounded


def _inside(case: Case, place: int, x: Tensor) -> bool:
    held = case.arguments[place].holds
    if held in ("positive", "time"):
        return bool((x > 0).all())
    # Of these, rounding leaves the domain.
    return held not in ("simplex", "soft_labels", "log_probabilities", "unit", "boxes", "log_prob_scalar")


def code(case: Case, inputs: Inputs, said: str = "", wrt: int | None = None) -> str:
    """Write what builds the loss, the arguments and the call.

    Args:
        case: the loss.
        inputs: its arguments.
        said: what the call gives and what it should give, as a comment.
        wrt: the argument whose gradient is shown, in place of the value.
    """
    turned = getattr(case.loss, "turned", False)  # Keras: the target comes first
    lines = [*(KERAS if turned else ()), "import torch", *case.setup]
    for place, (argument, x) in enumerate(zip(case.arguments, inputs, strict=True)):
        more = ".numpy()" if case.without_gradient else ".requires_grad_()" if place == wrt else ""
        lines.append(f"{argument.name} = {tensor(x)}{more}")
    names = [argument.name for argument in case.arguments]
    if turned:
        names.reverse()
    call = f"{case.name}({', '.join([*names, *filter(None, [case.keywords])])})"
    if wrt is not None:
        value = case.call([x.clone() for x in inputs]).value
        lines.append(f"{call}{'.sum()' if value is not None and value.ndim else ''}.backward()")
        call = f"{case.arguments[wrt].name}.grad"
    lines.append(f"{call}  # {said}" if said else call)
    return "\n".join(lines)


def tensor(x: Tensor) -> str:
    """Write a tensor as an expression."""
    x = x.detach()
    if x.numel() > MOST_ENTRIES:
        size = ", ".join(map(str, x.shape))
        if not x.is_floating_point():
            return f"torch.randint(0, {int(x.max()) + 1}, ({size}))"
        return f"torch.full(({size}), {float(x.flatten()[0]):.4g})" if _flat(x) else f"torch.randn({size})"
    kind = "" if x.dtype in (torch.float32, torch.float64, torch.int64, torch.bool) else f", dtype={x.dtype}"
    return f"torch.tensor({_written(x.tolist())}{kind})"


def _flat(x: Tensor) -> bool:
    return bool((x == x.flatten()[0]).all())


def _written(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, float):
        value += 0.0  # -0.0 is read as 0.0
        return (
            "float('nan')"
            if value != value
            else f"{value:.6g}"
            if "." in f"{value:.6g}"
            else f"{value:.6g}.0"
            if ("e" not in f"{value:.6g}" and "inf" not in f"{value}")
            else f"float('{value:.6g}')"
        )
    return repr(value)
