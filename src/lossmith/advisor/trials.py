"""Candidates × folds × learning rates in, one row per trial out, kept as it ends.

Every candidate sees the same folds, the same initial weights, the same batches and the same learning rates. Folds are
trained one after another, so that when the budget ends, whole folds count and the part of a fold does not.
"""

import math
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from itertools import chain, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith import registry
from lossmith.advisor import race, rolling
from lossmith.advisor.data import Data
from lossmith.advisor.profile import Profile
from lossmith.advisor.store import Store
from lossmith.metric import ChosenMetric
from lossmith.training import folds, preprocessing
from lossmith.training.fitted import Split
from lossmith.training.group import Group, Part, run_group
from lossmith.training.neighbours import neighbours
from lossmith.training.problem import Candidate
from lossmith.training.rows import groups, known, weights
from lossmith.training.settings import Settings
from lossmith.training.target import encode_target, target_of
from lossmith.training.workers import run_all

Progress = Callable[[int, int], None]
Row = dict[str, Any]
BESIDE = ("train_rows", "company")
"""What a row on disk says beside the trial."""


@dataclass(frozen=True)
class Plan:
    """How much evidence to gather."""

    folds: int = 10
    repeats: int = 1
    seed: int = 0
    settings: Settings = field(default_factory=Settings)

    @property
    def total(self) -> int:
        """Folds of all repeats."""
        return self.folds * self.repeats

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
    covered: float | None = None
    """Of an interval or a distribution: the share of test targets between the outermost quantiles."""
    held_out: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """Of the reference: what it says of each test row, see `lossmith.training.held_out`."""

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
    dropped: Mapping[str, int] = field(default_factory=dict)
    """Candidates that the race dropped, and after how many folds."""
    naive: tuple[rolling.Naive, ...] = ()
    """Of a forecast: those without a network, at every origin that was planned."""
    starts: tuple[int, ...] = ()
    """Of a forecast: the first period of each test block, and the end of the last."""

    def ran_in(self, candidate: str, fold: tuple[int, int]) -> bool:
        """Whether the candidate was still in the race in this fold."""
        repeat, place = fold
        return repeat * self.plan.folds + place < self.dropped.get(candidate, math.inf)

    def complete_folds(self) -> list[tuple[int, int]]:
        """Return the (repeat, fold) pairs in which every candidate was trained.

        Trained means at every learning rate; a candidate that the race has dropped is not waited for.
        """
        counts = Counter((row.repeat, row.fold) for row in self.rows)
        rates = len(self.plan.settings.rate_factors)
        alive = {fold: sum(self.ran_in(candidate.id, fold) for candidate in self.candidates) for fold in counts}
        return sorted(fold for fold, count in counts.items() if count >= alive[fold] * rates)

    def errors(
        self, candidate: str, folds: Sequence[tuple[int, int]], metric: ChosenMetric
    ) -> NDArray[np.float64] | None:
        """Return the candidate's error in each fold, lower is better.

        None if it failed in one.
        """
        chosen = [preferred(self.rows, candidate, fold, metric) for fold in folds]
        scores = [row.test_score for row in chosen if row is not None and row.test_score is not None]
        return np.array([metric.error(score) for score in scores]) if len(scores) == len(folds) else None


def preferred(rows: Sequence[Trial], candidate: str, fold: tuple[int, int], metric: ChosenMetric) -> Trial | None:
    """Return the candidate's trial of this fold that was best on validation rows.

    None if all its learning rates failed.
    """
    ran = [
        row for row in rows
        if row.candidate == candidate and (row.repeat, row.fold) == fold
        and row.valid_score is not None and row.test_score is not None
    ]  # fmt: skip
    return min(ran, key=lambda row: metric.error(row.valid_score or 0.0)) if ran else None


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
    metric, task = registry.metric(str(profile.problem.metric)), str(profile.problem.task)
    others, settings = neighbours(metric, task, _target(data, profile)), plan.settings
    runner = Runner(tuple(candidates), plan, metric, store, progress)

    def groups(block: Iterable[Part]) -> Iterator[Group]:
        """Yield groups of a few folds at one learning rate or all, in the order of folds."""
        running = runner.running()
        for together in _stacks(block, settings, len(running)):
            rows, features = together[0].split.x_train.shape
            for rates in settings.rates_together(rows, features, len(running)):
                # A stack is trained whole even where a part of it is done: in float32 the last digit hangs on the
                # company.
                if not runner.has(together, rates):
                    yield Group(running, tuple(together), str(metric), settings, rates, deadline, task, others)

    parts = iter(_parts(data, profile, plan))
    first = next(parts)
    ends = _ends(first, plan, len(candidates))
    runner.run(chain([first], parts), ends, lambda block: run_all(run_group, groups(block), jobs, deadline))
    return runner.trials(time.perf_counter() - began)


class Runner:
    """Trains block after block of folds; after each, the race drops who is behind."""

    def __init__(
        self, candidates: tuple[Candidate, ...], plan: Plan, metric: ChosenMetric, store: Store | None,
        progress: Progress,
    ) -> None:  # fmt: skip
        self.candidates, self.plan, self.metric = candidates, plan, metric
        self.store, self.progress = store, progress
        self.rows: list[Row] = list(store.rows) if store else []
        self.done = {(row["repeat"], row["fold"], row["rate"]) for row in self.rows}
        self.dropped: dict[str, int] = {}

    def run(
        self,
        parts: Iterable[Part],
        ends: Sequence[int],
        train: Callable[[Iterable[Part]], Generator[list[Row], None, None]],
    ) -> None:
        """Train all blocks, or as many as there is time for.

        Args:
            parts: every fold, in order.
            ends: numbers of folds after which the race is looked at, and that of all.
            train: yields the rows of a block of folds, as processes end.
        """
        folds, finished = iter(parts), 0
        self._tell(finished)
        for end in ends:
            with closing(train(islice(folds, end - finished))) as results:
                for found in results:
                    self._keep(found)
                    self._tell(finished)
            finished = end
            if not self._race(finished):
                return

    def trials(self, seconds: float) -> Trials:
        """Return all that was found."""
        train_rows = int(np.median([row["train_rows"] for row in self.rows])) if self.rows else 0
        rows = tuple(map(_trial, self.rows))
        return Trials(rows, self.plan, self.candidates, train_rows, seconds, self.dropped)

    def has(self, parts: Sequence[Part], rates: Sequence[float]) -> bool:
        """Whether these folds are already trained at these learning rates."""
        return all((part.repeat, part.fold, rate) in self.done for part in parts for rate in rates)

    def running(self) -> tuple[Candidate, ...]:
        """Return the candidates that the race has not dropped."""
        return tuple(candidate for candidate in self.candidates if candidate.id not in self.dropped)

    def _keep(self, found: Sequence[Row]) -> None:
        for row in found:
            if (row["repeat"], row["fold"], row["rate"]) in self.done:
                continue  # trained again only to keep the others' company
            self.rows.append(row)
            if self.store:
                self.store.append(row)

    def _race(self, finished: int) -> bool:
        """Drop who is clearly behind; return whether to go on."""
        planned = self.plan.total
        if finished == planned:
            return False
        trials = Trials(tuple(map(_trial, self.rows)), self.plan, self.candidates, 0, 0.0, self.dropped)
        folds = trials.complete_folds()
        if len(folds) < finished:
            return False
        running = self.running()
        errors = {candidate.id: trials.errors(candidate.id, folds, self.metric) for candidate in running}
        complete = {key: found for key, found in errors.items() if found is not None}
        kept = [candidate.id for candidate in running if {"reference", "default"} & set(candidate.roles)]
        reference = next(c.id for c in self.candidates if "reference" in c.roles)
        rivals = len(self.candidates) - 1
        behind = race.behind(complete, kept, self.metric, planned, self.plan.folds, reference, rivals)
        self.dropped |= dict.fromkeys(behind, finished)
        return True

    def _tell(self, finished: int) -> None:
        left = len(self.running()) * (self.plan.total - finished)
        ran = sum(min(finished, self.dropped.get(candidate.id, finished)) for candidate in self.candidates)
        self.progress(len(self.rows), (left + ran) * len(self.plan.settings.rate_factors))


def _trial(row: Row) -> Trial:
    return Trial.from_json({key: value for key, value in row.items() if key not in BESIDE})


def _ends(first: Part, plan: Plan, candidates: int) -> list[int]:
    """Return the numbers of folds after which the race is looked at, and that of all.

    Where networks are so small that the folds between two looks are one stack, dropping a candidate would save little,
    and only one process would be at work: those race from repeat to repeat.
    """
    rows, features = first.split.pace, first.split.x_train.shape[1]
    together = plan.settings.splits_together(rows, features, candidates)
    looks = race.looks(plan.total, plan.folds)
    if together >= race.BETWEEN_LOOKS:
        looks = [look for look in looks if look % plan.folds == 0]
    return [*looks, plan.total]


def _stacks(parts: Iterable[Part], settings: Settings, candidates: int) -> Iterator[list[Part]]:
    """Put neighbouring folds together, as many as one step should train at a time."""
    stack: list[Part] = []
    for part in parts:
        rows, features = part.split.pace, part.split.x_train.shape[1]
        if stack and (
            len(stack) >= settings.splits_together(rows, features, candidates)
            or settings.schedule(rows) != settings.schedule(stack[0].split.pace)
        ):
            yield stack
            stack = []
        stack.append(part)
    if stack:
        yield stack


def _parts(data: Data, profile: Profile, plan: Plan) -> Iterator[Part]:
    """Yield every fold, preprocessed."""
    problem, settings = profile.problem, plan.settings
    if problem.task == "forecast":
        yield from rolling.parts(data, profile, plan.folds, plan.seed, settings)
        return
    used = known(data.frame, problem)
    frame, in_table = data.frame[used].reset_index(drop=True), np.flatnonzero(used)
    weight, group = weights(frame, problem), groups(frame, problem)
    y, classes = _target(data, profile), len(problem.levels)
    kinds = {column.name: column.kind for column in profile.columns if column.used}
    for repeat in range(plan.repeats):
        for fold, (train, test) in enumerate(folds.outer(y, classes, plan.folds, plan.seed + repeat, group)):
            seed = folds.seed_of(plan.seed, repeat, fold)
            train = train[folds.sample(y[train], classes, settings.max_train_rows, seed)]
            together = None if group is None else group[train]
            inner = folds.inner(y[train], classes, settings.valid_share, seed, together)
            learn, choose = (train[part] for part in inner)
            features = preprocessing.build(kinds).fit(frame.iloc[learn])
            x_learn, x_choose, x_test = (
                preprocessing.transform(features, frame.iloc[rows]) for rows in (learn, choose, test)
            )
            w_learn, w_choose, w_test = (None if weight is None else weight[rows] for rows in (learn, choose, test))
            split = Split(x_learn, y[learn], x_choose, y[choose], classes, w_learn, w_choose)
            yield Part(repeat, fold, seed, split, x_test, y[test], w_test, rows_test=in_table[test])


def _target(data: Data, profile: Profile) -> NDArray[Any]:
    """Return every known target, as numbers."""
    frame, problem = data.frame, profile.problem
    return encode_target(target_of(frame[known(frame, problem)].reset_index(drop=True), problem), problem)
