"""Losses compared on the same folds: the learning rate and the step are chosen on rows held back, the test is fresh."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from sklearn.model_selection import KFold, StratifiedKFold
from torch import Tensor

from benchmarks.claims.claim import Figure, interval, of_seeds
from benchmarks.claims.networks import Loss, Recipe, train
from benchmarks.claims.sets import Table

FOLDS, REPEATS = 5, 4
SEED = 1000
"""Of the splits: not the one that the experiments were set up with."""
RATES = (1 / 3, 1.0, 3.0)
"""Multiples of the learning rate that every loss tries."""
WORST = 100.0
"""What an error counts that is larger, or no number: training has diverged."""
Score = Callable[[Tensor, Tensor, Tensor, Tensor], float]
"""Takes predictions and targets of the rows held back, then of the rows to score; the smaller the better."""


@dataclass(frozen=True)
class Arm:
    """One way to train: a loss of the raw outputs, how many there are, and how they become a prediction."""

    loss: Loss
    outputs: int = 1
    read: Callable[[Tensor], Tensor] = lambda z: z[..., 0]


@dataclass(frozen=True)
class Split:
    """The parts of every fold and repeat, side by side: row numbers (k, n)."""

    learn: Tensor
    choose: Tensor
    test: Tensor


def split(table: Table, repeats: int = REPEATS, folds: int = FOLDS) -> Split:
    """Draw folds, by class where there are classes; a quarter of each training part is held back.

    Of a large table, draw parts that share no row: half of each to learn from, a sixth held back, a third for the test.
    """
    if table.blocks:
        size = len(table.y) // table.blocks
        rows = torch.randperm(len(table.y), generator=torch.Generator().manual_seed(SEED))[: size * table.blocks]
        return Split(*rows.view(table.blocks, size).tensor_split([size // 2, 2 * size // 3], dim=1))
    drawn: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    classes = not table.y.is_floating_point() and table.y.ndim == 1
    kind = StratifiedKFold if classes else KFold
    for repeat in range(repeats):
        for train_rows, test in kind(folds, shuffle=True, random_state=SEED + repeat).split(table.x, table.y):
            inner = kind(4, shuffle=True, random_state=SEED + repeat).split(train_rows, table.y[train_rows])
            learn, choose = next(inner)
            drawn.append((train_rows[learn], train_rows[choose], test))
    return Split(*(_stacked([parts[i] for parts in drawn]) for i in range(3)))


def figure(table: Table, situation: str, values: Sequence[float], note: str = "") -> Figure:
    """Return the mean of one value a split, with the interval that suits the splits."""
    return of_seeds(situation, values, note) if table.blocks else interval(situation, values, FOLDS, note)


def compare(
    table: Table,
    arms: Mapping[str, Arm],
    scores: Mapping[str, Score],
    recipe: Recipe,
    *,
    repeats: int = REPEATS,
    spoil: Callable[[Tensor], Tensor] | None = None,
    keep: tuple[int, ...] = (),
    rates: tuple[float, ...] = RATES,
    choose: Score | None = None,
) -> dict[str, dict[str, list[float]]]:
    """Return, by score and arm, the error on the test rows of every fold.

    Args:
        table: features and target.
        arms: losses under names.
        scores: what to judge by.
        recipe: network, optimiser, steps, and the learning rate that `rates` multiply.
        repeats: of the folds.
        spoil: what happens to the targets of learning and choosing, not of the test.
        keep: steps to choose among; eight, evenly spread, if none is named.
        rates: multiples of the learning rate to choose among.
        choose: what chooses rate and step, on the rows held back; each score for itself if none is named.
    """
    parts = split(table, repeats)
    seen = spoil(table.y) if spoil else table.y
    keep = keep or tuple(recipe.steps * share // 8 for share in range(1, 9))
    found: dict[str, dict[str, list[float]]] = {score: {} for score in scores}
    for name, arm in arms.items():
        held_back, fresh = _predictions(table, seen, parts, arm, recipe, keep, rates)
        for score, error in scores.items():
            found[score][name] = [
                _chosen(
                    error, choose or error, held_back[:, k], seen[parts.choose[k]], fresh[:, k], table.y[parts.test[k]]
                )
                for k in range(len(parts.test))
            ]
    return found


def differences(found: Mapping[str, list[float]], first: str, second: str, *, relative: bool = False) -> list[float]:
    """Return the error of `first` less that of `second`, fold by fold; or the logarithm of their ratio."""
    a, b = np.asarray(found[first]), np.asarray(found[second])
    return list(np.log(a / b) if relative else a - b)


def _predictions(
    table: Table, seen: Tensor, parts: Split, arm: Arm, recipe: Recipe, keep: tuple[int, ...], rates: tuple[float, ...]
) -> tuple[Tensor, Tensor]:
    """Return predictions of the rows held back and of the test, one row of each per learning rate and kept step."""
    held_back, fresh = [], []
    for factor in rates:
        tried = replace(recipe, rate=recipe.rate * factor)
        for stack in train(table.x[parts.learn], [seen[parts.learn]], arm.loss, arm.outputs, tried, keep=keep):
            held_back.append(arm.read(stack(table.x[parts.choose])))
            fresh.append(arm.read(stack(table.x[parts.test])))
    return torch.stack(held_back), torch.stack(fresh)


def _chosen(error: Score, choose: Score, held_back: Tensor, y_choose: Tensor, fresh: Tensor, y_test: Tensor) -> float:
    """Return the test error of the learning rate and step with the least error on the rows held back."""
    errors = [choose(prediction, y_choose, prediction, y_choose) for prediction in held_back]
    best = int(np.nan_to_num(errors, nan=np.inf).argmin())
    found = error(held_back[best], y_choose, fresh[best], y_test)
    return min(found, WORST) if np.isfinite(found) else WORST


def _stacked(rows: list[np.ndarray]) -> Tensor:
    """Stack row numbers, cut to the shortest."""
    shortest = min(map(len, rows))
    return torch.tensor(np.stack([row[np.random.default_rng(0).permutation(len(row))[:shortest]] for row in rows]))
