"""The expected loss is not lowest at the truth.

What it finds: a prediction other than the true probability, or than the promised functional of the target, that costs
less on average.
Why it matters: outputs are no probabilities, or another quantity than the one promised is learned.
Fix: take a proper score (logarithmic, Brier) for probabilities, the squared error for a mean, pinball for a quantile.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from lossmith.checker.case import Case
from lossmith.checker.found import Found

SHARE = 0.7
"""The true chance of a yes."""
GRID = (0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.98)
SAMPLE = (0.1, 0.3, 0.4, 0.7, 0.9, 1.3, 1.8, 2.6, 4.1, 7.0)
"""Targets without symmetry: their mean, median and quantiles lie apart."""

Pair = tuple[int, int]
"""Where a prediction and its target stand."""
LINKS: tuple[Callable[[Tensor], Tensor], ...] = (torch.clone, torch.exp, torch.nn.functional.softplus)
"""From what a loss is given to the quantity that is meant."""


def find(case: Case) -> Found | None:
    """Minimise the expected loss over a grid."""
    if len(case.predictions) != 1 or (pair := _pair(case)) is None:
        return None
    held = case.arguments[pair[1]].holds
    if case.promised("proper") and held in ("binary01", "sign"):
        return _binary(case, pair)
    if case.promised("proper") and held in ("class_index", "one_hot"):
        return _classes(case, pair)
    if case.promised("proper") and held == "soft_labels":
        return _shares(case, pair)
    return _functional(case, pair)


def _pair(case: Case) -> Pair | None:
    """Return the prediction and its target, though no value of one says the other."""
    targets = case.signature.places("target")
    if len(case.pairs) == 1 or len(targets) != 1:
        return case.pairs[0] if len(case.pairs) == 1 else None
    pair = case.predictions[0], targets[0]
    shapes = {tuple(case.ordinary[0][place].shape) for place in pair}
    return pair if len(shapes) == 1 else None


def _expected(case: Case, pair: Pair, prediction: Tensor, targets: list[Tensor], chances: list[float]) -> float | None:
    place, target = pair
    total = 0.0
    for value, chance in zip(targets, chances, strict=True):
        inputs = [x.clone() for x in case.ordinary[0]]
        inputs[place], inputs[target] = prediction, value
        found = case.number(inputs)
        if found is None or found != found:
            return None
        total += chance * found
    return total


def _binary(case: Case, pair: Pair) -> Found | None:
    place, target = pair
    like, labels = case.ordinary[0][place], case.ordinary[0][target]
    held = case.arguments[place].holds
    if held not in ("logits", "probabilities"):
        return None
    no = -1.0 if case.arguments[target].holds == "sign" else 0.0
    costs = {}
    for share in GRID:
        value = share if held == "probabilities" else float(torch.logit(torch.tensor(share, dtype=torch.float64)))
        every = [torch.full_like(labels, x) for x in (1.0, no)]
        costs[share] = _expected(case, pair, torch.full_like(like, value), every, [SHARE, 1.0 - SHARE])
    return _told({k: v for k, v in costs.items() if v is not None}, SHARE, "a probability of")


def _classes(case: Case, pair: Pair) -> Found | None:
    place, target = pair
    axis, like, labels = case.class_axis(place), case.ordinary[0][place], case.ordinary[0][target]
    if axis is None or case.arguments[place].holds not in ("logits", "log_probabilities", "simplex"):
        return None
    count = like.shape[axis]
    rest = (1.0 - SHARE) / (count - 1)
    costs: dict[float, float] = {}
    for share in GRID:
        p = torch.full((count,), (1.0 - share) / (count - 1), dtype=like.dtype)
        p[0] = share
        shape = [1] * like.ndim
        shape[axis] = count
        row = (p if case.arguments[place].holds == "simplex" else p.log()).reshape(shape).expand_as(like).clone()
        every = [_label(case, pair, labels, k, count) for k in range(count)]
        cost = _expected(case, pair, row, every, [SHARE, *[rest] * (count - 1)])
        if cost is None:
            return None
        costs[share] = cost
    return _told(costs, SHARE, "a probability of")


def _shares(case: Case, pair: Pair) -> Found | None:
    """No sharper or flatter distribution may cost less than the target."""
    place, target = pair
    kind, truth = case.arguments[place].holds, case.ordinary[0][target].log()
    costs = {}
    for power in (1.0, 0.5, 2.0, 8.0):
        said = (power * truth).log_softmax(1 if truth.ndim > 1 else 0)
        inputs = list(case.ordinary[0])
        inputs[place] = said.exp() if kind == "simplex" else said
        cost = case.number(inputs)
        if cost is None or cost != cost or kind not in ("logits", "log_probabilities", "simplex"):
            return None
        costs[power] = cost
    best = min(costs, key=lambda power: costs[power])
    if costs[best] >= costs[1.0] - 1e-3 * (max(costs.values()) - costs[best]) - 1e-12:
        return None
    told = f"The target itself costs {costs[1.0]:.4g}, the target to the power {best:g} {costs[best]:.4g}."
    return Found(told, None, told)


def _label(case: Case, pair: Pair, labels: Tensor, k: int, count: int) -> Tensor:
    if case.arguments[pair[1]].holds == "class_index":
        return torch.full_like(labels, k)
    one = torch.zeros_like(labels)
    one.select(1, k).fill_(1.0)
    return one


def _told(costs: dict[float, float], truth: float, what: str) -> Found | None:
    if truth not in costs or len(costs) < 3:
        return None
    best = min(costs, key=lambda share: costs[share])
    size = max(costs.values()) - min(costs.values())
    if best == truth or costs[best] >= costs[truth] - 1e-3 * size - 1e-12:
        return None
    cheaper = f"predicting {best:g} costs {costs[best]:.4g} on average, the truth {costs[truth]:.4g}"
    told = f"When {what} {truth:g} is true, {cheaper}."
    return Found(told, None, told)


def _functional(case: Case, pair: Pair) -> Found | None:
    said = str(case.claims.get("elicits") or "").lower()
    place, target = pair
    level = case.claims.get("quantile")
    kinds = ("real", "positive", "nonneg", "count")
    if case.arguments[place].holds not in kinds or case.arguments[target].holds not in kinds:
        return None
    atoms = torch.tensor(SAMPLE, dtype=torch.float64)
    if "median" in said or ("quantile" in said and level is None):
        level = 0.5
    if "mean" in said:
        truth, room = float(atoms.mean()), 0.06
    elif isinstance(level, (int, float)) and ("quantile" in said or "median" in said or not said):
        low, high = (float(torch.quantile(atoms, q)) for q in (max(0.0, level - 0.06), min(1.0, level + 0.06)))
        truth, room = (low + high) / 2.0, (high - low) / 2.0 + 0.06
    else:
        return None
    # A number that can be negative may be the logarithm of one that cannot, or go through a softplus.
    free = case.arguments[place].holds == "real" and case.arguments[target].holds != "real"
    bests = [_best_constant(case, pair, link) for link in (LINKS if free else LINKS[:1])]
    found = [best for best in bests if best is not None]
    if not found or any(abs(best - truth) <= room + 0.05 for best in found):
        return None
    name = said or f"{level:g} quantile"
    return Found(f"The best constant is {found[-1]:.3g}, where the {name} of the targets is about {truth:.3g}.", None)


def _best_constant(case: Case, pair: Pair, link: Callable[[Tensor], Tensor]) -> float | None:
    """Return what the prediction that costs least on the sample says, past the link."""
    place, target = pair
    like, labels = case.ordinary[0][place], case.ordinary[0][target]
    raw = torch.cat([torch.linspace(-3.0, 0.0, 40)[:-1], torch.linspace(0.05, 8.0, 160)])
    costs = {}
    for value in raw.tolist() if link is not LINKS[0] else raw[raw > 0.0].tolist():
        cost = _expected(
            case, pair, torch.full_like(like, value), [torch.full_like(labels, y) for y in SAMPLE], [0.1] * 10
        )
        if cost is None:
            return None
        costs[value] = cost
    return float(link(torch.tensor(min(costs, key=lambda value: costs[value]), dtype=torch.float64)))
