"""What argues for and against a diagnosis, each as a weight in natural log-odds."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Condition = tuple[str, float, float]


@dataclass(frozen=True)
class Evidence:
    """One argument.

    Attributes:
        text: what was seen, with its number.
        weight: log-odds it adds; negative argues against.
    """

    text: str
    weight: float


def share(value: float, none: float, full: float) -> float:
    """Return how far a value is on the way from `none` to `full`, in 0 to 1."""
    return min(max((value - none) / (full - none), 0.0), 1.0)


def argue(
    signals: Mapping[str, float], conditions: Condition | Sequence[Condition], weight: float, text: str
) -> tuple[Evidence, ...]:
    """Weigh conditions that hold together: the weakest counts, unknown is silent.

    Args:
        signals: the run's numbers.
        conditions: (signal, value where it says nothing, value where it says all), one or several.
        weight: log-odds where all say all.
        text: what it means, with `{name}` for a signal's value and `10^{name}` for the power of ten.

    Returns:
        one piece of evidence, or none.
    """
    several: Sequence[Condition] = (conditions,) if isinstance(conditions[0], str) else conditions  # type: ignore[assignment]
    if any(name not in signals for name, _, _ in several):
        return ()
    grade = min(share(signals[name], none, full) for name, none, full in several)
    if grade < 0.02:
        return ()
    return (Evidence(_told(text, signals), weight * grade),)


def _told(text: str, signals: Mapping[str, float]) -> str:
    """Fill in the numbers; `10^{name}` writes a logarithm out."""
    whole = re.sub(r"10\^\{(\w+)\}", lambda found: _short(10 ** signals[found[1]]), text)
    return whole.format_map({name: _short(value) for name, value in signals.items()})


def _short(value: float) -> str:
    """Write a number with two figures."""
    return f"{value:.2g}"
