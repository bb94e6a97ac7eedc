"""Decision rules: how a prediction becomes what the metric scores.

They are tuned inside the training fold, never on test rows. Most of what "imbalance losses" are praised for is the gain
of a better threshold. Keeping the rule apart from the loss, and the same for every candidate, credits each with its
own.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.metric import ChosenMetric
from lossmith.training import levels

Array = NDArray[Any]
Params = dict[str, Any]

FLOORS = (0.0, 1e-3, 1e-2, 3e-2, 0.1, 0.3)
"""Smallest prediction allowed, as a share of the mean target, where the metric needs positive ones."""
TEMPERINGS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25)
"""Powers of the class priors to divide the probabilities by; 0 is the plain argmax, 1 the balanced rule."""
STRETCHES = (0.7, 0.85, 1.0, 1.2, 1.5, 2.0)
"""Factors on the spread of predicted quantiles about their middle: networks mostly think themselves too sure."""

UNDOING = (-0.5, 0.5, 1.0)
"""Powers of the class priors to multiply the probabilities by before they are priced; 1 undoes weights of 1/prior."""
PARTS_OF_ALL = 10.0
"""Positive rows of a label at which its own cut and the one for all labels count the same."""


def tune(
    rule: str,
    prediction: Array,
    target: Array,
    metric: ChosenMetric,
    fixed: Mapping[str, Any],
    sample_weight: Array | None = None,
) -> tuple[Params, float]:
    """Choose the rule's parameters that score best, and return them with that score.

    Args:
        rule: a name this module knows.
        prediction: values (n,), quantiles (n, levels), class probabilities (n, classes), or a probability of each
            label (n, labels).
        target: what they should have been; class numbers for classes, 0 or 1 for labels.
        metric: what to optimise.
        fixed: parameters not to be tuned.
        sample_weight: how much each row counts (n,).
    """
    options = [dict(fixed)] if fixed else _options(rule, prediction, target, metric, sample_weight)
    scores = [metric(target, decide(rule, prediction, option), sample_weight) for option in options]
    if len(options) == 1:
        return options[0], scores[0]
    best = int(np.nanargmin([metric.error(score) for score in scores]))
    return options[best], scores[best]


def tuned(
    rule: str, prediction: Array, target: Array, metric: ChosenMetric, sample_weight: Array | None = None
) -> Params:
    """Choose as `tune` does, without the score: it costs more than most rules do."""
    options = _options(rule, prediction, target, metric, sample_weight)
    return options[0] if len(options) == 1 else tune(rule, prediction, target, metric, {}, sample_weight)[0]


def plain(rule: str, params: Mapping[str, Any]) -> tuple[str, Params] | None:
    """Return the rule that nobody tuned in place of `rule`, with its parameters.

    None where there is nothing to tune.

    Example:
        >>> plain("threshold", {"threshold": 0.17})
        ('threshold', {'threshold': 0.5})
    """
    if rule in ("threshold", "thresholds", "shared_threshold"):
        return rule, {"threshold": 0.5}
    if rule == "cuts":
        return rule, {"cuts": levels.half_way(len(params["cuts"]) + 1)}
    if rule == "positive":
        return rule, {**params, "floor": 0.0}
    if rule == "quantiles":
        return rule, {"stretch": 1.0}
    return ("argmax", {}) if rule in ("prior", "median_level", "least_cost") else None


def decide(rule: str, prediction: Array, params: Mapping[str, Any]) -> Array:
    """Turn predictions into what the metric takes: values, labels, probabilities...

    Or quantiles: those of a predicted distribution, or a value with the quantiles of its validation residuals on it,
    which is split conformal prediction (Lei et al. 2018).
    """
    if rule == "positive":
        return np.asarray(np.maximum(prediction, params["floor"]))
    if rule == "argmax":
        return np.asarray(prediction.argmax(axis=1))
    if rule == "threshold":
        return np.asarray(prediction[:, 1] >= params["threshold"], dtype=np.int64)
    if rule == "cuts":
        return levels.decide(prediction, params["cuts"])
    if rule in ("thresholds", "shared_threshold"):
        return np.asarray(prediction >= np.asarray(params["threshold"]), dtype=np.int64)
    if rule == "prior":
        return np.asarray((prediction / np.asarray(params["prior"]) ** params["power"]).argmax(axis=1))
    if rule == "least_cost":
        return np.asarray((prediction @ np.asarray(params["prices"])).argmin(axis=1))
    if rule == "median_level":
        return np.asarray((prediction.cumsum(axis=1) < 0.5).sum(axis=1).clip(max=prediction.shape[1] - 1))
    if rule in ("value", "probability"):
        return prediction
    if rule == "quantiles":
        middle = middle_of(prediction)
        return np.asarray(middle + params["stretch"] * (prediction - middle))
    if rule == "residual_quantiles":
        return np.asarray(prediction[:, None] + np.asarray(params["offsets"]))
    if rule == "log_residual_quantiles":
        return np.asarray(np.expm1(_log1p(prediction)[:, None] + np.asarray(params["offsets"])))
    raise ValueError(f"A decision rule should be one lossmith has. Found {rule!r}.")


def _options(
    rule: str, prediction: Array, target: Array, metric: ChosenMetric, sample_weight: Array | None
) -> list[Params]:
    """List the settings worth scoring."""
    if rule == "positive":
        mean = float(np.average(target, weights=sample_weight)) or 1.0
        return [{"floor": share * mean} for share in FLOORS if share > 0.0 or not metric.metric.strictly_positive]
    if rule == "prior":
        prior = _prior(target, prediction.shape[1], sample_weight).tolist()
        return [{"prior": prior, "power": power} for power in TEMPERINGS]
    if rule == "least_cost":
        prices = np.asarray(metric.parameters["prices"])
        return [{"prices": (scale[:, None] * prices).tolist()} for scale in _scales(prices, target, sample_weight)]
    if rule == "threshold":
        return [{"threshold": best_threshold(prediction[:, 1], target, metric, sample_weight)}]
    if rule == "cuts":
        return [{"cuts": cuts} for cuts in levels.cut_points(prediction, target, sample_weight)]
    if rule == "shared_threshold":
        return [{"threshold": _shared_threshold(prediction, target, metric, sample_weight)}]
    if rule == "thresholds":
        return [{"threshold": _thresholds(prediction, target, metric, sample_weight)}]
    if rule == "quantiles":
        return [{"stretch": stretch} for stretch in STRETCHES]
    if rule == "residual_quantiles":
        return [{"offsets": _quantiles(target - prediction, metric.levels, sample_weight)}]
    if rule == "log_residual_quantiles":
        return [{"offsets": _quantiles(_log1p(target) - _log1p(prediction), metric.levels, sample_weight)}]
    return [{}]


def middle_of(quantiles: Array) -> Array:
    """Return the middle column, or the mean of the two: (n, 1)."""
    last = quantiles.shape[1] - 1
    return np.asarray((quantiles[:, [last // 2]] + quantiles[:, [last - last // 2]]) / 2.0)


def _quantiles(residuals: Array, levels: tuple[float, ...], sample_weight: Array | None) -> list[float]:
    """Return the residuals' quantiles.

    The k-th of n counts as k/(n + 1), as a new residual is equally likely to fall between any two. Weighted ones are
    taken as they stand: NumPy interpolates only where all rows weigh alike.
    """
    if sample_weight is None:
        found = np.quantile(residuals, levels, method="weibull")
    else:
        found = np.quantile(residuals, levels, weights=sample_weight, method="inverted_cdf")
    return [float(value) for value in found]


def _log1p(values: Array) -> Array:
    """Return log(1 + values), where a prediction of just -1 or less stays a number."""
    return np.asarray(np.log1p(np.maximum(values, -1.0 + 1e-9)))


def _prior(target: Array, classes: int, sample_weight: Array | None) -> Array:
    """Return each class's share, none of them 0."""
    weight = None if sample_weight is None else sample_weight / sample_weight.mean()  # in rows
    counts = np.bincount(target.astype(np.int64), weight, minlength=classes) + 1.0
    return np.asarray(counts / counts.sum())


def _scales(prices: Array, target: Array, sample_weight: Array | None) -> list[Array]:
    """Return what the probabilities may be multiplied by before they are priced.

    Nothing, powers of the priors, which undo what class weights and sampling did, or one over what mistakes on the
    class cost, which undoes weights of that size (Elkan 2001).
    """
    prior, mistakes = _prior(target, len(prices), sample_weight), (prices - np.diag(prices)[:, None]).sum(axis=1)
    undone = [1.0 / mistakes] if np.all(mistakes > 0.0) else []
    return [np.ones(len(prices)), *(prior**power for power in UNDOING), *undone]


def _shared_threshold(prediction: Array, target: Array, metric: ChosenMetric, sample_weight: Array | None) -> float:
    """Return the one cut for all labels: every entry of the matrix is a decision."""
    weight = None if sample_weight is None else np.repeat(sample_weight, prediction.shape[1])
    return best_threshold(prediction.ravel(), target.ravel(), metric, weight)


def _thresholds(prediction: Array, target: Array, metric: ChosenMetric, sample_weight: Array | None) -> list[float]:
    """Return a cut for each label, those of rare ones drawn towards the common cut.

    A label with few positive rows says little about its best cut. With n of them its own cut counts n parts, the one
    for all labels `PARTS_OF_ALL`; they are mixed as logits, since the cuts of rare labels lie near 0.
    """
    everyone = _logit(_shared_threshold(prediction, target, metric, sample_weight))
    cuts = []
    for scores, truth in zip(prediction.T, target.T, strict=True):
        positives = float(min(truth.sum(), (1.0 - truth).sum()))
        own = _logit(best_threshold(scores, truth, metric, sample_weight)) if positives else everyone
        mixed = (positives * own + PARTS_OF_ALL * everyone) / (positives + PARTS_OF_ALL)
        cuts.append(float(1.0 / (1.0 + np.exp(-mixed))))
    return cuts


def _logit(probability: float) -> float:
    inside = min(max(probability, 1e-6), 1.0 - 1e-6)
    return float(np.log(inside / (1.0 - inside)))


def best_threshold(positive: Array, target: Array, metric: ChosenMetric, sample_weight: Array | None = None) -> float:
    """Return the probability to cut at.

    Every cut between two neighbouring probabilities is scored at once from its table of hits and misses. The scores
    are then averaged over neighbouring cuts, because on a small validation set the single best cut is mostly luck.
    """
    counts = metric.metric.from_counts
    if counts is None:
        raise ValueError(f"The metric `{metric.name}` should say its value from counts to tune a threshold.")
    order = np.argsort(positive, kind="stable")
    p, y = positive[order], target[order] == 1
    weight = np.ones(len(y)) if sample_weight is None else sample_weight[order]
    # positives and negatives among the k smallest, which the cut calls negative
    fn, tn = (np.concatenate([[0.0], np.cumsum(weight * of)]) for of in (y, ~y))
    tp, fp = fn[-1] - fn, tn[-1] - tn
    cuts = np.concatenate([[0.0], (p[1:] + p[:-1]) / 2.0, [np.nextafter(1.0, 2.0)]])
    real = np.concatenate([[True], p[1:] > p[:-1], [True]])  # tied probabilities cannot be told apart
    errors = np.sign(metric.error(1.0)) * counts(tp, fp, fn, tn, **metric.parameters)
    smooth = _smoothed(errors[real], width=max(1, int(np.sqrt(real.sum()) / 2)))
    return float(cuts[real][int(np.argmin(smooth))])


def _smoothed(values: Array, width: int) -> Array:
    """Average each value with up to `width` neighbours on either side."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    at = np.arange(len(values))
    low, high = np.maximum(at - width, 0), np.minimum(at + width + 1, len(values))
    return np.asarray((total[high] - total[low]) / (high - low))
