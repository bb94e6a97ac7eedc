"""Learns the doctor's weights from runs with a known fault, and asks how they do on tasks that were left out."""

import json
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy.optimize import minimize_scalar

from lossmith.doctor.combination import HEALTHY, read, rises
from lossmith.doctor.diagnosis import SYMPTOMS, impossible, unspoken
from lossmith.doctor.runlog import Curve, RunLog
from lossmith.doctor.runlog import read as read_run
from lossmith.doctor.signals import signals

Numbers = npt.NDArray[np.float64]
FAULTS = (*SYMPTOMS, HEALTHY)
PENALTY, OWN_PENALTY, OWN_START = 2e-3, 1e-4, 0.3
KNOTS, STEPS = 6, 120
SHARE_HEALTHY = 0.25
BARE = 0.3  # weight of a run's second copy, without meta.json and with one line an epoch
BY_NAME = (
    "twice", "not_log", "not_probability", "cut_off", "distance_to_labels", "labels_for_floats", "unknown_criterion",
    "column_against_row", "sum_reduction",
)  # fmt: skip
"""Only symptoms speak of what a loss is called: learned from, an unknown name itself would look like a fault."""
FLOORS = (-0.5, 0.3, 2.0)  # where the lowest loss of a shifted run lies, in falls
ALARMS = 0.025  # of the runs without fault may be named, at most, on tasks that were left out


@dataclass(frozen=True)
class Sample:
    """A run to learn from.

    Attributes:
        run: its folder.
        fault: that it has.
        task: that it trains.
        signals: its numbers.
        own: each symptom's own evidence.
        weight: how much it counts, beside others of its fault.
    """

    run: Path
    fault: str
    task: str
    signals: Mapping[str, float]
    own: Mapping[str, float]
    weight: float = 1.0


def collect(folders: Sequence[Path], mode: str, *, bare: bool = True) -> list[Sample]:
    """Read runs; their curves also as a log without meta.json and with one line an epoch, and as another loss's."""
    found = []
    for place in sorted(path.parent for folder in folders for path in folder.glob("**/truth.json")):
        truth, run = json.loads((place / "truth.json").read_text(encoding="utf-8")), read_run(place)
        said = str(truth["fault"]), str(truth["task"])
        numbers = signals(run if mode == "live" else run.curves_only())
        found.append(Sample(place, *said, numbers, _own(numbers)))
        if mode == "curves" and bare:
            for copy in (bare_log(run), shifted(run)):
                if copy is not None:
                    numbers = signals(copy)
                    found.append(Sample(place, *said, numbers, _own(numbers), BARE))
    return found


def _own(numbers: Mapping[str, float]) -> dict[str, float]:
    """Return each symptom's own evidence."""
    return {name: sum(one.weight for one in module.weigh(numbers)) for name, module in SYMPTOMS.items()}


def bare_log(run: RunLog) -> RunLog | None:
    """Return a run as a log of epochs without anything beside it; nothing where it has no epochs."""
    if len(run.epochs) != len(run.train) or len(run.validation) < 4:
        return None
    epoch = np.floor(run.epochs + 1e-6)
    each = np.unique(epoch)
    none = np.zeros(0)
    loss, metric = (
        Curve(each, np.array([curve.values[epoch == e].mean() for e in each]))
        if len(curve) == len(epoch)
        else Curve(none, none)
        for curve in (run.train, run.train_metric)
    )
    known = {key: run.meta[key] for key in ("metric", "metric_mode") if key in run.meta}
    return replace(run.curves_only(), train=loss, train_metric=metric, lr=Curve(none, none), epochs=none, meta=known)


def shifted(run: RunLog) -> RunLog | None:
    """Return a regression run whose loss has another zero, as a likelihood's has; nothing of other runs."""
    known = run.train.values[np.isfinite(run.train.values)]
    if run.meta.get("task_type") != "regression" or len(known) < 10:
        return None
    means = np.array([part.mean() for part in np.array_split(known, 10)])
    floor = FLOORS[zlib.crc32(run.source.parent.name.encode()) % len(FLOORS)]
    by = floor * max(float(means[0] - means.min()), 0.05 * abs(float(means[0]))) - float(means.min())
    return replace(
        run.curves_only(),
        train=Curve(run.train.steps, run.train.values + by),
        validation=Curve(run.validation.steps, run.validation.values + by),
    )


def fit(samples: Sequence[Sample]) -> dict[str, Any]:
    """Minimise the weighted cross-entropy, with a penalty on the size of weights.

    Returns:
        what is written as JSON; the temperature is 1 and the threshold a half.
    """
    names: Sequence[str] = sorted({name for sample in samples for name in sample.signals} - set(BY_NAME))
    table = np.array([[sample.signals.get(name, math.nan) for name in names] for sample in samples])
    knots = {name: _knots(column) for name, column in zip(names, table.T, strict=True)}
    names = [name for name in names if len(knots[name]) > 1]
    table = np.array([[sample.signals.get(name, math.nan) for name in names] for sample in samples])
    basis = np.concatenate([rises(knots[name], column) for name, column in zip(names, table.T, strict=True)], axis=1)
    own = np.array([[sample.own.get(fault, 0.0) for fault in FAULTS] for sample in samples])
    barred = np.array([[fault in impossible(sample.signals, sample.own) for fault in FAULTS] for sample in samples])
    weights, base, factors = _solve(basis, own, barred, [sample.fault for sample in samples], _counts(samples))
    healthy = np.array([sample.fault == HEALTHY and sample.weight == 1 for sample in samples])
    usual = basis[healthy].mean(0)
    place, parts = 0, {}
    for name in names:
        rows = slice(place, place + len(knots[name]))
        place = rows.stop
        parts[name] = {
            "knots": knots[name].tolist(),
            "weights": weights[rows].round(2).tolist(),
            "usual": usual[rows].round(2).tolist(),
        }
    return {"faults": list(FAULTS), "temperature": 1.0, "threshold": 0.5, "base": base.round(2).tolist(),
            "own": factors.round(2).tolist(), "signals": parts}  # fmt: skip


def _knots(column: Numbers) -> Numbers:
    """Return where the pieces of a signal meet: at quantiles of what was seen."""
    seen = column[np.isfinite(column)]
    if len(seen) < 20 or np.ptp(seen) == 0:
        return np.zeros(0)
    found = np.unique(np.quantile(seen, np.linspace(0.02, 0.98, KNOTS)).round(4))
    return found if len(found) > 1 else np.array([seen.min(), seen.max()])


def _counts(samples: Sequence[Sample]) -> Numbers:
    """Return weights that give each fault the same share, and healthy runs theirs."""
    sums: dict[str, float] = {}
    for sample in samples:
        sums[sample.fault] = sums.get(sample.fault, 0.0) + sample.weight
    share = {f: SHARE_HEALTHY if f == HEALTHY else (1 - SHARE_HEALTHY) / max(len(sums) - 1, 1) for f in sums}
    return np.array([share[sample.fault] * sample.weight / sums[sample.fault] for sample in samples])


def _solve(
    basis: Numbers, own: Numbers, barred: npt.NDArray[np.bool_], truth: Sequence[str], count: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """Return weights, constants and factors of own evidence; the factors are not negative."""
    rows, evidence, counts = (torch.tensor(part, dtype=torch.float32) for part in (basis, own, count))
    closed, columns, size = torch.tensor(barred), len(FAULTS), basis.shape[1]
    wanted = torch.tensor([FAULTS.index(fault) for fault in truth])
    weights = torch.zeros(size, columns, requires_grad=True)
    base = torch.zeros(columns, requires_grad=True)
    factors = torch.full((columns,), OWN_START, requires_grad=True)
    solver = torch.optim.LBFGS([weights, base, factors], max_iter=STEPS, history_size=20, line_search_fn="strong_wolfe")

    def cost() -> torch.Tensor:
        solver.zero_grad()
        odds = (rows @ weights + base + evidence * factors.clamp_min(0)).masked_fill(closed, -1e4)
        fit = (counts * torch.nn.functional.cross_entropy(odds, wanted, reduction="none")).sum()
        total = fit + PENALTY * weights.square().sum() + OWN_PENALTY * (factors - OWN_START).square().sum()
        total.backward()
        return total

    solver.step(cost)
    found = (weights, base, factors.clamp_min(0))
    return tuple(part.detach().double().numpy() for part in found)  # type: ignore[return-value]


def folds(tasks: Sequence[str], most: int) -> list[set[str]]:
    """Part tasks into at most so many groups."""
    names = sorted(set(tasks))
    return [set(names[start::most]) for start in range(min(most, len(names)))]


def left_out(samples: Sequence[Sample], groups: Sequence[set[str]]) -> Numbers:
    """Return each sample's log-odds from weights learned without its task; nan where no group holds it."""
    found = np.full((len(samples), len(FAULTS)), math.nan)
    for group in groups:
        weights = read(json.dumps(fit([sample for sample in samples if sample.task not in group])))
        for index, sample in enumerate(samples):
            if sample.task in group:
                barred = impossible(sample.signals, sample.own) | unspoken(sample.signals, sample.own)
                found[index] = weights.log_odds(sample.signals, sample.own)
                found[index, [fault in barred for fault in FAULTS]] = -1e4
    return found


def calibrate(odds: Numbers, truth: Sequence[str]) -> tuple[float, float]:
    """Return the temperature that fits left-out runs best, and the threshold that keeps false alarms rare."""
    wanted = np.array([FAULTS.index(fault) for fault in truth])
    count = np.array(
        [1 / list(truth).count(fault) * (SHARE_HEALTHY if fault == HEALTHY else 0.75 / 21) for fault in truth]
    )

    def cost(log_temperature: float) -> float:
        shares = softmax(odds / math.exp(log_temperature))
        return -float((count * np.log(np.maximum(shares[np.arange(len(wanted)), wanted], 1e-12))).sum())

    temperature = math.exp(minimize_scalar(cost, bounds=(-1.5, 2.0), method="bounded").x)
    some = 1 - softmax(odds / temperature)[:, FAULTS.index(HEALTHY)]
    alarms = np.sort(some[wanted == FAULTS.index(HEALTHY)])[::-1]
    allowed = math.floor(ALARMS * len(alarms))
    return temperature, float(max(0.5, alarms[allowed] if len(alarms) > allowed else 0.5))


def softmax(odds: Numbers) -> Numbers:
    """Return probabilities of rows of log-odds."""
    shares = np.exp(odds - odds.max(1, keepdims=True))
    return np.asarray(shares / shares.sum(1, keepdims=True))


def named(odds: Numbers, temperature: float, threshold: float) -> list[tuple[str, float]]:
    """Return what is said first of each row, and its confidence."""
    shares, none = softmax(odds / temperature), FAULTS.index(HEALTHY)
    found = []
    for row in shares:
        best = int(np.argmax(np.delete(row, none)))  # healthy is last
        found.append((FAULTS[best], float(row[best])) if 1 - row[none] > threshold else (HEALTHY, float(row[none])))
    return found
