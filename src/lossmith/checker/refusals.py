"""What a person is told whose loss cannot be called as it stands."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from lossmith.checker.case import NotATensor
from lossmith.checker.readings import DEFAULT_SHAPE, TARGET, beside, is_beside, named

SCORES = ("logits", "log_prob", "simplex")
"""What class numbers are compared with."""


def guessed(names: Sequence[str]) -> str:
    """Write a guess at every argument, as `inputs` of `lossmith.check` takes it.

    Args:
        names: of the arguments, in order.

    Example:
        >>> guessed(["logits", "labels", "lengths"])
        "{'logits': 'logits n c', 'labels': 'class_index n', 'lengths': 'lengths n'}"
    """
    said: dict[str, str] = {}
    for name in names:
        if is_beside(name):
            said[name] = f"{beside(name)[1]} n"
        elif re.search(TARGET, name.lower()):
            scores = any(words.startswith(SCORES) for words in said.values())
            said[name] = f"{(*named('target', name), 'class_index' if scores else 'real')[0]} n{'' if scores else ' d'}"
        else:
            holds = (*named("prediction", name), *named("target", name), "real")[0]
            said[name] = f"{holds} {' '.join(DEFAULT_SHAPE[holds]).lower()}"
    return str(said)


def refuse_no_tensor(loss: Callable[..., Any], names: Sequence[str], error: Exception | None) -> None:
    """Refuse a loss that returns a tuple or the like, and say how to wrap it.

    Args:
        loss: the loss.
        names: of its arguments, in order.
        error: what a call of it came to.

    Raises:
        ValueError: something in what it returned looks like the loss.
    """
    if not isinstance(error, NotATensor) or not error.within:
        return
    name = getattr(loss, "__name__", f"{type(loss).__name__}(...)")
    given = ", ".join(names)
    raise ValueError(
        f"A loss should return one tensor. Found {error.kind} from {name}; its {error.within} looks like the loss. "
        f"Try to check a function that returns it alone: def only({given}): return {name}({given}){error.within}"
    )
