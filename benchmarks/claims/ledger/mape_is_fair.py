"""MAPE is a fair percentage: it treats too high and too low alike.

Said because a percentage needs no unit and reads well in reports.

Shown false if the constant with the least MAPE lies far from the middle of the targets.
"""

from collections.abc import Sequence

import numpy as np
import torch
from sklearn import datasets

import lossmith
from benchmarks.claims import sets
from benchmarks.claims.claim import LEVEL, Claim, Figure, Rule, exact

DRAWS = 300


def measure() -> Sequence[Figure]:
    """Find the best constant under MAPE on resampled rows, relative to their median."""
    loss = lossmith.load("absolute_percentage_error_loss")
    twice, half = (float(loss(torch.tensor([factor]), torch.ones(1))) for factor in (2.0, 0.5))
    radius = datasets.load_breast_cancer().data[:, 0]
    return [
        exact("twice the target is set against half of it", twice / half, "100 % against 50 %"),
        _figure("targets spread over powers of ten (bikes rented an hour)", sets.bikes(1500, 0).y.double().numpy()),
        _figure("targets spread over one power of ten (progression of diabetes)", datasets.load_diabetes().target),
        _figure("targets are far from 0 beside their spread (radius of a cell)", radius),
    ]


def _figure(situation: str, y: np.ndarray) -> Figure:
    rng = np.random.default_rng(0)
    drawn = [rng.choice(y, len(y)) for _ in range(DRAWS)]
    ratios = [_best_constant(rows) / float(np.median(rows)) for rows in drawn]
    low, high = np.quantile(ratios, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
    return Figure(situation, _best_constant(y) / float(np.median(y)), float(low), float(high), "bootstrap")


def _best_constant(y: np.ndarray) -> float:
    """Return the least mean |c − y|/y, which some target reaches."""
    candidates = np.unique(np.quantile(y, np.linspace(0.0, 1.0, 401), method="inverted_cdf"))
    loss = lossmith.load("absolute_percentage_error_loss", reduction="none")
    targets = torch.tensor(y).expand(len(candidates), -1)
    errors = loss(torch.tensor(candidates)[:, None].expand_as(targets), targets).mean(1)
    return float(candidates[int(errors.argmin())])


CLAIM = Claim(
    measure,
    effect="price of too high over too low, or best constant over median: 1 is fair",
    rule=Rule(low=0.9, high=1.1),
    instead="MAPE caps what too low can cost at 100 % and not what too high can: its best prediction is a median "
    "that gives small targets more weight. Where targets spread widely it rewards predicting too little.",
)
