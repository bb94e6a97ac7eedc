"""`diagnose --try`: short trainings with the first remedies, side by side."""

import math
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from scipy import stats

from lossmith.doctor.diagnosis import Report, diagnose
from lossmith.rehearsal.case import Case
from lossmith.rehearsal.preflight import FAILS, LARGE, function, run, whole
from lossmith.rehearsal.remedies import REMEDIES, chosen
from lossmith.rehearsal.setup import Build
from lossmith.rehearsal.trial import MEASURES, Trial, begin, judge, train
from lossmith.training.recording.recorder import Recorder

MOST, SEEDS = 6, 5
FEWEST, STEPS = 30, 800
LEVEL = 0.95
TIMED = 8


@dataclass(frozen=True)
class Tried:
    """What one remedy brought.

    Attributes:
        name: of the remedy.
        title: what it does.
        score: mean over the seeds on held-out rows; lower is better.
        gain: by how much it is below that of the training as it is.
        low: lower end of the interval of the gain.
        high: upper end of it.
        share: of the largest clear gain; None where no gain is clear.
        clear: whether the interval leaves 0 out.
    """

    name: str
    title: str
    score: float
    gain: float
    low: float
    high: float
    share: float | None
    clear: bool


@dataclass(frozen=True)
class Retry:
    """What the remedies brought, the best first.

    Attributes:
        name: the address of `build`.
        faults: what was diagnosed, and so tried for.
        measure: what scores are.
        steps: of each training.
        seeds: of each remedy.
        score: of the training as it is.
        again: the faults that the short training, as it is, shows; empty where it shows none.
        tried: each remedy.
        skipped: remedies that change nothing here, or fail.
        seconds: it took.
    """

    name: str
    faults: tuple[str, ...]
    measure: str
    steps: int
    seeds: int
    score: float
    again: tuple[str, ...]
    tried: tuple[Tried, ...]
    skipped: tuple[str, ...]
    seconds: float

    @property
    def reproduced(self) -> bool:
        """Whether the short training shows what was diagnosed."""
        return bool(self.faults) and self.faults[0] in self.again

    def to_json(self) -> dict[str, Any]:
        """Return plain types only."""
        return asdict(self)


def retry(
    report: Report, build: Build | str, *, seconds: float = 60.0, seed: int = 0, seeds: int = SEEDS,
    isolated: bool = True, watcher: Callable[[str], None] = lambda doing: None,
) -> Retry:  # fmt: skip
    """Try the first remedies for what was diagnosed, each with the same seeds.

    Args:
        report: what `lossmith.diagnose` says of the run.
        build: makes the training, as for `lossmith.preflight`.
        seconds: for all trainings together.
        seed: of weights, batches and held-out rows.
        seeds: trainings of each remedy.
        isolated: whether it runs in a child process.
        watcher: told of each training before it starts.

    Returns:
        what each remedy brought, with intervals.

    Raises:
        ValueError: `build` cannot be found or run, or there are no rows to hold out.
    """
    build = whole(build) if isinstance(build, str) else build
    faults = tuple(one.fault for one in report.found) or tuple(one.fault for one in report.ranked[:1])
    runner_up = [one.fault for one in report.ranked if one.fault not in faults][:1]
    names = chosen([*faults, *runner_up], MOST)
    named = tuple(one.fault for one in report.found)

    def job(begun: Callable[[str], None]) -> Retry:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return tried(build, named, names, seconds, seed, max(2, seeds), begun)

    found = run(job, watcher, isolated, str(build))
    assert isinstance(found, Retry)
    return found


def tried(
    build: Build | str, faults: tuple[str, ...], names: Sequence[str], seconds: float, seed: int, seeds: int,
    begun: Callable[[str], None],
) -> Retry:  # fmt: skip
    """Train with each remedy, here and now."""
    began = time.perf_counter()
    begun("build")
    name, made = function(build)
    case = Case(made, seed)
    if sum(p.numel() for p in case.setup.model.parameters()) > LARGE:
        torch.set_num_threads(torch.multiprocessing.cpu_count())
    begun("as it is, looked at")
    steps = _affordable(case, seconds / (seeds * (len(names) + 1) + 1))
    again = _diagnosed(case, steps)
    scores: dict[str, list[float]] = {"": []}
    skipped: list[str] = []
    for remedy in ("", *names):
        found: list[float] = []
        for number in range(seeds):
            begun(f"{REMEDIES[remedy].title if remedy else 'as it is'}, {number + 1} of {seeds}")
            score = _scored(case, remedy, steps, number, skipped)
            if score is None:
                break
            found.append(score)
        if len(found) == seeds:
            scores[remedy] = found
    measure = MEASURES[begin(case, 0).kind]
    rows = compared(scores)
    mean = sum(scores[""]) / seeds
    took = round(time.perf_counter() - began, 1)
    return Retry(name, faults, measure, steps, seeds, mean, again, rows, tuple(skipped), took)


def _scored(case: Case, remedy: str, steps: int, seed: int, skipped: list[str]) -> float | None:
    """Return the score of one training, or nothing where nothing is to be changed."""
    try:
        trial = begin(case, seed)
        size = trial.batch_size
        torch.manual_seed(seed)  # the same for all: a remedy that draws numbers must not change the batches
        if remedy and not REMEDIES[remedy].apply(trial):
            skipped.append(f"{REMEDIES[remedy].title}: there is nothing to change.")
            return None
        torch.manual_seed(seed)
        train(trial, max(FEWEST // 2, steps * size // max(trial.batch_size, 1)))  # as many rows, whatever the batch
        score = judge(trial)
        if not math.isfinite(score):  # only where the loss itself must judge
            raise ValueError(f"its loss on held-out rows is {score}")
        return score
    except FAILS as error:
        if not remedy:
            raise ValueError(
                f"The training should run to its end as it is. Found {type(error).__name__}: {error}"
            ) from error
        skipped.append(f"{REMEDIES[remedy].title}: {type(error).__name__}: {' '.join(str(error).split())[:160]}")
        return None


def compared(scores: dict[str, list[float]]) -> tuple[Tried, ...]:
    """Return the gains with their intervals, paired by seed, the largest first.

    Intervals hold together: each is as wide as the number of remedies asks for (Bonferroni).
    """
    plain, names = scores[""], [name for name in scores if name]
    rows = []
    for name in names:
        gains = [before - after for before, after in zip(plain, scores[name], strict=True)]
        mean, half = sum(gains) / len(gains), _half(gains, len(names))
        rows.append((name, sum(scores[name]) / len(gains), mean, mean - half, mean + half))
    clear = {name: low > 1e-9 or high < -1e-9 for name, _, _, low, high in rows}
    largest = max((gain for name, _, gain, _, _ in rows if clear[name] and gain > 0), default=0.0)
    return tuple(
        Tried(name, REMEDIES[name].title, score, gain, low, high, gain / largest if largest else None, clear[name])
        for name, score, gain, low, high in sorted(rows, key=lambda row: -row[2])
    )


def _half(gains: Sequence[float], comparisons: int) -> float:
    """Return half the width of the interval of a mean."""
    count = len(gains)
    mean = sum(gains) / count
    variance = sum((gain - mean) ** 2 for gain in gains) / (count - 1)
    quantile = float(stats.t.ppf(1 - (1 - LEVEL) / (2 * max(comparisons, 1)), count - 1))
    return quantile * math.sqrt(variance / count)


def _affordable(case: Case, seconds: float) -> int:
    """Return how many steps of a training fit into so many seconds."""
    trial = begin(case, 0)
    train(trial, 2)
    began = time.perf_counter()
    train(trial, TIMED)
    took = (time.perf_counter() - began) / TIMED
    return int(min(STEPS, max(FEWEST, 0.8 * seconds / max(took, 1e-6))))


def _diagnosed(case: Case, steps: int) -> tuple[str, ...]:
    """Return the faults that a recorder sees in the training as it is."""
    trial = begin(case, 0)
    with tempfile.TemporaryDirectory() as folder:
        criterion = trial.setup.loss if isinstance(trial.setup.loss, torch.nn.Module) else None
        setup, place = trial.setup, Path(folder) / "run"
        with Recorder(place, setup.model, setup.optimizer, criterion, train=setup.data) as recorder:
            length = max(1, len(setup.data))

            def told(loss: torch.Tensor, output: torch.Tensor, target: Any) -> None:
                recorder.step(loss, output, target)
                if recorder.steps % length == 0:
                    _validated(trial, recorder)

            train(trial, steps, told)
        try:
            return tuple(one.fault for one in diagnose(place).found)
        except ValueError:
            return ()


def _validated(trial: Trial, recorder: Recorder) -> None:
    with recorder.validation():
        for inputs, target in trial.setup.batches(trial.held):
            output = trial.put_out(inputs)
            recorder.step(trial.setup.value(output, target), output, target)
