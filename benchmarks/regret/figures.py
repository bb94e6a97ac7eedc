"""Regret and honesty, computed from what the runs left: sets in, one summary out."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.regret.policies import POLICIES

Row = dict[str, Any]
FLOOR = 0.01
"""Share of the trivial predictor's error below which an error counts as this."""
LARGE_GAP = 0.05
NUMBERS = ("regression", "count")
CLASSES = ("binary", "multiclass", "ordinal", "multilabel")


def regrets(row: Row, scored: str = "tuned") -> dict[str, float]:
    """Return each policy's regret on one set, in %, and hindsight's own as `noise_floor`.

    Args:
        row: a set that ran.
        scored: "tuned" for the tuned decision rule, "plain" for argmax.
    """
    errors = {key: _errors(row, scores, scored) for key, scores in row["truth"].items()}
    errors = {key: value for key, value in errors.items() if np.isfinite(value).all()}
    if not errors:
        return {}
    floor = FLOOR * abs(_error(row, row["trivial_score"]))
    oracle, lucky, found = [], [], {policy: [] for policy in POLICIES}
    for rows, half in product((0, 1), (slice(0, 2), slice(2, 4))):
        other = slice(2, 4) if half == slice(0, 2) else slice(0, 2)
        best = min(errors, key=lambda key: float(errors[key][rows, half].mean()))
        oracle.append(errors[best][1 - rows, other].mean())
        lucky.append(min(value[1 - rows, other].mean() for value in errors.values()))
        for policy, pick in row["picks"].items():
            # A pick that failed with a fresh seed is as bad as looking at nothing.
            failed = np.full((2, 4), _error(row, row["trivial_score"]))
            found[policy].append(errors.get(pick, failed)[1 - rows, other].mean())
    least = max(float(np.mean(oracle)), floor)
    share = {policy: 100.0 * float(np.mean(values) - np.mean(oracle)) / least for policy, values in found.items()}
    return {**share, "noise_floor": 100.0 * float(np.mean(oracle) - np.mean(lucky)) / least}


def _error(row: Row, score: float) -> float:
    return 1.0 - score if row["higher_is_better"] else score


def _errors(row: Row, scores: Mapping[str, Sequence[float | None]], scored: str) -> NDArray[np.float64]:
    """Return errors (2 halves of the rows, seeds); for the plain rule both halves are the whole."""
    keys = ("first", "second") if scored == "tuned" else ("plain", "plain")
    table = [[np.nan if score is None else _error(row, score) for score in scores[key]] for key in keys]
    return np.array(table, dtype=float)


def summary(rows: Sequence[Row]) -> Row:
    """Return the whole benchmark's figures; sets that gave no verdict are left out."""
    ran = [row for row in rows if "truth" in row]
    found = [(row, regrets(row)) for row in ran]
    found = [(row, regret) for row, regret in found if regret]
    return {
        "summary": {policy: _policy(policy, found) for policy in POLICIES},
        "plain_rule_mean_regret": _plain(ran),
        "noise_floor": _mean([regret["noise_floor"] for _, regret in found]),
        "claimed_minus_realised": _mean([gap for row in ran for gap in _claimed_minus_realised(row)]),
        "wrong_sign": _count(ran, _wrong_signs),
        "coverage": _count(ran, _covered),
        "detected_gaps_5pct": _count(ran, _detected),
        "detected_sure_gaps_5pct": _count(ran, lambda row: _detected(row, sure=True)),
        "detected_detectable_gaps": _count(ran, _detected_of_detectable),
        "seconds_median": float(np.median([row["seconds"] for row in ran])) if ran else None,
        "transfer": _count(ran, lambda row: row.get("transfer", [])),
    }


def _policy(policy: str, found: Sequence[tuple[Row, Mapping[str, float]]]) -> Row:
    values = [regret[policy] for _, regret in found]
    numeric = [regret[policy] for row, regret in found if row["task"] in NUMBERS]
    classes = [regret[policy] for row, regret in found if row["task"] in CLASSES]
    series = [regret[policy] for row, regret in found if row["task"] == "time_series"]
    losses = [_over_default(row, policy) for row, _ in found]
    return {
        "mean_regret": _mean(values),
        "mean_regret_regression": _mean(numeric),
        "mean_regret_classification": _mean(classes),
        "mean_regret_series": _mean(series),
        "median_regret": float(np.median(values)) if values else None,
        "worse_than_default_1pct": sum(loss > 0.01 for loss in losses),
        "worse_than_default_5pct": sum(loss > 0.05 for loss in losses),
        "sets": len(values),
    }


def _plain(rows: Sequence[Row]) -> dict[str, float | None]:
    """Return the mean regret of classification with the plain decision rule, by policy.

    Hindsight keeps the tuned rule out too: this is the table of who never tunes a threshold.
    """
    found = [regrets(row, "plain") for row in rows if row["task"] in CLASSES]
    return {policy: _mean([regret[policy] for regret in found if regret]) for policy in POLICIES}


def _over_default(row: Row, policy: str) -> float:
    """Return by what share of the default's error a policy's pick is worse, all seeds and rows."""
    default, pick = (_true_error(row, row["picks"][name]) for name in ("default", policy))
    return (pick - default) / max(default, FLOOR * abs(_error(row, row["trivial_score"])))


def _true_error(row: Row, candidate: str) -> float:
    scores = row["truth"].get(candidate, {"score": [None]})["score"]
    if None in scores:
        return _error(row, row["trivial_score"])
    return _error(row, float(np.mean(scores)))


def _claimed_minus_realised(row: Row) -> list[float]:
    """Return the gain over the default as told, minus as it came, in points of a percent."""
    if not row["gain"] or row["gain"]["relative"] is None or row["picks"]["lossmith"] == row["picks"]["default"]:
        return []
    return [100.0 * (row["gain"]["relative"] + _over_default(row, "lossmith"))]


def _true_differences(row: Row) -> list[tuple[Row, float]]:
    """Return each told comparison with the reference, and the difference as it truly is."""
    reference = row["reference"]
    told = [(key, found) for key, found in row["differences"].items() if found]
    return [(found, _true_error(row, reference) - _true_error(row, key)) for key, found in told]


def _wrong_signs(row: Row) -> list[bool]:
    """Say of each claimed difference whether the fresh test has it the other way round."""
    claimed = [(f, true) for f, true in _true_differences(row) if f["conclusion"] in ("better", "worse")]
    return [(true > 0.0) != (found["mean"] > 0.0) for found, true in claimed]


def _covered(row: Row) -> list[bool]:
    return [found["low"] <= true <= found["high"] for found, true in _true_differences(row)]


def _detected(row: Row, *, sure: bool = False) -> list[bool]:
    """Say of each true gap above 5 % of the reference's error whether it was claimed, with its sign.

    Args:
        row: a set that ran.
        sure: only gaps of that size and one sign in both halves of the fresh test and of the seeds: on a small test
            most gaps above 5 % are chance, and nobody should claim them.
    """
    base = max(_true_error(row, row["reference"]), FLOOR * abs(_error(row, row["trivial_score"])))
    found = []
    for key, told in row["differences"].items():
        if not told:
            continue
        gaps = _quarters(row, row["reference"]) - _quarters(row, key)
        true = _true_error(row, row["reference"]) - _true_error(row, key)
        large = np.abs(gaps) > LARGE_GAP * base if sure else np.abs([true]) > LARGE_GAP * base
        if large.all() and (not sure or len(set(np.sign(gaps))) == 1):
            found.append(told["conclusion"] == ("better" if true > 0.0 else "worse"))
    return found


def _detected_of_detectable(row: Row) -> list[bool]:
    """Say of each true gap that the verdict itself called large enough to find whether it was claimed."""
    told = [(found, true) for found, true in _true_differences(row) if abs(true) > found["detectable"] > 0.0]
    return [found["conclusion"] == ("better" if true > 0.0 else "worse") for found, true in told]


def _quarters(row: Row, candidate: str) -> NDArray[np.float64]:
    """Return the mean error on each half of the test rows with each half of the seeds."""
    errors = _errors(row, row["truth"][candidate], "tuned")
    return np.array([errors[rows, half].mean() for rows in (0, 1) for half in (slice(0, 2), slice(2, 4))])


def _count(rows: Sequence[Row], of: Callable[[Row], Sequence[bool]]) -> list[int]:
    found = [one for row in rows for one in of(row)]
    return [sum(found), len(found)]


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def binomial(count: Sequence[int]) -> str:
    """Say k of n, the share, and its 95 % interval (Clopper and Pearson)."""
    k, n = count
    if not n:
        return "none"
    interval = stats.binomtest(k, n).proportion_ci()
    return f"{k} of {n} ({100 * k / n:.0f} %, 95 % interval {100 * interval.low:.0f} to {100 * interval.high:.0f} %)"
