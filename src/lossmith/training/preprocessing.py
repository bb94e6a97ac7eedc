"""Tables to numbers, fitted inside the fold, as RealMLP-TD-S prepares its input.

The work is done by scikit-learn pipelines. Numbers are centred on the median, scaled by the interquartile range and
smoothly clipped, so that no outlier drives the first layer. Categories become one-hot columns; rare ones, and any
unseen in training, share one "other" column.
"""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

from lossmith.training.columns import to_dates

MAX_CATEGORIES = 32
LARGEST = 1e100
"""Numbers beyond are taken for this one: their squares and differences would overflow."""
FARTHEST = 1e4
"""Interquartile ranges from the median; farther out the clipped value would round to 3."""


class RobustClip(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Centre on median, scale by interquartile range, clip smoothly to (−3, 3).

    Source:
        Holzmüller et al., "Better by default" (RealMLP), 2024, arXiv:2407.04491, section 3.
    """

    def fit(self, x: NDArray[np.float64], y: Any = None) -> "RobustClip":
        """Learn centre and scale of each column.

        A column with an empty quartile range uses half its full range.
        """
        low, self.centre_, high = np.quantile(x, [0.25, 0.5, 0.75], axis=0)
        span = x.max(axis=0) - x.min(axis=0)
        half = np.where(high > low, high - low, np.where(span > 0, span / 2.0, 1.0))
        self.scale_ = half
        return self

    def transform(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return x scaled, with |x| < 3."""
        with np.errstate(over="ignore"):  # a range of almost nothing
            z = np.clip((x - self.centre_) / self.scale_, -FARTHEST, FARTHEST)
        return np.asarray(z / np.sqrt(1.0 + (z / 3.0) ** 2))


def build(kinds: Mapping[str, str]) -> ColumnTransformer:
    """Return an unfitted transformer for columns of the given kinds.

    Kinds other than number, category and date are left out.
    """
    by_kind = {kind: [name for name, k in kinds.items() if k == kind] for kind in ("number", "category", "date")}
    numbers = make_pipeline(
        FunctionTransformer(_numeric),
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        RobustClip(),
    )
    dates = make_pipeline(
        FunctionTransformer(_calendar), SimpleImputer(strategy="median", keep_empty_features=True), RobustClip()
    )
    categories = make_pipeline(
        FunctionTransformer(_text),
        OneHotEncoder(
            handle_unknown="infrequent_if_exist",
            min_frequency=2,
            max_categories=MAX_CATEGORIES,
            sparse_output=False,
            dtype=np.float64,
        ),
    )
    return ColumnTransformer(
        [
            ("number", numbers, by_kind["number"]),
            ("category", categories, by_kind["category"]),
            ("date", dates, by_kind["date"]),
        ]
    )


def transform(fitted: ColumnTransformer, frame: pd.DataFrame) -> NDArray[np.float32]:
    """Return the features of `frame` as float32, finite throughout."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # unseen categories are told by `unseen`, in our words
        x = fitted.transform(frame)
    return np.ascontiguousarray(x, dtype=np.float32)


def unseen(fitted: ColumnTransformer, frame: pd.DataFrame) -> dict[str, list[str]]:
    """Return the categories of `frame` that were not there in training, by column."""
    pipeline = fitted.named_transformers_["category"]
    names = next(columns for name, _, columns in fitted.transformers_ if name == "category")
    if not len(names):
        return {}
    known = dict(zip(names, pipeline[-1].categories_, strict=True))
    found = {name: sorted(set(_text(frame[[name]])[name]) - set(known[name])) for name in names}
    return {name: values for name, values in found.items() if values}


def _numeric(frame: pd.DataFrame) -> NDArray[np.float64]:
    """Return numbers, with anything else (text, infinities) missing."""
    x = frame.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(x), np.clip(x, -LARGEST, LARGEST), np.nan)


def _text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return every entry as text; a missing one is a category of its own."""
    return frame.astype("string").fillna("(missing)").astype(object)


def _calendar(frame: pd.DataFrame) -> NDArray[np.float64]:
    """Return trend, season, weekday and hour of each date column."""
    parts: list[NDArray[np.float64]] = []
    for name in frame.columns:
        date = to_dates(frame[name])
        year = date.dt.day_of_year / 365.25 * 2.0 * np.pi
        day = date.dt.hour / 24.0 * 2.0 * np.pi
        trend = (date - pd.Timestamp("2000-01-01", tz="UTC")) / pd.Timedelta(days=1)
        columns = [trend, np.sin(year), np.cos(year), date.dt.day_of_week, np.sin(day), np.cos(day)]
        parts.extend(np.asarray(column, dtype=np.float64) for column in columns)
    return np.column_stack(parts)
