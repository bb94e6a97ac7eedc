"""How symptoms and signals are weighed together, with learned weights.

The model is small and additive: for each fault a constant, its own symptom's evidence times one factor, and a
piecewise linear function of each of some dozens of signals. `python -m benchmarks.fit_doctor` makes the weights, and
says how they do on tasks that were left out.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
HEALTHY = "healthy"


@dataclass(frozen=True)
class Ramps:
    """One signal's piecewise linear part.

    Attributes:
        knots: where the pieces meet.
        weights: one row a piece and, last, one for a signal that is not known; one column a fault.
        usual: each row's mean over runs without fault.
    """

    knots: Numbers
    weights: Numbers
    usual: Numbers

    def rises(self, value: float | None) -> Numbers:
        """Return how far each piece is climbed, and whether nothing is known."""
        return rises(self.knots, math.nan if value is None else value)


def rises(knots: Numbers, values: float | Numbers) -> Numbers:
    """Return how far values climb each piece, in -0.5 to 0.5; last, if unknown."""
    each = np.asarray(values, float)[..., None]
    known = np.isfinite(each)
    climbed = np.clip((np.where(known, each, 0.0) - knots[:-1]) / np.diff(knots), 0, 1) - 0.5
    return np.concatenate([np.where(known, climbed, 0.0), ~known], axis=-1)


@dataclass(frozen=True)
class Combination:
    """Learned weights.

    Attributes:
        faults: the columns, `healthy` among them.
        base: constants.
        own: what each symptom's own evidence is multiplied by.
        ramps: signals' parts, by name.
        temperature: by which log-odds are divided, so that confidence is right as often as it says.
        threshold: probability of some fault above which one is named.
    """

    faults: tuple[str, ...]
    base: Numbers
    own: Numbers
    ramps: Mapping[str, Ramps]
    temperature: float
    threshold: float

    def log_odds(self, signals: Mapping[str, float], own: Mapping[str, float]) -> Numbers:
        """Return each fault's log-odds, before the temperature.

        Args:
            signals: the run's numbers.
            own: each symptom's summed evidence.
        """
        total = self.base + self.own * np.array([own.get(fault, 0.0) for fault in self.faults])
        for name, ramps in self.ramps.items():
            total = total + ramps.rises(signals.get(name)) @ ramps.weights
        return np.asarray(total)

    def probabilities(
        self, signals: Mapping[str, float], own: Mapping[str, float], impossible: frozenset[str]
    ) -> Mapping[str, float]:
        """Return each fault's probability, and that of none."""
        odds = self.log_odds(signals, own) / self.temperature
        odds[[fault in impossible for fault in self.faults]] = -math.inf
        shares = np.exp(odds - odds.max())
        return dict(zip(self.faults, (shares / shares.sum()).tolist(), strict=True))

    def contributions(self, signals: Mapping[str, float], fault: str) -> Mapping[str, float]:
        """Return what each known signal adds, beside a usual healthy run."""
        column, none = self.faults.index(fault), self.faults.index(HEALTHY)
        return {
            name: float(
                (ramps.rises(signals[name]) - ramps.usual) @ (ramps.weights[:, column] - ramps.weights[:, none])
            )
            for name, ramps in self.ramps.items()
            if name in signals
        }


def read(text: str) -> Combination:
    """Read weights as `benchmarks.fit_doctor` writes them."""
    content = json.loads(text)
    return Combination(
        faults=tuple(content["faults"]),
        base=np.array(content["base"]),
        own=np.array(content["own"]),
        ramps={
            name: Ramps(np.array(part["knots"]), np.array(part["weights"]), np.array(part["usual"]))
            for name, part in content["signals"].items()
        },
        temperature=content["temperature"],
        threshold=content["threshold"],
    )


@cache
def learned(mode: str) -> Combination:
    """Return the weights for `live` or `curves`."""
    return read((files("lossmith.doctor") / "weights" / f"{mode}.json").read_text(encoding="utf-8"))
