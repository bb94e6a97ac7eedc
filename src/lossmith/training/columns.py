"""One column at a time: what kind it is, and numbers where its text means them.

Training and advice look at columns through the same eyes, so that a table read from a file, handed over as a frame or
met again at prediction time is understood the same way.
"""

import re
from collections.abc import Collection
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Kind = Literal["number", "category", "date", "id", "constant", "text"]
USED_KINDS = ("number", "category", "date")
"""Kinds that can be learned from."""

MISSING_WORDS = frozenset({"", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NAN", "null", "NULL", "?"})
"""Read as missing wherever they stand. "None" is not among them: it is a category in many tables (no garage)."""
MISSING_AMONG_NUMBERS = MISSING_WORDS | {"None", "none", "NONE", "-", "--", ".", "na", "Null"}
"""Where the rest are numbers, these can only mean that one is missing."""
NUMBER_SHARE = 0.95
"""A text column holds numbers when at least this share of its known entries read as numbers."""
FEW_ROWS = 20
"""Below this, all values being distinct says nothing."""

_CURRENCY = "$€£¥₹"
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
_ISO_DATE = r"\d{4}[-/]\d{2}(?:[-/]\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?)?"
_DAY_FIRST = r"\d{1,2}\.\d{1,2}\.\d{4}"
_POINT_THOUSANDS = r"[-+]?(?:\d{1,3}(?:\.\d{3})+|\d+)"
_COMMA_DECIMAL = _POINT_THOUSANDS + r",\d+"
_ID_NAME = re.compile(r"(?:^|[_\W])(?:id|ids|uuid|guid|idx|index|key|rownames?|row_?(?:id|num|number))$", re.IGNORECASE)
_CAMEL_ID = re.compile(r"[a-z](?:Id|ID)$")


def tidy(series: "pd.Series[Any]", share: float = NUMBER_SHARE) -> "pd.Series[Any]":
    """Return the column as numbers, truth values, dates or text, whatever it came as.

    Text of which at least `share` reads as numbers ("1,234", "$5", "12 %") becomes numbers; other text keeps its words,
    `MISSING_WORDS` apart. Entries that are no single values (lists, dicts) become their text.

    Example:
        >>> tidy(pd.Series(["1,200", "950", "NA"])).tolist()
        [1200.0, 950.0, nan]
    """
    plain = _unwrapped(series)
    if not is_text(plain):
        return plain
    numbers = to_numbers(plain, share)
    if numbers is not None:
        return numbers
    plain = plain.str.strip()
    return plain.mask(plain.isin(MISSING_WORDS))


def to_numbers(series: "pd.Series[Any]", share: float = NUMBER_SHARE) -> "pd.Series[Any] | None":
    """Return a column as numbers, or None when too few of its entries read as such.

    Too few is less than `share` of the known entries. What does not read as a number is missing. A percent sign is
    dropped where all entries carry one.
    """
    if not is_text(series):
        return _unwrapped(series).astype(np.float64) if pd.api.types.is_numeric_dtype(series.dtype) else None
    entries = series.str.strip()
    entries = entries.mask(entries.isin(MISSING_AMONG_NUMBERS))
    known = entries.dropna()
    distinct = pd.Series(known.unique(), dtype=object)
    if distinct.empty:
        return None
    percent = bool(distinct.str.endswith("%").all())
    bare = {text: text.rstrip("% ") if percent else text for text in distinct}
    numbers = entries.map({text: _number(number) for text, number in bare.items()}).astype(np.float64)
    if numbers.notna().sum() >= share * len(known):
        return numbers
    # "1.836,86": nothing in a comma-decimal column reads otherwise, so one way of writing must fit nearly all of it.
    numbers = entries.map({text: _comma_number(number) for text, number in bare.items()}).astype(np.float64)
    return numbers if numbers.notna().sum() >= max(share, NUMBER_SHARE) * len(known) else None


def to_dates(series: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return a date column (ISO, or day.month.year) as timestamps in UTC.

    What reads as neither is missing.

    Example:
        >>> to_dates(pd.Series(["2024-02-01", "01.02.2024"])).dt.month.tolist()
        [2, 2]
    """
    found = pd.to_datetime(series, errors="coerce", utc=True, format="ISO8601")
    return found.fillna(pd.to_datetime(series, errors="coerce", utc=True, format="%d.%m.%Y"))


def as_kind(series: "pd.Series[Any]", kind: Kind) -> "pd.Series[Any]":
    """Return a new column as the kind found in training, however its rows look.

    A few rows can mislead `tidy`: "1" and "2" are numbers, though training also saw "A". Here a number column gives
    numbers, missing where an entry is none, and a category gives text, "1" for 1, 1.0 and "1".

    Example:
        >>> as_kind(pd.Series([1.0, None]), "category").tolist()
        ['1', nan]
    """
    if kind == "number":
        numbers = to_numbers(_unwrapped(series), share=0.0)
        return pd.Series(np.nan, index=series.index, name=series.name) if numbers is None else numbers
    if kind == "date":
        return _unwrapped(series)
    words = [None if _is_missing(entry) else label_text(entry) for entry in series]
    text = pd.Series(words, index=series.index, name=series.name, dtype="str")
    return text.mask(text.isin(MISSING_WORDS))


def label_text(value: object) -> str:
    """Return a class label as text, the same for 1, 1.0 and "1".

    Example:
        >>> label_text(1.0), label_text(" yes"), label_text(2.5)
        ('1', 'yes', '2.5')
    """
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return str(value).strip()


def is_text(series: "pd.Series[Any]") -> bool:
    """Whether every known entry is text.

    By its dtype alone pandas takes any column of Python objects for text.
    """
    return pd.api.types.is_string_dtype(series) and (series.dtype != object or bool(series.notna().any()))


def is_whole(values: NDArray[np.float64]) -> bool:
    """Whether every value is an integer."""
    return bool(np.all(np.isfinite(values)) and np.all(values == np.round(values)))


def feature_kinds(frame: pd.DataFrame, aside: Collection[str]) -> dict[str, Kind]:
    """Return the columns that can be learned from, and what each holds.

    Those named in `aside` are left out.
    """
    kinds = {str(name): kind(tidy(frame[name]))[0] for name in frame if name not in aside}
    return {name: held for name, held in kinds.items() if held in USED_KINDS}


def kind(series: "pd.Series[Any]") -> tuple[Kind, str]:
    """Return what a tidied column holds, and why where that is not plain to see.

    Example:
        >>> kind(pd.Series(range(100), name="row"))
        ('id', 'counts the rows')
    """
    known = series.dropna()
    unique = int(known.nunique())
    if unique == 0:
        return "constant", "every entry is missing"
    if unique == 1 and len(known) == len(series):
        return "constant", "every entry is the same"
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return "date", ""
    if pd.api.types.is_bool_dtype(series.dtype):
        return "category", ""
    if pd.api.types.is_numeric_dtype(series.dtype):
        return _kind_of_numbers(known, unique)
    return _kind_of_text(known, unique)


def _unwrapped(series: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return the same entries as a numpy number type, bool, datetime64 or text."""
    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _unwrapped(series.astype(dtype.categories.dtype))
    if isinstance(dtype, pd.PeriodDtype):
        stamps: pd.Series[Any] = series.dt.to_timestamp()
        return stamps
    if pd.api.types.is_timedelta64_dtype(dtype):
        seconds: pd.Series[Any] = series.dt.total_seconds()
        return seconds
    if pd.api.types.is_complex_dtype(dtype):
        raise ValueError(f"Column {series.name!r} should hold real numbers. Found complex ones. Try its real part.")
    if is_text(series):
        return series.astype("str")
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return series
    if pd.api.types.is_bool_dtype(dtype) and not series.isna().any():
        return series.astype(bool)
    if pd.api.types.is_numeric_dtype(dtype):
        small = not series.isna().any() and pd.api.types.is_integer_dtype(dtype)
        return series.astype(np.int64) if small and _fits(series) else series.astype(np.float64)
    return _from_objects(series)


def _fits(series: "pd.Series[Any]") -> bool:
    return len(series) == 0 or int(series.max()) <= np.iinfo(np.int64).max


def _from_objects(series: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return a column of Python objects as the one type they share, else as text."""
    held = pd.api.types.infer_dtype(series, skipna=True)
    if held == "boolean" and not series.isna().any():
        return series.astype(bool)
    if held in ("integer", "floating", "mixed-integer-float", "decimal"):
        return pd.to_numeric(series, errors="coerce").astype(np.float64)
    if held in ("datetime", "datetime64", "date"):
        return pd.to_datetime(series, errors="coerce")
    text = [None if _is_missing(entry) else label_text(entry) for entry in series]
    return pd.Series(text, index=series.index, name=series.name, dtype="str")


def _is_missing(entry: object) -> bool:
    return bool(pd.api.types.is_scalar(entry) and pd.isna(entry))  # type: ignore[call-overload]


def _number(text: str) -> float:
    """Return the number that `text` writes, or NaN."""
    text = text.strip(_CURRENCY + " ")
    if text[:1] in "+-" and text[1:2] in tuple(_CURRENCY):
        text = text[0] + text[2:]
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    try:
        return float("nan") if "_" in text else float(text)  # Python reads 1_000 as a number; tables do not mean it
    except ValueError:
        return float("nan")


def _comma_number(text: str) -> float:
    """Return the number that `text` writes with a decimal comma, or NaN."""
    text = text.strip(_CURRENCY + " ")
    plain = text.replace(".", "").replace(",", ".")
    if re.fullmatch(_COMMA_DECIMAL, text):
        return float(plain)
    return _number(plain) if re.fullmatch(_POINT_THOUSANDS, text) else float("nan")  # 01.03.2024 is a date


def _named_like_an_id(name: object) -> bool:
    return bool(_ID_NAME.search(str(name)) or _CAMEL_ID.search(str(name)))


def _kind_of_numbers(known: "pd.Series[Any]", unique: int) -> tuple[Kind, str]:
    values = known.to_numpy(dtype=np.float64)
    if len(known) < FEW_ROWS or not is_whole(values):
        return "number", ""
    if unique == len(known) and values[0] in (0.0, 1.0) and bool(np.all(np.diff(values) == 1)):
        return "id", "counts the rows"
    if _named_like_an_id(known.name) and unique > 50:
        return "id", "whole numbers under a name that says identifier"
    return "number", ""


def _kind_of_text(known: "pd.Series[Any]", unique: int) -> tuple[Kind, str]:
    if known.str.fullmatch(f"{_ISO_DATE}|{_DAY_FIRST}").mean() >= NUMBER_SHARE:
        return "date", "text that reads as dates"
    if len(known) < FEW_ROWS:
        return "category", ""
    words = float(known.str.count(r"\S+").mean())
    if unique > 0.5 * len(known) and words >= 4:
        return "text", f"sentences, {words:.0f} words on average"
    if unique > 0.9 * len(known):
        return "id", "a value of its own in nearly every row"
    return "category", ""
