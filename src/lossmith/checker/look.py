"""What `check` does where the loss runs: it loads, reads, tries and draws it."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import torch

from lossmith.checker import cards, closest, infer, source
from lossmith.checker.argument import DRAW, Argument, Role, Signature
from lossmith.checker.asked import Asked
from lossmith.checker.case import Case
from lossmith.checker.check_step import report_step
from lossmith.checker.examine import examine, skipped
from lossmith.checker.portrait import portrait as drawn
from lossmith.checker.readings import DEFAULT_SHAPE
from lossmith.checker.refusals import refuse_no_tensor
from lossmith.checker.report import Report
from lossmith.checker.state import kept
from lossmith.criterion import Criterion
from lossmith.domains import Domain


def look(asked: Asked, begun: Callable[[str], None]) -> Report:
    """Do what `check` says, here and now.

    Args:
        asked: the loss, and what is said of it.
        begun: told of each rule before it starts.

    Raises:
        ValueError: what is asked does not fit.
    """
    settings = asked.settings or {}
    if asked.kind == "step":
        return report_step(asked.loss, settings, asked.seed, begun)
    began = time.perf_counter()
    infer.known_task(asked.task)
    begun("loading and reading its arguments")
    with kept():  # trial calls too may change what is everybody's
        loaded, case, told = _running(asked, settings)
    findings = examine(case, begun)
    tried = _tried(case)
    pictures, same = None, ""
    if asked.portrait:
        begun("its portrait")
        with suppress(MemoryError):  # the findings stand without it
            pictures = drawn(case)
            same = "" if isinstance(case.loss, Criterion) else closest.closest(case)
    return Report(
        loss=loaded.name,
        assumed=(*loaded.assumed, *told, *case.signature.assumed),
        findings=tuple(findings),
        skipped=(*skipped(case), *case.lost),
        tried=tried,
        closest=same,
        portrait=pictures,
        seconds=round(time.perf_counter() - began, 3),
    )


def _running(asked: Asked, settings: Mapping[str, Any]) -> tuple[source.Loaded, Case, list[str]]:
    """Load the loss and read its arguments.

    Lists among the settings become tensors where only that runs.
    """
    forms = list(_forms(settings))
    found = None
    for form, told in forms:
        try:
            loaded = (
                source.load(asked.loss, form, asked.shown) if isinstance(asked.loss, str)
                else source.given(asked.loss, form)
            )  # fmt: skip
            signature, claims, more = _taken(asked, loaded.make)
        except ValueError:
            if (form, told) == forms[-1] and found is None:
                raise
            continue
        case = Case(loaded.make, signature, claims, asked.seed, loaded.called, loaded.setup, loaded.keywords)
        error = case.call(case.draw(0), loaded.make()).error
        refuse_no_tensor(case.loss, [argument.name for argument in case.arguments], error)
        found = found or (loaded, case, [*told, *more])
        if error is None:
            return loaded, case, [*told, *more]
    assert found is not None
    return found


def _forms(settings: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], list[str]]]:
    """Yield the settings as they are, then with their lists of numbers as tensors."""
    yield settings, []
    lists = [name for name, value in settings.items() if isinstance(value, list) and value]
    with suppress(TypeError, ValueError):  # a list of words, or rows of several lengths
        tensors = {name: torch.tensor(settings[name], dtype=torch.get_default_dtype()) for name in lists}
        if tensors:
            yield {**settings, **tensors}, [f"`{', '.join(lists)}` is passed as a tensor: as a list it does not run."]


def _taken(asked: Asked, make: Callable[[], Any]) -> tuple[Signature, Mapping[str, Any], list[str]]:
    """Return what the loss takes, what is promised, and what was assumed of it."""
    claims = asked.claims or {}
    if asked.inputs is not None:
        return given_signature(asked.inputs), claims, []
    ours = _card(make, asked.settings or {})
    if ours is not None:
        return ours[0], {**ours[1], **claims}, ["Arguments and claims are those of its card."]
    words = {"task": asked.task, "input": asked.input, "target": asked.target, "shape": asked.shape}
    return infer.signature(make(), make=make, **words), claims, []


def _tried(case: Case) -> dict[str, Any]:
    edges = [name.removeprefix("edge ") for name in case.tally if name.startswith("edge ")]
    return {"rules": case.tally["rules"], "calls": case.tally["calls"], "edges": edges, "claims": len(case.claims)}


def _card(make: Callable[[], Any], settings: Mapping[str, Any]) -> tuple[Signature, dict[str, Any]] | None:
    """Return what the catalogue says of its own losses."""
    built = make()
    if not isinstance(built, Criterion):
        return None
    why = cards.refusal(built.card())
    if why:
        raise ValueError(f"A loss should be a function of tensors. Found {built.card().name}: {why}.")
    return cards.described(built.card(), settings)


ROLE_BY_NAME: dict[str, Role] = {"mask": "mask", "weight": "weight", "sample_weight": "weight"}
ROLE_BY_KIND: dict[str, Role] = {"mask01": "mask", "lengths": "aux", "event01": "target", "time": "target"}
TARGETS = ("target", "label", "labels", "y", "y_true", "truth")


def given_signature(inputs: Mapping[str, Domain | str] | Signature) -> Signature:
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
    return words[0], tuple(word.upper() for word in words[1:]) or DEFAULT_SHAPE[words[0]]
