"""One task's runs: controls, faults that hurt, healthy runs that do not."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from benchmarks.make_runs.faults import FAULTS, Case, Change
from benchmarks.make_runs.files import write
from benchmarks.make_runs.healthy import HEALTHY
from benchmarks.make_runs.mechanism import present
from benchmarks.make_runs.setup import Data, Recipe, Task, Trained
from benchmarks.make_runs.training import train
from benchmarks.make_runs.verdict import HARMLESS, HURTS, accepted, regret, remedies, severity, tried

ROUNDS, FEW = 4, 6
CURED = 0.5
"""Least share that a fault's own cure wins back."""


@dataclass
class Maker:
    """Makes the runs of one task into a folder."""

    task: Task
    out: Path
    seed: int

    def __post_init__(self) -> None:
        self._controls: dict[int, tuple[Data, Trained]] = {}
        self._draws = random.Random(f"{self.task.name} {self.seed}")

    def control(self, seed: int) -> tuple[Data, Trained]:
        """Return the rows of a seed and the healthy run on them."""
        if seed not in self._controls:
            data = self.task.data(seed)
            self._controls[seed] = (data, train(self.task, self.task.recipe, data, seed))
        return self._controls[seed]

    def make(self, wanted: int) -> Iterator[str]:
        """Make `wanted` runs and yield a line about each trial.

        A quarter is healthy; half where few faults make sense, all where none does.
        """
        few = len(self.task.faults) < FEW
        healthy = wanted // 4 if not few else wanted // 2 if self.task.faults else wanted
        yield from self._until(healthy, self._healthy_trials())
        yield from self._until(wanted - healthy, self._fault_trials())

    def _until(self, wanted: int, trials: Iterator[tuple[bool, str]]) -> Iterator[str]:
        """Go through trials until enough were kept."""
        kept = 0
        if not wanted:
            return
        for good, text in trials:
            kept += good
            yield text
            if kept >= wanted:
                return

    def _healthy_trials(self) -> Iterator[tuple[bool, str]]:
        names = list(self.task.healthy)
        self._draws.shuffle(names)
        for place, name in enumerate(names + names):
            yield self.healthy(name, self.seed + place % 3)

    def _fault_trials(self) -> Iterator[tuple[bool, str]]:
        """Try every fault at one strength, then at another; one that does not hurt gives way to the strongest."""
        failed: set[str] = set()
        order = list(self.task.faults)
        self._draws.shuffle(order)
        first = {fault: self._draws.randrange(3) for fault in order}
        for turn in range(ROUNDS):
            for fault in [fault for fault in order if fault not in failed]:
                good = False
                for level in range((first[fault] + turn) % 3, 3):
                    cases = [case for case in FAULTS[fault] if case.level == level]
                    good, text = self.faulty(fault, self._draws.choice(cases), self.seed + turn)
                    yield good, text
                    if good or level == 2:
                        break
                if not good:
                    failed.add(fault)

    def healthy(self, variant: str, seed: int) -> tuple[bool, str]:
        """Make one healthy run; keep it where nothing is lost."""
        data, control = self.control(seed)
        changed, setup = self._changed(HEALTHY[variant], data, seed)
        run = train(self.task, setup, changed, seed)
        lost = regret(run.score, control.score)
        good = run.nan_step is None and lost <= HARMLESS
        if good:
            case = {"fault": "healthy", "variant": variant, "level": list(HEALTHY).index(variant), "severity": "none"}
            self._write(case, run, control, setup, changed, seed, {"accept": ["healthy"]})
        return (
            good,
            f"{self.task.name} healthy {variant} seed {seed}: regret {lost:.3f} {'kept' if good else 'left out'}",
        )

    def faulty(self, fault: str, case: Case, seed: int) -> tuple[bool, str]:
        """Make one faulty run; keep it where it hurts, by the mechanism it is named after."""
        data, control = self.control(seed)
        changed, setup = self._changed(case.change, data, seed)
        run = train(self.task, setup, changed, seed)
        lost = regret(run.score, control.score)
        text = f"{self.task.name} {fault} {case.variant} level {case.level} seed {seed}: regret {lost:.3f}"
        if lost < HURTS or (run.nan_step is None) == (fault == "nan_inf"):
            return False, f"{text} does not hurt as it should"
        if not present(fault, run, control):
            return False, f"{text} without its mechanism"
        cure = {"cure": case.cure} if case.cure else {}
        cured = tried(self.task, changed, setup, seed, cure, run.score, control.score).get("cure")
        if cured is not None and cured < CURED:
            return False, f"{text} but its cure wins back {cured}"
        won = tried(self.task, changed, setup, seed, remedies(fault, control), run.score, control.score)
        about = {"accept": accepted(fault, won), "remedy_recovery": won, "cure_recovery": cured}
        named = {"fault": fault, "variant": case.variant, "level": case.level, "severity": severity(lost)}
        self._write(named, run, control, setup, changed, seed, about)
        return True, f"{text} kept, accepts {about['accept']}"

    def _changed(self, change: Change, data: Data, seed: int) -> tuple[Data, Recipe]:
        """Apply a change to the task's setup, with a rate drawn near the control's."""
        factor = math.exp(self._draws.uniform(math.log(0.7), math.log(1.4)))
        near = replace(self.task.recipe, lr=self.task.recipe.lr * factor)
        return change(self.task, data, near, torch.Generator().manual_seed(seed))

    def _write(
        self,
        case: dict[str, Any],
        run: Trained,
        control: Trained,
        setup: Recipe,
        data: Data,
        seed: int,
        more: dict[str, Any],
    ) -> None:
        truth = case | {
            "regret": round(regret(run.score, control.score), 4),
            "score": round(run.score, 4),
            "control_score": round(control.score, 4),
            "task": self.task.name,
            "task_kind": self.task.kind,
            "seed": seed,
            "remedy_recovery": {},
            "cure_recovery": None,
        }
        truth |= more | {"nan_step": run.nan_step, "seconds": run.seconds}
        write(self.out, self.task, setup, data, run, truth)
