"""The one call: a loss in, a report out.

What looks at the loss is imported where it runs, in the child process: here torch would only be waited for.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from lossmith.checker import promises
from lossmith.checker.address import whole
from lossmith.checker.asked import Asked
from lossmith.checker.limits import Child, Stopped
from lossmith.checker.report import Report
from lossmith.finding import Finding

if TYPE_CHECKING:
    from lossmith.checker.argument import Signature
    from lossmith.domains import Domain

KINDS = ("loss", "step")


def check(
    loss: Callable[..., Any] | str,
    inputs: "Mapping[str, Domain | str] | Signature | None" = None,
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
    if kind not in KINDS:
        raise ValueError(f"`kind` should be one of {', '.join(KINDS)}. Found {kind!r}.")
    if kind == "step" and (inputs or claims or task or input or target or shape):
        raise ValueError("A training step should be checked without words on inputs and without claims. Found some.")
    found, shown = (whole(loss), loss) if isinstance(loss, str) else (loss, "")
    job = partial(_job, Asked(
        found, inputs, promises.checked(claims or {}), dict(settings or {}), task, input, target, shape, seed,
        portrait, kind, shown,
    ))  # fmt: skip
    if not isolated:
        return job(watcher)
    child = _child()
    child.seconds = seconds
    answer = child.run(job, watcher)
    if isinstance(answer, Stopped):
        return _stopped(loss, answer)
    assert isinstance(answer, Report)
    return answer


@cache
def _child() -> Child:
    """Return the one warm child of this process."""
    return Child()


def _job(asked: Asked, begun: Callable[[str], None]) -> Report:
    from lossmith.checker.look import look

    return look(asked, begun)


def assert_sound(
    loss: Callable[..., Any] | str,
    inputs: "Mapping[str, Domain | str] | Signature | None" = None,
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
    from lossmith.checker.examine import page

    parts = page("crash")
    told = f"While {stopped.during} was looked at, {stopped.how}."
    finding = Finding(
        "crash", "error", told, "", parts["Why it matters"], "See which input makes it hang, exit or grow."
    )
    return Report(loss=name, assumed=(), findings=(finding,))
