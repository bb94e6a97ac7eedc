"""What each candidate is really worth: trained anew with fresh seeds, scored on rows nobody has seen."""

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray

from benchmarks.regret.sets import Held
from lossmith import registry
from lossmith.metric import ChosenMetric
from lossmith.training import decision
from lossmith.training.engine import single_thread
from lossmith.training.forecaster import Forecaster
from lossmith.training.predictor import Predictor, fit_each
from lossmith.training.problem import VALUE_TASKS, Candidate, Problem
from lossmith.training.settings import Settings
from lossmith.training.target import encode_target, target_of
from lossmith.training.workers import cores

SEEDS = (1001, 1002, 1003, 1004)
NETWORKS = ("wide", "resnet")

Scores = dict[str, list[float | None]]


def transfer(held: Held, problem: Problem, default: Candidate, recommended: Candidate) -> list[bool]:
    """Say for each other network whether the recommended still beats the default there."""
    metric, kept = registry.metric(str(problem.metric)), []
    for network in NETWORKS:
        found = truth(held, problem, [default, recommended], Settings().for_network(network))
        errors = [[metric.error(score) for score in scores["score"] if score is not None] for scores in found.values()]
        if all(errors):
            kept.append(float(np.mean(errors[1])) < float(np.mean(errors[0])))
    return kept


def truth(
    held: Held, problem: Problem, candidates: Sequence[Candidate], settings: Settings | None = None
) -> dict[str, Scores]:
    """Train every candidate with each seed and score it.

    Returns:
        By candidate: `score` on all test rows, `first` and `second` on a random half of them, and `plain`, with the
        plain decision rule (argmax) instead of the tuned one. One entry per seed; None where training failed.
    """
    metric = registry.metric(str(problem.metric))
    y = _encoded(held.test, problem)
    # Neighbours in time are alike: halves of a series are its earlier and its later part.
    order = np.arange(len(y)) if problem.task == "forecast" else np.random.default_rng(7).permutation(len(y))
    halves = np.array_split(order, 2)
    found: dict[str, Scores] = {c.id: {"score": [], "first": [], "second": [], "plain": []} for c in candidates}

    def trained(seed: int) -> list[list[float | None]]:
        with single_thread():
            fitted = fit_each(held.seen, problem, candidates, seed, settings)
            return [
                [None] * 4 if isinstance(predictor, str) else _scores(predictor, held, y, halves, metric)
                for predictor in fitted
            ]

    for rows in Parallel(n_jobs=cores())(delayed(trained)(seed) for seed in SEEDS):
        for candidate, scores in zip(candidates, rows, strict=True):
            for key, score in zip(("score", "first", "second", "plain"), scores, strict=True):
                found[candidate.id][key].append(score)
    return found


def _scores(
    predictor: Predictor | Forecaster, held: Held, y: NDArray[Any], halves: Sequence[NDArray[Any]], metric: ChosenMetric
) -> list[float | None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # categories unseen in training, once more for every candidate
        decided, plain = _predicted(predictor, held)
    return [
        _score(metric, y[rows], given[rows])
        for rows, given in (
            (np.arange(len(y)), decided),
            *((half, decided) for half in halves),
            (np.arange(len(y)), plain),
        )
    ]


def _predicted(predictor: Predictor | Forecaster, held: Held) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return what the metric takes: after the tuned decision rule, and after the one nobody tuned."""
    if isinstance(predictor, Forecaster):  # each period is forecast from all that came `horizon` steps before
        forecast = predictor.predict(pd.concat([held.seen, held.test], ignore_index=True))[len(held.seen) :]
        return forecast, forecast
    raw, rule, params = predictor.raw(held.test), predictor.candidate.rule, predictor.fitted.rule_params
    decided, nobody_tuned = decision.decide(rule, raw, params), decision.plain(rule, params)
    return decided, decision.decide(nobody_tuned[0], raw, nobody_tuned[1]) if nobody_tuned else decided


def _score(metric: ChosenMetric, y: NDArray[Any], given: NDArray[Any]) -> float | None:
    if y.ndim == 1 and y.dtype.kind == "f":  # a series may have gaps, and no forecast for its first rows
        known = np.isfinite(y) & (np.isfinite(given) if given.ndim == 1 else True)
        y, given = y[known], given[known]
    try:
        score = metric(y, given)
    except ValueError:
        return None
    return score if math.isfinite(score) else None


def _encoded(frame: pd.DataFrame, problem: Problem) -> NDArray[Any]:
    if problem.task == "forecast":
        return frame[problem.target].to_numpy(dtype=np.float64)
    return encode_target(target_of(frame, problem), problem)


def trivial(held: Held, problem: Problem) -> float:
    """Return the score of the best prediction that looks at no feature.

    It is chosen on the rows to train with: a constant from the target's quantiles and means, the class shares, or the
    best single class.
    """
    metric = registry.metric(str(problem.metric))
    seen, test = _encoded(held.seen, problem), _encoded(held.test, problem)
    seen = seen[np.isfinite(seen)] if problem.task == "forecast" else seen
    options = _constants(seen, problem, metric)
    scores = [_score(metric, seen, np.repeat(option, len(seen), axis=0)) for option in options]
    errors = [math.inf if score is None else metric.error(score) for score in scores]
    best = options[int(np.argmin(errors))]
    return _score(metric, test, np.repeat(best, len(test), axis=0)) or 0.0


def _constants(y: NDArray[Any], problem: Problem, metric: ChosenMetric) -> list[NDArray[Any]]:
    if problem.task in VALUE_TASKS:
        values = [np.mean(y), *np.quantile(y, np.linspace(0.01, 0.99, 99))]
        if y.min() > -1.0:
            values.append(np.expm1(np.mean(np.log1p(y))))
        return [np.array([max(value, 1e-9) if y.min() >= 0 else value]) for value in values]
    if problem.task == "multilabel":
        return [y.mean(axis=0)[None, :]]
    if metric.takes(str(problem.task)) == "probabilities":
        return [(np.bincount(y, minlength=len(problem.levels)) / len(y))[None, :]]
    return [np.array([level]) for level in range(len(problem.levels))]
