"""Measures what scoring other metrics costs, as a share of training.

python -m benchmarks.neighbours [--budget 60s]

Runs `advise` in one process on the example tables and times two things inside it: the work of a process as a whole, and
the part of it that scores the neighbouring metrics and the plain rule.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lossmith
from benchmarks.machine import machine
from lossmith.advisor import trials
from lossmith.training import neighbours

EXAMPLES = Path(__file__).parent.parent / "examples"
TABLES: dict[str, dict[str, Any]] = {
    "german_credit": {"target": "risk", "positive": "2", "metric": "cost: FN=5,FP=1"},
    "california_housing": {"target": "median_house_value", "metric": "mae"},
    "bike_hour": {"target": "cnt", "metric": "rmse"},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--budget", default="60s")
    budget = parser.parse_args().budget
    spent: dict[str, float] = {}
    trials.run_group = _timed(trials.run_group, "all", spent)
    neighbours.score = _timed(neighbours.score, "others", spent)
    neighbours.plain_score = _timed(neighbours.plain_score, "others", spent)
    print(f"{machine()}; budget {budget}, 3 folds, one process")
    for name, question in TABLES.items():
        spent.clear()
        verdict = lossmith.advise(EXAMPLES / f"{name}.csv.gz", budget=budget, folds=3, jobs=1, **question)
        share = spent["others"] / (spent["all"] - spent["others"])
        print(f"{name}: {len(verdict.neighbours)} neighbours, {spent['others']:.2f} s, {share:.1%} on top of the rest")


def _timed(function: Callable[..., Any], key: str, spent: dict[str, float]) -> Callable[..., Any]:
    def timed(*arguments: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            spent[key] = spent.get(key, 0.0) + time.perf_counter() - began

    return timed


if __name__ == "__main__":
    main()
