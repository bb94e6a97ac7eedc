"""Candidates × folds × learning rates in, one row per trial out, kept as it ends.

Every candidate sees the same folds, the same initial weights, the same batches and the same learning rates. Folds are
trained one after another, so that when the budget ends, whole folds count and the part of a fold does not.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith import registry
from lossmith.advisor.data import Data
from lossmith.advisor.profile import Profile
from lossmith.advisor.store import Store
from lossmith.training import folds, preprocessing
from lossmith.training.fitted import Split
from lossmith.training.group import Group, Part, run_group
from lossmith.training.neighbours import neighbours
from lossmith.training.problem import Candidate
from lossmith.training.settings import Settings
from lossmith.training.target import encode_target
from lossmith.training.workers import run_all

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Plan:
    """How much evidence to gather."""

    folds: int = 10
    repeats: int = 1
    seed: int = 0
    settings: Settings = field(default_factory=Settings)

    def to_json(self) -> dict[str, Any]:
        """Return plain types only."""
        return asdict(self)


@dataclass(frozen=True)
class Trial:
    """One candidate trained once: one fold, one learning rate."""

    candidate: str
    repeat: int
    fold: int
    rate: float
    seed: int
    valid_score: float | None
    test_score: float | None
    """None when the trial failed; then `error` says why."""
    best_epoch: int
    seconds: float
    rule_params: Mapping[str, Any]
    link: Mapping[str, float]
    """Centre and scale of the target, fitted on the training rows."""
    epochs: tuple[int, ...]
    """After which the curves were written."""
    train_curve: tuple[float | None, ...]
    valid_curve: tuple[float | None, ...]
    error: str = ""
    plain_score: float | None = None
    """The test score under the rule that nobody tuned; None where no rule is tuned."""
    neighbours: Mapping[str, float | None] = field(default_factory=dict)
    """Test scores under other metrics, each with its own decision rule, by the metric's name."""
    period_errors: tuple[float, ...] = ()
    """Of a forecast: the metric's error in each test period, in the order of time."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Trial":
        """Read what `asdict` wrote."""
        curves = {
            key: tuple(data[key]) for key in ("epochs", "train_curve", "valid_curve", "period_errors") if key in data
        }
        return cls(**{**data, **curves})


@dataclass(frozen=True)
class Trials:
    """Every row, and what was planned."""

    rows: tuple[Trial, ...]
    plan: Plan
    candidates: tuple[Candidate, ...]
    train_rows: int
    """Rows each network learned from."""
    seconds: float

    def complete_folds(self) -> list[tuple[int, int]]:
        """Return the (repeat, fold) pairs in which every candidate was trained.

        Trained means at every learning rate.
        """
        wanted = len(self.candidates) * len(self.plan.settings.rate_factors)
        counts: dict[tuple[int, int], int] = {}
        for row in self.rows:
            counts[row.repeat, row.fold] = counts.get((row.repeat, row.fold), 0) + 1
        return sorted(key for key, count in counts.items() if count >= wanted)


def run_trials(
    data: Data,
    profile: Profile,
    candidates: Sequence[Candidate],
    plan: Plan,
    *,
    store: Store | None = None,
    deadline: float = math.inf,
    jobs: int = 1,
    progress: Progress = lambda done, total: None,
) -> Trials:
    """Train every candidate in every fold.

    Args:
        data: the table.
        profile: its settled problem and column kinds.
        candidates: the shortlist.
        plan: folds, repeats, seed and settings.
        store: where rows are kept as they end; rows already there are not trained again.
        deadline: `time.time()` after which no more training is started, and what is under way is given up.
        jobs: processes to use.
        progress: called with trials done and trials planned.
    """
    began = time.perf_counter()
    rows = list(store.rows) if store else []
    rates = len(plan.settings.rate_factors)
    total = len(candidates) * plan.folds * plan.repeats * rates
    progress(len(rows), total)
    done = {(row["repeat"], row["fold"], row["rate"]) for row in rows}
    work = _groups(data, profile, candidates, plan, done, deadline)
    with closing(run_all(run_group, work, jobs, deadline)) as results:
        for found in results:
            for row in found:
                if (row["repeat"], row["fold"], row["rate"]) in done:
                    continue  # trained again only to keep the others' company
                rows.append(row)
                if store:
                    store.append(row)
            progress(len(rows), total)
    train_rows = int(np.median([row["train_rows"] for row in rows])) if rows else 0
    trials = tuple(Trial.from_json({k: v for k, v in row.items() if k != "train_rows"}) for row in rows)
    return Trials(trials, plan, tuple(candidates), train_rows, time.perf_counter() - began)


def _groups(
    data: Data,
    profile: Profile,
    candidates: Sequence[Candidate],
    plan: Plan,
    done: set[tuple[int, int, float]],
    deadline: float,
) -> Iterator[Group]:
    """Yield groups of a few folds at one learning rate, in the order of folds."""
    settings, metric, task = plan.settings, str(profile.problem.metric), str(profile.problem.task)
    others = neighbours(registry.metric(metric), task, _target(data, profile))
    parts = _parts(data, profile, plan)
    for together in _stacks(parts, settings, len(candidates)):
        for rate in settings.rates:
            # A stack is trained whole even where a part of it is done: in float32 the last digit hangs on the company.
            if any((part.repeat, part.fold, rate) not in done for part in together):
                yield Group(tuple(candidates), tuple(together), metric, settings, rate, deadline, task, others)


def _stacks(parts: Iterable[Part], settings: Settings, candidates: int) -> Iterator[list[Part]]:
    """Put neighbouring folds together, as many as one step should train at a time."""
    stack: list[Part] = []
    for part in parts:
        rows, features = part.split.x_train.shape
        if stack and (
            len(stack) >= settings.splits_together(rows, features, candidates)
            or settings.schedule(rows) != settings.schedule(len(stack[0].split.y_train))
        ):
            yield stack
            stack = []
        stack.append(part)
    if stack:
        yield stack


def _parts(data: Data, profile: Profile, plan: Plan) -> Iterator[Part]:
    """Yield every fold, preprocessed."""
    problem, settings = profile.problem, plan.settings
    frame = data.frame[data.frame[problem.target].notna()].reset_index(drop=True)
    y, classes = _target(data, profile), len(problem.levels)
    kinds = {column.name: column.kind for column in profile.columns if column.used}
    for repeat in range(plan.repeats):
        for fold, (train, test) in enumerate(folds.outer(y, classes, plan.folds, plan.seed + repeat)):
            seed = int(np.random.SeedSequence([plan.seed, repeat, fold]).generate_state(1)[0])
            train = train[folds.sample(y[train], classes, settings.max_train_rows, seed)]
            learn, choose = (train[part] for part in folds.inner(y[train], classes, settings.valid_share, seed))
            features = preprocessing.build(kinds).fit(frame.iloc[learn])
            x_learn, x_choose, x_test = (
                preprocessing.transform(features, frame.iloc[rows]) for rows in (learn, choose, test)
            )
            yield Part(repeat, fold, seed, Split(x_learn, y[learn], x_choose, y[choose], classes), x_test, y[test])


def _target(data: Data, profile: Profile) -> NDArray[Any]:
    """Return every known target, as numbers."""
    target = data.frame[profile.problem.target]
    return encode_target(target[target.notna()].reset_index(drop=True), profile.problem)
