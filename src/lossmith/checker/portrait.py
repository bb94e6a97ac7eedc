"""What a loss looks like, measured: its curves, its outliers, its minimiser.

Plain numbers for the report's pictures; nothing here judges.
"""

import itertools
import math
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor

from lossmith.checker.argument import FAR, is_finite
from lossmith.checker.axes import Axis, Picture, axis, mean_value
from lossmith.checker.case import Case, Inputs, with_value
from lossmith.checker.minimiser import minimiser
from lossmith.checker.state import kept

POINTS = 41
FLAT = 1e-9
"""Share of its size by which a value may vary where it is the same."""
SLOW = 0.01
"""Seconds that one call may take: some 300 are made. The portrait of a slower loss is left out."""
MISSES = {"numbers": (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0), "": (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, FAR)}
CHANCES = (0.5, 0.1, 0.01, 1e-3, 1e-4, 1e-5)
NOTHING = 1e-12
"""What is smaller is rounding."""
PIECES = 2
"""Convex stretches that are named; of more it is said that they are pieces."""
T = TypeVar("T")


def portrait(case: Case) -> Picture | None:
    """Draw a loss.

    Args:
        case: the loss and what it takes.

    Returns:
        Plain data. `curve`: x, x_label and lines, each with label, value, gradient and where it is convex. `outlier`:
        how hard one example pulls by how far off it is, or None. `minimiser`: the constant that minimises the loss on
        a skewed sample beside the sample's mean, median or share, or None. Each with `said`, a sentence. A number
        that is not finite is None. None where the loss gives no number, is slow, or has no axis to draw it along.
    """
    with kept():
        if case.number(case.ordinary[0]) is None or _seconds(case) > SLOW:
            return None
        along = _tried(lambda: axis(case))
        curve = None if along is None else _tried(lambda: _curve(case, along))
        if along is None or curve is None:
            return None
        parts = {"outlier": _outlier, "minimiser": minimiser}
        return {"curve": curve} | {name: _tried(partial(part, case, along)) for name, part in parts.items()}


def _seconds(case: Case) -> float:
    """Return what value and gradient take: the fastest of three tries."""
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        case.gradients(case.ordinary[0], case.predictions)
        taken.append(time.perf_counter() - began)
    return min(taken)


def _tried(part: Callable[[], T]) -> T | None:
    """Return a part of the portrait.

    None where the loss takes shapes that it cannot make.
    """
    try:
        return part()
    except (RuntimeError, ValueError, IndexError, TypeError, KeyError, ArithmeticError):
        return None


def _curve(case: Case, along: Axis) -> Picture | None:
    xs = torch.linspace(along.low, along.high, POINTS, dtype=torch.float64)
    lines = [_line(case, along, xs, name, t) for name, t in along.lines]
    if not any(math.isfinite(y) for line in lines for y in line["value"]):
        return None
    if all(map(_flat, lines)):
        said = f"With all examples alike the value does not change with the {along.label}."
    else:
        said = _convexity(along, lines, ", all examples alike" * acts_together(case))
    for line in lines:
        line["value"], line["gradient"] = _plain(line["value"]), _plain(line["gradient"])
    return {"x": _plain(xs.tolist()), "x_label": along.label, "lines": lines, "said": said}


def _line(case: Case, along: Axis, xs: Tensor, name: str, t: float) -> Picture:
    values, slopes = [], []
    for x in xs:
        place = x.clone().to(case.dtype).requires_grad_()
        value = mean_value(case, along.at(place, t))
        slope = None
        if value is not None and value.requires_grad:
            try:
                (slope,) = torch.autograd.grad(value, place, allow_unused=True)
            except RuntimeError:
                slope = None
        values.append(math.nan if value is None else float(value.detach()))
        slopes.append(math.nan if slope is None else float(slope))
    if not any(map(math.isfinite, slopes)) and getattr(case.loss, "without_gradient", False):
        slopes = torch.gradient(torch.tensor(values), spacing=float(xs[1] - xs[0]))[0].tolist()
    tiny = 1e-10 if case.dtype == torch.float64 else 1e-5
    return {"label": name, "value": values, "gradient": slopes, "convex": _convex(xs.tolist(), values, tiny)}


def _convex(xs: Sequence[float], ys: Sequence[float], tiny: float) -> list[list[float]]:
    """Return the stretches where second differences are not negative."""
    size = max((abs(y) for y in ys if math.isfinite(y)), default=0.0)
    fine = [a - 2.0 * b + c >= -tiny * size for a, b, c in zip(ys, ys[1:], ys[2:], strict=False)]
    found: list[list[float]] = []
    for good, group in itertools.groupby(enumerate(fine, 1), key=lambda pair: pair[1]):
        places = [place for place, _ in group]
        if good:
            found.append([round(xs[places[0] - 1], 4), round(xs[places[-1] + 1], 4)])
    return found


def _flat(line: Picture) -> bool:
    ys = [y for y in line["value"] if math.isfinite(y)]
    return not ys or max(ys) - min(ys) <= FLAT * max(map(abs, ys))


def acts_together(case: Case) -> bool:
    """Whether other examples' predictions change how one example is pulled."""
    if not case.pairs or case.batch < 2:
        return False
    place = case.pairs[0][0]
    axis = case.batch_axes[place]
    pulls = []
    for seed in (0, 1):
        if axis is None:
            return False
        others = case.ordinary[seed][place].clone()
        others.select(axis, 0).copy_(case.ordinary[0][place].select(axis, 0))
        _, gradient = case.gradient(with_value(case.ordinary[0], place, others), place)
        if gradient is None:
            return False
        pulls.append(gradient.select(axis, 0).double())
    size = float(pulls[0].abs().max())
    return float((pulls[0] - pulls[1]).abs().max()) > (1e-6 if case.dtype == torch.float64 else 1e-3) * size


def _convexity(along: Axis, lines: Sequence[Picture], alike: str) -> str:
    """Say where a loss is convex along the axis; a constant is no course at all."""
    if not along.kind:
        return ""
    whole = [line for line in lines if line["convex"] == [[along.low, along.high]]]
    if len(whole) == len(lines):
        return f"Convex in the {along.label}{alike}, everywhere drawn."
    told = {line["label"]: _spans(line["convex"], along) for line in lines}
    if len(set(told.values())) == 1:
        return f"In the {along.label}{alike}: {next(iter(told.values()))}."
    return f"In the {along.label}{alike}: {'; '.join(f'{name}: {span}' for name, span in told.items())}."


def _spans(spans: Sequence[Sequence[float]], along: Axis) -> str:
    if not spans:
        return "nowhere convex"
    if spans == [[along.low, along.high]]:
        return "convex everywhere drawn"
    if len(spans) > PIECES:
        return "convex only in pieces"
    return "convex from " + " and from ".join(f"{low:.3g} to {high:.3g}" for low, high in spans)


def _outlier(case: Case, along: Axis) -> Picture | None:
    """Pull ever further at one example, the rest being nearly right."""
    if not along.kind or not case.batch or along.high == 1.0 or acts_together(case):
        return None  # where examples act on each other, what the others say decides
    prediction, target = case.pairs[0]
    base = case.perfect(case.ordinary[0], 0.1) or case.ordinary[0]
    chances = along.high < 1.0
    sizes = CHANCES if chances else MISSES.get(along.kind, MISSES[""])
    found = [_pull(case, along, base, (prediction, target), size) for size in sizes]
    if found[0] is None or not found[0] > 0 or not all(is_finite(pull) for pull in found):
        return None
    pulls = [float(pull) / float(found[0]) for pull in found if pull is not None]
    noun = "a probability of" if chances else "a miss by" if along.kind == "numbers" else "a wrong score of"
    said = f"{noun.capitalize()} {sizes[-1]:g} pulls {_times(pulls[-1])}as hard as {noun} {sizes[0]:g}"
    return {
        "x": list(sizes),
        "x_label": "probability given to the truth" if chances else "how far off the one example is",
        "pull": _plain(pulls),
        "said": f"{said}: {_growth(pulls)}.",
    }


def _pull(case: Case, along: Axis, base: Inputs, pair: tuple[int, int], size: float) -> float | None:
    prediction, target = pair
    places = case.batch_axes[prediction], case.batch_axes[target]
    if None in places:
        return None
    if along.kind == "numbers":  # the target is far: a prediction must stay where its domain is
        far = along.at(torch.tensor(1.0 if "−" not in along.label else 0.0), 0.0)
        far[target] = (far[prediction] + size).reshape(far[target].shape)
    elif along.kind == "yes or no":
        far = along.at(torch.tensor(size if along.high < 1.0 else -size), 1.0)
    else:
        far = along.at(torch.tensor(size if along.high < 1.0 else -size, dtype=case.dtype), 0.0)
    moved = [x.clone() for x in base]
    for place, batch in zip(pair, places, strict=True):
        assert batch is not None
        moved[place].select(batch, 0).copy_(far[place].select(batch, 0))
    _, gradient = case.gradient(moved, prediction)
    batch = places[0]
    return None if gradient is None or batch is None else float(gradient.select(batch, 0).double().norm())


def _times(ratio: float) -> str:
    if abs(ratio - 1.0) < 0.005:
        return ""
    if ratio < 0.01:
        return "less than a hundredth "
    return f"{float(f'{ratio:.3g}'):,.10g} times "


def _growth(pulls: Sequence[float]) -> str:
    """Say what the last steps do."""
    last, before, most = pulls[-1], pulls[-2], max(pulls)
    if last < 0.5 * most:
        return "the farthest are given up"
    return "its influence still grows there" if last > 1.2 * before else "there its influence grows no more"


def _plain(values: Sequence[float]) -> list[float | None]:
    """Round; what is not finite becomes None, as JSON has no word for it."""
    whole = [0.0 if abs(value) < NOTHING else value for value in values]
    return [float(f"{value:.5g}") if math.isfinite(value) else None for value in whole]
