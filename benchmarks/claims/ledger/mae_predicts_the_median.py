"""A network trained with absolute error predicts the median.

Said in statistics; rarely checked on a network.

Shown false if clearly more or fewer than half the targets lie below its predictions.
"""

from collections.abc import Sequence

import torch

import lossmith
from benchmarks.claims import arms, sets
from benchmarks.claims.claim import Claim, Figure, Rule, exact
from benchmarks.claims.compare import compare, figure
from benchmarks.claims.networks import Recipe
from benchmarks.claims.sets import Table
from lossmith.experiment import Subject, minimiser


def measure() -> Sequence[Figure]:
    """Count targets below the prediction: of the best constant, and of networks on fresh rows."""
    return [
        _of_constant(sets.bikes().y.double()),
        _figure("networks predict rented bikes", sets.bikes()),
        _figure("networks predict housing prices", sets.housing()),
    ]


def _of_constant(y: torch.Tensor) -> Figure:
    card = lossmith.catalogue()["absolute_error_loss"]
    best = minimiser(Subject(card.module.function, card.inputs), y, torch.full_like(y, 1.0 / len(y)))
    return exact("a constant predicts rented bikes", 100.0 * (float((y < best).double().mean()) - 0.5))


def _figure(situation: str, table: Table) -> Figure:
    ways = {name: arms.of_number(f"{name}_error_loss") for name in ("absolute", "squared")}
    # Chosen by the absolute error; judged by the share that lies below.
    found = compare(table, ways, {"below": _below}, Recipe(), choose=_absolute)["below"]
    squared = 100.0 * sum(found["squared"]) / len(found["squared"])
    shifts = [100.0 * (share - 0.5) for share in found["absolute"]]
    return figure(table, situation, shifts, f"with squared error {squared:.0f} % of targets lie below")


def _below(held: torch.Tensor, y_held: torch.Tensor, prediction: torch.Tensor, y: torch.Tensor) -> float:
    return float((y < prediction).float().mean())


def _absolute(held: torch.Tensor, y_held: torch.Tensor, prediction: torch.Tensor, y: torch.Tensor) -> float:
    return float((prediction - y).abs().mean())


CLAIM = Claim(
    measure,
    effect="share of fresh targets below the prediction, less one half, in percentage points",
    rule=Rule(low=-5.0, high=5.0),
    instead="It aims there, as squared error aims at the mean. So on a skewed target its "
    "predictions sum to too little: right for a typical case, wrong for a budget.",
)
