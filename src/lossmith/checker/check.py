"""The one call: a loss in, a report out."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lossmith.checker import cards, closest, infer, promises, source
from lossmith.checker.argument import DRAW, Argument, Role, Signature
from lossmith.checker.case import Case
from lossmith.checker.check_step import report_step
from lossmith.checker.examine import examine, page, skipped
from lossmith.checker.limits import Child, Stopped
from lossmith.checker.portrait import portrait as drawn
from lossmith.checker.report import Report
from lossmith.criterion import Criterion
from lossmith.domains import Domain
from lossmith.finding import Finding

_CHILDREN: list[Child] = []
KINDS = ("loss", "step")


def check(
    loss: Callable[..., Any] | str,
    inputs: Mapping[str, Domain | str] | Signature | None = None,
    claims: Mapping[str, Any] | None = None,
    *,
    task: str = "",
    input: str = "",
    target: str = "",
    shape: str = "",
    settings: Mapping[str, Any] | None = None,
    seed: int = 0,
    isolated: bool = True,
    seconds: float = 60.0,
    portrait: bool = True,
    watcher: Callable[[str], None] = lambda doing: None,
    kind: str = "loss",
) -> Report:
    """Look for faults in a loss, by experiment.

    Args:
        loss: a module, function or class, or its address: `file.py:Name`, `package.module:name`, `lossmith:name`.
        inputs: what each argument holds, by its name, in order: a domain such as `Logits("n c")`, or a word and a shape
            such as `"logits n c"`; by default inferred, and said in the report.
        claims: what the author promises, such as `{"lower_bound": 0, "convex": True}`; see `lossmith.checker.promises`.
        task: binary, multiclass, regression... helps to infer.
        input: in place of `inputs`, what the prediction holds, such as `"logits"`.
        target: what the target holds, such as `"class_index"`.
        shape: of the prediction, as letters: `"n c"`.
        settings: hyperparameters to build a class, or call a function, with.
        seed: of the drawn inputs.
        isolated: whether the loss runs in a child process with limits on time and memory.
        seconds: without a sign of life, after which the child is given up.
        portrait: whether to draw the loss and look for it in the catalogue.
        watcher: told of each rule before it starts.
        kind: loss, or step: a training step, a function of a model, a batch `(x, y)` and an optimizer.

    Returns:
        The report: `report.findings`, each with a witness; `report.errors`; `report.portrait`, `report.closest`.

    Raises:
        ValueError: the loss, its arguments or the claims do not fit; says what should hold, what was found, and what
            to try.

    Example:
        >>> report = check(lambda input, target: (input - target).sum(), {"input": "real n d", "target": "real n d"},
        ...                {"lower_bound": 0}, isolated=False)
        >>> report.errors[0].rule
        'wrong-sign'
    """
    said = promises.checked(claims or {})
    given = _signature(inputs) if inputs is not None else None
    wanted = dict(settings or {})

    if kind not in KINDS:
        raise ValueError(f"`kind` should be one of {', '.join(KINDS)}. Found {kind!r}.")
    if kind == "step" and (given or said or task or input or target or shape):
        raise ValueError("A training step should be checked without words on inputs and without claims. Found some.")

    shown = loss if isinstance(loss, str) else ""
    if isinstance(loss, str):
        loss = _whole(loss)  # the warm child may have begun in another folder

    def job(begun: Callable[[str], None]) -> Report:
        if kind == "step":
            return report_step(loss, wanted, seed, begun)
        return report(loss, given or Words(task, input, target, shape), said, wanted, seed, begun, portrait, shown)

    if not isolated:
        return job(watcher)
    child = _CHILDREN[0] if _CHILDREN else Child()
    if not _CHILDREN:
        _CHILDREN.append(child)
    child.seconds = seconds
    found = child.run(job, watcher)
    if isinstance(found, Stopped):
        return _stopped(loss, found)
    assert isinstance(found, Report)
    return found


def _whole(address: str) -> str:
    """Return the address of a loss in a file with the file's whole path."""
    file, name = source.parted(address)
    return f"{Path(file).resolve()}:{name}" if file.endswith(".py") else address


@dataclass(frozen=True)
class Words:
    """What the user says of the arguments, in place of a signature."""

    task: str
    input: str
    target: str
    shape: str


def report(
    loss: Callable[..., Any] | str,
    given: Signature | Words,
    claims: Mapping[str, Any],
    settings: Mapping[str, Any],
    seed: int,
    begun: Callable[[str], None],
    portrait: bool = False,
    shown: str = "",
) -> Report:
    """Do what `check` says, here and now."""
    began = time.perf_counter()
    begun("loading")
    loaded = source.load(loss, settings, shown) if isinstance(loss, str) else source.given(loss, settings)
    make, assumed = loaded.make, loaded.assumed
    begun("reading its arguments")
    ours = _card(make)
    if ours is not None and not isinstance(given, Signature):
        given, claims = ours[0], {**ours[1], **claims}
        assumed = [*assumed, "Arguments and claims are those of its card."]
    signature = given if isinstance(given, Signature) else infer.signature(make(), make=make, **vars(given))
    task = given.task if isinstance(given, Words) else ""
    case = Case(make, signature, claims, task, seed, loaded.called, setup=loaded.setup, keywords=loaded.keywords)
    findings = examine(case, begun)
    tried = _tried(case)
    pictures, same = None, ""
    if portrait:
        begun("its portrait")
        with suppress(MemoryError):  # the findings stand without it
            pictures = drawn(case)
            same = "" if isinstance(case.loss, Criterion) else closest.closest(case)
    return Report(
        loss=loaded.name,
        assumed=(*assumed, *signature.assumed),
        findings=tuple(findings),
        skipped=(*skipped(case), *case.lost),
        tried=tried,
        closest=same,
        portrait=pictures,
        seconds=round(time.perf_counter() - began, 3),
    )


def _tried(case: Case) -> dict[str, Any]:
    edges = [name.removeprefix("edge ") for name in case.tally if name.startswith("edge ")]
    return {"rules": case.tally["rules"], "calls": case.tally["calls"], "edges": edges, "claims": len(case.claims)}


def _card(make: Callable[[], Any]) -> tuple[Signature, dict[str, Any]] | None:
    """Return what the catalogue says of its own losses."""
    built = make()
    return cards.described(built.card()) if isinstance(built, Criterion) else None


def assert_sound(
    loss: Callable[..., Any] | str,
    inputs: Mapping[str, Domain | str] | Signature | None = None,
    claims: Mapping[str, Any] | None = None,
    **options: Any,
) -> None:
    """Fail where `check` finds an error: for a test suite of your own.

    Args:
        loss: as for `check`.
        inputs: as for `check`.
        claims: as for `check`.
        **options: as for `check`.

    Raises:
        AssertionError: there is an error; its witness is in the message.

    Example:
        >>> assert_sound("torch.nn.MSELoss", claims={"lower_bound": 0, "convex": True}, isolated=False)
    """
    found = check(loss, inputs, claims, **{"portrait": False, **options})
    if found.errors:
        raise AssertionError("\n\n".join(f"{f.rule}: {f.message}\n{f.witness}\n{f.fix}" for f in found.errors))


def _stopped(loss: Callable[..., Any] | str, stopped: Stopped) -> Report:
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
    parts = page("crash")
    told = f"While {stopped.during} was looked at, {stopped.how}."
    finding = Finding(
        "crash", "error", told, "", parts["Why it matters"], "See which input makes it hang, exit or grow."
    )
    return Report(loss=name, assumed=(), findings=(finding,))


ROLE_BY_NAME: dict[str, Role] = {"mask": "mask", "weight": "weight", "sample_weight": "weight"}
ROLE_BY_KIND: dict[str, Role] = {"mask01": "mask", "lengths": "aux", "event01": "target", "time": "target"}
TARGETS = ("target", "label", "labels", "y", "y_true", "truth")


def _signature(inputs: Mapping[str, Domain | str] | Signature) -> Signature:
    """Read what the user says of the arguments."""
    if isinstance(inputs, Signature):
        return inputs
    arguments: list[Argument] = []
    for name, said in inputs.items():
        holds, shape = _held(name, said)
        role = ROLE_BY_NAME.get(name) or ROLE_BY_KIND.get(holds)
        role = role or ("target" if _against(name, holds, arguments) else "prediction")
        arguments.append(Argument(name, role, holds, shape))
    return Signature(tuple(arguments))


def _against(name: str, holds: str, before: Sequence[Argument]) -> bool:
    """Whether an argument is what the others are compared with.

    By its name, or because labels are no prediction.
    """
    labels = ("class_index", "binary01", "sign", "one_hot", "ignored_index", "count", "soft_labels", "padded_index",
              "group_labels")  # fmt: skip
    return bool(before) and (name.lower() in TARGETS or holds in labels)


def _held(name: str, said: Domain | str) -> tuple[str, tuple[str, ...]]:
    if isinstance(said, Domain):
        kind = cards.word(said)
        if kind is None:
            raise ValueError(
                f"`{name}` should have a domain that can be drawn. Found {type(said).__name__}. Try Real()."
            )
        return kind, ("N", "D") if said.shape == "..." else tuple(said.shape.upper().split())
    words = said.replace(",", " ").split()
    if not words or words[0] not in DRAW:
        raise ValueError(f"`{name}` should hold one of {', '.join(DRAW)}. Found {said!r}. Try 'logits n c'.")
    return words[0], tuple(word.upper() for word in words[1:]) or infer.DEFAULT_SHAPE[words[0]]
