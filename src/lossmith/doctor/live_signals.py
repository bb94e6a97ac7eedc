"""What a recorder in the loop saw, from gradients to targets, as numbers."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lossmith.doctor.runlog import Numbers, RunLog

TINY = 1e-12
LOGITS = ("crossentropyloss", "bcewithlogitsloss", "multilabelsoftmarginloss", "multimarginloss", "softmarginloss")
LOG_PROBABILITIES = ("nllloss",)
PROBABILITIES = ("bceloss",)
DISTANCES = ("mseloss", "l1loss", "smoothl1loss", "huberloss", "mse", "mae", "l1", "huber")
SATURATING = ("tanh", "sigmoid", "hardtanh", "hardsigmoid", "softsign")
RECTIFIERS = ("relu", "relu6", "leaky", "leakyrelu", "leaky_relu")


def signals(run: RunLog, curves: Mapping[str, float]) -> dict[str, float]:
    """Return the numbers of the live records."""
    records = run.records
    late = records[len(records) // 2 :]
    found = _finite(run)
    found |= _inputs(run.static.get("input") or {})
    found |= _targets(run)
    found |= _layers(run, records, late)
    found |= _activations(records, late)
    found |= _gradients(records, curves)
    found |= _outputs(run, records, late)
    found |= _settings(run)
    found |= _predictions(run)
    return found


def _log(value: float, low: float = -9.0) -> float:
    """Return the decimal logarithm, bounded."""
    if not math.isfinite(value):
        return 9.0
    return float(np.clip(math.log10(max(value, 10.0**low)), low, 9))


def _numbers(values: Sequence[Any]) -> Numbers:
    """Return what is a finite number."""
    return np.array([v for v in values if isinstance(v, (int, float)) and math.isfinite(v)], float)


def _finite(run: RunLog) -> dict[str, float]:
    """Say what first stopped being a number."""
    broken = [
        1.0
        for record in run.records
        if not _is_finite(record.get("loss"))
        or _is_number_below(record.get("param_finite"))
        or any(_is_number_below(part.get("finite")) for kind in ("layers", "acts") for part in _parts(record, kind))
    ]
    return {
        "nonfinite_live": len(broken) / len(run.records),
        "nan_inputs": float((run.static.get("input") or {}).get("nan_frac") or 0.0),
    }


def _is_finite(value: Any) -> bool:
    """Return whether a value is a finite number."""
    return isinstance(value, (int, float)) and math.isfinite(value)


def _is_number_below(value: Any) -> bool:
    """Return whether a share of finite entries is short of all of them."""
    return isinstance(value, (int, float)) and value < 1


def _parts(record: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
    """Return a record's layers or activations, in order."""
    return list((record.get(kind) or {}).values())


def _inputs(said: Mapping[str, Any]) -> dict[str, float]:
    """Say how far the inputs are from zero mean and unit spread."""
    std, feature = said.get("std"), said.get("feat_std_max")
    if not isinstance(std, (int, float)) or not math.isfinite(std):
        return {}
    largest = max(abs(said.get("min") or 0.0), abs(said.get("max") or 0.0))
    low = said.get("feat_std_min") or 0.0
    spread = max(feature or std, TINY)
    return {
        "input_spread": abs(_log(spread)),
        "input_offset": _log((said.get("feat_mean_absmax") or 0.0) / spread, -3),
        "input_largest": _log(largest, -3),
        "input_mixed": _log(spread / low) if low > 0 else 0.0,
    }


def _targets(run: RunLog) -> dict[str, float]:
    """Say how uneven the classes are, and whether batches are drawn at random."""
    target = run.static.get("target") or {}
    found: dict[str, float] = {}
    counts = _numbers(target.get("hist") or [])
    if len(counts) > 1 and counts.sum():
        share = counts / counts.sum()
        entropy = -float(sum(p * math.log(p) for p in share if p > 0)) / math.log(len(share))
        found |= {"class_evenness": entropy, "largest_share": float((share.max() * len(share) - 1) / (len(share) - 1))}
        seen = _numbers([record.get("batch_label_entropy") for record in run.records])
        if len(seen) and entropy > 0:
            batch = float(run.static.get("batch_size") or 32)
            expected = max(entropy - (len(share) - 1) / (2 * batch * math.log(len(share))), 0.05)
            found["batch_entropy"] = (
                float(np.clip(np.median(seen) / min(expected, entropy), 0, 1.5)) if batch >= 4 else 1.0
            )
    means = _numbers(max((record.get("batch_target_means") or [] for record in run.records), key=len, default=[]))
    spread = float(target.get("std") or 0.0)
    if len(means) > 8 and spread > 0:
        batch = float(run.static.get("batch_size") or 32)
        found["batch_spread"] = _log(float(np.var(means)) * batch / spread**2, -3)
        if np.ptp(means) > 0:
            found["batch_order"] = float(np.corrcoef(means[:-1], means[1:])[0, 1])
    return found


def _layers(run: RunLog, records: Sequence[Mapping[str, Any]], late: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Say how gradients travel through depth and how far weights move."""
    names = list(records[0].get("layers") or {})
    if not names:
        return {}

    def middle(name: str, key: str, part: Sequence[Mapping[str, Any]]) -> float:
        """Return the median of one quantity of one layer."""
        found = _numbers([(record.get("layers") or {}).get(name, {}).get(key) for record in part])
        return float(np.median(found)) if len(found) else math.nan

    early = records[: max(2, len(records) // 6)]
    gradients = [[middle(name, "gnorm", part) for name in names] for part in (early, late)]
    moves = np.array([middle(name, "upd", late) for name in names])
    early_moves = np.array([middle(name, "upd", early) for name in names])
    weights = [[middle(name, "wnorm", part) for name in names] for part in (records[:1], records[-1:])]
    known = np.isfinite(moves)
    moving = moves[known & (moves > 1e-12)]
    all_moves = np.array([middle(name, "upd", records) for name in names])
    pulled = np.array([middle(name, "gnorm", records) for name in names])
    still = np.isfinite(all_moves) & (all_moves <= 1e-12) & (np.nan_to_num(pulled) > 0)
    travelled = [
        float(np.sum(_numbers([(r.get("layers") or {}).get(name, {}).get("upd") for r in records]))) / len(records)
        for name in names
    ]
    steps = max(float(records[-1].get("step", len(records))), 1.0)
    body = names[:-1] or names
    last = max(gradients[0][-1], TINY), max(gradients[1][-1], TINY)
    found = {
        "depth": float(len(names)),
        "gradient_start": _log(gradients[0][0] / last[0]),
        "gradient_late": _log(gradients[1][0] / last[1]),
        "gradient_none": float(np.mean([g == 0 for g in gradients[1][: len(body)]])),
        "still_layers": float(still.mean()),
        "update": _log(float(np.median(moving))) if len(moving) else -9.0,
        "update_start": _log(float(np.nanmax(early_moves))) if np.isfinite(early_moves).any() else -9.0,
        "update_most": _log(float(np.nanmax(moves))) if known.any() else -9.0,
        "path": _log(float(np.median(travelled)) * steps),
        "path_random": _log(float(np.median(travelled)) * math.sqrt(steps)),
        "weights_grew": _ratio(weights, max),
        "weights_shrank": _ratio(weights, min),
    }
    total, kept = run.static.get("n_params"), run.static.get("optimizer_params")
    if total and kept is not None:
        found["not_optimised"] = float(np.clip(1 - kept / total, 0, 1))
    if total:
        squares = float(np.nansum(np.square(weights[0])))
        found["weight_size"] = _log(math.sqrt(squares / total))
        if run.static.get("n_train"):
            # Only too few parameters say something: many beside few rows is how most networks are trained.
            found["capacity"] = min(_log(total / run.static["n_train"]), 0.0)
    return found


def _ratio(weights: Sequence[Sequence[float]], pick: Callable[[Any], float]) -> float:
    """Return by what power of ten weights changed, picked over layers."""
    pairs = zip(*weights, strict=True)
    ratios = [_log(after / max(before, TINY)) for before, after in pairs if before > 0 and math.isfinite(after)]
    return pick(ratios) if ratios else 0.0


def _activations(records: Sequence[Mapping[str, Any]], late: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Say what share of units is dead or saturated, and how activations grow."""
    found: dict[str, float] = {}
    for key, name in (("dead_frac", "dead"), ("sat_frac", "saturated"), ("zero_frac", "zeros")):
        rows = [[part[key] for part in _parts(r, "acts") if _is_finite(part.get(key))] for r in records]
        if not rows or not rows[0]:
            continue
        half = [row for row in rows[len(rows) // 2 :] if row]
        if not half:
            continue
        found[name] = float(np.median([max(row) for row in half]))
        found[f"{name}_mean"] = float(np.median([np.mean(row) for row in half]))
        found[f"{name}_start"] = float(np.median([max(row) for row in rows[:3]]))
    stds = [[part.get("std") for part in _parts(r, "acts")] for r in records[:3]]
    stds = [row for row in stds if row and all(_is_finite(value) for value in row)]
    if stds:
        first = np.median(np.array(stds, float), axis=0)
        found["activation_growth"] = _log(first[-1] / max(first[0], TINY))
        found["activation_size"] = _log(float(first.max()))
        found["activation_least"] = _log(float(first.min()))
    ends = [_numbers([part.get("std") for part in _parts(r, "acts")]) for r in late]
    ends = [row for row in ends if len(row)]
    if ends:
        found["activation_late"] = _log(float(np.median([row.max() for row in ends])))
        found["activation_least_late"] = _log(float(np.median([row.min() for row in ends])))
    kinds = {str(part.get("kind")).lower() for part in _parts(records[0], "acts")}
    found["saturating_kind"] = float(bool(kinds & set(SATURATING)))
    return found


def _gradients(records: Sequence[Mapping[str, Any]], curves: Mapping[str, float]) -> dict[str, float]:
    """Say how large gradients are, how they grow, and how far steps agree."""
    norms = _numbers([record.get("grad_norm") for record in records])
    found: dict[str, float] = {}
    if len(norms) > 3:
        middle = max(float(np.median(norms)), TINY)
        early = float(np.median(norms[: max(2, len(norms) // 8)]))
        late = float(np.median(norms[-max(2, len(norms) // 4) :]))
        found |= {
            "gradient_spike": _log(norms.max() / middle, -1),
            "gradient_grew": _log(late / max(early, TINY)),
            "gradient_zero": float(np.mean(norms == 0)),
        }
        relative = []
        for record in records[: max(2, len(records) // 8)]:
            weights = _numbers([part.get("wnorm") for part in _parts(record, "layers")])
            known = _numbers([record.get("loss"), record.get("grad_norm")])
            if len(weights) and len(known) == 2 and known[0]:
                relative.append(known[1] * math.sqrt(float(np.sum(weights**2))) / abs(known[0]))
        if relative:
            found["gradient_elasticity"] = _log(float(np.median(relative)))
        if len(norms) > 8 and np.ptp(norms) > 0:
            found["gradient_trend"] = float(np.corrcoef(np.arange(len(norms)), np.argsort(np.argsort(norms)))[0, 1])
    cosines = _numbers([record.get("grad_cos_prev") for record in records])
    if len(cosines) > 4:
        found |= {
            "agreement": float(np.median(cosines)),
            "agreement_late": float(np.median(cosines[len(cosines) // 2 :])),
            "agreement_low": float(np.quantile(cosines, 0.2)),
        }
    return found


def _outputs(run: RunLog, records: Sequence[Mapping[str, Any]], late: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Say whether outputs are what the loss takes, and differ between rows."""
    criterion = str(run.static.get("criterion", "")).lower()
    shape, target = run.static.get("out_shape") or [], run.static.get("target") or {}
    labels = bool(target.get("hist")) and "int" in str(target.get("dtype", ""))
    outs = [record.get("out") or {} for record in records]
    outs = [out for out in outs if _is_finite(out.get("min")) and _is_finite(out.get("max"))]
    if not outs:
        return {}
    low, high = min(out["min"] for out in outs), max(out["max"] for out in outs)
    inside = low >= 0 and high <= 1 + 1e-6
    wide = len(shape) > 1 and shape[-1] > 1
    sums = wide and all(
        abs((out.get("row_sum") or 0) - 1) < 1e-3 and (out.get("row_sum_std") or 0) < 1e-3 for out in outs
    )
    differ = _numbers([out.get("between_sample_std") for out in outs])
    constant = not len(differ) or float(np.median(differ)) < 1e-6 or all((out.get("std") or 0) == 0 for out in outs)
    probabilities = inside and (sums if wide else not constant)
    takes_logits, takes_log = criterion in LOGITS, criterion in LOG_PROBABILITIES
    takes_probabilities = criterion in PROBABILITIES
    found = {
        "twice": float(takes_logits and probabilities),
        "not_log": float(takes_log and high > 1e-6),
        "not_probability": float(takes_probabilities and (not inside or (constant and low == high and low in (0, 1)))),
        "distance_to_labels": float(labels and criterion in DISTANCES),
        "labels_for_floats": float(not labels and bool(target) and criterion in ("crossentropyloss", "nllloss")),
        "unknown_criterion": float(criterion not in LOGITS + LOG_PROBABILITIES + PROBABILITIES + DISTANCES),
        "column_against_row": float(
            len(shape) == len(target.get("shape") or shape) + 1 and shape[-1] == 1 and not labels
        ),
    }
    between = _numbers([(record.get("out") or {}).get("between_sample_std") for record in late])
    spread = _numbers([(record.get("out") or {}).get("std") for record in late])
    if len(between):
        found["rows_differ"] = _log(float(np.median(between)) / max(float(np.median(spread)), TINY), -6)
        if not labels and _is_finite(target.get("std")) and target["std"]:
            found["reach"] = _log(float(np.median(between)) / target["std"], -6)
    scale = float(target.get("std") or 0.0)
    if not labels and scale > 0:
        losses = _numbers([e.get("val_loss") for e in run.evaluations])
        if len(losses):
            power = 1 if criterion.startswith(("l1", "mae")) else 2
            reference = (0.8 if power == 1 else 1.0) * scale**power
            found["against_spread"] = _log(float(np.median(losses[-3:])) / reference)
            found["against_spread_best"] = _log(float(losses.min()) / reference)
            train = _numbers([r.get("loss") for r in late])
            found["train_against_spread"] = _log(float(np.median(train)) / reference) if len(train) else math.nan
    tails = [record["sample_loss_q"] for record in late if len(_numbers(record.get("sample_loss_q") or [])) == 4]
    if tails:
        middle = np.median(np.array(tails, float), axis=0)
        found["tail"] = _log(abs(middle[3]) / max(abs(middle[1]), 1e-6))
        found["tail_middle"] = _log(abs(middle[2]) / max(abs(middle[1]), 1e-6))
    return found


def _settings(run: RunLog) -> dict[str, float]:
    """Say what regularises."""
    return {
        "dropout": float(run.static.get("dropout") or 0.0),
        "decay": float(run.static.get("weight_decay") or 0.0),
        "sum_reduction": float(run.static.get("reduction") == "sum"),
    }


def _predictions(run: RunLog) -> dict[str, float]:
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
    counts = _numbers((run.static.get("target") or {}).get("hist") or [])
    recalls = [e["val_recall"] for e in shown[-3:] if e.get("val_recall")]
    if len(counts) and recalls and len(recalls[-1]) == len(counts):
        rate = np.nanmean(np.array([[math.nan if v is None else v for v in row] for row in recalls], float), axis=0)
        rare = counts < 0.5 * counts.mean()
        if rare.any() and (~rare).any():
            found["rare_recall"] = float(np.nanmean(rate[rare]))
            found["rare_missed"] = float(np.nanmean(rate[~rare]) - np.nanmean(rate[rare]))
    return found
