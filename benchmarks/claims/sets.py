"""The tables of the experiments: those that ship with scikit-learn, and the project's examples. No download.

Features are standardised. Targets of regression are too, so that errors count in standard deviations.
"""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from sklearn import datasets
from torch import Tensor

EXAMPLES = Path(__file__).parents[2] / "examples"


@dataclass(frozen=True)
class Table:
    """Features (n, f) and a target (n,): float for numbers, int for classes."""

    x: Tensor
    y: Tensor
    blocks: int = 0
    """Into how many parts without a common row a large table is cut; 0 for folds of the whole."""

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return int(self.y.max()) + 1

    def rows(self, chosen: Tensor) -> "Table":
        """Return some rows."""
        return replace(self, x=self.x[chosen], y=self.y[chosen])


@cache
def diabetes() -> Table:
    """Progression of diabetes, 442 rows, standardised."""
    x, y = datasets.load_diabetes(return_X_y=True)
    return Table(_standard(x), _standard(y))


@cache
def breast_cancer() -> Table:
    """Malignant (0) or benign (1), 569 rows."""
    return _classes(*datasets.load_breast_cancer(return_X_y=True))


@cache
def digits() -> Table:
    """Handwritten digits, 1,797 images of 8 × 8."""
    x, y = datasets.load_digits(return_X_y=True)
    return Table(torch.tensor(x / 8.0 - 1.0, dtype=torch.float32), torch.tensor(y))


@cache
def wine() -> Table:
    """Three cultivars, 178 rows."""
    return _classes(*datasets.load_wine(return_X_y=True))


@cache
def german() -> Table:
    """Credit that went well (0) or badly (1), 1,000 rows."""
    frame = pd.read_csv(EXAMPLES / "german_credit.csv.gz")
    y = (frame.pop("risk") == 2).astype(int)
    return _classes(pd.get_dummies(frame, dtype=float).to_numpy(), y.to_numpy())


@cache
def housing(rows: int = 20_000, blocks: int = 12) -> Table:
    """Prices of Californian districts, standardised; skewed, and cut at the top."""
    frame = pd.read_csv(EXAMPLES / "california_housing.csv.gz").dropna().sample(rows, random_state=0)
    y = frame.pop("median_house_value")
    return Table(_standard(frame.drop(columns="ocean_proximity").to_numpy(float)), _standard(y.to_numpy(float)), blocks)


@cache
def dear(rows: int = 20_000, blocks: int = 12, share: float = 0.05) -> Table:
    """Whether a Californian district is among the dearest: one in twenty is."""
    table = housing(rows, blocks)
    return replace(table, y=(table.y > table.y.quantile(1.0 - share)).long())


@cache
def bikes(rows: int = 17_000, blocks: int = 12, *, hour: bool = True) -> Table:
    """Bicycles rented in an hour, from 1 up, in units of their mean (a positive target is not centred).

    Without the hour as a feature, what is left to weather and season has a long tail.
    """
    frame = pd.read_csv(EXAMPLES / "bike_hour.csv.gz").sample(rows, random_state=0)
    y = frame.pop("cnt").to_numpy(float)
    angle = frame.pop("hr").to_numpy(float) * 2.0 * np.pi / 24.0
    clock = [f(k * angle) for k in (1, 2) for f in (np.sin, np.cos)]
    x = np.column_stack([frame.to_numpy(float), *(clock if hour else [])])
    return Table(_standard(x), torch.tensor(y / y.mean(), dtype=torch.float32), blocks)


def _classes(x: np.ndarray, y: np.ndarray) -> Table:
    return Table(_standard(x), torch.tensor(y, dtype=torch.long))


def _standard(x: np.ndarray) -> Tensor:
    return torch.tensor((x - x.mean(0)) / (x.std(0) + 1e-9), dtype=torch.float32)
