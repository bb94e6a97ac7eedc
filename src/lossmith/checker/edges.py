"""Edge points inside the promised domain: where losses break.

Each name is a claim of the author's `valid_edges`. An edge changes ordinary inputs into the corner it names.
"""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from lossmith.checker.argument import IGNORED
from lossmith.checker.case import Case, Inputs
from lossmith.checker.corners import (
    certain,
    far_off,
    mate,
    near_zero_log,
    one_target_zero,
    silent,
    unlikely,
    zero_target,
)

EMPTY = frozenset({"all_ignored", "all_satisfied", "no_positive", "no_event", "empty_mask"})
EXTREME = frozenset({"extreme_logits", "extreme_error"})


def edge(case: Case, name: str) -> Iterator[Inputs]:
    """Yield inputs at an edge; none where the loss has no such arguments."""
    make = EDGES.get(name)
    if make is not None:
        for inputs in case.ordinary[:2]:
            for changed in make(case, [x.clone() for x in inputs]):
                case.tally[f"edge {name}"] += 1
                yield changed


def usual(case: Case) -> list[str]:
    """Return the edges that training meets with what a loss takes, promised or not."""
    held = {argument.role: argument for argument in reversed(case.arguments)}
    prediction, target = held.get("prediction"), held.get("target")
    if prediction is None:
        return []
    met = {
        "prob_0_1": prediction.holds in ("probabilities", "simplex"),
        "pred_eq_target": target is not None and prediction.holds == target.holds,
        "disjoint_boxes": prediction.holds == "boxes",
        "one_target_zero": target is not None and target.holds in ("real", "nonneg"),
        "no_positive": target is not None and "H" in target.shape and target.holds == "binary01",
    }
    return [name for name, there in met.items() if there]


def _equal(case: Case, inputs: Inputs) -> Iterator[Inputs]:
    perfect = case.perfect(inputs)
    if perfect is not None:
        yield perfect
        mixed = list(inputs)  # one example fits, the others do not
        for place, _ in case.pairs:
            axis = case.batch_axes[place]
            if axis is not None:
                mixed[place] = inputs[place].clone()
                mixed[place].select(axis, 0).copy_(perfect[place].select(axis, 0))
        yield mixed
    alike = [place for place in case.predictions if inputs[place].shape == inputs[case.predictions[0]].shape]
    for other in alike[1:]:  # embeddings that coincide
        for label in _labels(case, inputs):
            moved = [x.clone() for x in label]
            moved[other] = moved[alike[0]].clone()
            yield moved


def _labels(case: Case, inputs: Inputs) -> Iterator[Inputs]:
    yield inputs
    for place in case.signature.places("target"):
        if case.arguments[place].holds in ("binary01", "sign"):
            for value in (0.0 if case.arguments[place].holds == "binary01" else -1.0, 1.0):
                moved = list(inputs)
                moved[place] = torch.full_like(inputs[place], value)
                yield moved


def _single(case: Case, inputs: Inputs) -> Iterator[Inputs]:
    yield case.draw(0, N=1)


def _ignored(case: Case, inputs: Inputs) -> Iterator[Inputs]:
    value = case.claims.get("ignore_index")
    for place, argument in enumerate(case.arguments):
        moved = [x.clone() for x in inputs]
        if argument.role == "mask":
            moved[place] = torch.zeros_like(inputs[place])
            yield moved
        elif argument.role == "target" and argument.integer:
            moved[place] = torch.full_like(inputs[place], int(value) if isinstance(value, int) else IGNORED)
            yield moved


def _pixels_ignored(case: Case, inputs: Inputs) -> Iterator[Inputs]:
    for moved in _ignored(case, inputs):
        for place, x in enumerate(moved):
            if x.ndim > 1 and not torch.equal(x, inputs[place]):
                part = [y.clone() for y in inputs]
                part[place][0] = x[0]
                yield part
    yield from _ignored(case, inputs)


def _satisfied(case: Case, inputs: Inputs) -> Iterator[Inputs]:
    """Nothing is left to improve: perfect predictions.

    Of anchor, positive, negative the last is far away.
    """
    perfect = case.perfect(inputs)
    if perfect is not None:
        yield perfect
    same = [p for p in case.predictions if case.arguments[p].holds in ("embeddings", "unit", "real", "logits")]
    if len(same) >= 3:
        moved = [x.clone() for x in inputs]
        moved[same[1]] = moved[same[0]] + 1e-3
        moved[same[2]] = moved[same[0]] + 50.0
        yield moved
    if len(same) == 2:
        for sign in (1.0, -1.0):
            moved = [x.clone() for x in inputs]
            moved[same[0]], moved[same[1]] = moved[same[0]] + sign * 50.0, moved[same[1]] - sign * 50.0
            yield moved


def _none_of(value: float, kinds: tuple[str, ...]) -> Callable[..., Iterator[Inputs]]:
    def make(case: Case, inputs: Inputs) -> Iterator[Inputs]:
        for place, argument in enumerate(case.arguments):
            if argument.holds in kinds:
                moved = [x.clone() for x in inputs]
                moved[place] = torch.full_like(inputs[place], int(value) if argument.integer else value)
                if argument.holds == "group_labels":  # nobody has a partner
                    moved[place] = torch.arange(inputs[place].numel()).reshape(inputs[place].shape)
                yield moved
                perfect = case.perfect(moved)
                if perfect is not None:
                    yield perfect
                for p in case.predictions:
                    if case.arguments[p].holds == "probabilities":
                        silent = [x.clone() for x in moved]
                        silent[p] = torch.zeros_like(silent[p])
                        yield silent

    return make


def _apart(case: Case, inputs: Inputs) -> Iterator[Inputs]:
    for place in case.predictions:
        if case.arguments[place].holds == "boxes":
            moved = [x.clone() for x in inputs]
            moved[place] = moved[place] + 50.0
            yield moved


def _negative(case: Case, inputs: Inputs) -> Iterator[Inputs]:
    for place in case.predictions:
        if case.arguments[place].holds in ("real", "log_variance"):
            for value in (-0.5, -2.0):
                moved = [x.clone() for x in inputs]
                moved[place].view(-1)[:1] = value
                yield moved


def _turned(factor: float) -> Callable[..., Iterator[Inputs]]:
    """Embeddings that point the same way, or the opposite one."""

    def make(case: Case, inputs: Inputs) -> Iterator[Inputs]:
        turned = ("embeddings", "unit", "real", "logits")
        places = [p for p, a in enumerate(case.arguments) if a.holds in turned and a.role in ("prediction", "target")]
        for other in places[1:]:
            if inputs[other].shape == inputs[places[0]].shape:
                moved = [x.clone() for x in inputs]
                moved[places[0]] = factor * moved[other]
                yield moved
        for place in places:
            if case.arguments[place].name.startswith("cos"):
                moved = [x.clone() for x in inputs]
                moved[place] = torch.full_like(moved[place], factor)
                yield moved

    return make


def _long_target(case: Case, inputs: Inputs) -> Iterator[Inputs]:
    for _place, argument in enumerate(case.arguments):
        if argument.holds == "padded_index":
            sizes = {word: 24 for word in argument.shape if word == "S"}
            yield case.signature.draw(3, case.dtype, **sizes, len_lo=20, len_hi=24)


def _masked_out(case: Case, inputs: Inputs) -> Iterator[Inputs]:
    for place in case.predictions:
        axis = case.class_axis(place)
        if case.arguments[place].holds == "logits" and axis is not None:
            moved = [x.clone() for x in inputs]
            target = inputs[mate(case, place)]
            never = torch.ones(moved[place].shape[axis], dtype=torch.bool)
            used = torch.unique(target.argmax(1) if target.is_floating_point() else target.clamp(min=0))
            never[used] = False
            index: list[Tensor | slice] = [slice(None)] * moved[place].ndim
            index[axis] = never if never.any() else torch.zeros_like(never)
            if not never.any():
                continue
            moved[place][tuple(index)] = -torch.inf
            yield moved


EDGES: dict[str, Callable[[Case, Inputs], Iterator[Inputs]]] = {
    "pred_eq_target": _equal,
    "aligned_views": _equal,
    "prob_0_1": certain,
    "zero_prediction": silent,
    "zero_target": zero_target,
    "one_target_zero": one_target_zero,
    "extreme_logits": unlikely,
    "extreme_error": far_off,
    "log_prob_near_zero": near_zero_log,
    "batch_size_1": _single,
    "all_ignored": _ignored,
    "ignored_pixels": _pixels_ignored,
    "all_satisfied": _satisfied,
    "no_positive": _none_of(0.0, ("binary01", "one_hot", "class_index", "group_labels")),
    "no_event": _none_of(0.0, ("event01",)),
    "disjoint_boxes": _apart,
    "negative_parameter": _negative,
    "anticorrelated": _turned(-1.0),
    "cosine_1": _turned(1.0),
    "target_longer_than_input": _long_target,
    "masked_logits_minus_inf": _masked_out,
}
"""Every edge by its name."""
