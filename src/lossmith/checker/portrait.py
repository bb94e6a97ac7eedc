"""What a loss looks like, measured: its curves, its outliers, its minimiser.

Plain numbers for the report's pictures; nothing here judges.
"""

import itertools
import math
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import torch
from torch import Tensor

from lossmith.checker.argument import FAR, is_finite
from lossmith.checker.axes import Axis, axis, filled, score
from lossmith.checker.case import Case, Inputs
from lossmith.checker.state import kept

POINTS = 41
SLOW = 0.01
"""Seconds that one call may take: some 300 are made. The portrait of a slower loss is left out."""
SAMPLE = 21
"""Targets of the sample whose best constant is sought: odd, so that its median is one of them."""
MISSES = {"numbers": (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0), "": (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, FAR)}
CHANCES = (0.5, 0.1, 0.01, 1e-3, 1e-4, 1e-5)
NOTHING = 1e-12
"""What is smaller is rounding."""
PIECES = 2
"""Convex stretches that are named; of more it is said that they are pieces."""
Picture = dict[str, Any]
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
        parts = {"outlier": _outlier, "minimiser": _minimiser}
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


def _value(case: Case, inputs: Inputs) -> Tensor | None:
    value = case.call(inputs).value
    return None if value is None or not value.numel() else value.double().mean()


def _curve(case: Case, along: Axis) -> Picture | None:
    xs = torch.linspace(along.low, along.high, POINTS, dtype=torch.float64)
    lines = [_line(case, along, xs, name, t) for name, t in along.lines]
    if not any(math.isfinite(y) for line in lines for y in line["value"]):
        return None
    said = _convexity(along, lines)
    for line in lines:
        line["value"], line["gradient"] = _plain(line["value"]), _plain(line["gradient"])
    return {"x": _plain(xs.tolist()), "x_label": along.label, "lines": lines, "said": said}


def _line(case: Case, along: Axis, xs: Tensor, name: str, t: float) -> Picture:
    values, slopes = [], []
    for x in xs:
        place = x.clone().to(case.dtype).requires_grad_()
        value = _value(case, along.at(place, t))
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


def _convexity(along: Axis, lines: Sequence[Picture]) -> str:
    if not along.kind:
        return ""
    whole = [line for line in lines if line["convex"] == [[along.low, along.high]]]
    if len(whole) == len(lines):
        return f"Convex in the {along.label}, everywhere drawn."
    told = {line["label"]: _spans(line["convex"], along) for line in lines}
    if len(set(told.values())) == 1:
        return f"In the {along.label}: {next(iter(told.values()))}."
    return f"In the {along.label}: {'; '.join(f'{name}: {span}' for name, span in told.items())}."


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
    if not along.kind or not case.batch or along.high == 1.0:
        return None
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
    return "its influence grows without end" if last > 1.2 * before else "its influence is bounded"


def _minimiser(case: Case, along: Axis) -> Picture | None:
    """Find the constant that minimises the loss on a skewed sample."""
    if not along.kind:
        return None
    find = {"numbers": _best_number, "yes or no": _best_chance, "classes": _best_class}[along.kind]
    return find(case, along)


def _drawn(case: Case, count: int) -> Inputs:
    """Return a batch where every position counts, and alike."""
    inputs = case.draw(0, N=count)
    return [
        torch.ones_like(x) if a.role in ("mask", "weight") and a.holds != "mask_none" else x
        for a, x in zip(case.arguments, inputs, strict=True)
    ]


def _best_number(case: Case, along: Axis) -> Picture | None:
    pair = case.pairs[0]
    held, against = (case.arguments[place].holds for place in pair)
    levels = (torch.arange(SAMPLE, dtype=torch.float64) + 0.5) / SAMPLE
    sample = -(1.0 - levels).log()  # an exponential's quantiles: skewed
    sample = {"count": (2.0 * sample).round(), "pixels": sample / 4.0}.get(against, sample)
    inputs = _drawn(case, SAMPLE)
    shape = _upright(case, pair[1], inputs)
    if shape is None:
        return None

    def value(constant: float) -> Tensor | None:
        return _value(case, filled(case, inputs, pair, torch.tensor(constant), sample.view(shape)))

    low = {"real": -2.0 if held != against else -1.0}.get(held, 0.02)
    best = _lowest(value, low, float(sample.max()))
    if best is None:
        return None
    against_these = {"mean": float(sample.mean()), "median": float(sample.median())}
    if held == "real" and against != "real":
        against_these["log of the mean"] = math.log(against_these["mean"])
    if best < low + 0.01 or best > float(sample.max()) - 0.01:
        told = "On a skewed sample no constant is best: the value falls to the end of the range."
        return _found(None, against_these, told)
    gap = 0.05 * abs(against_these["mean"] - against_these["median"])
    same = [name for name, value in against_these.items() if abs(value - best) < gap]
    below = float((sample < best).double().mean())
    told = f"the {same[0]}" if same else f"above {100 * below:.0f} % of it, neither {' nor '.join(against_these)}"
    return _found(best, against_these, f"On a skewed sample the best constant prediction is {best:.3g}: {told}.")


def _best_chance(case: Case, along: Axis) -> Picture | None:
    pair, held = case.pairs[0], case.arguments[case.pairs[0][0]].holds
    inputs, share = _drawn(case, 20), 0.3
    shape = _upright(case, pair[1], inputs)
    if shape is None:
        return None
    no = along.lines[0][1]
    sample = torch.where(torch.arange(20) < round(20 * share), 1.0, no).view(shape)

    def value(p: float) -> Tensor | None:
        return _value(case, filled(case, inputs, pair, score(held, torch.tensor(p, dtype=torch.float64)), sample))

    return _chance(_lowest(value, 0.005, 0.995), share, "of the examples are positive")


def _best_class(case: Case, along: Axis) -> Picture | None:
    prediction, target = case.pairs[0]
    held, place = case.arguments[prediction].holds, case.class_axis(prediction)
    batch = case.batch_axes[prediction]
    if place is None or batch is None or case.batch_axes[target] is None:
        return None
    inputs, share = _drawn(case, 20), 0.5
    count = inputs[prediction].shape[place]
    rest = torch.arange(count - 1, 0, -1, dtype=torch.float64)
    counts = [10, *(10.0 * rest / rest.sum()).round().int().tolist()]
    index = torch.repeat_interleave(torch.arange(count), torch.tensor(counts))
    if len(index) != 20 or count < 2:
        return None
    shares = torch.tensor(counts, dtype=torch.float64) / 20.0
    truth = torch.nn.functional.one_hot(index, count) if case.arguments[target].holds == "one_hot" else index
    trailing = inputs[target].ndim - truth.ndim
    inputs[target] = truth.view(*truth.shape, *[1] * trailing).expand(inputs[target].shape).to(inputs[target].dtype)

    def at(p: float) -> Inputs:
        chance = torch.where(torch.arange(count) == 0, p, (1.0 - p) * shares / (1.0 - share))
        chance = chance if held in ("simplex", "probabilities") else chance.log()
        moved = list(inputs)
        like = inputs[prediction].movedim(place, -1)
        moved[prediction] = chance.to(like.dtype).expand(like.shape).movedim(-1, place)
        return moved

    return _chance(_lowest(lambda p: _value(case, at(p)), 0.005, 0.995), share, "of the examples are of the class")


def _chance(best: float | None, share: float, noun: str) -> Picture | None:
    if best is None:
        return None
    told = "the true share" if abs(best - share) < 0.01 else "not the true share"
    said = f"Where {100 * share:.0f} % {noun}, the best constant probability is {best:.2f}: {told}."
    return _found(best, {"true share": share}, said)


def _found(best: float | None, against: dict[str, float], said: str) -> Picture:
    return {
        "found": None if best is None else round(best, 4),
        "against": {k: round(v, 4) for k, v in against.items()},
        "said": said,
    }


def _upright(case: Case, place: int, inputs: Inputs) -> list[int] | None:
    """Return the shape of a sample that runs along the batch."""
    batch = case.batch_axes[place]
    if batch is None:
        return None
    return [-1 if at == batch else 1 for at in range(inputs[place].ndim)]


def _lowest(value: Callable[[float], Tensor | None], low: float, high: float) -> float | None:
    """Return where a function of one number is lowest.

    None where it is undefined or flat.
    """
    xs: list[float] = torch.linspace(low, high, POINTS).tolist()
    ys = [_number(value(x)) for x in xs]
    if not all(map(math.isfinite, ys)) or max(ys) - min(ys) <= 1e-9 * max(map(abs, ys)):
        return None
    place = ys.index(min(ys))
    left, right = xs[max(0, place - 1)], xs[min(POINTS - 1, place + 1)]
    for _ in range(16):
        a, b = left + (right - left) / 3.0, right - (right - left) / 3.0
        left, right = (left, b) if _number(value(a)) <= _number(value(b)) else (a, right)
    return (left + right) / 2.0


def _number(value: Tensor | None) -> float:
    return math.inf if value is None else float(value.detach())


def _plain(values: Sequence[float]) -> list[float | None]:
    """Round; what is not finite becomes None, as JSON has no word for it."""
    whole = [0.0 if abs(value) < NOTHING else value for value in values]
    return [float(f"{value:.5g}") if math.isfinite(value) else None for value in whole]
