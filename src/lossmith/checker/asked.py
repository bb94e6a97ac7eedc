"""What a user asks of a loss: plain data, from the caller to the child process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Asked:
    """A loss, and what is said of it."""

    loss: Callable[..., Any] | str
    """At hand, or its address, a file's path whole."""
    inputs: Any = None
    """What each argument holds, by name, or a `Signature`; None where the words say it, or nobody."""
    claims: Mapping[str, Any] | None = None
    settings: Mapping[str, Any] | None = None
    task: str = ""
    input: str = ""
    target: str = ""
    shape: str = ""
    seed: int = 0
    portrait: bool = True
    kind: str = "loss"
    shown: str = ""
    """The address as the user wrote it."""
