"""The whole way from a table to a verdict, each stage on disk once reached."""

import hashlib
import json
import math
import re
import time as clock
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from lossmith import registry
from lossmith._version import __version__
from lossmith.advisor import prices, rolling
from lossmith.advisor.data import Data, read
from lossmith.advisor.enough import enough
from lossmith.advisor.environment import environment
from lossmith.advisor.history import refuse_odd_forecast, with_past
from lossmith.advisor.judge import judge
from lossmith.advisor.own.arguments import about_model
from lossmith.advisor.profile import Profile, profile
from lossmith.advisor.schedule import Size, affordable, fit_to_budget
from lossmith.advisor.shortlist import shortlist
from lossmith.advisor.store import Store, question, refuse_used
from lossmith.advisor.trials import Plan, Trial, Trials, run_trials
from lossmith.advisor.verdict import Verdict
from lossmith.advisor.watcher import Silent, Watcher
from lossmith.files import write_atomically
from lossmith.training import workers
from lossmith.training.columns import label_text
from lossmith.training.engine import single_thread
from lossmith.training.preprocessing import MAX_CATEGORIES
from lossmith.training.problem import TASKS, Candidate, Problem, Task
from lossmith.training.settings import Settings

if TYPE_CHECKING:
    import torch

    from lossmith.training.own.settings import Precision

TRIALS = "trials.jsonl"
LARGEST_SEED = 2**31


def advise(
    data: Any = None,
    *,
    target: str | Sequence[str] | None = None,
    metric: str | None = None,
    cost: Any = None,
    task: Task | None = None,
    positive: str | None = None,
    levels: Sequence[str] = (),
    drop: Sequence[str] = (),
    weight: str | None = None,
    group: Sequence[str] = (),
    time: str | None = None,
    series: Sequence[str] = (),
    horizon: int = 1,
    losses: Sequence[Any] = (),
    budget: str | float | None = "2m",
    folds: int = 10,
    repeats: int | None = None,
    seed: int = 0,
    out: str | Path | None = None,
    resume: bool = False,
    jobs: int | None = None,
    network: str = "small",
    command: str = "",
    watcher: Watcher | None = None,
    model: Callable[[], "torch.nn.Module"] | None = None,
    train: "torch.utils.data.Dataset[Any] | None" = None,
    valid: "torch.utils.data.Dataset[Any] | None" = None,
    test: "torch.utils.data.Dataset[Any] | None" = None,
    device: str = "cpu",
    precision: "Precision" = "float32",
    num_workers: int = 0,
    batch_size: int | None = None,
    epochs: int | None = None,
    learning_rate: float | None = None,
) -> Verdict:
    """Say which loss to train with, measured on these data.

    For a table: `advise(table, target="price", metric="mae")`.

    For a network of your own, on images, sequences or whatever it takes:
    `advise(model=lambda: Net(), train=dataset, metric="accuracy")`. The dataset gives (input, target) pairs, the target
    being one number. The network gives raw outputs: (n, classes) logits, or (n,) or (n, 1) values, or one logit for two
    classes.

    Args:
        data: path of a CSV (also packed) or Parquet file, or a pandas or polars DataFrame.
        target: the column to predict; several columns of 0/1, yes/no or true/false, as a list or with commas between
            them, are the labels of a multilabel task.
        metric: what counts, such as `"mae"`, `"pinball@0.9"` or `"cost: FN=5,FP=1"`; by default one that fits the task.
        cost: in place of a metric, what mistakes cost: `"FN=10,FP=1"`, or a table with a row for each true label and a
            column for each named one: a path, a DataFrame, or `{"yes": {"yes": 0, "no": 10}, "no": {...}}`.
        task: regression, count, binary, multiclass, ordinal or multilabel; by default inferred, with the reason in the
            profile.
        positive: the label that counts as positive in a binary task.
        levels: labels from low to high; makes the task ordinal.
        drop: columns not to learn from.
        weight: column of numbers from 0 up: how much each row counts, in training and in every score.
        group: columns that say which rows belong together, such as a patient or a storm's name and year; rows that
            agree in all of them stay on one side of every split.
        time: the column that orders the rows, dates or numbers, or `"row"` where they are in order; makes the task a
            forecast, tested at rolling origins instead of folds.
        series: columns that tell several series apart.
        horizon: steps ahead that the target is forecast.
        losses: train only these, beside the reference and the default: `"name"`, `"name@link"`, `"name+over"`; with
            `model` also losses of your own, callables of (input, target), alone or as a pair of name and callable.
        budget: `"30s"`, `"2m"`, `"1h"`, seconds, or None for no limit. Whole folds count when it ends.
        folds: parts the rows are split into; each is tested once per repeat.
        repeats: how often to split anew; by default three times on a table, or fewer as the budget allows.
        seed: splits, initial weights, batch order.
        out: folder for profile, shortlist, trials and verdict as JSON; by default nothing is written.
        resume: go on with the trials in `out`.
        jobs: processes; by default one per core.
        network: `"small"`, or `"wide"`, `"deep"`, `"resnet"` to ask whether the verdict holds elsewhere, at two to four
            times the cost.
        command: how to make this verdict again, for the record.
        watcher: is told of progress.
        model: builds a new network at each call; a dict of inputs becomes its keywords, a tuple its arguments.
        train: examples to draw folds from, such as a `TensorDataset`.
        valid: examples that choose epoch, learning rate and decision rule; by default a fifth of each training part.
        test: examples to score on, a part of them in each fold; by default the part that the fold leaves out.
        device: where to train `model`: cpu, cuda or auto.
        precision: float32, or bf16 or fp16 through `torch.autocast`.
        num_workers: processes that read a dataset ahead.
        batch_size: examples in a batch; by default about 20 batches an epoch, 256 at most.
        epochs: by default about 800 steps, fewer where the budget asks for it.
        learning_rate: AdamW's peak rate, of which each loss also tries a third and three times; by default 0.001.

    Returns:
        The verdict; `verdict.sentence` says it, `verdict.recommended` names it, `verdict.snippet` is code to paste.

    Raises:
        ValueError: an argument or the data do not fit; says what should hold, what was found, what to try.
        OSError: a file cannot be read or written.

    Example:
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"x": [0.5, 1.5, 2.5] * 10, "y": range(30)})
        >>> advise(frame, target="y", metric="mae", folds=2, jobs=1).outcome
        'too_little_data'
    """
    own = about_model(dict(locals()), advise)
    if own is not None:
        from lossmith.advisor.own.pipeline import Asked, advise_own

        return advise_own(Asked(**own), watcher or Silent())
    began = clock.time()
    deadline = began + seconds(budget)
    folder = Path(out) if out is not None else None
    metric, priced = (metric, ()) if cost is None else prices.asked_for(cost, metric)
    one_name = isinstance(target, str) or not isinstance(target, Iterable)
    targets = tuple(str(name) for name in target) if isinstance(target, Iterable) and not one_name else (str(target),)
    asked = Problem(
        target=", ".join(targets),
        targets=() if one_name else targets,
        task=task,
        metric=metric,
        positive=None if positive is None else label_text(positive),
        levels=tuple(label_text(level) for level in _listed(levels)),
        drop=tuple(str(name) for name in _listed(drop)),
        cost=priced,
        weight=None if weight is None else str(weight),
        group=tuple(str(name) for name in _listed(group)),
        time=None if time is None else str(time),
        series=tuple(str(name) for name in _listed(series)),
        horizon=horizon,
    )
    losses = _listed(losses)
    wanted = Plan(folds, 1 if repeats is None else repeats, seed)
    wanted = replace(wanted, settings=wanted.settings.for_network(network))
    jobs = workers.cores() if jobs is None else jobs
    check(asked, wanted, losses, folder, resume, jobs)
    watcher = watcher or Silent()
    table = read(data, asked) if time is None else with_past(read(data, asked))
    jobs = min(jobs, wanted.total * len(wanted.settings.rates))
    workers.warm_up(jobs)
    described = profile(table)
    candidates = shortlist(described, described.problem, losses)
    plan, warnings = enough(table, described, wanted)
    earlier = question(folder / TRIALS) if folder and resume else {}
    plan = _scheduled(plan, earlier, seconds(budget), described, candidates, jobs, again=repeats is None)
    store = _store(folder, table, described, candidates, plan, resume)
    watcher.profiled(described)
    watcher.shortlisted(candidates)
    with single_thread():
        trials = (
            run_trials(table, described, candidates, plan, store=store, deadline=deadline, jobs=jobs,
                       progress=watcher.trained)
            if plan.folds
            else Trials((), plan, tuple(candidates), 0, 0.0)
        )  # fmt: skip
    trials = replace(trials, rows=in_order(trials))
    trials = replace(_beside_naive(trials, table, described), seconds=clock.time() - began)
    shown_budget = "none" if budget is None else str(budget)
    verdict = judge(trials, described, command=command, environment=environment(), budget=shown_budget,
                    warnings=warnings)  # fmt: skip
    if folder:
        write_json(folder / "verdict.json", verdict.to_json())
    return verdict


def seconds(budget: str | float | None) -> float:
    """Read a budget: `"90"`, `"30s"`, `"2m"`, `"1h"`.

    Raises:
        ValueError: it is none of those, or not above 0.

    Example:
        >>> seconds("2m")
        120.0
    """
    if budget is None:
        return math.inf
    if isinstance(budget, str):
        found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(s|m|h|)\s*", budget)
        value = float(found[1]) * {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}[found[2]] if found else 0.0
    else:
        value = float(budget)
    if not value > 0.0:
        raise ValueError(f"A budget should be a time above 0, such as 30s or 1h. Found {budget!r}. Try 2m.")
    return value


def write_json(path: Path, content: Any) -> Path:
    """Write plain types as JSON, the whole file or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_atomically(path, json.dumps(content, indent=1, allow_nan=False) + "\n")


def _listed(names: Sequence[Any] | str) -> tuple[Any, ...]:
    """Take one name for a list of one: letter by letter nobody means it."""
    return (names,) if isinstance(names, str) else tuple(names)


def check(asked: Problem, plan: Plan, losses: Sequence[str], folder: Path | None, resume: bool, jobs: int) -> None:
    """Refuse at once what would only fail later, before anything is read or written."""
    if plan.folds < 2:
        raise ValueError(f"`folds` should be 2 or more. Found {plan.folds}. Try 10.")
    if plan.repeats < 1:
        raise ValueError(f"`repeats` should be 1 or more. Found {plan.repeats}. Try 1.")
    if not 0 <= plan.seed < LARGEST_SEED:
        raise ValueError(f"`seed` should be from 0 to {LARGEST_SEED - 1}. Found {plan.seed}. Try 0.")
    if jobs < 1:
        raise ValueError(f"`jobs` should be 1 or more. Found {jobs}. Try leaving it out.")
    if asked.task is not None and asked.task not in TASKS:
        raise ValueError(f"A task should be one of {', '.join(TASKS)}. Found {asked.task!r}. Try leaving it out.")
    if asked.metric:
        registry.metric(asked.metric)
    refuse_odd_forecast(asked, plan.repeats)
    for name in losses:
        if not isinstance(name, str):
            raise TypeError(
                f"With a table a loss should be a name. Found {name!r}. Try `lossmith.losses` for the names."
            )
        registry.find(name.partition("+")[0].partition("@")[0])
    if folder and folder.exists() and not folder.is_dir():
        raise ValueError(f"`out` should be a folder. Found a file: {folder}. Try another name.")
    if folder and not resume:
        refuse_used(folder / TRIALS)


def _beside_naive(trials: Trials, table: Data, described: Profile) -> Trials:
    """Return trials over time with the forecasts that need no network."""
    plan = trials.plan
    if table.past is None or not plan.folds:
        return trials
    starts = tuple(rolling.starts(table.past, plan.folds, plan.settings))
    return replace(trials, naive=rolling.naive_forecasts(table, described, plan.folds, plan.settings), starts=starts)


def _scheduled(
    plan: Plan,
    earlier: Mapping[str, Any],
    budget: float,
    described: Profile,
    candidates: Sequence[Candidate],
    jobs: int,
    *,
    again: bool,
) -> Plan:
    """Return the plan with the steps and repeats that the budget allows.

    A resumed run goes on with what it began with.
    """
    if earlier:
        with suppress(KeyError, TypeError):  # a damaged question is refused by the store, in its own words
            began_with = Settings.from_json(earlier["plan"]["settings"])
            # Another network is another question: so the store finds, and says.
            settings = replace(began_with, hidden=plan.settings.hidden, residual=plan.settings.residual)
            return replace(plan, settings=settings, repeats=int(earlier["plan"]["repeats"]) if again else plan.repeats)
    if not plan.folds:
        return plan
    used = [column for column in described.columns if column.used]
    train = min(plan.settings.max_train_rows, described.rows * (plan.folds - 1) // plan.folds)
    size = Size(
        rows=round(train * (1.0 - plan.settings.valid_share)),
        features=sum(min(c.unique, MAX_CATEGORIES) if c.kind == "category" else 1 for c in used),
        outputs=max(1, len(described.problem.levels), len(registry.metric(str(described.problem.metric)).levels)),
        candidates=len(candidates),
    )
    settings = fit_to_budget(plan.settings, budget, size, plan.total, jobs)
    # Origins of a forecast are where they are; that a group's folds serve was looked at for those planned.
    again = again and described.problem.task != "forecast" and not described.problem.group
    times = affordable(settings, budget, size, plan.folds, jobs) if again else 1
    return replace(plan, settings=settings, repeats=max(plan.repeats, times))


def in_order(trials: Trials) -> tuple[Trial, ...]:
    """Sort the rows, which came as processes ended.

    A tie between learning rates must not hang on who was first.
    """
    places = {candidate.id: place for place, candidate in enumerate(trials.candidates)}
    return tuple(sorted(trials.rows, key=lambda row: (row.repeat, row.fold, row.rate, places[row.candidate])))


def _store(
    folder: Path | None, table: Data, described: Profile, candidates: Sequence[Candidate], plan: Plan, resume: bool
) -> Store | None:
    """Open the file of trials, and write down what has been reached so far."""
    if folder is None:
        return None
    question = {
        "data": _fingerprint(table.frame),
        "problem": described.problem.to_json(),
        "candidates": [candidate.to_json() for candidate in candidates],
        "plan": plan.to_json(),
        "version": __version__,
    }
    store = Store(folder / TRIALS, question, resume=resume)
    write_json(folder / "profile.json", described.to_json())
    write_json(folder / "shortlist.json", [candidate.to_json() for candidate in candidates])
    return store


def _fingerprint(frame: pd.DataFrame) -> str:
    """Return a hash of names, entries and the order of rows.

    The order decides who is in which fold.
    """
    rows = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    return hashlib.sha256(json.dumps(list(frame.columns)).encode() + rows.tobytes()).hexdigest()[:16]
