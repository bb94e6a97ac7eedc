"""Sequence lengths are wrong or ignored.

What it finds: entries beyond a sequence's stated length that change the value, or frames inside it that do not matter.
Why it matters: padding is learned as if it were data, or the end of every input is thrown away.
Fix: pass each sequence's own length; take the number of frames from the time axis.
"""

import torch

from lossmith.checker.argument import Argument
from lossmith.checker.case import Case
from lossmith.checker.found import Found
from lossmith.checker.probes import numbers


def find(case: Case) -> Found | None:
    """Change what lies beyond the lengths; look at frames within."""
    return _beyond(case) or _frames_beyond(case) or _within(case)


def _of_labels(argument: Argument) -> bool:
    return argument.holds == "lengths" and any(word in argument.name for word in ("label", "target"))


def _beyond(case: Case) -> Found | None:
    told_apart = any(map(_of_labels, case.arguments))
    for place, argument in enumerate(case.arguments):
        if argument.holds != "lengths" or (told_apart and not _of_labels(argument)):
            continue
        inputs = [x.clone() for x in case.ordinary[0]]
        for other, mate in enumerate(case.arguments):
            if mate.role != "target" or len(mate.shape) < 2:
                continue
            limit = inputs[other].shape[1]
            inputs[place] = torch.ones_like(inputs[place])
            moved = [x.clone() for x in inputs]
            moved[other][:, 1:] = 1 + moved[other][:, 1:] % max(1, int(moved[other].max()))
            if torch.equal(moved[other], inputs[other]) or limit < 2:
                moved[other][:, 1:] = moved[other][:, 1:] % 2 + 1
            one, two = case.number(inputs), case.number(moved)
            if one is not None and two is not None and abs(one - two) > 1e-9 * (1.0 + abs(one)):
                told = f"Labels beyond `{argument.name}` change the value from {one:.5g} to {two:.5g}."
                return Found(told, inputs, f"{one:.6g}; with other labels beyond the length {two:.6g}")
    return None


def _frames_beyond(case: Case) -> Found | None:
    """Frames of the prediction beyond its length must not matter."""
    for place, argument in enumerate(case.arguments):
        if argument.holds != "lengths" or _of_labels(argument):
            continue
        inputs = [x.clone() for x in case.ordinary[0]]
        for other in case.predictions:
            shape = case.arguments[other].shape
            if "T" not in shape or "N" not in shape:
                continue
            axis, batch = shape.index("T"), shape.index("N")
            longest = int(inputs[place].max())
            for first in (max(1, longest // 2), longest):  # all alike, and one longer than the others
                inputs[place] = torch.full_like(inputs[place], max(1, longest // 2))
                inputs[place].view(-1)[:1] = first
                steps = torch.arange(inputs[other].shape[axis])
                steps = steps.reshape([-1 if a == axis else 1 for a in range(len(shape))])
                limit = inputs[place].reshape([-1 if a == batch else 1 for a in range(len(shape))])
                moved = [x.clone() for x in inputs]
                moved[other] = torch.where(steps >= limit, case.draw(31)[other], inputs[other])
                found = numbers(case, [inputs, moved])
                if found is not None and abs(found[0] - found[1]) > 1e-9 * (1.0 + abs(found[0])):
                    told = f"Frames beyond `{argument.name}` change the value from {found[0]:.5g} to {found[1]:.5g}."
                    return Found(told, inputs, f"{found[0]:.6g}; with other frames beyond the length {found[1]:.6g}")
    return None


def _within(case: Case) -> Found | None:
    said = str(case.claims.get("input_lengths") or case.claims.get("lengths") or "")
    if "all" not in said.lower():
        return None
    for place in case.predictions:
        if "T" not in case.arguments[place].shape:
            continue
        axis = case.arguments[place].shape.index("T")
        gradients = [case.gradient(inputs, place)[1] for inputs in case.ordinary]
        sizes = [g.abs().movedim(axis, 0).flatten(1).sum(1) for g in gradients if g is not None]
        if sizes and bool((sum(sizes[1:], sizes[0]) == 0).any()):
            frames = [i for i, size in enumerate(sum(sizes[1:], sizes[0]).tolist()) if size == 0]
            return Found(f"Frames {frames} of `{case.arguments[place].name}` never matter.", case.ordinary[0])
    return None
