"""What a loss takes, where nobody said.

From its names, its docstring, and trial calls.

Each guess is a sentence in the report. Where several readings work and none is plainer, the user is asked.
"""

import difflib
import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lossmith.checker.argument import SIZES, Argument, Role, Signature, is_finite
from lossmith.checker.case import Case, Inputs, with_value
from lossmith.checker.readings import (
    CLASSES,
    DEFAULT_SHAPE,
    READINGS,
    TASKS,
    Reading,
    beside,
    kind,
    named,
    parted,
)  # fmt: skip
from lossmith.checker.refusals import guessed, refuse_no_tensor

CLOSE = 0.35
"""Two readings that score nearer than this are equally plain."""
NEARLY = 1e-4
"""How far from perfect the best prediction tried is: at 0 and 1 some logarithms end."""
SPECIAL = 0.5
"""What a reading loses whose words are not there."""
NARROWER: dict[str, tuple[str, ...]] = {
    "logits": ("log_probabilities", "probabilities", "simplex"),
    "real": ("probabilities", "pixels", "positive", "boxes", "embeddings"),
}
"""What a wider kind holds too: where both make sense, the wider is meant."""
COUNTS = ("num_classes", "n_classes", "number_of_classes", "nb_classes", "classes", "c", "n", "k")
"""Names under which losses keep their number of classes."""
Make = Callable[[], Callable[..., Any]]


@dataclass(frozen=True)
class Try:
    """A reading that runs, and how much speaks for it."""

    score: float
    reading: Reading
    signature: Signature
    runs: int
    """0: it runs; 1: finite numbers; 2: a perfect prediction costs least; 3: and next to nothing."""


def signature(
    loss: Callable[..., Any],
    *,
    task: str = "",
    input: str = "",
    target: str = "",
    shape: str = "",
    make: Make | None = None,
) -> Signature:
    """Return what a loss takes, as said or as found by trial calls.

    Args:
        loss: the loss.
        task: a word such as binary, multiclass, regression.
        input: what the prediction holds.
        target: what the target holds.
        shape: of the prediction, as letters: "n c".
        make: builds it anew.

    Raises:
        ValueError: a word is unknown, or no reading works, or several do.
    """
    names = taken(loss)
    wanted = kind(input, "--input"), kind(target, "--target")
    letters = _letters(shape)
    task = known_task(task)
    classes = _classes(loss)
    if all(wanted):
        return _said(names, wanted, letters, classes)
    core, _ = parted(names)
    fitting = [r for r in READINGS if _fits(r, len(core), task, wanted)]
    words = {"task": task, "input": wanted[0], "target": wanted[1]}
    told = " ".join(f"--{key} {value}" for key, value in words.items() if value)
    if not fitting:
        way = "both --input and --target" if len(core) == 2 else f"from Python lossmith.check(loss, {guessed(names)})"
        raise ValueError(
            f"What `{', '.join(names)}` hold should be known. Found no reading of {len(names)} arguments"
            f"{f' with {told}' if told else ''}. Try {way}{'.' if len(core) == 2 else ', with what each holds.'}"
        )
    tries, failed = _tries(loss, make or (lambda: loss), names, fitting, letters, classes)
    if not tries:
        raise ValueError(
            f"What `{', '.join(names)}` hold should be plain. Found no reading that runs; {failed}. "
            "Try --input logits --target class_index --shape 'n c'."
        )
    best = _plainest(names, tries)
    by = f"{told}, names and trial calls" if told else "names and trial calls"
    return Signature(best.arguments, best.sizes, (f"Its arguments are taken for {_spoken(best)}, by {by}.",))


def _fits(reading: Reading, count: int, task: str, wanted: tuple[str, str]) -> bool:
    """Whether a reading is of so many arguments and of what was said."""
    held = reading.holds.get("prediction"), reading.holds.get("target")
    said = all(not word or word == one for word, one in zip(wanted, held, strict=True))
    return len(reading.arguments) == count and said and (not task or TASKS[task](reading))


def known_task(task: str) -> str:
    """Return the task in lower case.

    Raises:
        ValueError: it is none of `TASKS`.
    """
    word = task.strip().lower().replace(" ", "").replace("-", "")
    if word and word not in TASKS:
        near = difflib.get_close_matches(word, TASKS, 1)
        hint = f"Try {near[0]}." if near else "Or leave it out."
        raise ValueError(f"--task should be one of {', '.join(TASKS)}. Found {task!r}. {hint}")
    return word


def taken(loss: Callable[..., Any]) -> list[str]:
    """Return the names of the tensors it takes: arguments without a default.

    Raises:
        ValueError: it has no signature.
    """
    called = loss.forward if hasattr(loss, "forward") else loss
    try:
        parameters = inspect.signature(called).parameters.values()
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"A loss should be callable with tensors. Found {loss!r}. Try a function or a module."
        ) from error
    needed = [
        p.name for p in parameters if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    variadic = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    return needed or (["input", "target"] if variadic else [])


def _tries(
    loss: Callable[..., Any],
    make: Make,
    names: Sequence[str],
    readings: Sequence[Reading],
    letters: tuple[str, ...],
    classes: Mapping[str, int],
) -> tuple[list[Try], str]:
    """Return the readings that run, best first, and how the best other one fails."""
    about = f"{getattr(loss, '__name__', type(loss).__name__)} {' '.join(names)}".lower()
    doc = (inspect.getdoc(type(loss) if not inspect.isroutine(loss) else loss) or "").lower()
    tries: list[Try] = []
    failed: list[tuple[float, str]] = []
    for place, reading in enumerate(readings):
        speaks = reading.plain - 0.01 * place
        if reading.hints:
            said = re.search(reading.hints, about), re.search(reading.hints, doc)
            speaks += 4.0 * bool(said[0]) + 1.5 * bool(said[1]) - SPECIAL * (not any(said))
        for found in _signatures(names, reading, letters, classes):
            runs = _runs(make, found)
            if isinstance(runs, str):
                failed.append((speaks, f"as {_spoken(found)} it fails with {runs}"))
            else:
                tries.append(Try(speaks + runs, reading, found, runs))
                break
    fitting = [found for found in tries if _as_named(names, found.reading)] or tries
    return sorted(fitting, key=lambda found: -found.score), max(failed, default=(0.0, "it takes no tensors"))[1]


def _as_named(names: Sequence[str], reading: Reading) -> bool:
    """Whether the names of the arguments say nothing else."""
    return all(
        holds in (named(role, name) or (holds,))
        for name, (role, holds, _) in zip(parted(names)[0], reading.arguments, strict=True)
    )


def _plainest(names: Sequence[str], tries: Sequence[Try]) -> Signature:
    best = tries[0]
    for other in tries[1:]:
        if best.score - other.score < CLOSE and not _covers(best, other):
            ways = " or ".join(_spoken(found.signature) for found in (best, other))
            options = " or ".join(
                " ".join(f"--{word} {found.reading.holds[role]}" for word, role in
                         (("input", "prediction"), ("target", "target")) if role in found.reading.holds)
                for found in (best, other)
            )  # fmt: skip
            raise ValueError(f"What `{', '.join(names)}` hold should be plain. Found {ways}. Try {options}.")
    return best.signature


def _covers(best: Try, other: Try) -> bool:
    """Whether two readings say the same, or one makes sense and holds the other."""
    one, two = best.reading.holds, other.reading.holds
    return one == two or (best.runs >= 2 and two.get("prediction") in NARROWER.get(one.get("prediction", ""), ()))


def _signatures(
    names: Sequence[str], reading: Reading, letters: tuple[str, ...], classes: Mapping[str, int]
) -> Iterator[Signature]:
    """Yield a reading under the arguments' names, in their order.

    What stands beside prediction and target has one shape or another.
    """
    core, extras = parted(names)
    if "C" in reading.shapes["prediction"]:
        letters, classes = _counted(letters, classes)
    if letters and len(letters) < 2 and "C" in reading.shapes["prediction"]:
        return  # no place for classes
    arguments = {
        name: Argument(name, role, holds, _shape(reading, role, size, letters))
        for name, (role, holds, size) in zip(core, reading.arguments, strict=True)
    }
    like = arguments[core[-1]].shape
    for shape in dict.fromkeys((like, ("N",))) if extras else (like,):
        every = {**arguments, **{name: Argument(name, *beside(name), shape) for name in extras}}
        yield Signature(tuple(every[name] for name in names), classes)


def _shape(reading: Reading, role: Role, size: str, letters: tuple[str, ...]) -> tuple[str, ...]:
    """Return an argument's shape where the prediction's is said."""
    before = reading.shapes.get("prediction", "")
    if not letters or role == "prediction":
        return letters or tuple(size.split())
    if size == before:
        return letters
    return _without_classes(letters) if reading.holds.get("target") == "class_index" else tuple(size.split())


def _without_classes(letters: tuple[str, ...]) -> tuple[str, ...]:
    axis = letters.index("C") if "C" in letters else len(letters) - 1
    return (*letters[:axis], *letters[axis + 1 :])


def _runs(make: Make, found: Signature) -> int | str:
    """Return how well a reading runs, or how it fails."""
    case = Case(make, found)
    try:
        outcomes = [case.call([x.clone() for x in inputs]) for inputs in case.ordinary[:2]]
    except KeyError as error:
        return f"KeyError: {error}"
    failed = next((outcome.error for outcome in outcomes if outcome.error is not None), None)
    refuse_no_tensor(case.loss, [argument.name for argument in found.arguments], failed)
    if failed is not None:
        return f"{type(failed).__name__}: {str(failed).splitlines()[0][:120] if str(failed) else ''}"
    values = [outcome.number for outcome in outcomes]
    if not all(map(is_finite, values)) or values[0] == values[1]:
        return 0
    return 1 + min(_sense(case, place) for place in (0, 1))


def _sense(case: Case, draw: int) -> int:
    """Return 1 where a perfect prediction costs least, 2 where next to nothing."""
    inputs = case.ordinary[draw]
    perfect = case.perfect(inputs, NEARLY)
    if perfect is None:
        return 0
    best = case.number(perfect)
    others = [case.number(moved) for moved in (inputs, *_worse(case, inputs, perfect))]
    numbers = [n for n in (best, *others) if n is not None and is_finite(n)]
    if best is None or len(numbers) < len(others) + 1:
        return 0
    room = 0.02 * (max(numbers) - min(numbers))
    if min(numbers) < best - room or room == 0.0:
        return 0
    return 2 if abs(best) <= room + 1e-6 else 1


def _worse(case: Case, inputs: Inputs, perfect: Inputs) -> Iterator[Inputs]:
    """Yield wrong predictions; numbers miss to either side."""
    for share in (0.5, 1.0 - NEARLY):
        yield case.perfect(inputs, share) or inputs
    for prediction, target in case.pairs:
        if case.arguments[prediction].holds == case.arguments[target].holds == "real":
            for way in (0.5, -0.5):
                yield with_value(perfect, prediction, perfect[prediction] + way)
                yield with_value(perfect, prediction, perfect[prediction] + way * inputs[target].sign())


def _said(
    names: Sequence[str], wanted: tuple[str, str], shape: tuple[str, ...], classes: Mapping[str, int]
) -> Signature:
    core, _ = parted(names)
    letters = shape or DEFAULT_SHAPE[wanted[0]]
    if wanted[1] in CLASSES:
        letters, classes = _counted(letters, classes)
    against = _without_classes(letters) if wanted[1] in ("class_index", "ignored_index") else letters
    first, second = core[0] if core else "input", core[1] if len(core) > 1 else "target"
    arguments = [Argument(first, "prediction", wanted[0], letters), Argument(second, "target", wanted[1], against)]
    if first in names and second in names:
        arguments.sort(key=lambda argument: names.index(argument.name))
    told = [] if len(names) <= 2 else [f"Only `{first}` and `{second}` are passed."]
    return Signature(tuple(arguments), classes, tuple(told))


def _counted(letters: tuple[str, ...], classes: Mapping[str, int]) -> tuple[tuple[str, ...], Mapping[str, int]]:
    """Take the last number in a shape that says no C for the number of classes."""
    place = max((i for i, word in enumerate(letters) if word.isdigit()), default=None)
    if place is None or "C" in letters:
        return letters, classes
    return (*letters[:place], "C", *letters[place + 1 :]), {"C": int(letters[place])}


def _classes(loss: Callable[..., Any]) -> Mapping[str, int]:
    """Return how many classes a loss was built for, if what it holds says so."""
    held = {**getattr(loss, "__dict__", {}), **getattr(loss, "_buffers", {}), **getattr(loss, "keywords", {})}
    said = [held[name] for name in COUNTS if isinstance(held.get(name), int) and held[name] > 1]
    rows = [len(x) for x in held.values() if (isinstance(x, list) or getattr(x, "ndim", 0) == 1) and len(x) > 1]
    found = said[:1] or rows[:1]
    return {"C": found[0]} if found else {}


def _letters(shape: str) -> tuple[str, ...]:
    letters = tuple(word.upper() for word in shape.replace(",", " ").split())
    unknown = [word for word in letters if not word.isdigit() and word not in SIZES]
    if unknown:
        raise ValueError(
            f"--shape should be numbers or the letters {' '.join(SIZES).lower()}. Found {shape!r}. Try 'n c'."
        )
    return letters


def _spoken(found: Signature) -> str:
    return ", ".join(f"{a.name}: {a.holds.replace('_', ' ')} ({', '.join(a.shape).lower()})" for a in found.arguments)
