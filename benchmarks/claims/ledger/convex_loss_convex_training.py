"""A convex loss makes training convex, so every start leads to the same optimum.

Said of cross-entropy and squared error, which are convex in the prediction.

Shown false by two sets of weights whose average has a higher loss than both.
"""

from collections.abc import Sequence

import torch

from benchmarks.claims import sets
from benchmarks.claims.claim import Claim, Figure, Rule, exact
from benchmarks.claims.elementary import cross_entropy
from benchmarks.claims.networks import Recipe, Stack, train

PAIRS = 200


def measure() -> Sequence[Figure]:
    """Compare the loss at the average of two weights with the average of their losses."""
    rows, y = sets.breast_cancer().x, sets.breast_cancer().y
    x, target = rows.double().expand(PAIRS, -1, -1), y.double().expand(PAIRS, -1)
    linear = [[w.double() for w in Stack.drawn(PAIRS, rows.shape[1], 1, Recipe(hidden=0, start=s), 7 * s).weights]
              for s in (1, 5)]  # fmt: skip
    trained = train(rows[None], [y[None]], cross_entropy, 1, Recipe(hidden=8))[0].weights
    order = torch.arange(7, -1, -1)
    renumbered = [trained[0][..., order], trained[1][..., order], trained[2][:, order], trained[3]]
    note = "one trained network and its copy with the hidden units in reverse order"
    return [
        exact("the model is linear in its weights", _excess(linear[0], linear[1], x, target), f"{PAIRS} random pairs"),
        exact("the model has a hidden layer", _excess(trained, renumbered, rows[None], y[None].float()), note),
    ]


def _excess(first: list[torch.Tensor], second: list[torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> float:
    middle = [(a + b) / 2.0 for a, b in zip(first, second, strict=True)]
    a, b, between = (cross_entropy(Stack(w)(x), y).mean(1) for w in (first, second, middle))
    return float((between - (a + b) / 2.0).max())


CLAIM = Claim(
    measure,
    effect="most by which cross-entropy at the average of two weights exceeds the average of their losses",
    rule=Rule(high=1e-9),
    instead="Convex in the prediction is not convex in the weights. With one hidden layer the units can be renumbered: "
    "equally good weights whose average is worse. Convexity still keeps each example's pull well behaved.",
)
