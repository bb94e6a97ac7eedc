"""Whether rows, classes and groups suffice to compare losses, in how many folds.

What is too little for the folds that were asked for gets fewer, and a sentence that says so.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith import registry
from lossmith.advisor import rolling
from lossmith.advisor.data import Data
from lossmith.advisor.profile import Profile
from lossmith.advisor.trials import Plan
from lossmith.training import folds
from lossmith.training.problem import VALUE_TASKS, Problem
from lossmith.training.rows import groups, known
from lossmith.training.target import encode_target, target_of

FEWEST_ROWS = 40
FEWEST_OF_A_CLASS = 10
"""With fewer rows, or fewer of the second-largest class, nothing is trained: no verdict could be told from luck."""
FEWEST_FOLDS = 3
"""To which few positives may lower the folds."""
FEWEST_GROUPS = 3
"""One to test, one to choose by, one to learn from."""
UNEVEN = 2.0
"""Multiples of a fold's share of the rows, from which one group makes folds too uneven to say nothing."""


def enough(data: Data, described: Profile, plan: Plan) -> tuple[Plan, list[str]]:
    """Return the plan with no more folds than the rows bear, and why.

    Nothing is trained, in 0 folds, where nothing could be told.

    Raises:
        ValueError: more folds than rows, or too few groups to keep apart.
    """
    if data.past is not None:
        count, short = rolling.enough(data.past, plan.folds, plan.settings)
        return replace(plan, folds=count), short
    plan, told = enough_rows(described, plan)
    return _grouped(data, described, plan, told) if plan.folds else (plan, told)


def enough_rows(described: Profile, plan: Plan) -> tuple[Plan, list[str]]:
    """Return the same by rows and classes alone.

    Raises:
        ValueError: more folds than rows.
    """
    if plan.folds > described.rows:
        raise ValueError(f"`folds` should be at most the rows. Found {plan.folds} folds, {described.rows} rows. Try 5.")
    if described.rows < FEWEST_ROWS:
        return replace(plan, folds=0), [f"{described.rows} rows: below {FEWEST_ROWS}, nothing is trained."]
    if described.problem.task == "multilabel":
        most = max(min(int(count), described.rows - int(count)) for count in described.target["counts"].values())
        if most < FEWEST_OF_A_CLASS:
            why = f"No label has more than {most} rows of either kind: below {FEWEST_OF_A_CLASS}"
            return replace(plan, folds=0), [f"{why}, nothing is trained."]
    elif described.problem.task not in VALUE_TASKS:
        second = sorted(int(count) for count in described.target["counts"].values())[-2]
        if second < FEWEST_OF_A_CLASS:
            why = f"No class but the largest has more than {second} rows: below {FEWEST_OF_A_CLASS}"
            return replace(plan, folds=0), [f"{why}, nothing is trained."]
        if second < plan.folds:
            told = f"{second} folds instead of {plan.folds}: no class but one has more rows."
            plan, told_too = _few_positives(described, replace(plan, folds=second))
            return plan, told_too or [told]
    return _few_positives(described, plan)


def _few_positives(described: Profile, plan: Plan) -> tuple[Plan, list[str]]:
    """Lower the folds until each tests enough positives, and draw them more often."""
    metric, problem = registry.metric(str(described.problem.metric)), described.problem
    fewest = metric.metric.fewest_positives
    if problem.task != "binary" or not fewest:
        return plan, []
    held = int(described.target["counts"][problem.positive])
    count = min(plan.folds, max(FEWEST_FOLDS, held // fewest))
    if count == plan.folds:
        return plan, []
    repeats = max(plan.repeats, round(plan.repeats * plan.folds / count))
    told = (
        f"{count} folds, drawn {repeats} times, instead of {plan.folds}: of {held} positives a fold now tests "
        f"{held // count}, and {metric.label} is biased where there are fewer than {fewest}."
    )
    return replace(plan, folds=count, repeats=repeats), [told]


def _grouped(data: Data, described: Profile, plan: Plan, told: list[str]) -> tuple[Plan, list[str]]:
    """Lower the folds to what groups allow, so that no fold lacks a class it needs."""
    problem = described.problem
    frame = data.frame[known(data.frame, problem)].reset_index(drop=True)
    group = groups(frame, problem)
    if group is None:
        return plan, told
    y, names = encode_target(target_of(frame, problem), problem), ", ".join(problem.group)
    most, of = _spread(y, group, problem)
    if most < FEWEST_GROUPS:
        raise ValueError(
            f"Rows should form {FEWEST_GROUPS} groups at least{of}. Found {most} in {names}. Try another --group."
        )
    count, fewest = min(plan.folds, most), min(plan.folds, FEWEST_GROUPS)
    while count >= fewest and not _served(y, group, count, plan, len(problem.levels)):
        count -= 1
    if count < fewest:
        raise ValueError(
            f"Groups should leave rows of two classes in every fold. Found none of {fewest} folds or more of {names} "
            "that do. Try another --group."
        )
    if count < plan.folds:
        why = f"{names} has {most} groups{of}" if count == most else f"with more, {names} leaves a fold with one class"
        told = [*told, f"{count} folds instead of {plan.folds}: {why}."]
    largest = np.bincount(group).max() / len(group)
    if largest > UNEVEN / count:
        told = [*told, f"One group of {names} holds {largest:.0%} of the rows: folds are uneven, intervals rough."]
    return replace(plan, folds=count), told


def _spread(y: NDArray[Any], group: NDArray[np.int64], problem: Problem) -> tuple[int, str]:
    """Return how many groups there are, or that hold the second-most spread class."""
    if problem.task in (*VALUE_TASKS, "multilabel"):
        return len(np.unique(group)), ""
    pairs = np.unique(np.column_stack([y, group]), axis=0)
    held = np.bincount(pairs[:, 0].astype(np.int64), minlength=len(problem.levels))
    place = int(np.argsort(-held, kind="stable")[1])
    return int(held[place]), f" with class {problem.levels[place]!r}"


def _served(y: NDArray[Any], group: NDArray[np.int64], count: int, plan: Plan, classes: int) -> bool:
    """Whether every fold has rows, of two classes, to learn from and to test."""
    enough = 2 if classes else 1
    return all(
        len(np.unique(y[part])) >= enough
        for repeat in range(plan.repeats)
        for split in folds.outer(y, classes, count, plan.seed + repeat, group)
        for part in split
    )
