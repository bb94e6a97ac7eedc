"""`preflight`: a look at a training before it begins."""

import functools
import math
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from lossmith.checker import source
from lossmith.checker.limits import Child, Stopped
from lossmith.finding import Finding
from lossmith.rehearsal.case import Case
from lossmith.rehearsal.looks import targets
from lossmith.rehearsal.setup import Build, Setup
from lossmith.rehearsal.width import advice

LOOKS = ("inputs", "targets", "order", "pairing", "start", "gradient", "one_batch", "learning_rate")
"""In this order: causes before what follows from them."""
FOLLOW = ("start", "one_batch", "learning_rate")
CAUSES = ("target-scale", "bad-start")
"""What these find beside an error, or one of those warnings, is its consequence; their pictures stay."""
FAILS = (RuntimeError, TypeError, IndexError, ValueError, AttributeError, KeyError, AssertionError)
"""What a user's code raises where something does not fit."""
SILENT = 600.0
"""Seconds without a sign of life after which the child is given up: one step of a large model may take long."""
LARGE = 1_000_000
"""Weights from which on several threads pay."""
MEMORY = 1 << 40
"""Bytes of addresses: data and model are the user's own, as large as they are when training."""


@dataclass(frozen=True)
class Preflight:
    """What was found before a training.

    Attributes:
        name: the address of `build`.
        facts: model, loss, optimizer and data, in words.
        findings: causes first.
        pictures: numbers of each look, by its name.
        skipped: looks that could not be made, and why.
        seconds: it took.
    """

    name: str
    facts: tuple[str, ...]
    findings: tuple[Finding, ...]
    pictures: Mapping[str, Any] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Findings that break the training."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    def to_json(self) -> dict[str, Any]:
        """Return plain types only."""
        return _plain(asdict(self))  # type: ignore[no-any-return]


def preflight(
    build: Build | str, *, seed: int = 0, seconds: float = 30.0, isolated: bool = True,
    watcher: Callable[[str], None] = lambda doing: None,
) -> Preflight:  # fmt: skip
    """Look at a training before it begins.

    Args:
        build: a function that returns `(model, loss, train_data)`, with an optimizer as fourth if there is one; or its
            address, `file.py:name` or `package.module:name`. See `lossmith.rehearsal.setup`.
        seed: of weights and batches.
        seconds: that the looks which train may take together.
        isolated: whether it runs in a child process, which a crash or a hang cannot hurt.
        watcher: told of each look before it starts.

    Returns:
        the findings: `report.findings`, `report.errors`, and the numbers of the pictures.

    Raises:
        ValueError: `build` cannot be found or run, or returns something else.

    Example:
        >>> x, y = torch.randn(64, 3), torch.randn(64)
        >>> def build():
        ...     return torch.nn.Linear(3, 1), torch.nn.MSELoss(), (x, y)
        >>> preflight(build, seconds=1, isolated=False).errors[0].rule
        'broadcast'
    """
    build = whole(build) if isinstance(build, str) else build

    def job(begun: Callable[[str], None]) -> Preflight:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what torch warns of, the looks find and say
            return examined(build, seed, seconds, begun)

    found = run(job, watcher, isolated, str(build))
    assert isinstance(found, Preflight)
    return found


def run(job: Callable[[Callable[[str], None]], Any], watcher: Callable[[str], None], isolated: bool, name: str) -> Any:
    """Run a job here or in a child process.

    Raises:
        ValueError: the job refuses what it was given, or the child was lost.
    """
    if not isolated:
        return job(watcher)
    child = Child(MEMORY, SILENT)
    try:
        found = child.run(job, watcher)
    finally:
        child.close()
    if isinstance(found, Stopped):
        raise ValueError(f"`{name}` should run to its end. While {found.during} was looked at, {found.how}.")
    return found


def whole(address: str) -> str:
    """Return an address with its whole path: the child may be in another folder."""
    file, _, name = address.rpartition(":")
    return f"{Path(file).resolve()}:{name}" if file.endswith(".py") else address


def function(build: Build | str) -> tuple[str, Build]:
    """Return the name and the function at an address.

    Raises:
        ValueError: there is none.
    """
    if not isinstance(build, str):
        return getattr(build, "__name__", "build"), build
    try:
        name, found = source.found(build)
    except ValueError as error:
        raise ValueError(str(error).replace("a loss", "a function").replace("A loss", "A script")) from error
    if not callable(found):
        raise ValueError(f"`{name}` should be a function without arguments. Found a {type(found).__name__}.")
    return f"{Path(build.rpartition(':')[0]).name}:{name}", functools.partial(found)


def examined(build: Build | str, seed: int, seconds: float, begun: Callable[[str], None]) -> Preflight:
    """Make every look, here and now."""
    began = time.perf_counter()
    begun("build")
    name, made = function(build)
    case = Case(made, seed, seconds / 2)
    weights = sum(p.numel() for p in case.setup.model.parameters())
    threads = torch.get_num_threads()
    if weights > LARGE:
        torch.set_num_threads(torch.multiprocessing.cpu_count())
    begun("first batch")
    findings, skipped, pictures = list(_runs(case)), [], {}
    for look in () if findings else LOOKS:
        begun(look.replace("_", " "))
        try:
            seen = import_module(f"lossmith.rehearsal.looks.{look}").look(case)
        except FAILS as error:
            skipped.append(f"{look.replace('_', ' ')}: {type(error).__name__}: {' '.join(str(error).split())[:200]}")
            continue
        explained = any(finding.severity == "error" or finding.rule in CAUSES for finding in findings)
        if look not in FOLLOW or not explained:
            findings += seen.findings
        if seen.picture:
            pictures[look] = seen.picture
    torch.set_num_threads(threads)
    took = round(time.perf_counter() - began, 2)
    return Preflight(name, _facts(case.setup, weights), tuple(findings), pictures, tuple(skipped), took)


def _runs(case: Case) -> list[Finding]:
    """Say what the user's own code raises, and of labels out of range what they are."""
    for place, (inputs, target) in enumerate(case.sample):
        told, out = f"input {inputs}", None
        try:
            out = case.setup.output(inputs)
            kind = f"{tuple(getattr(target, 'shape', ()))} {getattr(target, 'dtype', '')}"
            told += f", output {tuple(out.shape)}, target {kind}".replace("torch.", "")
            loss = case.setup.value(out, target)
            if place == 0:
                loss.backward()  # type: ignore[no-untyped-call]
        except FAILS as error:
            known = isinstance(out, torch.Tensor) and isinstance(target, torch.Tensor)
            fix = advice(out, target, case.target) if known else ""  # type: ignore[arg-type]
            return _labels(case, told) or [_crash(place, told, error, fix)]
    case.setup.model.zero_grad()
    return []


def _labels(case: Case, told: str) -> list[Finding]:
    """Return what is wrong with the targets, if that can be told."""
    if "output" not in told:
        return []
    with torch.no_grad():
        return [finding for finding in targets.look(case).findings if finding.severity == "error"]


def _crash(place: int, told: str, error: Exception, fix: str) -> Finding:
    what = " ".join(str(error).split())[:300]
    return Finding(
        "crash", "error", f"Batch {place + 1} fails ({told}): {type(error).__name__}: {what}",
        why="The training would end there.",
        fix=fix or "Make shapes and types fit: class numbers are int64 of shape (N,) beside outputs (N, C); numbers "
            "have the output's own shape; BCELoss wants probabilities, BCEWithLogitsLoss logits.",
    )  # fmt: skip


def _facts(setup: Setup, weights: int) -> tuple[str, ...]:
    loss = getattr(setup.loss, "__name__", type(setup.loss).__name__)
    rate = setup.optimizer.param_groups[0]["lr"]
    own = "" if setup.own else " (none was given)"
    size = getattr(setup.data, "dataset", None)
    rows = f"{len(size):,} rows" if size is not None and hasattr(size, "__len__") else "rows without a count"
    return (
        f"{type(setup.model).__name__} with {weights:,} weights, {loss}.",
        f"{type(setup.optimizer).__name__} at a rate of {rate:g}{own}.",
        f"{rows[:1].upper()}{rows[1:]}, in batches of {setup.data.batch_size}.",
    )


def _plain(value: Any) -> Any:
    """Return what JSON can say; a number that is none becomes null."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
