"""Tasks beyond tables, as a small data file says them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Field:
    """A task whose data are no table: its target, its scores, its losses."""

    name: str
    target: str
    metrics: Mapping[str, str]
    """Name of a metric → name of the functional it asks for; the first is the usual one."""
    rule: str
    families: tuple[str, ...]
    usual: tuple[str, ...]
    """What is usually trained with, the plainest first; some may not be in the catalogue."""
    misleads: tuple[str, ...]
    first: Mapping[str, str] = field(default_factory=dict)
    """Metric → the loss that comes first under it, where that is not the usual order."""


@cache
def fields() -> Mapping[str, Field]:
    """Return every task beyond tables, by name.

    Example:
        >>> fields()["speech"].usual[0]
        'ctc_loss'
    """
    text = Path(__file__).with_name("fields.toml").read_text(encoding="utf-8")
    return {name: _field(name, facts) for name, facts in tomllib.loads(text).items()}


def _field(name: str, facts: Mapping[str, object]) -> Field:
    lists = {key: tuple(value) for key, value in facts.items() if isinstance(value, list)}
    return Field(name, **{**facts, **lists})  # type: ignore[arg-type]
