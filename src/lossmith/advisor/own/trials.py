"""Folds of the user's examples in, one row per trial out, kept as it ends."""

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lossmith import registry
from lossmith.advisor import race
from lossmith.advisor.own.profile import Described
from lossmith.advisor.store import Store
from lossmith.advisor.trials import Plan, Progress, Runner, Trials
from lossmith.training import folds
from lossmith.training.fitted import Split
from lossmith.training.group import Part
from lossmith.training.neighbours import neighbours
from lossmith.training.own.engine import Sources, column
from lossmith.training.own.examples import Array, Places
from lossmith.training.own.group import OwnGroup, run_own_group, shared
from lossmith.training.problem import Candidate
from lossmith.training.workers import run_all


@dataclass(frozen=True)
class Sizes:
    """How many examples each dataset holds; they lie one after another."""

    train: int
    valid: int = 0
    test: int = 0


def run_own_trials(
    sources: Sources,
    described: Described,
    sizes: Sizes,
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
        sources: factory, examples and losses.
        described: the targets of all datasets, one after another.
        sizes: of the datasets.
        candidates: the shortlist.
        plan: folds, repeats, seed and settings.
        store: where rows are kept as they end; rows already there are not trained again.
        deadline: `time.time()` after which no more training is started, and what is under way is given up.
        jobs: processes to use.
        progress: called with trials done and trials planned.
    """
    began = time.perf_counter()
    problem = described.profile.problem
    metric, task = registry.metric(str(problem.metric)), str(problem.task)
    runner = Runner(tuple(candidates), plan, metric, store, progress)
    others = neighbours(metric, task, described.y)
    with shared(sources, jobs) as where:

        def groups(block: Iterable[Part]) -> Iterator[OwnGroup]:
            """Yield one fold at one learning rate after another."""
            running = runner.running()
            for part in block:
                for rate in plan.settings.rates:
                    if not runner.has([part], [rate]):
                        yield OwnGroup(running, (part,), str(metric), plan.settings, (rate,), deadline, task, others,
                                       where)  # fmt: skip

        runner.run(
            parts(described, sizes, plan),
            [*race.looks(plan.total, plan.folds), plan.total],
            lambda block: run_all(run_own_group, groups(block), jobs, deadline),
        )
    return runner.trials(time.perf_counter() - began)


def parts(described: Described, sizes: Sizes, plan: Plan) -> Iterator[Part]:
    """Yield every fold, as places in the examples.

    Each fold learns from the training set without one part of it. Where the user has a test set, a part of that takes
    the place of the part left out, so that training sets vary and test examples differ from fold to fold as without.
    """
    classes, y = len(described.profile.problem.levels), described.y
    ends = np.cumsum([sizes.train, sizes.valid, sizes.test])
    own_valid, own_test = np.arange(ends[0], ends[1]), np.arange(ends[1], ends[2])
    for repeat in range(plan.repeats):
        outer = list(folds.outer(y[: sizes.train], classes, plan.folds, plan.seed + repeat))
        if sizes.test:
            tested = [own_test[test] for _, test in folds.outer(y[own_test], classes, plan.folds, plan.seed + repeat)]
        for fold, (train, test) in enumerate(outer):
            seed = folds.seed_of(plan.seed, repeat, fold)
            learn, choose = _inner(y, train, classes, plan, seed) if not sizes.valid else (train, own_valid)
            yield _part(repeat, fold, seed, y, learn, choose, tested[fold] if sizes.test else test, classes)


def _inner(y: Array, train: Places, classes: int, plan: Plan, seed: int) -> tuple[Places, Places]:
    learn, choose = folds.inner(y[train], classes, plan.settings.valid_share, seed)
    return train[learn], train[choose]


def _part(
    repeat: int, fold: int, seed: int, y: NDArray[np.generic], learn: Places, choose: Places, test: Places, classes: int
) -> Part:
    split = Split(column(learn), y[learn], column(choose), y[choose], classes)
    return Part(repeat, fold, seed, split, column(test), y[test])
