"""What a loss takes, where nobody said.

From its names, its docstring, and trial calls.

Each guess is a sentence in the report. Where several readings work and none is plainer, the user is asked.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lossmith.checker.argument import DRAW, SIZES, Argument, Role, Signature, is_finite
from lossmith.checker.case import Case


@dataclass(frozen=True)
class Reading:
    """One way to read a loss's arguments."""

    arguments: tuple[tuple[Role, str, str], ...]
    """Role, what it holds, shape, in order."""
    hints: str
    """Pattern in the loss's name, its arguments' names or its docstring that speaks for it."""


def _reading(hints: str, *arguments: tuple[Role, str, str]) -> Reading:
    return Reading(arguments, hints)


P: Role = "prediction"
T: Role = "target"
READINGS = (
    _reading(r"triplet|anchor", (P, "embeddings", "N D"), (P, "embeddings", "N D"), (P, "embeddings", "N D")),
    _reading(r"cosine.?embedding|contrastive", (P, "embeddings", "N D"), (P, "embeddings", "N D"), (T, "sign", "N")),
    _reading(r"contrastive|siamese", (P, "embeddings", "N D"), (P, "embeddings", "N D"), (T, "binary01", "N")),
    _reading(r"margin.?rank|ranking", (P, "real", "N"), (P, "real", "N"), (T, "sign", "N")),
    _reading(r"gaussian.?nll|gaussian.?log", (P, "real", "N D"), (T, "real", "N D"), (P, "positive", "N D")),
    _reading(r"g?d?c?iou|box", (P, "boxes", "N 4"), (T, "boxes", "N 4")),
    _reading(r"poisson", (P, "real", "N"), (T, "count", "N")),
    _reading(r"tweedie|gamma.?(nll|deviance)", (P, "positive", "N"), (T, "positive", "N")),
    _reading(r"kl.?div|kullback", (P, "log_probabilities", "N C"), (T, "soft_labels", "N C")),
    _reading(r"multi.?label|bce.?with|binary.?cross.?entropy.?with|sigmoid.?focal|binary.?focal|asymmetric.?loss",
             (P, "logits", "N C"), (T, "binary01", "N C")),
    _reading(r"bce.?with|binary.*logit|sigmoid|logit", (P, "logits", "N"), (T, "binary01", "N")),
    _reading(r"\bbce|binary.?cross|prob", (P, "probabilities", "N"), (T, "binary01", "N")),
    _reading(r"dice|jaccard|tversky|iou|lovasz|segment", (P, "logits", "N 1 H W"), (T, "binary01", "N 1 H W")),
    _reading(r"dice|jaccard|tversky|segment", (P, "probabilities", "N 1 H W"), (T, "binary01", "N 1 H W")),
    _reading(r"soft.?margin|hinge", (P, "logits", "N"), (T, "sign", "N")),
    _reading(r"nll(?!.*(poisson|gauss))", (P, "log_probabilities", "N C"), (T, "class_index", "N")),
    _reading(r"cross.?entropy|multi.?margin|class|focal|softmax|label", (P, "logits", "N C"), (T, "class_index", "N")),
    _reading(r"one.?hot|soft", (P, "logits", "N C"), (T, "one_hot", "N C")),
    _reading(r"mse|l1|l2|mae|huber|smooth|squared|absolute|regress|quantile|pinball|cosh|charbonnier|percentage",
             (P, "real", "N D"), (T, "real", "N D")),
    _reading(r"ssim|tv|psnr|image|perceptual", (P, "pixels", "N 1 H W"), (T, "pixels", "N 1 H W")),
    _reading(r"generator|fake", (P, "logits", "N")),
    _reading(r"discriminator|critic", (P, "logits", "N"), (P, "logits", "N")),
)  # fmt: skip
"""Ways to read a loss, the more special ones first."""

WORDS = {
    "index": "class_index", "classes": "class_index", "labels01": "binary01", "binary": "binary01",
    "probability": "probabilities", "probs": "probabilities", "log_probs": "log_probabilities", "numbers": "real",
}  # fmt: skip
"""What people also say for what a tensor holds."""


def signature(
    loss: Callable[..., Any],
    *,
    task: str = "",
    input: str = "",
    target: str = "",
    shape: str = "",
    make: Callable[[], Callable[..., Any]] | None = None,
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
    wanted = _word(input, "--input"), _word(target, "--target")
    if all(wanted):
        return _said(names, wanted, shape)
    built = make or (lambda: loss)
    about = f"{getattr(loss, '__name__', type(loss).__name__)} {' '.join(names)}".lower()
    doc = (inspect.getdoc(type(loss) if not inspect.isroutine(loss) else loss) or "").lower()
    working: list[tuple[float, Signature]] = []
    for place, reading in enumerate(READINGS):
        if len(reading.arguments) != len(names) or any(h not in DRAW for _, h, _ in reading.arguments):
            continue
        held = {role: holds for role, holds, _ in reading.arguments}
        if (wanted[0] and held.get("prediction") != wanted[0]) or (wanted[1] and held.get("target") != wanted[1]):
            continue
        found = _signature(names, reading, shape)
        score = 4.0 * bool(re.search(reading.hints, about)) + 1.5 * bool(re.search(reading.hints, doc))
        score += 3.0 * _fits_task(task, held) - 0.01 * place
        if _works(built, found):
            working.append((score, found))
    working.sort(key=lambda pair: -pair[0])
    if not working:
        raise ValueError(
            f"What `{', '.join(names)}` hold should be said or plain. Found no reading that runs. "
            "Try --input logits --target class_index --shape 'n c'."
        )
    if working[0][0] < 1.0 and len(working) > 1 and working[0][0] - working[1][0] < 1.0:
        readings = " or ".join(_spoken(found) for _, found in working[:2])
        raise ValueError(f"What `{', '.join(names)}` hold should be plain. Found {readings}. Try --input and --target.")
    best = working[0][1]
    return Signature(
        best.arguments, best.sizes, (f"Its arguments are taken for {_spoken(best)}, by their names and trial calls.",)
    )


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


def _said(names: Sequence[str], wanted: tuple[str, str], shape: str) -> Signature:
    letters = _letters(shape) or DEFAULT_SHAPE[wanted[0]]
    against = letters
    if wanted[1] in ("class_index", "ignored_index"):
        axis = letters.index("C") if "C" in letters else len(letters) - 1
        against = (*letters[:axis], *letters[axis + 1 :])
    arguments = [Argument(names[0] if names else "input", "prediction", wanted[0], letters)]
    arguments.append(Argument(names[1] if len(names) > 1 else "target", "target", wanted[1], against))
    told = [] if len(names) <= 2 else [f"Only `{names[0]}` and `{names[1]}` are passed."]
    return Signature(tuple(arguments), {}, tuple(told))


DEFAULT_SHAPE: dict[str, tuple[str, ...]] = dict.fromkeys(DRAW, ("N", "D")) | {
    "logits": ("N", "C"), "simplex": ("N", "C"), "log_probabilities": ("N", "C"), "probabilities": ("N",),
    "boxes": ("N", "4"), "log_prob_scalar": ("N",), "positive": ("N",),
}  # fmt: skip


def _letters(shape: str) -> tuple[str, ...]:
    letters = tuple(word.upper() for word in shape.replace(",", " ").split())
    unknown = [word for word in letters if not word.isdigit() and word not in SIZES]
    if unknown:
        raise ValueError(
            f"--shape should be numbers or the letters {' '.join(SIZES).lower()}. Found {shape!r}. Try 'n c'."
        )
    return letters


def _word(said: str, option: str) -> str:
    word = WORDS.get(said.strip().lower(), said.strip().lower().replace(" ", "_"))
    if word and word not in DRAW:
        raise ValueError(f"{option} should be one of {', '.join(DRAW)}. Found {said!r}. Try logits.")
    return word


def _signature(names: Sequence[str], reading: Reading, shape: str) -> Signature:
    arguments = []
    for name, (role, holds, size) in zip(names, reading.arguments, strict=True):
        letters = _letters(shape) if shape and role == "prediction" else tuple(size.split())
        arguments.append(Argument(name, role, holds, letters))
    return Signature(tuple(arguments))


def _works(make: Callable[[], Callable[..., Any]], found: Signature) -> bool:
    case = Case(make, found)
    try:
        values = [case.number(inputs) for inputs in case.ordinary[:2]]
    except KeyError:
        return False
    return all(map(is_finite, values)) and values[0] != values[1]


TASKS: dict[str, Callable[[dict[Role, str]], bool]] = {
    "regression": lambda held: held.get("target") == "real",
    "binary": lambda held: held.get("target") in ("binary01", "sign"),
    "multiclass": lambda held: held.get("target") in ("class_index", "one_hot"),
    "multilabel": lambda held: held.get("target") == "binary01",
    "metric": lambda held: held.get("prediction") == "embeddings",
    "detection": lambda held: held.get("prediction") == "boxes",
}


def _fits_task(task: str, held: dict[Role, str]) -> bool:
    return task in TASKS and TASKS[task](held)


def _spoken(found: Signature) -> str:
    return ", ".join(f"{a.name}: {a.holds.replace('_', ' ')} ({', '.join(a.shape).lower()})" for a in found.arguments)


def readings() -> Iterator[Reading]:
    """Yield every reading; a test looks at each."""
    yield from READINGS
