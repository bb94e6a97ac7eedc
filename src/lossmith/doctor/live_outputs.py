"""What a recorder saw of activations, outputs and predictions, as numbers."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lossmith.doctor.records import TINY, is_finite, log, numbers, parts
from lossmith.doctor.runlog import RunLog

LOGITS = ("crossentropyloss", "bcewithlogitsloss", "multilabelsoftmarginloss", "multimarginloss", "softmarginloss")
SIGMOIDS = ("bcewithlogitsloss", "multilabelsoftmarginloss", "softmarginloss")
ONE_OF = ("crossentropyloss", "nllloss")
LOG_PROBABILITIES = ("nllloss",)
PROBABILITIES = ("bceloss",)
DISTANCES = ("mseloss", "l1loss", "smoothl1loss", "huberloss", "mse", "mae", "l1", "huber")
SATURATING = ("tanh", "sigmoid", "hardtanh", "hardsigmoid", "softsign")


def activations(records: Sequence[Mapping[str, Any]], late: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Say what share of units is dead or saturated, and how activations grow."""
    found: dict[str, float] = {}
    for key, name in (("dead_frac", "dead"), ("sat_frac", "saturated"), ("zero_frac", "zeros")):
        rows = [[part[key] for part in parts(r, "acts") if is_finite(part.get(key))] for r in records]
        if not rows or not rows[0]:
            continue
        half = [row for row in rows[len(rows) // 2 :] if row]
        if not half:
            continue
        found[name] = float(np.median([max(row) for row in half]))
        found[f"{name}_mean"] = float(np.median([np.mean(row) for row in half]))
        found[f"{name}_start"] = float(np.median([max(row) for row in rows[:3]]))
    stds = [[part.get("std") for part in parts(r, "acts")] for r in records[:3]]
    stds = [row for row in stds if row and all(is_finite(value) for value in row)]
    if stds:
        first = np.median(np.array(stds, float), axis=0)
        found["activation_growth"] = log(first[-1] / max(first[0], TINY))
        found["activation_size"] = log(float(first.max()))
        found["activation_least"] = log(float(first.min()))
    ends = [numbers([part.get("std") for part in parts(r, "acts")]) for r in late]
    ends = [row for row in ends if len(row)]
    if ends:
        found["activation_late"] = log(float(np.median([row.max() for row in ends])))
        found["activation_least_late"] = log(float(np.median([row.min() for row in ends])))
    kinds = {str(part.get("kind")).lower() for part in parts(records[0], "acts")}
    found["saturating_kind"] = float(bool(kinds & set(SATURATING)))
    return found


def outputs(run: RunLog, records: Sequence[Mapping[str, Any]], late: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Say whether outputs are what the loss takes, and differ between rows."""
    criterion = str(run.static.get("criterion", "")).lower()
    shape, target = run.static.get("out_shape") or [], run.static.get("target") or {}
    labels = bool(target.get("hist")) and "int" in str(target.get("dtype", ""))
    outs = [record.get("out") or {} for record in records]
    outs = [out for out in outs if is_finite(out.get("min")) and is_finite(out.get("max"))]
    if not outs:
        return {}
    low, high = min(out["min"] for out in outs), max(out["max"] for out in outs)
    inside = low >= 0 and high <= 1 + 1e-6
    wide = len(shape) > 1 and shape[-1] > 1
    sums = wide and all(
        abs((out.get("row_sum") or 0) - 1) < 1e-3 and (out.get("row_sum_std") or 0) < 1e-3 for out in outs
    )
    differ = numbers([out.get("between_sample_std") for out in outs])
    constant = not len(differ) or float(np.median(differ)) < 1e-6 or all((out.get("std") or 0) == 0 for out in outs)
    takes_logits, takes_log = criterion in LOGITS, criterion in LOG_PROBABILITIES
    # Of a softmax each row sums to 1; of sigmoids, one for each label, it need not.
    probabilities = inside and (sums if wide and criterion not in SIGMOIDS else not constant)
    takes_probabilities = criterion in PROBABILITIES
    found = {
        "twice": float(takes_logits and probabilities),
        "not_log": float(takes_log and high > 1e-6),
        "not_probability": float(takes_probabilities and (not inside or (constant and low == high and low in (0, 1)))),
        "distance_to_labels": float(labels and criterion in DISTANCES),
        "cut_off": float(takes_probabilities and np.mean([out["min"] == 0.0 for out in outs[: len(outs) // 3 + 1]])),
        "labels_for_floats": float(criterion in ONE_OF and _not_one_of(target, list(shape), labels)),
        "unknown_criterion": float(criterion not in LOGITS + LOG_PROBABILITIES + PROBABILITIES + DISTANCES),
        "column_against_row": float(
            len(shape) == len(target.get("shape") or shape) + 1 and shape[-1] == 1 and not labels
        ),
    }
    between = numbers([(record.get("out") or {}).get("between_sample_std") for record in late])
    spread = numbers([(record.get("out") or {}).get("std") for record in late])
    if len(between):
        found["rows_differ"] = log(float(np.median(between)) / max(float(np.median(spread)), TINY), -6)
        if not labels and is_finite(target.get("std")) and target["std"]:
            found["reach"] = log(float(np.median(between)) / target["std"], -6)
    scale = float(target.get("std") or 0.0)
    if not labels and scale > 0 and criterion in DISTANCES:
        losses = numbers([e.get("val_loss") for e in run.evaluations])
        if len(losses):
            power = 1 if criterion.startswith(("l1", "mae")) else 2
            reference = (0.8 if power == 1 else 1.0) * scale**power
            found["against_spread"] = log(float(np.median(losses[-3:])) / reference)
            found["against_spread_best"] = log(float(losses.min()) / reference)
            train = numbers([r.get("loss") for r in late])
            found["train_against_spread"] = log(float(np.median(train)) / reference) if len(train) else math.nan
    tails = [record["sample_loss_q"] for record in late if len(numbers(record.get("sample_loss_q") or [])) == 4]
    if tails:
        middle = np.median(np.array(tails, float), axis=0)
        found["tail"] = log(abs(middle[3]) / max(abs(middle[1]), 1e-6))
        found["tail_middle"] = log(abs(middle[2]) / max(abs(middle[1]), 1e-6))
    return found


def _not_one_of(target: Mapping[str, Any], shape: list[int], labels: bool) -> bool:
    """Return whether targets are neither classes nor distributions over them."""
    if not target or len(shape) < 2 or list(target.get("shape") or []) != shape:
        return bool(target) and not labels
    whole = numbers([target.get("mean"), target.get("min")])
    return len(whole) < 2 or whole[1] < 0 or abs(whole[0] * shape[1] - 1) > 0.02


def predictions(run: RunLog) -> dict[str, float]:
    """Say how the predicted classes compare with the true ones on validation."""
    shown = [e for e in run.evaluations if e.get("val_pred_hist") and e.get("val_label_hist")]
    if not shown:
        return {}
    found: dict[str, float] = {}
    distances = []
    for record in shown[-3:]:
        named, true = np.array(record["val_pred_hist"], float), np.array(record["val_label_hist"], float)
        if named.sum() and true.sum():
            distances.append(0.5 * float(np.abs(named / named.sum() - true / true.sum()).sum()))
            found["one_answer"] = float(named.max() / named.sum())
            found["majority"] = float(true[np.argmax(named)] / true.max())
            accuracy = (
                sum((r or 0.0) * t for r, t in zip(record.get("val_recall") or [], true, strict=False)) / true.sum()
            )
            found["over_majority"] = (accuracy - true.max() / true.sum()) / max(1 - true.max() / true.sum(), 0.02)
    if distances:
        found["histogram_off"] = float(np.median(distances))
    counts = numbers((run.static.get("target") or {}).get("hist") or [])
    recalls = [e["val_recall"] for e in shown[-3:] if e.get("val_recall")]
    if len(counts) and recalls and len(recalls[-1]) == len(counts):
        by_class = [numbers(one) for one in zip(*recalls, strict=True)]
        rate = np.array([float(known.mean()) if len(known) else math.nan for known in by_class])
        rare, known = counts < 0.5 * counts.mean(), np.isfinite(rate)
        if (rare & known).any() and (~rare & known).any():
            found["rare_recall"] = float(rate[rare & known].mean())
            found["rare_missed"] = float(rate[~rare & known].mean()) - found["rare_recall"]
    return found
