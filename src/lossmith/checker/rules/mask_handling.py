"""Masked, padded or ignored positions still matter.

What it finds: a value or gradient that changes with what stands at masked positions, or with how many there are.
Why it matters: padding is learned from, and the loss depends on the longest sequence of the batch.
Fix: mask the per-element loss, and divide by the number of kept elements: `(loss * mask).sum() / mask.sum()`.
"""

import torch
from torch import Tensor

from lossmith.checker import health
from lossmith.checker.argument import IGNORED
from lossmith.checker.case import Case, Inputs
from lossmith.checker.found import Found
from lossmith.checker.probes import numbers

KEPT = ("valid", "non-ignored", "kept", "unmasked", "not ignored", "not masked", "that count", "remaining")
"""Words of authors who divide by what is left."""


def find(case: Case) -> Found | None:
    """Change what is masked; pad; ignore."""
    masks = case.signature.places("mask")
    for place in masks:
        found = _masked(case, place) or _padded(case, place) or _kept_alone(case, place, 0.0) or _spoiled(case, place)
        if found:
            return found
    found = _ignored(case) if isinstance(case.claims.get("ignore_index"), int) else None
    return found or (_censored(case) if case.promised("censored_do_not_contribute") else None)


def _masked(case: Case, mask: int) -> Found | None:
    """Masked elements must not matter, and kept ones must."""
    name = case.arguments[mask].name
    touched = False
    for inputs in case.ordinary[:2]:
        start = case.number(inputs)
        for place in [*case.predictions, *case.signature.places("target")]:
            hidden = _hidden(inputs[mask], inputs[place])
            if hidden is None or not bool(hidden.any()):
                continue
            for other in (case.draw(21)[place], case.draw(22)[place]):
                moved = list(inputs)
                moved[place] = torch.where(hidden, other, inputs[place])
                end = case.number(moved)
                touched = True
                if start is not None and end is not None and abs(end - start) > 1e-7 * (1.0 + abs(start)):
                    what = case.arguments[place].name
                    told = f"Changing `{what}` where `{name}` is 0 takes the value from {start:.5g} to {end:.5g}."
                    return Found(told, inputs, f"{start:.6g}; with other values of `{what}` under the mask {end:.6g}")
        for place in case.predictions:
            hidden = _hidden(inputs[mask], inputs[place])
            _, gradient = case.gradient(inputs, place)
            if hidden is not None and gradient is not None and float((gradient * hidden).abs().max()) > 1e-9:
                return Found(f"`{case.arguments[place].name}` gets a gradient where `{name}` is 0.", inputs)
        if touched and start is not None:
            moved = list(inputs)
            moved[mask] = torch.ones_like(inputs[mask])
            if case.number(moved) == start:
                return Found(f"The value is the same with nothing masked: `{name}` has no effect.", inputs)
    return None


def _kept_alone(case: Case, hidden: int, value: float) -> Found | None:
    """For a mean over what is kept, hiding examples must equal leaving them out."""
    said = str(case.claims.get("reduction") or "").lower()
    if not any(word in said for word in KEPT) or case.batch < 4:
        return None
    if case.batch_axes[hidden] != 0:
        return None
    inputs = [x.clone() for x in case.ordinary[0]]
    x = inputs[hidden]
    inputs[hidden] = torch.ones_like(x) if case.arguments[hidden].role == "mask" else x.clamp(min=0)
    alone = case.rows(inputs, range(0, case.batch, 2))
    inputs[hidden][1::2] = value
    found = numbers(case, [inputs, alone])
    if found is None or abs(found[0] - found[1]) <= 1e-6 * (1.0 + abs(found[1])):
        return None
    told = f"With half the examples hidden it is {found[0]:.5g}, with them left out {found[1]:.5g}: it divides by all."
    return Found(told, inputs, f"{found[0]:.6g}; with the hidden examples left out {found[1]:.6g}")


def _spoiled(case: Case, mask: int) -> Found | None:
    """A perfect prediction that costs nothing unmasked must cost nothing masked."""
    if not health.promises(case) or not health.breaks(case):
        return None

    def unmasked(inputs: Inputs) -> Inputs:
        return [torch.ones_like(x) if place == mask else x for place, x in enumerate(inputs)]

    if health.breaks(case, unmasked):
        return None
    perfect = case.perfect(case.ordinary[0]) or case.ordinary[0]
    told = (
        f"With everything kept a perfect prediction is best; under `{case.arguments[mask].name}` {health.breaks(case)}."
    )
    return Found(told, perfect, health.breaks(case))


def _hidden(mask: Tensor, x: Tensor) -> Tensor | None:
    """Return which entries of `x` the mask hides, if the shapes say so."""
    hidden = mask == 0
    if hidden.ndim < x.ndim and tuple(x.shape[: hidden.ndim]) == tuple(hidden.shape):
        hidden = hidden.reshape(hidden.shape + (1,) * (x.ndim - hidden.ndim))
    if hidden.ndim == x.ndim + 1 and hidden.shape[-1] == 1:
        hidden = hidden.squeeze(-1)
    if hidden.ndim != x.ndim:
        return None
    try:
        hidden = hidden.expand_as(x)
    except RuntimeError:
        return None
    return hidden


def _padded(case: Case, mask: int) -> Found | None:
    """Padding at the end of the time axis must change nothing."""
    if not case.promised("padding_invariant", "mask"):
        return None
    inputs, shape = case.ordinary[0], case.arguments[mask].shape
    if "T" not in shape:
        return None
    if not case.promised("padding_invariant") and "mean" not in str(case.claims.get("reduction", "")):
        return None
    start = case.number(inputs)
    moved = []
    for argument, x in zip(case.arguments, inputs, strict=True):
        if "T" in argument.shape:
            axis = argument.shape.index("T")
            size = list(x.shape)
            size[axis] = 3
            x = torch.cat([x, torch.zeros(size, dtype=x.dtype)], axis)
        moved.append(x)
    end = case.number(moved)
    if start is not None and end is not None and abs(end - start) > 1e-7 * (1.0 + abs(start)):
        told = f"Three more padded positions take the value from {start:.5g} to {end:.5g}."
        return Found(told, inputs, f"{start:.6g}; with three more padded positions {end:.6g}")
    return None


def _ignored(case: Case) -> Found | None:
    """Positions whose target is the ignored index must not matter."""
    value = int(case.claims["ignore_index"])
    for prediction, target in case.pairs:
        inputs = [x.clone() for x in case.ordinary[0]]
        labels = inputs[target]
        if not case.arguments[target].integer:
            continue
        labels[labels == IGNORED] = 0
        labels.view(-1)[::2] = value
        hidden: Tensor = labels == value
        axis = case.class_axis(prediction)
        if axis is None:
            continue
        wide = hidden.unsqueeze(axis).expand_as(inputs[prediction])
        number, gradient = case.gradient(inputs, prediction)
        if number is None or gradient is None:
            continue
        if float((gradient * wide).abs().max()) > 1e-10:
            told = f"`{case.arguments[prediction].name}` gets a gradient where the target is the ignored {value}."
            return Found(told, inputs)
        moved: Inputs = list(inputs)
        moved[prediction] = torch.where(wide, case.draw(23)[prediction], inputs[prediction])
        end = case.number(moved)
        if end is not None and abs(end - number) > 1e-7 * (1.0 + abs(number)):
            return Found(
                f"Predictions where the target is {value} change the value, {number:.5g} to {end:.5g}.", inputs
            )
        found = _kept_alone(case, target, value)
        if found:
            return found
    return None


def _censored(case: Case) -> Found | None:
    """A censored example's own prediction must not lower the loss.

    It only stays at risk.
    """
    events = [place for place, argument in enumerate(case.arguments) if argument.holds == "event01"]
    for place in case.predictions:
        for inputs in case.ordinary:
            _, gradient = case.gradient(inputs, place)
            if gradient is None or not events or gradient.ndim != 1 or inputs[events[0]].numel() != gradient.numel():
                continue
            censored = inputs[events[0]].reshape(-1) == 0
            pushed = gradient[censored]
            if pushed.numel() and float(pushed.min()) < -1e-9:
                told = "An example without an event is rewarded for a larger prediction: it is counted as an event."
                return Found(told, inputs)
            seen = gradient[~censored]
            if seen.numel() and not bool((seen.abs() > 0).any()):
                return Found("No example with an event gets a gradient.", inputs)
    return None
