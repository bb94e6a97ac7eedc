"""How far lossmith itself was right, by `python -m benchmarks.regret`."""

import json
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("trust.json")


@dataclass(frozen=True)
class Trust:
    """What following the advice lost to hindsight on real tables."""

    policy: str
    """How the advice was followed, in words."""
    sets: int
    mean_regret: float
    """Distance to the loss that was best in hindsight, in % of its error, mean over the sets."""
    median_regret: float
    worse_than_default_5pct: int
    """Sets on which the advice was more than 5 % worse than the default."""
    date: str
    version: str


def read(path: Path = FILE) -> Trust | None:
    """Return the figures that this version was shipped with, if any."""
    return Trust(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None
