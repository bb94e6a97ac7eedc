"""When it went wrong: the step that a picture of the run should point at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lossmith.doctor.diagnosis import diagnose_run
from lossmith.doctor.prefix import until
from lossmith.doctor.runlog import Curve, RunLog

RISING = ("lr_too_high", "exploding_gradient", "no_zero_grad")
SHARES = {"dead_relu": ("dead_frac", "dead"), "saturated_activation": ("sat_frac", "saturated")}
MUCH = 0.5
GONE = 0.01
LOOKS = 12


@dataclass(frozen=True)
class Moment:
    """One step and what happened there.

    Attributes:
        step: in the log's own numbers.
        text: what is to be seen at it, a few words.
        layer: where, if it is a layer's.
    """

    step: float
    text: str
    layer: str = ""


def moment(run: RunLog, fault: str) -> Moment | None:
    """Return when a fault shows first, or nothing where no one step tells.

    Args:
        run: the run.
        fault: as it was diagnosed.
    """
    if fault == "nan_inf":
        return _not_finite(run)
    if fault == "overfitting" and len(run.validation):
        return Moment(float(run.validation.steps[np.nanargmin(run.validation.values)]), "lowest validation loss")
    if fault in SHARES:
        return _share(run, *SHARES[fault]) or _named(run, fault)
    if fault in RISING:
        return _jump(run.train) or _named(run, fault)
    if fault == "lr_too_low" and len(run.lr) and np.any(run.lr.values < GONE * run.lr.values.max()):
        return Moment(float(run.lr.steps[np.argmax(run.lr.values < GONE * run.lr.values.max())]), "the rate is gone")
    return _named(run, fault)


def _not_finite(run: RunLog) -> Moment | None:
    steps = [curve.steps[~np.isfinite(curve.values)] for curve in (run.train, run.validation)]
    first = [float(found[0]) for found in steps if len(found)]
    return Moment(min(first), "no number any more") if first else None


def _share(run: RunLog, key: str, word: str) -> Moment | None:
    """Return the first sampled step from which on most units of a layer are gone."""
    for layer, values in shares(run, key).items():
        kept = [place for place in range(len(values)) if all(value >= MUCH for _, value in values[place:])]
        if kept:
            step, value = values[kept[0]]
            return Moment(step, f"{value:.0%} of {layer} {word}", layer)
    return None


def shares(run: RunLog, key: str) -> Mapping[str, list[tuple[float, float]]]:
    """Return (step, share) by layer, the worst layer first."""
    found: dict[str, list[tuple[float, float]]] = {}
    for record in run.records:
        acts: Mapping[str, Any] = record.get("acts") or {}
        for layer, row in acts.items():
            if isinstance(row.get(key), int | float):
                found.setdefault(layer, []).append((float(record["step"]), float(row[key])))
    return dict(sorted(found.items(), key=lambda item: -item[1][-1][1]))


def _jump(curve: Curve) -> Moment | None:
    """Return the largest rise, where it stands out of the run's own noise."""
    values = curve.values[np.isfinite(curve.values)]
    steps = curve.steps[np.isfinite(curve.values)]
    rises = np.diff(values)
    if len(rises) < 5 or rises.max() < 5 * np.median(np.abs(rises)):
        return None
    return Moment(float(steps[int(rises.argmax()) + 1]), "largest jump")


def _named(run: RunLog, fault: str) -> Moment | None:
    """Return the step from which on the numbers name the fault."""
    curve = run.train if len(run.train) else run.validation
    first = None
    for part in range(LOOKS - 1, 2, -1):
        step = float(curve.steps[len(curve) * part // LOOKS])
        found = diagnose_run(until(run, step)).found
        if not found or found[0].fault != fault:
            break
        first = step
    return Moment(first, "named from here on") if first is not None else None
