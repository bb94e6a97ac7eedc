"""What argues for and against a diagnosis, each as a weight in natural log-odds."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Condition = tuple[str, float, float]
WEAK = 0.5
"""Log-odds below which an argument is not worth a reader's time."""
TINY = 1e-5
"""Shares below are as good as none."""
MOST = 10.0
"""From here on so many times, no longer percent."""


@dataclass(frozen=True)
class Evidence:
    """One argument.

    Attributes:
        text: what was seen, with its number.
        weight: log-odds it adds; negative argues against.
    """

    text: str
    weight: float


def telling(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return what is worth reading: weak arguments only where few others are.

    Args:
        evidence: arguments, the strongest first.
    """
    strong = [one for one in evidence if abs(one.weight) >= WEAK]
    return strong if len(strong) > 1 else list(evidence[:2])


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
    """Fill in the numbers.

    `10^{name}` writes a logarithm out, and what is a share of something is in percent.
    """

    def written(found: re.Match[str]) -> str:
        value = 10 ** signals[found[2]] if found[1] else signals[found[2]]
        if not found[3]:
            return figures(value)
        return f"{percent(value)} of " if value < MOST else f"{figures(value)} times "

    return re.sub(r"(10\^)?\{(\w+)\}( of )?", written, text)


def figures(value: float) -> str:
    """Write a number with two figures.

    Example:
        >>> figures(0.0312), figures(1234.0)
        ('0.031', '1200')
    """
    return f"{float(f'{value:.2g}'):g}"


def percent(share: float) -> str:
    """Write a share in percent.

    Example:
        >>> percent(1.0), percent(0.0312), percent(0.9964)
        ('100 %', '3.1 %', '99.6 %')
    """
    if 0.0 < share < TINY:
        return f"less than {figures(100.0 * TINY)} %"
    return f"{100.0 * share:.3g} %" if 0.99 < abs(share) < 1.0 else f"{figures(100.0 * share)} %"
