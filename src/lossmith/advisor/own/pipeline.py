"""The whole way from a factory and a dataset to a verdict.

`lossmith.advise` hands over to it.
"""

import hashlib
import math
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch.utils.data import TensorDataset

from lossmith import registry
from lossmith._version import __version__
from lossmith.advisor.enough import enough_rows
from lossmith.advisor.environment import environment
from lossmith.advisor.judge import judge
from lossmith.advisor.own.check import (
    Seen,
    check_datasets,
    check_numbers,
    chosen_device,
    look,
    processes,
    read_targets,
)  # fmt: skip
from lossmith.advisor.own.profile import TARGET, Described, describe
from lossmith.advisor.own.schedule import fit_epochs
from lossmith.advisor.own.snippet import own_snippet
from lossmith.advisor.own.trials import Sizes, parts, run_own_trials
from lossmith.advisor.pipeline import TRIALS, check, in_order, write_json
from lossmith.advisor.pipeline import seconds as seconds_of
from lossmith.advisor.profile import Profile
from lossmith.advisor.shortlist import shortlist
from lossmith.advisor.store import Store, question
from lossmith.advisor.trials import Plan, Trial, Trials
from lossmith.advisor.verdict import Verdict
from lossmith.advisor.watcher import Watcher
from lossmith.domains import Spread
from lossmith.training.arm import OwnLoss
from lossmith.training.engine import single_thread
from lossmith.training.links import fit_own_link
from lossmith.training.own.engine import Sources, step_seconds
from lossmith.training.own.examples import Array, Examples
from lossmith.training.own.factory import fingerprint, shaped
from lossmith.training.own.group import RAISED, size_to_send
from lossmith.training.own.losses import on_device, own_losses, try_loss
from lossmith.training.own.settings import OwnSettings, Precision
from lossmith.training.own.stacks import stackable, worth_stacking
from lossmith.training.problem import VALUE_TASKS, Candidate, Problem, Task
from lossmith.training.target import encode_target


@dataclass(frozen=True)
class Asked:
    """What the user said of model, data and training."""

    model: Any
    train: Any
    valid: Any = None
    test: Any = None
    task: Task | None = None
    metric: str | None = None
    losses: Sequence[Any] = ()
    device: str = "cpu"
    precision: Precision = "float32"
    num_workers: int = 0
    batch_size: int | None = None
    epochs: int | None = None
    learning_rate: float | None = None
    budget: str | float | None = "2m"
    folds: int = 10
    repeats: int | None = None
    seed: int = 0
    out: str | Path | None = None
    resume: bool = False
    jobs: int | None = None
    command: str = ""


@dataclass(frozen=True)
class _Prepared:
    """All that is known before training."""

    sources: Sources
    seen: Seen
    described: Described
    sizes: Sizes
    candidates: tuple[Candidate, ...]
    plan: Plan
    warnings: tuple[str, ...]
    device: torch.device
    jobs: int
    small: bool
    """Whether a step is so little arithmetic that copies are worth stacking, and several threads would only wait."""


def advise_own(asked: Asked, watcher: Watcher) -> Verdict:
    """Say which loss to train the user's own module with; see `lossmith.advise`."""
    began = time.time()
    deadline = began + seconds_of(asked.budget)
    folder = Path(asked.out) if asked.out is not None else None
    ready = _prepared(asked, folder, watcher)
    watcher.profiled(ready.described.profile)
    watcher.shortlisted(ready.candidates)
    earlier = question(folder / TRIALS) if folder and asked.resume else {}
    with single_thread() if ready.small else nullcontext():
        plan = replace(ready.plan, settings=_settings(asked, ready, earlier, deadline))
        store = _store(folder, ready, plan, asked)
        trials = (
            run_own_trials(ready.sources, ready.described, ready.sizes, ready.candidates, plan, store=store,
                           deadline=deadline, jobs=ready.jobs, progress=watcher.trained)
            if plan.folds
            else Trials((), plan, ready.candidates, 0, 0.0)
        )  # fmt: skip
    trials = replace(trials, rows=in_order(trials), seconds=time.time() - began)
    verdict = _judged(asked, ready, trials)
    if folder:
        write_json(folder / "verdict.json", verdict.to_json())
    return verdict


def _prepared(asked: Asked, folder: Path | None, watcher: Watcher) -> _Prepared:
    """Look at everything once, and refuse what does not fit, before any training."""
    if asked.task == "multilabel":
        raise ValueError("A model of your own should have one target per example. Found task 'multilabel'. Try binary.")
    names, own = own_losses([asked.losses] if isinstance(asked.losses, str) else list(asked.losses))
    problem = Problem(TARGET, asked.task, asked.metric)
    plan = Plan(asked.folds, 1 if asked.repeats is None else asked.repeats, asked.seed, OwnSettings())
    check(problem, plan, names, folder, asked.resume, 1 if asked.jobs is None else asked.jobs)
    numbers = {"batch_size": asked.batch_size, "epochs": asked.epochs}
    check_numbers(asked.precision, numbers, asked.learning_rate)
    device = chosen_device(asked.device)
    datasets = {"train": asked.train, "valid": asked.valid, "test": asked.test}
    given = check_datasets(datasets, asked.num_workers)
    examples = Examples(tuple(given.values()), asked.num_workers)
    seen = look(asked.model, asked.train, examples, device)
    values = dict(zip(given, read_targets(given, asked.num_workers, watcher.read), strict=True))
    sizes = Sizes(**{name: len(found) for name, found in values.items()})
    described = _described(values, asked, problem, seen)
    plan, warnings = enough_rows(described.profile, plan)
    _check_test(described, sizes, plan)
    candidates = _candidates(described.profile, names, own, seen.form.outputs)
    _try_losses(own, candidates, described, seen, device)
    sources = Sources(asked.model, examples, own)
    size = size_to_send(sources)
    if math.isinf(size):
        warnings = [
            *warnings,
            "Model, dataset or loss cannot be sent to other processes: folds are trained in this one.",
        ]
    jobs = 1 if math.isinf(size) else processes(asked.jobs, device, asked.num_workers, size)
    work = plan.total * len(plan.settings.rates)
    batch = OwnSettings(batch=asked.batch_size or 0).batch_size(sizes.train)
    small = worth_stacking(seen.module, seen.first, device, batch)
    jobs = max(1, min(jobs, work))
    return _Prepared(sources, seen, described, sizes, candidates, plan, tuple(warnings), device, jobs, small)


def _check_test(described: Described, sizes: Sizes, plan: Plan) -> None:
    """Refuse a test set of which no class, or no value, could be in every fold."""
    tested = described.y[len(described.y) - sizes.test :]
    most = int(np.bincount(tested).max()) if described.profile.problem.levels and sizes.test else sizes.test
    if sizes.test and most < plan.folds:
        raise ValueError(f"`test` should have an example for each fold. Found {most} of {plan.folds}. Try fewer folds.")


def _described(values: Mapping[str, Array], asked: Asked, problem: Problem, seen: Seen) -> Described:
    """Describe the training targets; those of all datasets go on as numbers."""
    name = type(asked.train).__name__
    found = describe(values["train"], f"{'an' if name[0] in 'AEIOU' else 'a'} {name}", problem, seen.form.outputs)
    everything = pd.Series(np.concatenate(list(values.values())), name=TARGET)
    profile = replace(found.profile, warnings=(*seen.notices, *found.profile.warnings))
    return Described(profile, encode_target(everything, profile.problem))


def _candidates(
    profile: Profile, names: tuple[str, ...], own: Mapping[str, OwnLoss], outputs: int
) -> tuple[Candidate, ...]:
    """Return the shortlist, and the user's own losses after it."""
    listed = [c for c in shortlist(profile, profile.problem, names) if _trainable(c, profile)]
    if own and not names:  # only their own were named: beside them the reference and the default
        listed = [candidate for candidate in listed if {"reference", "default"} & {*candidate.roles}]
    task = str(profile.problem.task)
    link = "raw" if task in VALUE_TASKS else "sigmoid" if outputs == 1 else "softmax"
    rule = registry.metric(str(profile.problem.metric)).rule(task)
    reasons = ("A loss of your own: what it elicits is not known, so it is measured beside the rest.",)
    mine = [Candidate(name, name, link=link, rule=rule, reasons=reasons, roles=("requested",)) for name in own]
    return (*listed, *mine)


def _trainable(candidate: Candidate, profile: Profile) -> bool:
    """Whether a loss sees what the model gives, and examples as they are.

    A distribution takes more, and examples are not sampled anew by their class.

    Raises:
        ValueError: it is the reference, or was asked for by name.
    """
    spread = isinstance(registry.card(candidate.loss).inputs["input"], Spread)
    found = "a distribution" if spread else f"sampling {candidate.sampling!r}" if candidate.sampling != "none" else ""
    if found and {"reference", "requested"} & {*candidate.roles}:
        raise ValueError(
            f"A model of your own should give all that a loss takes. Found {candidate.id} for "
            f"{profile.problem.metric}, which takes {found}. Try another loss, or a metric of one number such as mae."
        )
    return not found


def _try_losses(
    own: Mapping[str, OwnLoss], candidates: Sequence[Candidate], described: Described, seen: Seen, device: torch.device
) -> None:
    """Try every loss of the user's own on the first outputs."""
    with torch.no_grad():
        output = seen.first.call(seen.module)
    for name, loss in on_device(own, device).items():
        link = next(candidate.link for candidate in candidates if candidate.id == name)
        fitted = fit_own_link(link, described.y, len(described.profile.problem.levels))
        input_ = fitted.seen(shaped(output, fitted))
        target = fitted.target(described.y[: len(input_)], input_.dtype).to(device)
        try_loss(name, loss, input_, target)


def _settings(asked: Asked, ready: _Prepared, earlier: Mapping[str, Any], deadline: float) -> OwnSettings:
    """Return the schedule the budget allows, or the one a resumed run began with."""
    if earlier:
        with suppress(KeyError, TypeError):  # a damaged question is refused by the store, in its own words
            return OwnSettings.from_json(earlier["plan"]["settings"])
    settings = OwnSettings(
        learning_rate=asked.learning_rate or OwnSettings.learning_rate,
        batch=asked.batch_size or 0,
        rounds=asked.epochs or 0,
        device=str(ready.device),
        precision=asked.precision,
        num_workers=asked.num_workers,
    )
    together = ready.small and settings.precision == "float32" and len(ready.candidates) > 1
    together = together and stackable(ready.seen.module, ready.seen.first, ready.device)
    settings = replace(settings, together=together)
    if settings.rounds or not ready.plan.folds:
        return settings
    return _within(settings, ready, deadline)


def _within(settings: OwnSettings, ready: _Prepared, deadline: float) -> OwnSettings:
    """Time a few steps; return the epochs that fit into what is left of the budget."""
    part = next(parts(ready.described, ready.sizes, ready.plan))
    rows = len(part.split.y_train)
    step = 0.0
    if math.isfinite(deadline):
        metric = registry.metric(str(ready.described.profile.problem.metric))
        with suppress(*RAISED):  # a loss that raises is told with its trials
            step = step_seconds(ready.candidates, part.split, metric, ready.sources, settings)
    folds = ready.plan.total
    return fit_epochs(settings, deadline - time.time(), step=step, rows=rows, folds=folds, jobs=ready.jobs)


def _store(folder: Path | None, ready: _Prepared, plan: Plan, asked: Asked) -> Store | None:
    """Open the file of trials, and write down what has been reached so far."""
    if folder is None:
        return None
    asking = {
        "data": _fingerprint(ready),
        "model": fingerprint(ready.seen.module),
        "problem": ready.described.profile.problem.to_json(),
        "candidates": [candidate.to_json() for candidate in ready.candidates],
        "plan": plan.to_json(),
        "version": __version__,
    }
    store = Store(folder / TRIALS, asking, resume=asked.resume)
    write_json(folder / "profile.json", ready.described.profile.to_json())
    write_json(folder / "shortlist.json", [candidate.to_json() for candidate in ready.candidates])
    return store


def _fingerprint(ready: _Prepared) -> str:
    """Return a hash of targets and inputs.

    Of the inputs all there is where they are tensors; else the form of one, because a dataset may change them at random
    each time they are read.
    """
    found = hashlib.sha256(repr((asdict(ready.sizes), str(ready.seen.first))).encode() + ready.described.y.tobytes())
    for dataset in ready.sources.examples.datasets:
        found.update(f"{type(dataset).__module__}.{type(dataset).__qualname__}".encode())
        for tensor in dataset.tensors if type(dataset) is TensorDataset else ():
            found.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return found.hexdigest()[:16]


def _judged(asked: Asked, ready: _Prepared, trials: Trials) -> Verdict:
    """Judge as for a table, with code that trains the user's module."""
    settings, profile = trials.plan.settings, ready.described.profile
    rows = trials.train_rows or ready.sizes.train

    def write(candidate: Candidate, profile: Profile, chosen: Sequence[Trial]) -> str:
        own = settings if isinstance(settings, OwnSettings) else OwnSettings()
        return own_snippet(candidate, profile, chosen, own, rows, ready.seen.form)

    budget = "none" if asked.budget is None else str(asked.budget)
    verdict = judge(trials, profile, command=asked.command or _command(asked), environment=environment(),
                    budget=budget, warnings=ready.warnings, write=write)  # fmt: skip
    return replace(verdict, settings={**verdict.settings, "settings": _told(settings, rows), "jobs": ready.jobs})


def _told(settings: Any, rows: int) -> dict[str, Any]:
    """Return the settings a person wants to know of their own model's training."""
    batch, _, epochs = settings.schedule(rows)
    return {
        "batch_size": batch,
        "epochs": epochs,
        "learning_rate": settings.learning_rate,
        "rate_factors": list(settings.rate_factors),
        "weight_decay": settings.weight_decay,
        "device": settings.device,
        "precision": settings.precision,
        "num_workers": settings.num_workers,
        "candidates": "as one stack (torch.func)" if settings.together else "one after another on each batch",
    }


def _command(asked: Asked) -> str:
    """Write the call that makes the verdict again, as far as text can."""
    plain = {name: getattr(asked, name) for name, default in vars(Asked(None, None)).items()
             if name not in ("model", "train", "valid", "test", "losses", "command", "out", "resume")
             and getattr(asked, name) != default}  # fmt: skip
    own = [name for name in ("valid", "test", "losses") if getattr(asked, name)]
    given = ["model=model", "train=train", *(f"{name}={name}" for name in own)]
    return f"lossmith.advise({', '.join([*given, *(f'{name}={value!r}' for name, value in plain.items())])})"
