"""How numbers are written: the same in the terminal and in the report."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

MINUS = "−"
NOTHING = "–"
TIED = "\u00a0"
"""A space at which no line breaks: an interval torn in two reads as two numbers."""


def number(value: float | None, digits: int = 3) -> str:
    """Write a number of its own, with about `digits` significant digits.

    Thousands are separated.
    """
    if value is None or not math.isfinite(value):
        return _special(value)
    return fixed(value, _decimals(value, digits))


def floats(values: Sequence[float | None]) -> tuple[float, ...]:
    """Return numbers to draw, NaN where there is none."""
    return tuple(math.nan if value is None else float(value) for value in values)


def fixed(value: float | None, decimals: int) -> str:
    """Write `value` with so many decimals, or in powers of ten.

    Powers of ten are for values far too large or too small for these decimals.
    """
    if value is None or not math.isfinite(value):
        return _special(value)
    if value and not 1e-6 <= abs(value) < 1e9 and (abs(value) >= 1e9 or decimals > 6):
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{mantissa}e{int(exponent)}".replace("-", MINUS)
    text = f"{value:,.{min(decimals, 8)}f}"
    return text.lstrip("-") if not text.strip("-0.,") else text.replace("-", MINUS)


def signed(value: float | None, decimals: int) -> str:
    """Write a difference: with its sign, and none on a zero."""
    text = fixed(value, decimals)
    return f"+{text}" if value is not None and value > 0 and text.strip("0.,") else text


def percent(value: float | None, sign: bool = False) -> str:
    """Write a share as per cent."""
    if value is None or not math.isfinite(value):
        return _special(value)
    decimals = 0 if abs(value) >= 1 else 1
    return f"{(signed if sign else fixed)(100 * value, decimals)}{TIED}%"


def p_value(value: float) -> str:
    """Write a p-value with three decimals, or say that it is below them."""
    return "<0.001" if value < 0.0005 else fixed(value, 3)


def seconds(value: float) -> str:
    """Write a time span in the two units that matter."""
    if value < 10:
        return f"{fixed(value, 1)}{TIED}s"
    whole = round(value)
    if whole < 60:
        return f"{whole}{TIED}s"
    if whole < 3600:
        return f"{whole // 60}{TIED}min {whole % 60:02d}{TIED}s"
    return f"{whole // 3600:,}{TIED}h {whole % 3600 // 60:02d}{TIED}min"


def count(value: int, noun: str, nouns: str | None = None) -> str:
    """Write a number of things, in singular or plural."""
    return f"{value:,} {noun if value == 1 else nouns or noun + 's'}"


def exact(value: Any) -> str:
    """Write a setting or a hyperparameter as short as it stays readable."""
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, float):
        plain = number(value, 4)
        return plain.rstrip("0").rstrip(".") if "." in plain and "e" not in plain else plain
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={exact(item)}" for key, item in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(exact(item) for item in value) or "none"
    return str(value)


def tally(values: Sequence[float]) -> str:
    """Write which values were chosen and how often: `0.001 ×4, 0.003`."""
    often = Counter(values).most_common()
    return ", ".join(exact(value) + (f"{TIED}×{times}" if times > 1 else "") for value, times in often) or NOTHING


@dataclass(frozen=True)
class Scale:
    """How many decimals scores, differences and intervals of the metric carry."""

    decimals: int

    @classmethod
    def of(cls, scores: Iterable[float | None], half_widths: Iterable[float]) -> "Scale":
        """Three digits of a typical score, and more where the intervals are finer."""
        wanted = [_decimals(value, 3) for value in _middle(scores)] + [
            _decimals(value, 2) for value in _middle(half_widths)
        ]
        return cls(max(wanted, default=3))

    def score(self, value: float | None) -> str:
        """Write a score."""
        return fixed(value, self._fitting(value))

    def difference(self, value: float | None) -> str:
        """Write a difference with its sign."""
        return signed(value, self._fitting(value))

    def interval(self, low: float, high: float) -> str:
        """Write an interval, both ends with their sign."""
        return f"[{self.difference(low)},{TIED}{self.difference(high)}]"

    def _fitting(self, value: float | None) -> int:
        """Fewer decimals for a number so large that they would be noise."""
        if not value or not math.isfinite(value):
            return self.decimals
        return max(0, min(self.decimals, 6 - math.floor(math.log10(abs(value)))))


def _middle(values: Iterable[float | None]) -> list[float]:
    known = [abs(value) for value in values if value is not None and math.isfinite(value) and value]
    return [median(known)] if known else []


def _decimals(value: float, digits: int) -> int:
    if not value:
        return 0
    return max(0, digits - 1 - math.floor(math.log10(abs(value))))


def _special(value: float | None) -> str:
    if value is None or math.isnan(value):
        return NOTHING
    return "∞" if value > 0 else f"{MINUS}∞"
