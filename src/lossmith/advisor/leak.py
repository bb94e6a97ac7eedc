"""Looks for a single column that already holds the answer.

It is one from which a shallow tree alone predicts the target.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from lossmith.advisor.facts import Column, Notice
from lossmith.training.problem import VALUE_TASKS

MOST_ROWS = 2000
FEWEST_ROWS = 60
THRESHOLDS = {"values": 0.99, "binary": 0.995, "classes": 0.99}
FAR = 5.0
"""A leak leaves at most a fifth of the error that the best honest column leaves."""


def find_leaks(frame: pd.DataFrame, y: NDArray[Any], columns: tuple[Column, ...], task: str) -> list[Notice]:
    """Return a notice for each used column that alone predicts `y` far too well.

    That is nearly perfectly, and far better than any honest column does. `y` is encoded. The score is R² of the
    target's ranks for values, ROC AUC for two classes, balanced accuracy for more; the tree is fitted on one half of at
    most 2,000 rows and scored on the other.
    """
    kind = "values" if task in VALUE_TASKS else "binary" if task == "binary" else "classes"
    rows = _sample(y, kind)
    if len(rows) < FEWEST_ROWS:
        return []
    target = rankdata(y[rows]) if kind == "values" else y[rows]
    used = [column.name for column in columns if column.used and column.unique > 1]
    scores = {name: _score(frame[name].iloc[rows], target, kind) for name in used}
    suspects = [name for name in used if scores[name] >= THRESHOLDS[kind]]
    best = max((score for name, score in scores.items() if name not in suspects), default=0.0)
    # where many columns predict nearly perfectly the task is easy, and no column is suspicious
    suspects = [name for name in suspects if (1 - scores[name]) * FAR <= 1 - best]
    if len(suspects) * 2 > len(used):
        return []
    return [_notice(name, scores[name], kind) for name in suspects]


def _sample(y: NDArray[Any], kind: str) -> NDArray[np.int64]:
    """Return row numbers in random order, rare classes thinned no more than needed."""
    rng = np.random.default_rng(0)
    rows = rng.permutation(len(y))
    if kind == "values":
        return rows[:MOST_ROWS]
    each = MOST_ROWS // max(len(np.unique(y)), 1)
    kept = np.concatenate([rows[y[rows] == label][:each] for label in np.unique(y)])
    return rng.permutation(kept)


def _score(series: "pd.Series[Any]", target: NDArray[Any], kind: str) -> float:
    """Return a tree's score on the second half of the rows, fitted on the first.

    It is 0 where it says nothing.
    """
    from sklearn import config_context
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    half = len(target) // 2
    x = _numbers(series, target, half)
    shape = {"max_leaf_nodes": 64, "min_samples_leaf": 3, "random_state": 0}
    tree = DecisionTreeRegressor(**shape) if kind == "values" else DecisionTreeClassifier(**shape)
    with config_context(assume_finite=True, skip_parameter_validation=True):
        tree.fit(x[:half], target[:half])
        if kind == "binary":
            return _auc(target[half:], tree.predict_proba(x[half:])[:, -1])
        predicted = tree.predict(x[half:])
    return _r2(target[half:], predicted) if kind == "values" else _recall(target[half:], predicted)


def _numbers(series: "pd.Series[Any]", target: NDArray[Any], half: int) -> NDArray[np.float32]:
    """Return the column as one number a row, which a tree can cut.

    A category becomes the mean target of its rows in the first half.
    """
    if pd.api.types.is_numeric_dtype(series.dtype):
        x = series.to_numpy(dtype=np.float64)
        known = x[np.isfinite(x)]
        middle = np.median(known) if len(known) else 0.0
        x = np.clip(x - middle, -1e30, 1e30)  # centred, since float32 is finest near 0; a tree takes NaN as it is
        return x.astype(np.float32).reshape(-1, 1)
    codes, _ = pd.factorize(series.astype("str"), use_na_sentinel=False)
    sums = np.bincount(codes[:half], weights=target[:half], minlength=codes.max() + 1)
    counts = np.bincount(codes[:half], minlength=codes.max() + 1)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), -1.0)
    return np.asarray(means[codes], dtype=np.float32).reshape(-1, 1)


def _r2(target: NDArray[Any], predicted: NDArray[Any]) -> float:
    spread = float(np.var(target))
    return 1.0 - float(np.mean((target - predicted) ** 2)) / spread if spread > 0 else 0.0


def _auc(target: NDArray[Any], score: NDArray[Any]) -> float:
    positives = int(target.sum())
    negatives = len(target) - positives
    if positives < 10 or negatives < 10:
        return 0.0
    return float((rankdata(score)[target == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def _recall(target: NDArray[Any], predicted: NDArray[Any]) -> float:
    return float(np.mean([np.mean(predicted[target == label] == label) for label in np.unique(target)]))


def _notice(name: str, score: float, kind: str) -> Notice:
    words = {"values": "rank R²", "binary": "ROC AUC", "classes": "balanced accuracy"}[kind]
    return Notice(
        "leak",
        f"Column {name!r} alone predicts the target ({words} {score:.3f}). If it is known only afterwards, leave it "
        "out with --drop.",
        columns=(name,),
    )
