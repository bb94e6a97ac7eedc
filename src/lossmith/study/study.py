"""Everything measured of one loss, at its defaults or at settings that are said."""

from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from lossmith import registry
from lossmith.study.curve import Curve, curve
from lossmith.study.settings import complete, stated
from lossmith.study.shares import Shares, shares
from lossmith.study.witness import witnesses


@dataclass(frozen=True)
class Study:
    """One loss, drawn and measured."""

    name: str
    stated: str
    """The hyperparameters that have no default, as they were set here; empty if there are none."""
    curve: Curve | None
    """None for what needs a model or other losses."""
    shares: Shares | None
    """None where easy and hard examples make no sense."""
    witnesses: dict[str, str] = field(default_factory=dict)


def study(name: str, *, counterexamples: bool = False) -> Study:
    """Draw and measure a loss; if asked, look for counterexamples too.

    Raises:
        ValueError: no such loss; the message names the nearest.

    Example:
        >>> study("absolute_error_loss").shares.pull
        (0.8, 0.12, 0.02, 0.06)
    """
    card = registry.card(name)
    said = ", ".join(f"{key} = {_written(value)}" for key, value in stated(card).items())
    found = witnesses(card) if counterexamples else {}
    if card.kind != "loss":
        return Study(card.name, said, None, None, found)
    criterion = registry.load(card.name, reduction="none", **complete(card))
    return Study(card.name, said, curve(criterion), shares(criterion), found)


def _written(value: Any) -> str:
    if isinstance(value, Tensor):
        return _written(value.tolist())
    if isinstance(value, list):
        return f"({', '.join(map(_written, value))})"
    return f"{value:.3g}" if isinstance(value, float) else str(value)
