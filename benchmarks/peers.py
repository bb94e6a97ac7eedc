"""Four peers' rules, re-implemented from published descriptions, on the same recorded runs.

AUTOTRAINER, SageMaker Debugger's built-in rules at their defaults, UMLAUT and DeepDiagnosis. Each takes a run with its
live records and returns its alarms in the words of the benchmark, the first rule first. Only what the recording holds
can be asked: a rule on a tensor that was not recorded is left out.
"""

import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from lossmith.doctor.runlog import RunLog

Numbers = npt.NDArray[np.float64]


def autotrainer(run: RunLog) -> list[str]:
    """Judge accuracy first, then gradients of first and last layer; unwatched where there is no accuracy."""
    found = ["nan_inf"] if _broken(run) else []
    train, val = run.train_metric.values, run.validation_metric.values
    if run.meta.get("metric") != "accuracy" or len(val) < 2:
        return found
    by_epoch = _parts(train, len(val))
    poor = max(by_epoch.max(), val.max()) < 0.6
    slow = poor and float(np.diff(val).max()) < 0.01
    if poor:
        first, last = _gradients(run)
        if len(first):
            ratio = float(np.median(first)) / max(float(np.median(last)), 1e-30)
            if ratio < 1e-3 and float(np.median(first)) < 1e-4:
                found.append("vanishing_gradient")
            if ratio > 70 or float(np.nanmax(np.abs(run.train.values))) >= 1e3:
                found.append("exploding_gradient")
        if _late(run, "layers", "gzero") >= 0.7:
            found.append("dead_relu")
    turns = np.diff(np.sign(np.diff(by_epoch)))
    swings = [i + 1 for i in np.flatnonzero(turns)]
    wide = sum(abs(by_epoch[a] - by_epoch[b]) >= 0.03 for a, b in zip(swings[::2], swings[1::2], strict=False))
    if wide >= 0.2 * len(by_epoch):
        found.append("lr_too_high")
    if slow:
        found.append("lr_too_low")
    return found


def sagemaker(run: RunLog) -> list[str]:
    """Run the built-in rules at their defaults, in the order of the guide."""
    found = ["nan_inf"] if _broken(run) else []
    if _late(run, "acts", "dead_frac") > 0.5:
        found.append("dead_relu")
    if _late(run, "acts", "sat_frac") > 0.5:
        found.append("saturated_activation")
    if _late(run, "layers", "gabs", min) < 1e-7:
        found.append("vanishing_gradient")
    moves = [part.get("upd") for record in run.records for part in (record.get("layers") or {}).values()]
    moves = [move for move in moves if move is not None]
    if moves and max(moves) > 10:
        found.append("lr_too_high")
    if moves and min(moves) < 1e-8:
        found.append("frozen_params")
    counts = np.array((run.static.get("target") or {}).get("hist") or [], float)
    if len(counts) and counts.max() / max(counts.min(), 1) > 10:
        found.append("class_imbalance")
    loss, val = run.train.values, run.validation.values
    blocks = [float(np.mean(loss[i : i + 10])) for i in range(0, len(loss) - 9, 10)]
    if any(later >= earlier for earlier, later in pairwise(blocks)):
        found.append("lr_too_low")
    by_epoch = _parts(loss, len(val)) if len(val) else loss[:0]
    if len(val) and bool(np.any((val - by_epoch) / np.maximum(np.abs(by_epoch), 1e-12) > 0.1)):
        found.append("overfitting")
    return found


def umlaut(run: RunLog) -> list[str]:
    """Ask about inputs, learning rate, and any epoch where validation rises and training does not."""
    found = []
    inputs = run.static.get("input") or {}
    if _broken(run):
        found.append("nan_inf")
    if (inputs.get("min") or 0) < -1 or (inputs.get("max") or 0) > 1:
        found.append("unnormalized_inputs")
    rate = float(np.max(run.lr.values)) if len(run.lr) else math.nan
    found += ["lr_too_high"] if rate > 0.01 else ["lr_too_low"] if rate < 1e-7 else []
    val = run.validation.values
    if len(val) > 1:
        by_epoch = _parts(run.train.values, len(val))
        if bool(np.any((np.diff(val) > 0) & (np.diff(by_epoch) <= 0))):
            found.append("overfitting")
    wide = (run.static.get("out_shape") or [1])[-1] > 1
    sums = [(record.get("out") or {}).get("row_sum_std") for record in run.records]
    if run.static.get("criterion") == "NLLLoss" and wide and any(value is None or value > 1e-3 for value in sums):
        found.append("missing_output_activation")
    return found


def deepdiagnosis(run: RunLog) -> list[str]:
    """Look at numbers, activations, loss, accuracy and gradients, in that order."""
    found = ["nan_inf"] if _broken(run) else []
    if _late(run, "acts", "sat_frac") > 0.5:
        found.append("saturated_activation")
    if run.records and max(_of(run.records[-1], "acts", "zero_frac"), default=0.0) >= 0.7:
        found.append("dead_relu")
    loss, train = run.train.values, run.train_metric.values
    if _unchanged(loss, 5) or _unchanged(train, 20) or _unchanged(run.validation_metric.values, 20):
        found.append(_cause(run))
    if _late(run, "layers", "gabs", min) < 1e-7:
        found.append("vanishing_gradient")
    return found


def _cause(run: RunLog) -> str:
    """Follow the tree from a loss that does not move to its cause."""
    inputs = run.static.get("input") or {}
    if (inputs.get("min") or 0) < -1 or (inputs.get("max") or 0) > 1:
        return "unnormalized_inputs"
    moves = [value for record in run.records for value in _of(record, "layers", "upd")]
    if moves and float(np.median(moves)) > 0.1:
        return "lr_too_high"
    return "lr_too_low" if moves and float(np.median(moves)) < 1e-5 else "underfitting"


def _broken(run: RunLog) -> bool:
    """Return whether a loss or a parameter is not finite."""
    finite = [record.get("param_finite") for record in run.records]
    return not np.isfinite(run.train.values).all() or any(value is not None and value < 1 for value in finite)


def _of(record: Mapping[str, Any], kind: str, key: str) -> list[float]:
    """Return one quantity of every layer or activation."""
    return [part[key] for part in (record.get(kind) or {}).values() if part.get(key) is not None]


def _late(run: RunLog, kind: str, key: str, over: Callable[[list[float]], float] = max) -> float:
    """Return the median over the second half of the run of a quantity's extreme over layers."""
    values = [_of(record, kind, key) for record in run.records[len(run.records) // 2 :]]
    extremes = [over(value) for value in values if value]
    return float(np.median(extremes)) if extremes else math.nan


def _gradients(run: RunLog) -> tuple[list[float], list[float]]:
    """Return the first and the last layer's gradient norms."""
    rows = [_of(record, "layers", "gnorm") for record in run.records]
    return [row[0] for row in rows if row], [row[-1] for row in rows if row]


def _parts(values: Numbers, count: int) -> Numbers:
    """Return means of `count` equal stretches, as an epoch's mean."""
    return np.array([part.mean() if len(part) else math.nan for part in np.array_split(values, count)])


def _unchanged(values: Numbers, length: int) -> bool:
    """Return whether `length` successive values are the same."""
    same = np.diff(values) == 0
    return len(same) >= length - 1 and bool(np.any(np.convolve(same, np.ones(length - 1), "valid") == length - 1))


PEERS: Mapping[str, Callable[[RunLog], list[str]]] = {
    "AUTOTRAINER": autotrainer,
    "SageMaker Debugger": sagemaker,
    "UMLAUT": umlaut,
    "DeepDiagnosis": deepdiagnosis,
}
