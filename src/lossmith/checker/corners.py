"""Corners of what is predicted: exactly 0 or 1, silent, far off.

`lossmith.checker.edges` gives them their names.
"""

from collections.abc import Callable, Iterator

import torch

from lossmith.checker.argument import FAR
from lossmith.checker.case import Case, Inputs


def filled(kinds: frozenset[str], values: tuple[float, ...], roles: tuple[str, ...]) -> Callable[..., Iterator[Inputs]]:
    """Return an edge that fills some arguments with a value, wholly and in one entry."""

    def make(case: Case, inputs: Inputs) -> Iterator[Inputs]:
        for place, argument in enumerate(case.arguments):
            if argument.role not in roles or (kinds and argument.holds not in kinds):
                continue
            for value in values:
                whole, one = [x.clone() for x in inputs], [x.clone() for x in inputs]
                whole[place] = torch.full_like(inputs[place], value)
                one[place].view(-1)[:1] = value
                yield whole
                yield one

    return make


_PROBABLE = frozenset({"probabilities", "positive", "nonneg", "unit"})


def certain(case: Case, inputs: Inputs) -> Iterator[Inputs]:
    """Probabilities of exactly 0 and 1, right and wrong; a rate of exactly 0."""
    for share in (0.0, 1.0):
        moved = case.perfect(inputs, share)
        if moved is not None and any(case.arguments[p].holds in ("probabilities", "simplex") for p in case.predictions):
            yield moved
    for place in case.predictions:  # entries of a row sum to 1: all of it on one class
        if case.arguments[place].holds == "simplex" and inputs[place].ndim > 1:
            moved = list(inputs)
            moved[place] = torch.zeros_like(inputs[place])
            moved[place][:, 0] = 1.0
            yield moved
    yield from filled(_PROBABLE, (0.0,), ("prediction",))(case, inputs)
    yield from filled(frozenset({"probabilities"}), (1.0,), ("prediction",))(case, inputs)
    for targets in filled(frozenset({"count", "nonneg"}), (0.0,), ("target",))(case, inputs):
        yield from filled(_PROBABLE, (0.0,), ("prediction",))(case, targets)


def silent(case: Case, inputs: Inputs) -> Iterator[Inputs]:
    """Each prediction 0, then all of them."""
    yield from filled(frozenset(), (0.0,), ("prediction",))(case, inputs)
    yield [torch.zeros_like(x) if place in case.predictions else x for place, x in enumerate(inputs)]


def zero_target(case: Case, inputs: Inputs) -> Iterator[Inputs]:
    """Targets of 0, some or all, alone or with the prediction."""
    numbers = frozenset({"real", "positive", "nonneg", "count", "embeddings"})
    for moved in filled(numbers, (0.0,), ("target",))(case, inputs):
        yield moved
    for prediction, target in case.pairs:  # one element where both are 0
        if case.arguments[target].holds in numbers and case.arguments[prediction].holds in numbers - {"positive"}:
            both = [x.clone() for x in inputs]
            both[prediction].view(-1)[:1] = both[target].view(-1)[:1] = 0.0
            yield both
    for place in case.signature.places("target"):
        moved = [x.clone() for x in inputs]
        if not case.arguments[place].integer and moved[place].ndim > 1:  # one whole example is silent
            moved[place][0] = 0.0
            yield moved
    if {"zero_prediction", "prob_0_1"} & set(case.claims.get("valid_edges") or ()):  # both at once
        kinds = _PROBABLE | numbers | {"binary01"}
        if all(case.arguments[p].holds in kinds for pair in case.pairs for p in pair):
            places = {place for pair in case.pairs for place in pair}
            yield [torch.zeros_like(x) if place in places else x for place, x in enumerate(inputs)]


def one_target_zero(case: Case, inputs: Inputs) -> Iterator[Inputs]:
    """One target of 0 among others, the prediction anything, or 0 too."""
    for prediction, target in case.pairs:
        if case.arguments[target].holds in ("real", "nonneg"):
            moved = [x.clone() for x in inputs]
            moved[target].view(-1)[:1] = 0.0
            yield moved
            if case.arguments[prediction].holds in ("real", "nonneg"):
                both = [x.clone() for x in moved]
                both[prediction].view(-1)[:1] = 0.0
                yield both


def extreme(values: tuple[float, ...]) -> Callable[..., Iterator[Inputs]]:
    """Return an edge of predictions as large as these, right, wrong and mixed."""

    def make(case: Case, inputs: Inputs) -> Iterator[Inputs]:
        for size in values:
            for share in (0.0, 1.0):
                moved = case.perfect(inputs, share)
                if moved is None:
                    continue
                far = list(moved)
                for place in case.predictions:
                    if case.arguments[place].holds in ("logits", "real", "embeddings"):
                        start = inputs[mate(case, place)] if case.arguments[place].holds != "logits" else None
                        base = 0.0 if start is None or start.shape != moved[place].shape else start
                        way = moved[place] - base
                        far[place] = (
                            base
                            + way * (size / max(1e-9, float(way.abs().max())))
                            + (size if share and not way.abs().max() else 0.0)
                        )
                yield far
            for place in case.predictions:
                if case.arguments[place].holds in ("logits", "real", "embeddings", "log_variance"):
                    for sign in (1.0, -1.0):
                        moved = [x.clone() for x in inputs]
                        moved[place] = torch.where(inputs[place] > 0, sign * size, -sign * size).to(inputs[place].dtype)
                        yield moved
                        moved = [x.clone() for x in inputs]
                        moved[place] = torch.full_like(inputs[place], sign * size)
                        yield moved

    return make


def far_off(case: Case, inputs: Inputs) -> Iterator[Inputs]:
    """Large errors; where a bound is promised even those whose square is no float32."""
    yield from extreme((100.0, 1000.0, 1e25) if case.promised("upper_bound") else (100.0, 1000.0))(case, inputs)


def unlikely(case: Case, inputs: Inputs) -> Iterator[Inputs]:
    """Large scores; long sequences, whose probability underflows under every model."""
    yield from extreme((FAR, 100.0, 200.0))(case, inputs)
    unlikely = [argument.holds == "log_prob_scalar" for argument in case.arguments]
    if any(unlikely):
        yield [x - 300.0 if low else x for x, low in zip(inputs, unlikely, strict=True)]


def mate(case: Case, place: int) -> int:
    """Return the target of a prediction, or its own place."""
    return next((target for prediction, target in case.pairs if prediction == place), place)


def near_zero_log(case: Case, inputs: Inputs) -> Iterator[Inputs]:
    """Log-probabilities of 0 and just below."""
    yield from filled(frozenset({"log_prob_scalar", "log_probabilities"}), (0.0, -1e-8, -1e-4), ("prediction",))(
        case, inputs
    )
