"""Trials over time: what each origin learns and forecasts, and naive forecasts."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lossmith import registry
from lossmith.advisor.data import Data
from lossmith.advisor.diebold_mariano import AtOrigin
from lossmith.advisor.profile import Profile
from lossmith.training import origins, preprocessing
from lossmith.training.fitted import Split
from lossmith.training.folds import seed_of
from lossmith.training.group import Part, errors_by_period
from lossmith.training.past import Past
from lossmith.training.settings import Settings
from lossmith.training.target import encode_target

FEWEST_ORIGINS = 3


@dataclass(frozen=True)
class Naive:
    """A forecast without a network, on the rows that the networks forecast."""

    name: str
    origins: tuple[AtOrigin, ...]


def parts(data: Data, profile: Profile, folds: int, seed: int, settings: Settings) -> Iterator[Part]:
    """Yield the rows of each origin, preprocessed."""
    before, y = _scaled(data, profile)
    anchor, period = before.anchor, before.clock.period
    kinds = {column.name: column.kind for column in profile.columns if column.used}
    learn_rows = round(settings.max_train_rows * (1.0 - settings.valid_share))
    found = origins.cut(period, profile.problem.horizon, folds, settings.valid_share)
    pace = min(len(found[-1].learn), learn_rows)  # as many steps at every origin, and so one stack
    for fold, origin in enumerate(found):
        drawn = seed_of(seed, 0, fold)
        learn = origins.thinned(origin.learn, learn_rows, drawn)
        choose = origins.thinned(origin.choose, settings.max_train_rows - learn_rows, drawn)
        features = preprocessing.build(kinds).fit(data.frame.iloc[learn])
        x = [preprocessing.transform(features, data.frame.iloc[rows]) for rows in (learn, choose, origin.test)]
        split = Split(
            x[0], y[learn], x[1], y[choose], anchor_train=anchor[learn], anchor_valid=anchor[choose], paced_by=pace,
        )  # fmt: skip
        yield Part(
            0, fold, drawn, split, x[2], y[origin.test], anchor_test=anchor[origin.test],
            periods_test=period[origin.test],
        )  # fmt: skip


def enough(before: Past, folds: int, settings: Settings) -> tuple[int, list[str]]:
    """Return how many origins there is room for, and what to tell of it."""
    period, horizon = before.clock.period, before.recipe.horizon
    found = origins.most_origins(period, horizon, folds, settings.valid_share)
    length = f"{int(period.max()) + 1} {before.clock.grid.word}s" if len(period) else "nothing"
    if found < min(folds, FEWEST_ORIGINS):
        return 0, [f"{length} at a horizon of {horizon}: too short to train and to test on, so nothing is trained."]
    if found < folds:
        return found, [f"{found} origins instead of {folds}: {length} have room for no more."]
    return found, []


def starts(before: Past, folds: int, settings: Settings) -> list[int]:
    """Return the first period of each test block, and the end of the last."""
    found = origins.cut(before.clock.period, before.recipe.horizon, folds, settings.valid_share)
    return [*(origin.start for origin in found), *(origin.end for origin in found[-1:])]


def naive_forecasts(data: Data, profile: Profile, folds: int, settings: Settings) -> tuple[Naive, ...]:
    """Score the naive forecasts at every origin."""
    metric = registry.metric(str(profile.problem.metric))
    before, y = _scaled(data, profile)
    tests = [o.test for o in origins.cut(before.clock.period, profile.problem.horizon, folds, settings.valid_share)]
    found = []
    for name, forecast in before.naive.items():
        pairs = [(y[rows], forecast[rows]) for rows in tests]
        errors = [
            errors_by_period(metric, before.clock.period[rows], *pair) for rows, pair in zip(tests, pairs, strict=True)
        ]
        scored = [AtOrigin(metric(*pair), tuple(of_it)) for pair, of_it in zip(pairs, errors, strict=True)]
        found.append(Naive(name, tuple(scored)))
    return tuple(found)


def _scaled(data: Data, profile: Profile) -> tuple[Past, NDArray[np.float64]]:
    """Return past and target, under MASE in misses of the naive forecast."""
    before = data.past
    if before is None:
        raise ValueError("A forecast should look back. Found a table without a past. Try `history.with_past`.")
    y = encode_target(data.frame[profile.problem.target], profile.problem)
    return before.in_misses(), y / before.miss
