"""A softmax before CrossEntropyLoss does no harm.

Said in forums: "it still trains".

Shown false if the network makes more mistakes, or its probabilities are off.
"""

import math
from collections.abc import Sequence

from benchmarks.claims import arms, scores, sets
from benchmarks.claims.claim import Claim, Figure, Rule, interval
from benchmarks.claims.compare import FOLDS, Arm, Score, compare, differences
from benchmarks.claims.networks import Recipe


def measure() -> Sequence[Figure]:
    """Train digits with one softmax and with two."""
    floor = f"the loss of two cannot fall below log(1 + 9/e) = {math.log(1.0 + 9.0 / math.e):.2f}"
    return [
        _figure("training is short and mistakes count", 25, scores.mistakes),
        _figure("training is long and mistakes count", 150, scores.mistakes),
        _figure("training is long and probabilities count", 150, scores.calibration, floor),
    ]


def _figure(situation: str, steps: int, score: Score, note: str = "") -> Figure:
    digits = sets.digits()
    once = arms.of_class("cross_entropy_loss", digits.classes)
    # What this network hands on as probabilities is the softmax it was trained through, once more.
    twice = Arm(lambda z, y: once.loss(z.softmax(-1), y), digits.classes, lambda z: z.softmax(-1).softmax(-1))
    found = compare(digits, {"once": once, "twice": twice}, {"it": score}, Recipe(steps=steps), repeats=2,
                    keep=(steps,), choose=scores.log_loss)["it"]  # fmt: skip
    return interval(situation, [100.0 * gap for gap in differences(found, "twice", "once")], FOLDS, note)


CLAIM = Claim(
    measure,
    effect="mistakes or calibration error that the second softmax adds, in percentage points",
    rule=Rule(high=0.5),
    instead="Give CrossEntropyLoss the raw outputs. With a second softmax the gradients are small, learning is slow, "
    "and the loss has a floor that looks like a network that does not learn.",
)
