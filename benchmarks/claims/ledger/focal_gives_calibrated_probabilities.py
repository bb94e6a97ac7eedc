"""Focal loss gives calibrated probabilities.

Said since focal loss was seen to lower the calibration error of networks trained for very long.

Shown false if its best prediction is not the true probability, or cross-entropy's are closer.
"""

from collections.abc import Sequence

import torch

import lossmith
from benchmarks.claims import arms, scores, sets
from benchmarks.claims.claim import Claim, Figure, Rule, exact
from benchmarks.claims.compare import RATES, compare, differences, figure
from benchmarks.claims.networks import Recipe
from benchmarks.claims.sets import Table

TRUE = 0.9


def measure() -> Sequence[Figure]:
    """Compare calibration with cross-entropy's: in the limit of many examples, and in trained networks."""
    return [
        _in_the_limit(),
        _figure("the network was trained far too long on noisy labels (credit)", sets.german(), 4, late=True),
        _figure("training was stopped in time on noisy labels (credit)", sets.german(), 4, late=False),
        _figure("the labels are clear and training was long (digits)", sets.digits(), 1, late=True),
    ]


def _in_the_limit() -> Figure:
    loss = lossmith.load("sigmoid_focal_loss", reduction="none")
    z = torch.linspace(-6.0, 6.0, 120_001, dtype=torch.float64)
    expected = TRUE * loss(z, torch.ones_like(z)) + (1.0 - TRUE) * loss(z, torch.zeros_like(z))
    best = float(z[expected.argmin()].sigmoid())
    note = f"its best prediction of a true {TRUE:g} is {best:.3f}"
    return exact("examples are endless and the network can express anything", -100.0 * abs(best - TRUE), note)


def _figure(situation: str, table: Table, repeats: int, late: bool) -> Figure:
    ways = {
        "plain": arms.of_class("cross_entropy_loss", table.classes),
        "focal": arms.of_class("focal_loss", table.classes),
    }
    keep, rates = ((400,), (1.0,)) if late else ((), RATES)
    found = compare(table, ways, {"it": scores.calibration}, Recipe(steps=400), repeats=repeats, keep=keep, rates=rates,
                    choose=scores.log_loss)["it"]  # fmt: skip
    means = {name: 100.0 * sum(errors) / len(errors) for name, errors in found.items()}
    note = f"calibration error {means['plain']:.1f} points with cross-entropy, {means['focal']:.1f} with focal loss"
    return figure(table, situation, [100.0 * gap for gap in differences(found, "plain", "focal")], note)


CLAIM = Claim(
    measure,
    effect="calibration error below that of cross-entropy, in percentage points",
    rule=Rule(low=0.0),
    instead="Focal loss is not proper: its best prediction is less sure than the truth. That can cancel "
    "overconfidence by luck. For probabilities use a proper loss, stop in time, and measure calibration.",
)
