"""The constant that minimises a loss on a skewed sample, for its portrait."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from lossmith.checker.axes import Axis, Picture, filled, mean_value, score
from lossmith.checker.case import Case, Inputs
from lossmith.domains import HalfLogOdds, TangentScores

SAMPLE = 21
"""Targets of the sample whose best constant is sought: odd, so that its median is one of them."""
POINTS = 41
READINGS = {
    "the sigmoid of twice the score": HalfLogOdds(),
    "the arc tangent of the score, plus a half,": TangentScores(),
}
"""How else than by its sigmoid a score says a probability: as losses of the catalogue read it."""
SAME = 0.002
"""How near the true share another reading must come: the sigmoid of twice 2p − 1 is 0.01 off it."""


def minimiser(case: Case, along: Axis) -> Picture | None:
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
        return mean_value(case, filled(case, inputs, pair, torch.tensor(constant), sample.view(shape)))

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
        return mean_value(case, filled(case, inputs, pair, score(held, torch.tensor(p, dtype=torch.float64)), sample))

    best = _lowest(value, 0.005, 0.995)
    if best is not None and held in ("logits", "real") and (read := _otherwise(best, share)):
        return read
    return _chance(best, share, "of the examples are positive")


def _otherwise(best: float, share: float) -> Picture | None:
    """Say how a score is read whose sigmoid is not the true share, if that tells."""
    score = torch.tensor(best, dtype=torch.float64).logit()
    for reading, domain in READINGS.items():
        found = float(domain.decode(score))
        if abs(found - share) < SAME:
            said = f"{100 * share:.0f} % of the examples are positive, {reading} is {found:.2f} at the best constant"
            return _found(found, {"true share": share}, f"Where {said}: the true share.")
    return None


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

    return _chance(_lowest(lambda p: mean_value(case, at(p)), 0.005, 0.995), share, "of the examples are of the class")


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
