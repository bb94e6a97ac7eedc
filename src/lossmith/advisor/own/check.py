"""Looks at the user's factory and datasets before anything is trained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from lossmith.advisor.facts import Notice
from lossmith.advisor.own.snippet import Form
from lossmith.training.own.examples import Array, Examples, Inputs, check_dataset, targets
from lossmith.training.own.factory import Factory, activation, check_factory, fresh, width
from lossmith.training.own.settings import Precision
from lossmith.training.workers import cores

TRIED = 32
"""Examples in the batch that is tried first."""
PRECISIONS: tuple[Precision, ...] = ("float32", "bf16", "fp16")


@dataclass(frozen=True)
class Seen:
    """What one batch through a fresh module showed."""

    module: torch.nn.Module
    first: Inputs
    form: Form
    notices: tuple[Notice, ...]


def check_datasets(datasets: Mapping[str, Any], num_workers: int) -> dict[str, Any]:
    """Return the datasets that were given, checked.

    Raises:
        TypeError, ValueError: one cannot be split into folds, see `check_dataset`; or `num_workers` is below 0.
    """
    if num_workers < 0:
        raise ValueError(f"`num_workers` should be 0 or more. Found {num_workers}. Try 0.")
    given = {name: dataset for name, dataset in datasets.items() if dataset is not None}
    for name, dataset in given.items():
        check_dataset(dataset, name)
    return given


def chosen_device(device: str) -> torch.device:
    """Return the device that was asked for.

    Raises:
        ValueError: it is neither cpu, cuda, cuda:N nor auto, or it is not there.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    kind, _, number = str(device).partition(":")
    if kind not in ("cpu", "cuda") or (number and not number.isdigit()):
        raise ValueError(f"`device` should be cpu, cuda or auto. Found {device!r}. Try auto.")
    if kind == "cuda" and int(number or 0) >= torch.cuda.device_count():
        found = f"{torch.cuda.device_count()} CUDA devices"
        raise ValueError(f"`device` should be one that torch can use. Found {device!r} and {found}. Try auto.")
    return torch.device(str(device))


def check_numbers(precision: str, numbers: Mapping[str, int | None], learning_rate: float | None) -> None:
    """Refuse a precision, a size, a number of epochs or a rate that cannot be.

    Raises:
        ValueError: one of them.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"`precision` should be one of {', '.join(PRECISIONS)}. Found {precision!r}. Try float32.")
    for name, value in numbers.items():
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
            raise ValueError(f"`{name}` should be a whole number from 1 up. Found {value!r}. Try leaving it out.")
    if learning_rate is not None and not 0.0 < learning_rate < float("inf"):
        raise ValueError(f"`learning_rate` should be above 0 and finite. Found {learning_rate!r}. Try 0.001.")


def look(factory: Any, train: Any, examples: Examples, device: torch.device) -> Seen:
    """Build a module and show it one batch.

    Raises:
        TypeError, ValueError: the factory, the inputs or the outputs do not fit, see `check_factory` and `width`.
    """
    check_factory(factory)
    first = next(examples.batches([np.arange(min(TRIED, len(train)))]))
    checked: Factory = factory
    module = fresh(checked, 0, torch.device("cpu"), first)
    outputs = width(module, first)
    seen = activation(module, first)
    message = f"The model's outputs look as if they had passed {seen}. The losses take raw outputs: try without it."
    notices = (Notice("activation", message),) if seen else ()
    moved = first.to(device)
    return Seen(module.to(device), moved, Form(outputs, *_taken(train[0])), notices)


def read_targets(given: Mapping[str, Any], num_workers: int, progress: Any) -> list[Array]:
    """Return the targets of every dataset, in their order."""
    return [targets(dataset, name, num_workers, progress) for name, dataset in given.items()]


def processes(asked: int | None, device: torch.device, num_workers: int, size: float) -> int:
    """Return how many processes train folds at once.

    One on an accelerator, or where other processes read, or where the data would fill the memory many times over; then
    torch uses all the cores itself.
    """
    if asked is not None:
        return asked
    alone = device.type != "cpu" or num_workers > 0 or size > LARGEST_SENT
    return 1 if alone else cores()


LARGEST_SENT = 1e9
"""Bytes of factory, dataset and losses beyond which each process does not get its own copy."""


def _taken(example: Sequence[Any]) -> tuple[str, str]:
    """Return how a batch of such examples is taken apart, and what the module gets."""
    if len(example) > 2:
        return "*x", "*x"
    if isinstance(example[0], Mapping):
        return "x", "**x"
    return ("x", "*x") if isinstance(example[0], (tuple, list)) else ("x", "x")
