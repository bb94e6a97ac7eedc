"""Accuracy can be trained directly: make it the loss.

Said by those who ask why to train one number and report another.

Shown false if accuracy does not rise when it is the loss.
"""

from collections.abc import Sequence

import torch
from torch import Generator, Tensor

from benchmarks.claims import sets
from benchmarks.claims.claim import Claim, Figure, Rule, interval
from benchmarks.claims.compare import FOLDS, split
from benchmarks.claims.networks import Loss, Recipe, Stack, train

TRIES = 400


def measure() -> Sequence[Figure]:
    """Train a linear model of breast cancer on accuracy by slopes, by search, and through a stand-in."""
    table, parts = sets.breast_cancer(), split(sets.breast_cancer(), repeats=4)
    x, y = table.x[parts.learn], table.y[parts.learn]
    recipe = Recipe(hidden=0, steps=200, rate=0.05, start=0.0)
    start = Stack.drawn(len(x), x.shape[2], 1, recipe, 0)
    ways = {
        "a network follows the slope of accuracy itself": _by_slope(x, y, _misses, recipe),
        "a few weights are searched at random, without slopes": _by_search(start, x, y),
        "a smooth stand-in is meant (mean probability of a mistake)": _by_slope(x, y, _chance_of_missing, recipe),
    }
    before, test = _accuracy(start, table.x[parts.test], table.y[parts.test]), (parts.test,)
    gains = {name: _accuracy(s, table.x[test], table.y[test]) - before for name, s in ways.items()}
    return [interval(name, (100.0 * gain).tolist(), FOLDS) for name, gain in gains.items()]


def _by_slope(x: Tensor, y: Tensor, loss: Loss, recipe: Recipe) -> Stack:
    return train(x, [y], loss, 1, recipe)[0]


def _misses(z: Tensor, y: Tensor) -> Tensor:
    # A multiple of 0 keeps autograd going; the slope of a count is 0 wherever it exists.
    return ((z[..., 0] > 0).long() != y).float() + 0.0 * z[..., 0]


def _chance_of_missing(z: Tensor, y: Tensor) -> Tensor:
    return (z[..., 0].sigmoid() - y).abs()


def _by_search(start: Stack, x: Tensor, y: Tensor) -> Stack:
    """Move all weights a little at random, and keep a move that does not lower accuracy."""
    generator, best = Generator().manual_seed(1), start
    reached = _accuracy(best, x, y)
    for _ in range(TRIES):
        tried = Stack([w + 0.1 * torch.randn(w.shape, generator=generator) for w in best.weights])
        found = _accuracy(tried, x, y)
        better = (found >= reached)[:, None, None]
        best = Stack([torch.where(better, new, old) for new, old in zip(tried.weights, best.weights, strict=True)])
        reached = torch.maximum(reached, found)
    return best


def _accuracy(stack: Stack, x: Tensor, y: Tensor) -> Tensor:
    return ((stack(x)[..., 0] > 0).long() == y).float().mean(1)


CLAIM = Claim(
    measure,
    effect="accuracy on fresh rows gained over the first weights (all 0), in percentage points",
    rule=Rule(low=1.0),
    instead="Accuracy is a staircase: its slope is 0, so gradient descent stands still. A handful of weights can be "
    "searched; a network needs a loss with a slope, and the decision rule can then be tuned to the metric.",
)
