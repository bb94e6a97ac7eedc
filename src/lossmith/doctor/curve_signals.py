"""What curves say, in units of the trivial loss and of the run's own noise."""

import math

import numpy as np

from lossmith.doctor import curve_mechanisms
from lossmith.doctor.curve_mechanisms import clean, log10, parts_of
from lossmith.doctor.runlog import Curve, Numbers, RunLog

TINY = 1e-12
STRETCHES = 12
SUPERVISED = (
    "classif",
    "regress",
    "label",
    "segment",
    "forecast",
    "rank",
    "count",
    "detect",
    "language",
    "reconstruct",
)
USUAL_LR = {"adam": 1e-3, "adamw": 1e-3, "nadam": 1e-3, "rmsprop": 1e-3, "adagrad": 1e-2, "sgd": 1e-2, "sgdm": 1e-2}


def signals(run: RunLog) -> dict[str, float]:
    """Return the numbers of the curves."""
    classes = run.ways
    task = str(run.meta.get("task_type") or "").lower()
    found = {
        "objective": float(not task or any(word in task for word in SUPERVISED)),
        "classification": float("classification" in task or run.several_labels),
        "regression": float(task == "regression"),
    }
    losses = np.concatenate([run.train.values, run.validation.values])
    found["nonfinite"] = float(np.mean(~np.isfinite(losses))) if len(losses) else 0.0
    train, validation = clean(run.train), clean(run.validation)
    if len(train) < 3:
        train = validation
    if len(train) < 3:
        return found
    rows = curve_mechanisms.summed(run, train, validation)
    trivial = max(abs(rows * math.log(classes) if classes else _start(train, validation)), TINY)
    found |= {"trivial_known": float(bool(classes)), "summed": float(rows > 1)}
    found |= _levels(train, validation, trivial)
    found |= _shape(train)
    found |= _validation(train, validation, trivial)
    found |= curve_mechanisms.signals(run, train, validation, trivial, rows)
    found |= _metrics(run, classes)
    found |= _rates(run)
    found |= _periods(run, train)
    if "skill" in found and classes:
        found["too_high_for_metric"] = found["end"] - (1 - found["train_skill" if "train_skill" in found else "skill"])
    return found


def _start(train: Curve, validation: Curve) -> float:
    """Return the loss before learning, in place of an unknown trivial loss."""
    first = float(np.median(train.values[: max(3, len(train) // 50)]))
    return max(first, float(validation.values[0])) if len(validation) else first


def _levels(train: Curve, validation: Curve, trivial: float) -> dict[str, float]:
    """Say where the loss starts, how low it gets and where it ends."""
    means = parts_of(train.values, STRETCHES)
    first = float(np.median(train.values[: max(1, min(5, len(train) // 20))]))
    tail = train.values[-max(1, len(train) // 10) :]
    scale = max(abs(first), trivial)
    return {
        "start": log10(first / trivial),
        "end": float(np.clip(np.median(tail) / trivial, -3, 6)),
        "end_log": log10(np.median(tail) / trivial),
        "best": float(np.clip(means.min() / trivial, -3, 6)),
        "worst_log": log10(np.abs(train.values).max() / trivial),
        "drop": float(np.clip((first - np.median(tail)) / scale, -3, 2)),
        "negative": float(np.mean(train.values < -0.01 * trivial)),
    }


def _shape(train: Curve) -> dict[str, float]:
    """Say how the loss moves: noise, rises, late slope, where the drop lies."""
    means = parts_of(train.values, STRETCHES)
    level = max(float(np.median(np.abs(train.values))), TINY)
    steps = np.diff(train.values)
    fall = max(float(means[0] - means.min()), 0.0)
    noise = float(np.median(np.abs(steps)) / 1.35) if len(steps) else 0.0
    standard = noise / math.sqrt(max(len(train) / len(means), 1))
    spread = max(fall, standard, TINY)
    late = means[-max(2, len(means) // 3) :]
    half = means[: max(2, len(means) // 3)]
    ratios = np.abs(train.values) / level
    return {
        "noise": log10(noise / level),
        "noise_to_fall": log10(noise / spread),
        "late_fall": float(np.clip((late[0] - late[-1]) / spread, -2, 2)),
        "early_fall": float(np.clip((half[0] - half[-1]) / spread, -2, 2)),
        "rise": float(np.clip((means[-1] - means.min()) / spread, 0, 3)),
        "rise_log": log10(
            1 + max(float(means[np.argmin(means) :].max() - means.min()) / max(abs(means.min()), TINY), 0)
        ),
        "spike": log10(float(ratios.max())),
        "heavy": log10(float(np.quantile(ratios, 0.95))),
        "fall_in_noise": float(np.clip(fall / max(standard, TINY), 0, 1000)) ** 0.5,
        "roughness": float(np.mean(np.diff(np.sign(np.diff(means))) != 0)) if len(means) > 3 else 0.0,
        "flat_exact": float(np.mean(np.abs(steps) < 1e-7 * level)) if len(steps) else 0.0,
    }


def _validation(train: Curve, validation: Curve, trivial: float) -> dict[str, float]:
    """Say what validation does that training does not."""
    if len(validation) < 3:
        return {}
    values, end = validation.values, float(np.median(train.values[-max(1, len(train) // 10) :]))
    best, last = float(values.min()), float(np.median(values[-max(1, len(values) // 6) :]))
    fall = max(float(values[0] - best), 0.02 * abs(trivial))
    means = parts_of(train.values, len(values))
    half = len(values) // 2
    middle = float(means[len(means) // 2])
    train_late = (middle - float(means[-1])) / max(abs(middle), 0.02 * trivial)
    return {
        "val_end": float(np.clip(last / trivial, -3, 6)),
        "val_best": float(np.clip(best / trivial, -3, 6)),
        "val_end_log": log10(last / trivial),
        "gap": float(np.clip((last - end) / trivial, -3, 3)),
        "gap_ratio": log10(last / end) if end > 0 and last > 0 else 0.0,
        "val_rise": float(np.clip((last - best) / fall, 0, 5)),
        "val_rise_ratio": log10(max(last, TINY) / max(best, TINY)) if best > 0 else 0.0,
        "best_at": float(np.argmin(values) / (len(values) - 1)),
        "val_drop": float(np.clip((values[0] - last) / max(abs(values[0]), trivial), -3, 2)),
        "val_frozen": float(np.ptp(values) < 1e-6 * max(abs(last), TINY)),
        "val_move": log10(np.ptp(values) / max(abs(last), TINY)),
        "val_noise": log10(np.median(np.abs(np.diff(values))) / max(abs(last), TINY)),
        "train_late": float(np.clip(train_late, -1, 1)),
        "val_late": float(np.clip((values[half] - last) / max(abs(values[half]), 0.02 * trivial), -1, 1)),
    }


def _metrics(run: RunLog, classes: int | None) -> dict[str, float]:
    """Say the skill over guessing, and whether the metric follows the loss."""
    values = clean(run.validation_metric).values
    found: dict[str, float] = {}
    if len(values) >= 3:
        found["metric_still"] = float(np.mean(np.abs(np.diff(values)) < 1e-9))
        last = float(np.median(values[-max(1, len(values) // 6) :]))
        if classes and run.by_accuracy:
            found["skill"] = (last - 1 / classes) / (1 - 1 / classes)
            found["best_skill"] = (float(values.max()) - 1 / classes) / (1 - 1 / classes)
        elif run.meta.get("metric_mode") == "min" and values[0] > 0:
            found["skill"] = float(np.clip(1 - last / values[0], -1, 1))
            found["best_skill"] = float(np.clip(1 - values.min() / values[0], -1, 1))
        loss = clean(run.validation).values
        if len(loss) == len(values) and np.ptp(loss) > 0 and np.ptp(values) > 0:
            sign = -1 if run.meta.get("metric_mode") != "min" else 1
            found["follows"] = sign * float(
                np.corrcoef(np.argsort(np.argsort(loss)), np.argsort(np.argsort(values)))[0, 1]
            )
    train = clean(run.train_metric).values
    if classes and run.by_accuracy and len(train) >= 3:
        late, early = float(train[-max(1, len(train) // 10) :].mean()), float(train[: max(1, len(train) // 10)].mean())
        found["train_skill"] = (late - 1 / classes) / (1 - 1 / classes)
        found["early_skill"] = (early - 1 / classes) / (1 - 1 / classes)
        if "skill" in found:
            found["skill_gap"] = found["train_skill"] - found["skill"]
        blocks = parts_of(train, max(3, len(train) // 5))
        found["metric_swing"] = float(np.std(np.diff(blocks)))
    return found


def _rates(run: RunLog) -> dict[str, float]:
    """Say how the rate compares with the usual one, and whether it went early."""
    lr = clean(run.lr).values
    if not len(lr) or lr.max() <= 0:
        return {}
    usual = USUAL_LR.get(str(run.meta.get("optimizer", "")).lower(), 3e-3)
    found = {"lr": log10(lr.max() / usual), "lr_gone": float(np.mean(lr < 0.01 * lr.max()))}
    batch = run.meta.get("batch_size")
    if batch:
        found["small_batch"] = float(np.clip((5 - math.log2(max(float(batch), 2))) / 4, 0, 1))
        found["lr_per_row"] = log10(lr.max() / usual / max(float(batch), 2) * 32)
    return found


def _periods(run: RunLog, train: Curve) -> dict[str, float]:
    """Say whether the loss repeats itself epoch after epoch."""
    values = train.values
    window = max(5, len(values) // 12)
    if len(values) < 30:
        return {}
    trend = np.convolve(np.pad(values, window // 2, mode="edge"), np.ones(window) / window, "same")
    rest = values - trend[window // 2 : window // 2 + len(values)]
    rest = np.clip(rest, *np.quantile(rest, [0.02, 0.98]))[len(rest) // 5 :]
    found = {"neighbours": _correlation(rest, 1)}
    period = _period(run)
    if period and 4 <= period <= len(rest) // 2:
        found["repeats"] = _correlation(rest, period)
        epochs = len(rest) // period
        folded = rest[-epochs * period :].reshape(epochs, period)
        found["folded"] = float(np.var(folded.mean(0)) / max(float(np.var(rest)), TINY)) * epochs / max(epochs - 1, 1)
        found["folded"] -= 1 / epochs
    return found


def _period(run: RunLog) -> int | None:
    """Return the steps of an epoch."""
    epochs = run.epochs
    if len(epochs) < 10 or epochs[-1] <= epochs[0]:
        return None
    per_step = (epochs[-1] - epochs[0]) / (len(epochs) - 1)
    return round(1 / per_step) if per_step > 0 else None


def _correlation(values: Numbers, lag: int) -> float:
    """Return the correlation of a series with itself `lag` later."""
    first, second = values[:-lag], values[lag:]
    if np.ptp(first) <= 0 or np.ptp(second) <= 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])
