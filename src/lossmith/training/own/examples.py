"""A dataset of the user's own: its targets as numbers, its inputs in batches."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import ConcatDataset, DataLoader, Dataset, IterableDataset, TensorDataset, default_collate

Array = NDArray[Any]
Places = NDArray[np.int64]
Progress = Callable[[int, int], None]

READ_TOGETHER = 256
"""Examples read at a time to see their targets."""


@dataclass(frozen=True)
class Inputs:
    """One batch as a module takes it: `module(*args, **kwargs)`.

    A dict becomes keywords; a tuple, or an example of more than two parts, becomes several arguments.
    """

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] | None = None

    def call(self, module: Callable[..., Any]) -> Any:
        """Give the batch to a module."""
        return module(*self.args, **(self.kwargs or {}))

    def to(self, device: torch.device) -> "Inputs":
        """Return the batch on a device."""
        kwargs = None if self.kwargs is None else _moved(dict(self.kwargs), device)
        return Inputs(tuple(_moved(self.args, device)), kwargs)

    def tensors(self) -> list[Tensor]:
        """Return every tensor of the batch."""
        return list(_tensors([self.args, dict(self.kwargs or {})]))

    def __str__(self) -> str:
        return ", ".join(f"{tuple(t.shape)} {str(t.dtype).removeprefix('torch.')}" for t in self.tensors())


@dataclass(frozen=True)
class Examples:
    """One dataset, or several one after another, read by places.

    Args:
        datasets: each of `(input, target)` examples, with a length.
        num_workers: processes that read ahead; 0 reads in this one. Datasets of tensors are sliced, without any.
    """

    datasets: tuple[Dataset[Any], ...]
    num_workers: int = 0

    def batches(self, batches: Iterable[Places]) -> Iterator[Inputs]:
        """Yield the inputs of each batch of places."""
        if all(type(dataset) is TensorDataset for dataset in self.datasets):
            parts = [cast(TensorDataset, dataset).tensors[:-1] for dataset in self.datasets]
            whole = parts[0] if len(parts) == 1 else [torch.cat(tensors) for tensors in zip(*parts, strict=True)]
            for places in batches:
                yield inputs_of([tensor[torch.from_numpy(places)] for tensor in whole])
            return
        whole_set = self.datasets[0] if len(self.datasets) == 1 else ConcatDataset(self.datasets)
        sampler = _Batches(batches)
        yield from DataLoader(
            whole_set, batch_sampler=sampler, num_workers=self.num_workers, collate_fn=_collate_inputs
        )


@dataclass(frozen=True)
class _Batches:
    """Batches of places as a DataLoader wants them."""

    batches: Iterable[Places]

    def __iter__(self) -> Iterator[list[int]]:
        return (places.tolist() for places in self.batches)


def check_dataset(dataset: Any, name: str) -> None:
    """Refuse what cannot be split into folds.

    Raises:
        TypeError: it is no dataset with a length and places.
        ValueError: it is empty, or its examples are not pairs.
    """
    if isinstance(dataset, DataLoader):
        raise TypeError(
            f"`{name}` should be a dataset, so that folds can be drawn. Found a DataLoader. Try its `.dataset`."
        )
    if isinstance(dataset, IterableDataset) or not (hasattr(dataset, "__len__") and hasattr(dataset, "__getitem__")):
        raise TypeError(
            f"`{name}` should be a dataset with `__len__` and `__getitem__`, so that folds can be drawn. Found "
            f"{type(dataset).__name__}. Try `list({name})`, or a subset of it that fits into memory."
        )
    if len(dataset) == 0:
        raise ValueError(f"`{name}` should hold examples. Found none. Try another dataset.")
    first = dataset[0]
    if not isinstance(first, (tuple, list)) or len(first) < 2:
        found = f"a {type(first).__name__}" + (f" of {len(first)}" if isinstance(first, (tuple, list)) else "")
        raise ValueError(f"`{name}` should give (input, target) pairs. Found {found}. Try a dataset that wraps it.")


def targets(dataset: Any, name: str, num_workers: int = 0, progress: Progress = lambda done, total: None) -> Array:
    """Return the target of every example, in one pass over the dataset.

    Args:
        dataset: checked, see `check_dataset`.
        name: how to call it in errors.
        num_workers: processes that read ahead.
        progress: called with examples read and examples in all.

    Raises:
        ValueError: a target is no single finite number.

    Example:
        >>> targets([(torch.zeros(3), 1), (torch.zeros(3), torch.tensor([0]))], "train").tolist()
        [1, 0]
    """
    if type(dataset) is TensorDataset:
        return _of_tensor(dataset.tensors[-1], name)
    read: list[Any] = []
    for batch in DataLoader(dataset, READ_TOGETHER, num_workers=num_workers, collate_fn=_collate_targets):
        read += [_number(value, len(read) + place, name) for place, value in enumerate(batch)]
        progress(len(read), len(dataset))
    whole = all(isinstance(value, int) for value in read)
    return _finite(np.array(read, dtype=np.int64 if whole else np.float64), name)


def _of_tensor(tensor: Tensor, name: str) -> Array:
    if tensor.is_complex() or tensor.numel() != len(tensor):
        found = f"shape {tuple(tensor.shape[1:])}" if tensor.numel() != len(tensor) else str(tensor.dtype)
        raise ValueError(_one_number(name, 0, found))
    plain = tensor.detach().reshape(-1).cpu()
    return _finite(plain.double().numpy() if plain.is_floating_point() else plain.long().numpy(), name)


def _number(value: Any, place: int, name: str) -> int | float:
    """Return one target as a number."""
    if isinstance(value, (Tensor, np.ndarray, np.generic)):
        if np.size(value) != 1 if not isinstance(value, Tensor) else value.numel() != 1:
            raise ValueError(_one_number(name, place, f"shape {tuple(value.shape)}"))
        value = value.item()
    if isinstance(value, (bool, int)):
        return int(value)
    if isinstance(value, float):
        return value
    raise ValueError(_one_number(name, place, f"{value!r:.40}"))


def _one_number(name: str, place: int, found: str) -> str:
    return (
        f"A target should be one number: a value, or a class number from 0. Found {found} in example {place} of "
        f"`{name}`. Try a dataset that gives such a number."
    )


def _finite(values: Array, name: str) -> Array:
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise ValueError(
            f"Targets should be finite. Found {values[bad[0]]} in example {bad[0]} of `{name}`, and {len(bad)} such "
            "in all. Try leaving those examples out."
        )
    return values


def _collate_targets(items: Sequence[Any]) -> list[Any]:
    return [item[-1] for item in items]


def _collate_inputs(items: Sequence[Any]) -> Inputs:
    return inputs_of([default_collate([item[part] for item in items]) for part in range(len(items[0]) - 1)])


def inputs_of(parts: Sequence[Any]) -> Inputs:
    """Return the parts of a batch before the target as arguments."""
    if len(parts) > 1:
        return Inputs(tuple(parts))
    (only,) = parts
    if isinstance(only, Mapping):
        return Inputs((), only)
    return Inputs(tuple(only) if isinstance(only, (tuple, list)) else (only,))


def _moved(held: Any, device: torch.device) -> Any:
    if isinstance(held, Tensor):
        return held.to(device, non_blocking=True)
    if isinstance(held, Mapping):
        return {key: _moved(value, device) for key, value in held.items()}
    return type(held)(_moved(value, device) for value in held) if type(held) in (list, tuple) else held


def _tensors(held: Any) -> Iterator[Tensor]:
    if isinstance(held, Tensor):
        yield held
    elif isinstance(held, Mapping):
        yield from _tensors(list(held.values()))
    elif isinstance(held, (list, tuple)):
        for value in held:
            yield from _tensors(value)
