"""What curves say of the mechanism: which loss, which floor, when, how."""

import math
from collections.abc import Mapping

import numpy as np

from lossmith.doctor.runlog import Curve, Numbers, RunLog

TINY = 1e-12
NEAR = 0.12
PARTS = 24


def clean(curve: Curve) -> Curve:
    """Return what is finite."""
    kept = np.isfinite(curve.values)
    return Curve(curve.steps[kept], curve.values[kept])


def parts_of(values: Numbers, parts: int) -> Numbers:
    """Return the means of `parts` equal stretches."""
    return np.array([part.mean() for part in np.array_split(values, min(parts, len(values)))])


def log10(value: float, low: float = -6.0) -> float:
    """Return the decimal logarithm, bounded."""
    return float(np.clip(math.log10(max(abs(value), 1e-12)), low, 6))


def start_of(train: Curve, validation: Curve) -> float | None:
    """Return the loss before learning, if the first value is no epoch's mean."""
    if len(train) < 3 * max(len(validation), 5):
        return None
    return float(np.median(train.values[: max(1, min(3, len(train) // 60))]))


def summed(run: RunLog, train: Curve, validation: Curve) -> float:
    """Return the rows that a loss is summed over, 1 for a mean."""
    classes, batch = run.ways, float(run.meta.get("batch_size") or 1)
    start = start_of(train, validation)
    if not classes or start is None or batch < 2:
        return 1.0
    return batch if abs(log10(start / (batch * math.log(classes)))) < NEAR else 1.0


def kind_of_loss(start: float | None, classes: int | None) -> dict[str, float]:
    """Say whether the loss starts where cross-entropy does, or where other losses do.

    At the start predictions say nothing, so that each loss has its own value there: log C for cross-entropy, 1/4 for
    the squared error of sigmoids, the mean square of the indices for index regression, 0 for NLLLoss on raw outputs.
    """
    if start is None or not classes:
        return {}
    others = [2 * (classes - 1) / classes**2, 0.25, 1 / classes] if classes > 2 else [0.5, 0.25, 1.0]
    others += [(classes - 1) * (2 * classes - 1) / 6] if classes > 2 else []
    found = {
        "start_ce": float(np.clip(start / math.log(classes), -1, 6)),
        "start_other": min(abs(log10(start / other)) for other in others) if start > 0 else 2.0,
        "start_none": float(abs(start) < 0.25 * math.log(classes) and abs(start) < 0.2),
    }
    found["start_off"] = abs(log10(start / math.log(classes))) if start > 0 else 6.0
    return found


def chance_entropy(accuracy: float, classes: int) -> float:
    """Return the loss of a calibrated guess that is right this often."""
    a = float(np.clip(accuracy, 1 / classes, 1 - 1e-4))
    return -a * math.log(a) - (1 - a) * math.log((1 - a) / (classes - 1))


def against_accuracy(run: RunLog, train: Curve, validation: Curve, rows: float) -> dict[str, float]:
    """Compare the loss with what its accuracy allows, and with two floors."""
    classes = run.ways
    if not classes or not run.by_accuracy or len(train) < 6:
        return {}
    found: dict[str, float] = {}
    unit, floor = math.log(classes), math.log(1 + (classes - 1) / math.e)
    if classes == 2:
        floor = 0.5 * (math.log(1 + 1 / math.e) + math.log(2))
    pairs = (("train", train, clean(run.train_metric)), ("val", validation, clean(run.validation_metric)))
    for name, loss, metric in pairs:
        if len(loss) < 3 or len(metric) < 3:
            continue
        last = max(1, len(loss) // 8), max(1, len(metric) // 8)
        end = float(np.mean(loss.values[-last[0] :])) / rows
        right = float(np.mean(metric.values[-last[1] :]))
        found[f"{name}_excess"] = float(np.clip((end - chance_entropy(right, classes)) / unit, -2, 3))
        found[f"{name}_twice"] = float(np.clip((end - floor - (1 - right)) / unit, -2, 2))
        found[f"{name}_floor"] = float(np.clip((parts_of(loss.values, PARTS).min() / rows - floor) / unit, -2, 3))
    return found


def timing(train: Curve, validation: Curve, run: RunLog) -> dict[str, float]:
    """Say when most of the fall is done, and how long nothing happened before."""
    found: dict[str, float] = {}
    for name, curve in (("train", train), ("val", validation)):
        if len(curve) < 5:
            continue
        means = parts_of(curve.values, PARTS)
        fall = means[0] - means.min()
        if fall <= TINY:
            found |= {f"{name}_half": 1.0, f"{name}_most": 1.0}
            continue
        done = (means[0] - np.minimum.accumulate(means)) / fall
        found[f"{name}_half"] = float(np.argmax(done >= 0.5) / (len(means) - 1))
        found[f"{name}_most"] = float(np.argmax(done >= 0.9) / (len(means) - 1))
        if means[0] > 0 and means.min() > 0:
            early = means[max(1, len(means) // 8)]
            found[f"{name}_dive"] = log10(means[0] / max(early, TINY), -2)
            found[f"{name}_whole"] = log10(means[0] / means.min())
            found[f"{name}_later"] = log10(max(early, TINY) / means.min())
    classes, metric = run.ways, clean(run.validation_metric).values
    if classes and run.by_accuracy and len(metric) >= 3:
        skill = (metric - 1 / classes) / (1 - 1 / classes)
        same = np.unique(np.round(metric, 6), return_counts=True)[1].max()
        found |= {
            "skill_first": float(skill[0]),
            "skill_gained": float(np.median(skill[-max(1, len(skill) // 6) :]) - skill[0]),
            "skill_range": float(np.ptp(skill)),
            "metric_same": float(same / len(metric)),
            "skill_falls": float(np.clip(skill.max() - skill[-1], 0, 1)),
        }
    return found


def swings(train: Curve, validation: Curve, level: float) -> dict[str, float]:
    """Say how the loss swings around its trend: growing, in spikes, in waves."""
    found: dict[str, float] = {}
    values = train.values
    if len(values) >= 24:
        means = parts_of(values, PARTS)
        trend = np.interp(np.arange(len(values)), (np.arange(len(means)) + 0.5) * len(values) / len(means), means)
        rest = values - trend
        third = len(rest) // 3
        spread = [_spread(part) for part in (rest[:third], rest[third : 2 * third], rest[2 * third :])]
        each = max(len(values) / len(means), 1)
        waves = np.diff(means[len(means) // 4 :])
        # How far the means of stretches turn back, beside what the noise of steps alone would do.
        back = float(np.sum(np.clip(waves, 0, None)))
        expected = max(spread[2], TINY) / math.sqrt(each) * max(len(waves), 1) * 0.56
        found |= {
            "noise_late": log10(spread[2] / max(abs(float(np.median(values[-third:]))), TINY)),
            "noise_late_level": log10(spread[2] / level),
            "noise_grew": log10(max(spread[2], TINY) / max(spread[0], TINY), -4),
            "noise_middle": log10(max(spread[1], TINY) / max(spread[0], TINY), -4),
            "spiky": log10(float(np.abs(rest[third // 2 :]).max()) / max(_spread(rest[third // 2 :]), TINY), 0),
            "skewed": float(np.clip(_skew(rest[third // 2 :]), -4, 8)),
            "turned_back": log10(back / expected, -2) if expected > 0 else 0.0,
            "turned_share": float(np.clip(back / max(float(np.ptp(means)), TINY), 0, 5)),
            "early_jump": log10(
                float(np.abs(values[: max(6, len(values) // 12)]).max()) / max(abs(values[0]), TINY), 0
            ),
        }
    if len(validation) >= 5:
        held = validation.values
        moves = np.diff(held)
        size = max(float(np.ptp(held)), TINY)
        found |= {
            "val_swing": float(np.mean(np.abs(moves)) / size),
            "val_turns": float(np.mean(np.diff(np.sign(moves)) != 0)) if len(moves) > 1 else 0.0,
            "val_spike": log10(float(np.abs(held).max()) / max(float(np.median(np.abs(held))), TINY), 0),
            "val_spread_late": log10(float(np.ptp(held[len(held) // 2 :])) / level),
            "val_rises": float(np.mean(moves > 0)),
        }
    return found


def seams(run: RunLog, train: Curve) -> dict[str, float]:
    """Say whether the loss jumps where an epoch begins."""
    if len(run.epochs) != len(run.train) or len(train) != len(run.train) or len(train) < 40:
        return {}
    begins = np.flatnonzero(np.diff(np.floor(run.epochs)) > 0) + 1
    begins = begins[(begins > 3) & (begins < len(train) - 3)]
    if len(begins) < 3:
        return {}
    values = train.values
    jumps = np.array([values[at : at + 3].mean() - values[at - 3 : at].mean() for at in begins])
    noise = max(_spread(np.diff(values)) * math.sqrt(2 / 3) / math.sqrt(2), TINY)
    return {"seam": float(np.clip(np.median(jumps) / noise, -6, 6))}


def signals(run: RunLog, train: Curve, validation: Curve, trivial: float, rows: float) -> Mapping[str, float]:
    """Return the numbers of this file.

    Args:
        run: as it was read.
        train: finite training losses.
        validation: finite validation losses.
        trivial: loss of the trivial predictor, in the unit of the curve.
        rows: that the loss is summed over, 1 for a mean.
    """
    start = start_of(train, validation)
    classes = run.ways
    found = kind_of_loss(None if start is None else start / rows, classes)
    found |= against_accuracy(run, train, validation, rows)
    found |= timing(train, validation, run) | swings(train, validation, trivial) | seams(run, train)
    return found


def _spread(values: Numbers) -> float:
    """Return a spread that single spikes do not move."""
    return float(np.median(np.abs(values - np.median(values))) * 1.4826) if len(values) else 0.0


def _skew(values: Numbers) -> float:
    """Return how far the mean lies above the median, in spreads."""
    spread = _spread(values)
    return float((values.mean() - np.median(values)) / spread) if spread > TINY else 0.0
