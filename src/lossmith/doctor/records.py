"""Small readings of a recorder's records that several signals share."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lossmith.doctor.runlog import Numbers

TINY = 1e-12


def log(value: float, low: float = -9.0) -> float:
    """Return the decimal logarithm, bounded."""
    if not math.isfinite(value):
        return 9.0
    return float(np.clip(math.log10(max(value, 10.0**low)), low, 9))


def numbers(values: Sequence[Any]) -> Numbers:
    """Return what is a finite number."""
    return np.array([v for v in values if isinstance(v, (int, float)) and math.isfinite(v)], float)


def is_finite(value: Any) -> bool:
    """Return whether a value is a finite number."""
    return isinstance(value, (int, float)) and math.isfinite(value)


def is_number_below(value: Any) -> bool:
    """Return whether a share of finite entries is short of all of them."""
    return isinstance(value, (int, float)) and value < 1


def parts(record: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
    """Return a record's layers or activations, in order."""
    return list((record.get(kind) or {}).values())
