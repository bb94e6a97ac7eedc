"""What a recorder in the loop saw, from gradients to targets, as numbers."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lossmith.doctor import live_outputs
from lossmith.doctor.records import TINY, is_finite, is_number_below, log, numbers, parts
from lossmith.doctor.runlog import RunLog


def signals(run: RunLog, curves: Mapping[str, float]) -> dict[str, float]:
    """Return the numbers of the live records."""
    records = run.records
    late = records[len(records) // 2 :]
    found = _finite(run)
    found |= _inputs(run)
    found |= _targets(run)
    found |= _layers(run, records, late)
    found |= live_outputs.activations(records, late)
    found |= _gradients(records, curves)
    found |= live_outputs.outputs(run, records, late)
    found |= _settings(run)
    found |= live_outputs.predictions(run)
    return found


def _finite(run: RunLog) -> dict[str, float]:
    """Say what first stopped being a number."""
    broken = [
        1.0
        for record in run.records
        if not is_finite(record.get("loss"))
        or is_number_below(record.get("param_finite"))
        or any(is_number_below(part.get("finite")) for kind in ("layers", "acts") for part in parts(record, kind))
    ]
    return {
        "nonfinite_live": len(broken) / len(run.records),
        "nan_inputs": float((run.static.get("input") or {}).get("nan_frac") or 0.0),
    }


def _inputs(run: RunLog) -> dict[str, float]:
    """Say how far the inputs are from zero mean and unit spread.

    Their usual size counts, not the largest value or feature: standardised amounts have long tails, and counts of words
    are mostly 0. Numbers of words, read by an embedding, have no size.
    """
    said, first = run.static.get("input") or {}, (run.static.get("layer_types") or [["", ""]])[0]
    mean, std, feature = said.get("mean") or 0.0, said.get("std"), said.get("feat_std_max")
    if not isinstance(std, (int, float)) or not math.isfinite(std) or str(first[-1]).lower().startswith("embedding"):
        return {}
    centre = said.get("feat_mean_absmax") or 0.0
    low = said.get("feat_std_min") or 0.0
    spread = max(feature or std, TINY)
    return {
        "input_spread": abs(log(spread)),
        "input_offset": log(centre / spread, -3),
        "input_size": log(math.hypot(mean, std), -3),
        "input_mixed": log(spread / low) if low > 0 else 0.0,
    }


def _targets(run: RunLog) -> dict[str, float]:
    """Say how uneven the classes are, and whether batches are drawn at random."""
    target = run.static.get("target") or {}
    found: dict[str, float] = {}
    counts = numbers(target.get("hist") or [])
    if len(counts) > 1 and counts.sum() and not run.several_labels:
        share = counts / counts.sum()
        entropy = -float(sum(p * math.log(p) for p in share if p > 0)) / math.log(len(share))
        found |= {"class_evenness": entropy, "largest_share": float((share.max() * len(share) - 1) / (len(share) - 1))}
        seen = numbers([record.get("batch_label_entropy") for record in run.records])
        if len(seen) and entropy > 0:
            batch = float(run.static.get("batch_size") or 32)
            expected = max(entropy - (len(share) - 1) / (2 * batch * math.log(len(share))), 0.05)
            found["batch_entropy"] = (
                float(np.clip(np.median(seen) / min(expected, entropy), 0, 1.5)) if batch >= 4 else 1.0
            )
    means = numbers(max((record.get("batch_target_means") or [] for record in run.records), key=len, default=[]))
    spread = float(target.get("std") or 0.0)
    if len(means) > 8 and spread > 0:
        batch = float(run.static.get("batch_size") or 32)
        found["batch_spread"] = log(float(np.var(means)) * batch / spread**2, -3)
        if np.ptp(means[:-1]) > 0 and np.ptp(means[1:]) > 0:
            found["batch_order"] = float(np.corrcoef(means[:-1], means[1:])[0, 1])
    return found


def _layers(run: RunLog, records: Sequence[Mapping[str, Any]], late: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Say how gradients travel through depth and how far weights move."""
    names = list(records[0].get("layers") or {})
    if not names:
        return {}

    def middle(name: str, key: str, part: Sequence[Mapping[str, Any]]) -> float:
        """Return the median of one quantity of one layer."""
        found = numbers([(record.get("layers") or {}).get(name, {}).get(key) for record in part])
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
        float(np.sum(numbers([(r.get("layers") or {}).get(name, {}).get("upd") for r in records]))) / len(records)
        for name in names
    ]
    steps = max(float(records[-1].get("step", len(records))), 1.0)
    body = names[:-1] or names
    last = max(gradients[0][-1], TINY), max(gradients[1][-1], TINY)
    found = {
        "depth": float(len(names)),
        "gradient_start": log(gradients[0][0] / last[0]),
        "gradient_late": log(gradients[1][0] / last[1]),
        "gradient_none": float(np.mean([g == 0 for g in gradients[1][: len(body)]])),
        "still_layers": float(still.mean()),
        "update": log(float(np.median(moving))) if len(moving) else -9.0,
        "update_start": log(float(np.nanmax(early_moves))) if np.isfinite(early_moves).any() else -9.0,
        "update_most": log(float(np.nanmax(moves))) if known.any() else -9.0,
        "path": log(float(np.median(travelled)) * steps),
        "path_random": log(float(np.median(travelled)) * math.sqrt(steps)),
        "weights_grew": _ratio(weights, max),
        "weights_shrank": _ratio(weights, min),
    }
    total, kept = run.static.get("n_params"), run.static.get("optimizer_params")
    if total and kept is not None:
        found["not_optimised"] = float(np.clip(1 - kept / total, 0, 1))
    if total:
        squares = float(np.nansum(np.square(weights[0])))
        found["weight_size"] = log(math.sqrt(squares / total))
        if run.static.get("n_train"):
            # Only too few parameters say something: many beside few rows is how most networks are trained.
            found["capacity"] = min(log(total / run.static["n_train"]), 0.0)
    return found


def _ratio(weights: Sequence[Sequence[float]], pick: Callable[[Any], float]) -> float:
    """Return by what power of ten weights changed, picked over layers."""
    pairs = zip(*weights, strict=True)
    ratios = [log(after / max(before, TINY)) for before, after in pairs if before > 0 and math.isfinite(after)]
    return pick(ratios) if ratios else 0.0


def _gradients(records: Sequence[Mapping[str, Any]], curves: Mapping[str, float]) -> dict[str, float]:
    """Say how large gradients are, how they grow, and how far steps agree."""
    norms = numbers([record.get("grad_norm") for record in records])
    found: dict[str, float] = {}
    if len(norms) > 3:
        middle = max(float(np.median(norms)), TINY)
        early = float(np.median(norms[: max(2, len(norms) // 8)]))
        late = float(np.median(norms[-max(2, len(norms) // 4) :]))
        found |= {
            "gradient_spike": log(norms.max() / middle, -1),
            "gradient_grew": log(late / max(early, TINY)),
            "gradient_zero": float(np.mean(norms == 0)),
        }
        relative = []
        for record in records[: max(2, len(records) // 8)]:
            weights = numbers([part.get("wnorm") for part in parts(record, "layers")])
            known = numbers([record.get("loss"), record.get("grad_norm")])
            if len(weights) and len(known) == 2 and known[0]:
                relative.append(known[1] * math.sqrt(float(np.sum(weights**2))) / abs(known[0]))
        if relative:
            found["gradient_elasticity"] = log(float(np.median(relative)))
        if len(norms) > 8 and np.ptp(norms) > 0:
            found["gradient_trend"] = float(np.corrcoef(np.arange(len(norms)), np.argsort(np.argsort(norms)))[0, 1])
    cosines = numbers([record.get("grad_cos_prev") for record in records])
    if len(cosines) > 4:
        found |= {
            "agreement": float(np.median(cosines)),
            "agreement_late": float(np.median(cosines[len(cosines) // 2 :])),
            "agreement_low": float(np.quantile(cosines, 0.2)),
        }
    return found


def _settings(run: RunLog) -> dict[str, float]:
    """Say what regularises."""
    return {
        "dropout": float(run.static.get("dropout") or 0.0),
        "decay": float(run.static.get("weight_decay") or 0.0),
        "sum_reduction": float(run.static.get("reduction") == "sum"),
    }
