"""Whether a loss is summed or averaged does not matter.

Said because the minimum is at the same place.

Shown false if the two end in different predictions.
"""

from collections.abc import Sequence

import torch

from benchmarks.claims import sets
from benchmarks.claims.claim import Claim, Figure, Rule, of_seeds
from benchmarks.claims.elementary import cross_entropy
from benchmarks.claims.networks import Recipe
from benchmarks.claims.paths import apart, probabilities


def measure() -> Sequence[Figure]:
    """Train cross-entropy on credit with the sum, the mean, and a mean of sequences' means."""
    sgd, adam, rows = Recipe(optimiser="sgd", rate=0.02, steps=200), Recipe(steps=200), len(sets.german().y)
    slower = Recipe(optimiser="sgd", rate=0.02 / rows, steps=200)
    return [
        _figure("the optimiser is SGD with the same learning rate", sgd, sgd),
        _figure("the optimiser is SGD and the rate is divided by the rows", sgd, slower),
        _figure("the optimiser is Adam", adam, adam),
        _of_lengths(adam),
    ]


def _figure(situation: str, mean: Recipe, total: Recipe) -> Figure:
    table = sets.german()
    summed = probabilities(table, cross_entropy, total, gather=lambda values: values.sum(1))
    return of_seeds(situation, apart(probabilities(table, cross_entropy, mean), summed), "10 first weights")


def _of_lengths(recipe: Recipe) -> Figure:
    """Average each sequence first: its rows then count by one over its length, here 1 to 30."""
    table = sets.german()
    length = 1.0 + 29.0 * torch.linspace(0.0, 1.0, len(table.y))[table.x[:, 0].argsort().argsort()]
    of_means = probabilities(table, lambda z, y, n: cross_entropy(z, y) / n, recipe, length)
    gap = apart(probabilities(table, cross_entropy, recipe), of_means)
    note = "sequences with a long duration of credit are long; 10 first weights"
    return of_seeds("the optimiser is Adam and sequences of unequal length are averaged first", gap, note)


CLAIM = Claim(
    measure,
    effect="root mean squared difference of the predicted probabilities",
    rule=Rule(high=0.01),
    instead="A sum is a mean times the batch: for SGD a larger rate, for Adam nearly nothing. What is averaged first "
    "does matter to all: a mean of means counts rows of short sequences more.",
)
