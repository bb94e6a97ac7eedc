"""Makes training runs with a known fault, in the form of the runs that `benchmarks.diagnose` reads.

python -m benchmarks.make_runs OUT [--tasks a,b] [--runs 32] [--seed 1]

A quarter of the runs is healthy, and hard on purpose. A faulty run is kept only where it scores clearly worse than the
healthy control of the same seed on clean test rows, where the mechanism that its label names is in the recording, and
where undoing the fault helps.
"""

import argparse
from pathlib import Path

import torch

from benchmarks.make_runs.making import Maker
from benchmarks.make_runs.tasks import found


def main() -> None:
    """Make the runs of the chosen tasks."""
    options = _options()
    torch.set_num_threads(1)
    tasks = found()
    for name in options.tasks.split(",") if options.tasks else tasks:
        for line in Maker(tasks[name], options.out, options.seed).make(options.runs):
            print(line, flush=True)


def _options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="folder to write runs/run_* into")
    parser.add_argument("--tasks", default="", help=f"of {', '.join(found())}; all where none is named")
    parser.add_argument("--runs", type=int, default=32, help="runs of a task")
    parser.add_argument("--seed", type=int, default=1, help="another seed makes other rows, weights and rates")
    options = parser.parse_args()
    unknown = set(filter(None, options.tasks.split(","))) - set(found())
    if unknown:
        parser.error(f"--tasks should name tasks. Found {', '.join(sorted(unknown))}. Try {', '.join(found())}")
    return options


if __name__ == "__main__":
    main()
