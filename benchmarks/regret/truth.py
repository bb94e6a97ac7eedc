"""What each candidate is really worth: trained anew with fresh seeds, scored on rows nobody has seen."""

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.regret.sets import Held
from lossmith import registry
from lossmith.metric import ChosenMetric
from lossmith.training import decision
from lossmith.training.predictor import Predictor, fit_each
from lossmith.training.problem import VALUE_TASKS, Candidate, Problem
from lossmith.training.settings import Settings
from lossmith.training.target import encode_target, target_of

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
    y = encode_target(target_of(held.test, problem), problem)
    halves = np.array_split(np.random.default_rng(7).permutation(len(y)), 2)
    found: dict[str, Scores] = {c.id: {"score": [], "first": [], "second": [], "plain": []} for c in candidates}
    for seed in SEEDS:
        fitted = fit_each(held.seen, problem, candidates, seed, settings)
        for candidate, predictor in zip(candidates, fitted, strict=True):
            scores = [None] * 4 if isinstance(predictor, str) else _scores(predictor, held, y, halves, metric)
            for key, score in zip(("score", "first", "second", "plain"), scores, strict=True):
                found[candidate.id][key].append(score)
    return found


def _scores(
    predictor: Predictor, held: Held, y: NDArray[Any], halves: Sequence[NDArray[Any]], metric: ChosenMetric
) -> list[float | None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # categories unseen in training, once more for every candidate
        raw = predictor.raw(held.test)
    rule, params = predictor.candidate.rule, predictor.fitted.rule_params
    decided = decision.decide(rule, raw, params)
    nobody_tuned = decision.plain(rule, params)
    plain = decision.decide(nobody_tuned[0], raw, nobody_tuned[1]) if nobody_tuned else decided
    whole = np.arange(len(y))
    return [
        _score(metric, y[rows], given[rows])
        for rows, given in ((whole, decided), (halves[0], decided), (halves[1], decided), (whole, plain))
    ]


def _score(metric: ChosenMetric, y: NDArray[Any], given: NDArray[Any]) -> float | None:
    try:
        score = metric(y, given)
    except ValueError:
        return None
    return score if math.isfinite(score) else None


def trivial(held: Held, problem: Problem) -> float:
    """Return the score of the best prediction that looks at no feature.

    It is chosen on the rows to train with: a constant from the target's quantiles and means, the class shares, or the
    best single class.
    """
    metric = registry.metric(str(problem.metric))
    seen, test = (encode_target(target_of(frame, problem), problem) for frame in (held.seen, held.test))
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
