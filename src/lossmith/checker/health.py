"""Whether a loss keeps its promises, and what would mend it.

If softmax before the call makes a broken loss keep every promise, then softmax is what is missing. The repair that
works names the fault: swapped arguments, a missing activation, an activation too many, labels coded otherwise, a target
shifted by one place, shapes that broadcast.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from lossmith.checker.argument import is_finite
from lossmith.checker.case import Case, Inputs, with_value
from lossmith.checker.probes import floor, path

Change = Callable[[Inputs], Inputs]
TOLERANCE = 0.02
"""Share of what an ordinary prediction costs by which a minimum may miss: epsilons are added."""


@dataclass(frozen=True)
class Repair:
    """A change to the inputs, and the fault it would mend."""

    rule: str
    words: str
    """What the loss seems to do or want, for a sentence."""
    fix: str
    change: Change


def promises(case: Case) -> bool:
    """Whether the author says anything about the perfect prediction."""
    if case.claims.get("minimum_at_perfect") is not None:
        return case.claims["minimum_at_perfect"] is True
    events = any(argument.holds == "event01" for argument in case.arguments)  # perfect depends on them too
    return isinstance(case.claims.get("minimum_value"), (int, float)) and "minimum_at" not in case.claims and not events


def breaks(case: Case, change: Change | None = None) -> str:
    """Say which promise about the perfect prediction is broken; empty if none is.

    Args:
        case: the loss.
        change: done to the inputs before each call.
    """
    if change is None:
        found: str = case.remembered("broken", lambda: _broken(case, None))
        return found
    return _broken(case, change)


def _broken(case: Case, change: Change | None) -> str:
    changed = change or (lambda inputs: inputs)
    for inputs in case.ordinary[:2]:
        perfect = case.perfect(inputs)
        if perfect is None:
            return ""
        best = case.number(changed(perfect))
        others = [case.number(changed(moved)) for _, moved in path(case, inputs, 6)[1:]]
        usual = case.number(changed(inputs))
        finite = all(map(is_finite, [best, *others]))
        if change is None and is_finite(usual) and not finite:
            continue  # it breaks where it is certain, not where it is meant: a matter of numbers, not of meaning
        if not finite or best is None or not is_finite(usual):
            return "the value is not a number"
        numbers = [other for other in [*others, usual] if other is not None]
        size = max(1e-12, max(abs(other - best) for other in numbers))
        if size <= 1e-9:
            return "the value is the same whatever is predicted"
        least = case.claims.get("minimum_value")
        room = TOLERANCE * (abs((usual or best) - best) or size) + 1e-6
        if isinstance(least, (int, float)) and not isinstance(least, bool) and abs(best - least) > room:
            return f"a perfect prediction costs {best:.4g}, not {least:g}"
        if min(numbers) < best - room:
            return f"a perfect prediction costs {best:.4g}, a wrong one {min(numbers):.4g}"
        bound = floor(case)
        if bound is not None and min([best, *numbers]) < bound - room:
            return f"the value falls to {min([best, *numbers]):.4g}, below {bound:g}"
    return ""


def mending(case: Case) -> Repair | None:
    """Return the change to the inputs that makes every promise true."""
    found: Repair | None = case.remembered(
        "mending", lambda: next((repair for repair in repairs(case) if not breaks(case, repair.change)), None)
    )
    return found


def repairs(case: Case) -> list[Repair]:
    """List the changes worth trying, the plainest mistakes first."""
    found = [Repair("broadcast", words, fix, change) for words, fix, change in flattenings(case)] if case.pairs else []
    for prediction, target in case.pairs:
        found += _activated(case, prediction)
        found += _coded(case, prediction, target)
        found += _swapped(case, prediction, target)
        found += _shifted(case, target)
    return found


def at(place: int, function: Callable[[Tensor], Tensor]) -> Change:
    """Return the change of one argument."""

    def change(inputs: Inputs) -> Inputs:
        return [function(x) if i == place else x for i, x in enumerate(inputs)]

    return change


def _activated(case: Case, place: int) -> list[Repair]:
    held, name, axis = case.arguments[place].holds, case.arguments[place].name, case.class_axis(place)
    tries: Sequence[tuple[str, str, str, Callable[[Tensor], Tensor]]] = ()
    missing, twice = "missing-activation", "double-softmax"
    if held == "logits" and axis is not None:
        tries = (
            (missing, "log-probabilities", "apply log_softmax first", lambda x: x.log_softmax(axis)),
            (missing, "probabilities", "apply softmax first", lambda x: x.softmax(axis)),
        )
    elif held == "logits":
        tries = (
            (missing, "probabilities", "apply sigmoid first", torch.sigmoid),
            (missing, "log-probabilities", "apply logsigmoid first", torch.nn.functional.logsigmoid),
        )
    elif held == "probabilities":
        tries = ((twice, "logits", "leave out the sigmoid, here or in the model", lambda x: _logit(x)),)
    elif held == "simplex":
        tries = (
            (twice, "logits", "leave out the softmax, here or in the model", lambda x: (x + 1e-17).log() + 1.0),
            (missing, "log-probabilities", "take the logarithm first", lambda x: (x + 1e-17).log()),
        )
    elif held == "log_probabilities":
        tries = ((twice, "probabilities", "take the logarithm once", torch.exp),)
    return [Repair(rule, f"`{name}` seems to be taken for {taken}", fix, at(place, f)) for rule, taken, fix, f in tries]


def _logit(x: Tensor) -> Tensor:
    return torch.logit(x, eps=torch.finfo(x.dtype).eps)  # any less, and 1 would become infinity


def _coded(case: Case, prediction: int, target: int) -> list[Repair]:
    held, name = case.arguments[target].holds, case.arguments[target].name
    rule, axis = "label-encoding", case.class_axis(prediction)
    tries: list[tuple[str, str, Callable[[Tensor], Tensor]]] = []
    if held == "binary01":
        tries.append(("labels of -1 and 1", f"pass 2 * {name} - 1, or rewrite for 0 and 1", lambda x: 2.0 * x - 1.0))
    elif held == "sign":
        tries.append(
            ("labels of 0 and 1", f"pass ({name} + 1) / 2, or rewrite for -1 and 1", lambda x: (x + 1.0) / 2.0)
        )
    elif held == "class_index" and axis is not None:
        count, dtype = case.ordinary[0][prediction].shape[axis], case.dtype
        tries.append((
            "one-hot labels",
            f"use torch.nn.functional.one_hot({name}) or index by class",
            lambda x: torch.nn.functional.one_hot(x, count).movedim(-1, axis).to(dtype),
        ))  # fmt: skip
        tries += [
            ("class numbers that start elsewhere", f"count classes from 0: {name} {sign} 1", at_offset(step, count))
            for step, sign in ((1, "+"), (-1, "-"))
        ]
    elif held == "one_hot":
        tries.append(("class numbers", f"use {name}.argmax(1)", lambda x: x.argmax(1)))
    return [Repair(rule, f"`{name}` seems to be taken for {taken}", fix, at(target, f)) for taken, fix, f in tries]


def at_offset(step: int, count: int) -> Callable[[Tensor], Tensor]:
    """Return the function that counts classes from another number."""
    return lambda x: torch.where(x >= 0, (x + step) % count, x)


def _shifted(case: Case, target: int) -> list[Repair]:
    """A target along time may be compared one place too early or too late."""
    argument = case.arguments[target]
    if "T" not in argument.shape:
        return []
    axis = argument.shape.index("T")
    words = f"`{argument.name}` seems to be compared {{}} place too {{}}"
    return [
        Repair(
            "target-alignment",
            words.format("one", way),
            "shift one against the other",
            at(target, partial(_roll, step, axis)),
        )
        for step, way in ((1, "late"), (-1, "early"))
    ]


def _roll(step: int, axis: int, x: Tensor) -> Tensor:
    return x.roll(step, dims=axis)


def _swapped(case: Case, prediction: int, target: int) -> list[Repair]:
    one, other = case.arguments[prediction], case.arguments[target]

    if one.holds == other.holds:
        return []
    words = f"`{one.name}` and `{other.name}` seem to take each other's place"
    change = partial(exchanged, prediction, target)
    return [Repair("swapped-arguments", words, "exchange them in the call inside", change)]


def exchanged(one: int, other: int, inputs: Inputs) -> Inputs:
    """Return the arguments with two of them in each other's place."""
    return with_value(with_value(inputs, one, inputs[other]), other, inputs[one])


def flattenings(case: Case) -> list[tuple[str, str, Change]]:
    """List arguments with a trailing 1 whose flat shape another argument has.

    Dropping the 1 must change nothing.
    """
    inputs, found = case.ordinary[0], []
    for place, argument in enumerate(case.arguments):
        shape = tuple(inputs[place].shape)
        if len(shape) < 2 or shape[-1] != 1:
            continue
        mates = [other for i, other in enumerate(case.arguments) if i != place and tuple(inputs[i].shape) == shape[:-1]]
        if mates:
            words = f"`{argument.name}` of shape {shape} meets `{mates[0].name}` of shape {shape[:-1]}"
            found.append((words, f"use {argument.name}.squeeze(-1)", at(place, lambda x: x.squeeze(-1))))
    return found


def widenings(case: Case) -> list[tuple[str, str, Change, Change]]:
    """List arguments that lack a middle axis of length 1 that others have.

    Two changes make them meet: the axis given to the one, or dropped from the others. They must agree.
    """
    inputs = case.ordinary[0]
    found: list[tuple[str, str, Change, Change]] = []
    shapes = [tuple(x.shape) for x in inputs]
    for place, argument in enumerate(case.arguments):
        for axis in range(1, len(shapes[place])):
            wide = (*shapes[place][:axis], 1, *shapes[place][axis:])
            mates = [other for other, shape in enumerate(shapes) if shape == wide]
            if mates:
                words = f"`{argument.name}` of shape {shapes[place]} meets `{case.arguments[mates[0]].name}` of {wide}"
                fix = f"use {argument.name}.unsqueeze({axis})"
                found.append((words, fix, at(place, partial(_wider, axis)), partial(_narrower, axis, mates)))
    return found


def _wider(axis: int, x: Tensor) -> Tensor:
    return x.unsqueeze(axis)


def _narrower(axis: int, mates: list[int], inputs: Inputs) -> Inputs:
    return [x.squeeze(axis) if place in mates else x for place, x in enumerate(inputs)]
