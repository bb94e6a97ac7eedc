"""NLL is the loss for multi-label problems.

Said in lists of losses that file cross-entropy under "one label" and NLL under "several".

Shown false if rows with several labels are told worse by softmax and NLL than by one sigmoid a label.
"""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.claims import scores, sets
from benchmarks.claims.claim import Claim, Figure, Rule, interval
from benchmarks.claims.compare import FOLDS, Arm, compare, differences
from benchmarks.claims.networks import Recipe

TRAITS = ({0, 2, 4, 6, 8}, {5, 6, 7, 8, 9}, {0, 6, 8, 9})
"""Labels of a digit: even, five or more, has a loop. Six and eight have all three, one and three none."""


def measure() -> Sequence[Figure]:
    """Tell traits of digits, several a row; and the digits themselves, one a row."""
    digits = sets.digits()
    traits = torch.stack([torch.isin(digits.y, torch.tensor(sorted(trait))) for trait in TRAITS], 1).float()
    several = compare(
        replace(digits, y=traits), _arms(3), {"half": _at_half, "tuned": _at_best}, Recipe(steps=200), repeats=1
    )
    one = replace(digits, y=functional.one_hot(digits.y, 10).float())
    single = compare(one, _arms(10), {"one": _not_first}, Recipe(steps=200), repeats=1)
    return [
        _figure("a row may have several labels, each named from one half", several["half"]),
        _figure("a row may have several labels, named from the best cut", several["tuned"]),
        _figure("each row has exactly one label", single["one"]),
    ]


def _figure(situation: str, found: dict[str, list[float]]) -> Figure:
    gain = [100.0 * gap for gap in differences(found, "sigmoid", "softmax")]
    means = {name: 100.0 * sum(errors) / len(errors) for name, errors in found.items()}
    note = f"wrong: {means['softmax']:.1f} % with softmax, {means['sigmoid']:.1f} % with sigmoids"
    return interval(situation, gain, FOLDS, note)


def _arms(labels: int) -> dict[str, Arm]:
    softmax = Arm(lambda z, y: -(y * z.log_softmax(-1)).sum(-1), labels, lambda z: z.softmax(-1))
    sigmoid = functional.binary_cross_entropy_with_logits
    return {
        "softmax": softmax,
        "sigmoid": Arm(lambda z, y: sigmoid(z, y, reduction="none").sum(-1), labels, lambda z: z.sigmoid()),
    }


def _at_half(held: Tensor, y_held: Tensor, prediction: Tensor, y: Tensor) -> float:
    return _wrong(prediction, y, 0.5)


def _at_best(held: Tensor, y_held: Tensor, prediction: Tensor, y: Tensor) -> float:
    cuts = torch.linspace(0.02, 0.98, 49).tolist()
    return _wrong(prediction, y, min(cuts, key=lambda cut: _wrong(held, y_held, cut)))


def _wrong(prediction: Tensor, y: Tensor, cut: float) -> float:
    return float(((prediction > cut).float() != y).float().mean())


def _not_first(held: Tensor, y_held: Tensor, prediction: Tensor, y: Tensor) -> float:
    return scores.mistakes(held, y_held.argmax(-1), prediction, y.argmax(-1))


CLAIM = Claim(
    measure,
    effect="wrong labels that softmax with NLL saves over sigmoids, in percentage points",
    rule=Rule(low=-1.0),
    instead="NLL on log-softmax is cross-entropy: classes that exclude one another. For labels that may occur together "
    "use one sigmoid and binary cross-entropy a label.",
)
