"""What `build()` returns, read: a model, a loss, data and an optimizer.

`build()` takes no arguments and makes everything anew at each call. It returns `(model, loss, train_data)`, with an
optimizer as fourth if there is one, or a mapping with these names and perhaps `valid_data`.

* `model` is an `nn.Module`, `loss` is called as `loss(output, target)`.
* `train_data` is a DataLoader or a Dataset of `(input, target)`, or a pair of tensors. A dataset is read in shuffled
  batches of 32. Several inputs come as `(first, second, target)`, keywords as `({"name": tensor}, target)`.
* `optimizer` is one of torch, over the model's parameters; Adam at 0.001 where there is none.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

from lossmith.training.own.examples import Inputs, inputs_of
from lossmith.training.recording.activations import first_tensor

NAMES = ("model", "loss", "train_data", "optimizer", "valid_data")
BATCH, RATE = 32, 1e-3
FORM = "Try returning (model, loss, train_data) or (model, loss, train_data, optimizer)."
Build = Callable[[], Any]
Pair = tuple[Inputs, Any]


@dataclass
class Setup:
    """One training, ready to begin.

    Attributes:
        model: the network.
        loss: called with output and target.
        data: batches to learn from.
        optimizer: over the model's parameters.
        valid: batches to judge by, where `build` gave them.
        own: whether the optimizer is the user's.
    """

    model: nn.Module
    loss: Callable[..., Any]
    data: DataLoader[Any]
    optimizer: torch.optim.Optimizer
    valid: DataLoader[Any] | None = None
    own: bool = True

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return next((parameter.device for parameter in self.model.parameters()), torch.device("cpu"))

    def batches(self, data: DataLoader[Any] | None = None) -> Iterator[Pair]:
        """Yield inputs and targets, once through the data, on the model's device."""
        for batch in self.data if data is None else data:
            yield self.split(batch)

    def split(self, batch: Any) -> Pair:
        """Return a batch's inputs and its target.

        Raises:
            ValueError: it is no pair.
        """
        if not isinstance(batch, tuple | list) or len(batch) < 2:
            raise ValueError(
                f"`train_data` should give (input, target). Found {_kind(batch)}. Try a dataset that wraps it."
            )
        target = batch[-1].to(self.device) if isinstance(batch[-1], Tensor) else batch[-1]
        return inputs_of(batch[:-1]).to(self.device), target

    def output(self, inputs: Inputs) -> Tensor:
        """Return what the model puts out, as a tensor.

        Raises:
            ValueError: there is none.
        """
        output = first_tensor(inputs.call(self.model))
        if output is None:
            raise ValueError("The model should put out a tensor. Found none. Try a module around it that does.")
        return output

    def value(self, output: Tensor, target: Any) -> Tensor:
        """Return the loss as one number.

        Raises:
            ValueError: it is no tensor.
        """
        found = self.loss(output, target)
        if not isinstance(found, Tensor):
            raise ValueError(f"The loss should return a tensor. Found {_kind(found)}.")
        return found.mean() if found.ndim else found


def seeded(build: Build, seed: int) -> Setup:
    """Call `build` with all random numbers set, and read what it returns.

    Raises:
        ValueError: it raises, or returns something else than it should.
    """
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    try:
        made = build()
    except Exception as error:
        raise ValueError(f"`build()` should run without arguments. Found {type(error).__name__}: {error}") from error
    return read(made)


def read(made: Any) -> Setup:
    """Read what `build` returned.

    Raises:
        ValueError: it is something else.
    """
    parts = dict(made) if isinstance(made, Mapping) else None
    if parts is None:
        if not isinstance(made, tuple | list) or not 3 <= len(made) <= 4:
            raise ValueError(
                f"`build()` should return a tuple of three or four, or a mapping. Found {_kind(made)}. {FORM}"
            )
        parts = dict(zip(NAMES, made, strict=False))
    unknown = sorted(set(parts) - set(NAMES))
    missing = [name for name in NAMES[:3] if parts.get(name) is None]
    if unknown or missing:
        found = f"{', '.join(map(str, unknown))} beside them" if unknown else f"no {', '.join(missing)}"
        raise ValueError(f"`build()` should return {', '.join(NAMES)}. Found {found}. {FORM}")
    model, loss, optimizer = parts["model"], parts["loss"], parts.get("optimizer")
    if not isinstance(model, nn.Module):
        raise ValueError(f"`model` should be an nn.Module. Found {_kind(model)}. {FORM}")
    if not callable(loss):
        raise ValueError(f"`loss` should be callable as loss(output, target). Found {_kind(loss)}. {FORM}")
    if optimizer is not None and not isinstance(optimizer, torch.optim.Optimizer):
        raise ValueError(f"`optimizer` should be one of torch.optim. Found {_kind(optimizer)}. {FORM}")
    return Setup(
        model, loss, loader(parts["train_data"], "train_data"),
        optimizer if optimizer is not None else torch.optim.Adam(model.parameters(), lr=RATE),
        loader(parts["valid_data"], "valid_data") if parts.get("valid_data") is not None else None,
        own=optimizer is not None,
    )  # fmt: skip


def loader(data: Any, name: str) -> DataLoader[Any]:
    """Return data as batches that are read in this process.

    Raises:
        ValueError: it is no dataset, loader or pair of tensors.
    """
    if isinstance(data, DataLoader):
        data.num_workers, data.timeout = 0, 0  # a child process of ours makes none of its own
        return data
    if (
        isinstance(data, tuple | list)
        and len(data) >= 2
        and all(isinstance(part, Tensor | np.ndarray) for part in data)
    ):
        tensors = [torch.as_tensor(part) for part in data]
        if len({len(tensor) for tensor in tensors}) > 1:
            found = ", ".join(str(tuple(tensor.shape)) for tensor in tensors)
            raise ValueError(f"`{name}` should be tensors of one length. Found {found}.")
        data = TensorDataset(*tensors)
    if not isinstance(data, Dataset) and not (hasattr(data, "__len__") and hasattr(data, "__getitem__")):
        raise ValueError(f"`{name}` should be a DataLoader, a Dataset or a pair of tensors. Found {_kind(data)}.")
    return DataLoader(data, BATCH, shuffle=not isinstance(data, IterableDataset))


def _kind(value: Any) -> str:
    length = f" of {len(value)}" if isinstance(value, tuple | list) else ""
    return f"a {type(value).__name__}{length}" if value is not None else "None"
