"""A module from the user's factory: fresh for every fold, from a seed."""

import hashlib
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedParameter

from lossmith.kernels.precision import wide
from lossmith.training.links import Link
from lossmith.training.own.examples import Inputs

Factory = Callable[[], nn.Module]


@contextmanager
def seeded(seed: int, device: torch.device | None = None) -> Iterator[None]:
    """Let torch, NumPy and Python draw from `seed`, then as if nothing had been."""
    before = random.getstate(), np.random.get_state()
    random.seed(seed)
    np.random.seed(seed % 2**32)
    try:
        with torch_seeded(seed, device):
            yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])


@contextmanager
def torch_seeded(seed: int, device: torch.device | None = None) -> Iterator[None]:
    """Let torch alone draw from `seed`, then as if nothing had been."""
    devices = [device] if device is not None and device.type == "cuda" else []
    with torch.random.fork_rng(devices):
        torch.manual_seed(seed)
        yield


def fresh(factory: Factory, seed: int, device: torch.device, first: Inputs) -> nn.Module:
    """Build the module a fold starts from: the same weights for every candidate.

    Args:
        factory: the user's.
        seed: initial weights.
        device: where to.
        first: a batch, which gives lazy layers their shapes.
    """
    with seeded(seed, device):
        module = factory().to(device)
        if any(isinstance(parameter, UninitializedParameter) for parameter in module.parameters()):
            with torch.no_grad():
                first.to(device).call(module.eval())
    return module.train()


def check_factory(factory: Any) -> nn.Module:
    """Return a module of the factory, or refuse the factory.

    Raises:
        TypeError: it is a module, cannot be called, or returns no module.
        ValueError: it returns the same module, or the same weights, each time, or nothing to train.
    """
    if isinstance(factory, nn.Module):
        raise TypeError(
            f"`model` should build a new module for every fold. Found a module, {type(factory).__name__}. Try "
            f"`model=lambda: {type(factory).__name__}(...)`."
        )
    if not callable(factory):
        raise TypeError(
            f"`model` should be a function without arguments that builds a module. Found {type(factory).__name__}. "
            "Try `model=lambda: Net()`."
        )
    with seeded(0):
        module, other = _called(factory), _called(factory)
    shared = {id(p) for p in module.parameters()} & {id(p) for p in other.parameters()}
    if module is other or shared:
        raise ValueError(
            f"`model` should build a new module each time. Found the same {type(module).__name__} twice, which one "
            "fold would hand on trained to the next. Try building it inside the function."
        )
    if not any(parameter.requires_grad for parameter in module.parameters()):
        raise ValueError(f"`model` should have weights to train. Found none in {type(module).__name__}.")
    return module


def width(module: nn.Module, inputs: Inputs) -> int:
    """Return how many numbers the module gives for each example.

    Raises:
        ValueError: it cannot take the inputs, or gives no such tensor, or no finite numbers.
    """
    rows = len(inputs.tensors()[0]) if inputs.tensors() else 0
    bad = [tensor for tensor in inputs.tensors() if tensor.is_floating_point() and not torch.isfinite(tensor).all()]
    if bad or not rows:
        found = "one that is not" if bad else "no tensor"
        raise ValueError(f"The dataset's inputs should be tensors of finite numbers. Found {found}. Try correcting it.")
    try:
        with torch.no_grad():
            output = inputs.call(module)
    except Exception as error:
        told = (str(error) or type(error).__name__).split("\n")[0]
        raise ValueError(
            f"The model should take the dataset's inputs, {inputs}. Found {type(error).__name__}: {told}. Try a "
            "transform in the dataset, or another model."
        ) from error
    if not isinstance(output, Tensor):
        raise ValueError(
            f"The model should give one tensor. Found a {type(output).__name__}. Try a module around it that returns "
            "the logits alone."
        )
    if output.ndim not in (1, 2) or len(output) != rows or output.numel() == 0 or not output.is_floating_point():
        raise ValueError(
            f"The model should give (examples, classes) logits, or (examples,) or (examples, 1) values. Found "
            f"{tuple(output.shape)} {str(output.dtype).removeprefix('torch.')} for {rows} examples. Try pooling or "
            "flattening at its end."
        )
    if not torch.isfinite(output).all():
        raise ValueError("The model's first outputs should be finite. Found others. Try smaller initial weights.")
    return output.numel() // rows


def activation(module: nn.Module, inputs: Inputs) -> str:
    """Name the activation that the outputs seem to have passed, or nothing.

    The losses take raw outputs: a softmax before them is one too many.
    """
    with torch.no_grad():
        output = inputs.call(module).float().reshape(len(inputs.tensors()[0]), -1)
    inside = bool((output >= 0.0).all() and (output <= 1.0).all())
    if inside and output.shape[1] > 1 and torch.allclose(output.sum(1), torch.ones(len(output)).to(output), atol=1e-4):
        return "a softmax"
    if bool((output >= 0.0).all()) and bool((output == 0.0).any()):
        return "a ReLU"
    return "a sigmoid" if inside and output.shape[1] == 1 and len(output) >= 8 else ""


def shaped(output: Tensor, link: Link) -> Tensor:
    """Return a module's output as the link wants it: (n, outputs).

    Two classes may come as one logit or two: the softmax of (0, z) is the sigmoid of z.
    """
    columns = wide(output).reshape(len(output), -1)
    if link.name == "softmax" and columns.shape[1] == 1:
        return torch.cat([torch.zeros_like(columns), columns], dim=1)
    if link.name == "sigmoid" and columns.shape[1] == 2:
        return columns[:, 1:] - columns[:, :1]
    return columns


def fingerprint(module: nn.Module) -> str:
    """Return a hash of a module's parts, the shapes of its weights, and its code.

    By the bytecode of every `forward` that is not torch's own, which is there in a notebook too.
    """
    parts = [f"{name} {tuple(value.shape)} {value.dtype}" for name, value in module.state_dict().items()]
    for name, part in module.named_modules():
        kind = type(part)
        code = getattr(kind.forward, "__code__", None)
        parts.append(f"{name} {kind.__module__}.{kind.__qualname__} {part.extra_repr()}")
        if code is not None and not kind.__module__.startswith("torch."):
            constants = [value for value in code.co_consts if isinstance(value, (int, float, str, bytes))]
            parts.append(f"{code.co_code.hex()} {code.co_names} {constants}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _called(factory: Factory) -> nn.Module:
    try:
        module = factory()
    except TypeError as error:
        raise TypeError(f"`model` should be callable without arguments. Found: {error}. Try a lambda.") from error
    if not isinstance(module, nn.Module):
        raise TypeError(f"`model` should return a torch module. Found a {type(module).__name__}. Try `lambda: Net()`.")
    return module
