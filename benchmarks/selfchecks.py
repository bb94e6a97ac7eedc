"""Checks that lossmith claims nothing where there is nothing to claim (DESIGN, section 4).

python -m benchmarks.selfchecks [--runs 200] [--json FILE]

Each run draws 150 rows of the California housing example and trains small networks on five folds.

* A against A: the same loss in both arms, each with seeds of its own.
* Shuffled labels: losses that elicit the same functional, on a target that nothing predicts; numbers and classes.
* Swapped: real scores of three candidates, exchanged at random within each fold.

A run counts when any comparison claims "better" or "worse". At most 5 % of the runs should.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.machine import machine
from benchmarks.regret.figures import binomial
from lossmith.advisor.data import read
from lossmith.advisor.judge import judge
from lossmith.advisor.profile import Profile, profile
from lossmith.advisor.trials import Plan, Trial, Trials, run_trials
from lossmith.advisor.verdict import Verdict
from lossmith.training.problem import Candidate, Problem
from lossmith.training.settings import Settings

HOUSING = Path(__file__).parent.parent / "examples" / "california_housing.csv.gz"
QUICK = Settings(hidden=(16,), steps=40, min_epochs=4, max_epochs=8, rate_factors=(1.0,))
FOLDS, ROWS = 5, 150


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200, help="of each check")
    parser.add_argument("--json", type=Path, help="where the counts go")
    options = parser.parse_args()
    found = {name: [sum(claims(check(run)) for run in range(options.runs)), options.runs] for name, check in CHECKS}
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    print(f"`python -m benchmarks.selfchecks --runs {options.runs}`, on {machine()}.\n")
    print("| check | runs that claim a difference |\n|---|---|")
    for name, count in found.items():
        print(f"| {name} | {binomial(count)} |")


def claims(verdict: Verdict) -> bool:
    """Whether a verdict claims any difference."""
    return any(s.difference.conclusion in ("better", "worse") for s in verdict.standings if s.difference)


def a_against_a(run: int) -> Verdict:
    """One loss, trained twice with different seeds on the same folds."""
    arms = [
        Candidate("a", "absolute_error_loss", roles=("reference",)),
        Candidate("b", "absolute_error_loss", roles=("default",)),
    ]
    frame = _drawn(run)
    first = _trained(frame, arms[:1], "regression", "mae", run + 1).rows
    # Repeat 1 of a plan that begins one seed earlier splits the rows as repeat 0 of that one, with other seeds.
    alone = [replace(arms[1], roles=("reference",))]
    second = _trained(frame, alone, "regression", "mae", run, repeats=2).rows
    rows = (*first, *(replace(row, repeat=0) for row in second if row.repeat == 1))
    return _judged(frame, arms, rows, "regression", "mae")


def shuffled_numbers(run: int) -> Verdict:
    """Two ways to the median, where the target has nothing to do with the features."""
    frame = _drawn(run)
    frame["y"] = np.random.default_rng(run).permutation(frame["y"].to_numpy())
    arms = [Candidate("a", "absolute_error_loss", roles=("reference", "default"))]
    arms += [Candidate("b", "absolute_error_loss", link="softplus")]
    return _judged(frame, arms, _trained(frame, arms, "regression", "mae", run).rows, "regression", "mae")


def shuffled_classes(run: int) -> Verdict:
    """Two proper losses, where the classes have nothing to do with the features."""
    frame = _drawn(run)
    target = np.random.default_rng(run).permutation(frame["y"].to_numpy())
    frame["y"] = np.where(target > np.median(target), "high", "low")
    roles = ("reference", "default")
    arms = [Candidate("a", "binary_cross_entropy_loss", link="sigmoid", rule="probability", roles=roles)]
    arms += [Candidate("b", "brier_loss", link="softmax", rule="probability")]
    return _judged(frame, arms, _trained(frame, arms, "binary", "log_loss", run).rows, "binary", "log_loss")


def swapped(run: int) -> Verdict:
    """Real scores of different losses, exchanged at random within each fold."""
    frame, rng = _drawn(run % 20), np.random.default_rng(run)
    arms = [
        Candidate("a", "absolute_error_loss", roles=("reference",)),
        Candidate("b", "squared_error_loss", roles=("default",)),
        Candidate("c", "log_cosh_loss"),
    ]
    rows = {(row.fold, row.candidate): row for row in _measured(run % 20)}
    mixed = []
    for fold in range(FOLDS):
        order = rng.permutation(len(arms))
        mixed += [replace(rows[fold, arms[place].id], candidate=arm.id) for arm, place in zip(arms, order, strict=True)]
    return _judged(frame, arms, mixed, "regression", "mae")


@cache
def _measured(run: int) -> tuple[Trial, ...]:
    arms = [Candidate("a", "absolute_error_loss", roles=("reference",))]
    arms += [Candidate("b", "squared_error_loss", roles=("default",)), Candidate("c", "log_cosh_loss")]
    return _trained(_drawn(run), arms, "regression", "mae", run).rows


def _drawn(run: int) -> pd.DataFrame:
    frame = _housing().sample(ROWS, random_state=run).reset_index(drop=True)
    return frame.rename(columns={"median_house_value": "y"})


@cache
def _housing() -> pd.DataFrame:
    return pd.read_csv(HOUSING).drop(columns="ocean_proximity").dropna()


def _described(frame: pd.DataFrame, task: str, metric: str) -> Profile:
    return profile(read(frame, Problem("y", task, metric)))  # type: ignore[arg-type]


def _trained(
    frame: pd.DataFrame, arms: Sequence[Candidate], task: str, metric: str, seed: int, repeats: int = 1
) -> Trials:
    found = _described(frame, task, metric)
    plan = Plan(FOLDS, repeats, seed, QUICK)
    return run_trials(read(frame, found.problem), found, arms, plan)


def _judged(frame: pd.DataFrame, arms: Sequence[Candidate], rows: Sequence[Trial], task: str, metric: str) -> Verdict:
    trials = Trials(tuple(rows), Plan(FOLDS, settings=QUICK), tuple(arms), ROWS, 0.0)
    return judge(trials, _described(frame, task, metric))


CHECKS: tuple[tuple[str, Callable[[int], Verdict]], ...] = (
    ("A against A", a_against_a),
    ("shuffled labels, numbers", shuffled_numbers),
    ("shuffled labels, classes", shuffled_classes),
    ("swapped scores", swapped),
)

if __name__ == "__main__":
    main()
