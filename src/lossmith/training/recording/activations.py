"""Dead and saturated units, seen by hooks that are only on a sampled step."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

KINDS: dict[type[nn.Module], str] = {
    nn.ReLU: "relu",
    nn.ReLU6: "relu",
    nn.LeakyReLU: "leaky",
    nn.PReLU: "leaky",
    nn.ELU: "elu",
    nn.SELU: "selu",
    nn.GELU: "gelu",
    nn.SiLU: "silu",
    nn.Mish: "mish",
    nn.Softplus: "softplus",
    nn.Tanh: "tanh",
    nn.Hardtanh: "tanh",
    nn.Sigmoid: "sigmoid",
    nn.Hardsigmoid: "sigmoid",
    nn.LSTM: "tanh",
    nn.GRU: "tanh",
}

SATURATED = {"tanh": (-0.97, 0.97), "sigmoid": (0.02, 0.98)}
"""Beyond these, a unit passes on less than a tenth of its largest slope."""


def kind_of(module: nn.Module) -> str | None:
    """Return the name of an activation, or nothing where the module is none."""
    if isinstance(module, nn.RNN):
        return str(module.nonlinearity)
    return KINDS.get(type(module))


class Watch:
    """Forward hooks on the activations and on the network, until `stop`."""

    def __init__(self, model: nn.Module) -> None:
        self.activations: dict[str, tuple[str, Tensor]] = {}
        self.input: Tensor | None = None
        self.output: Tensor | None = None
        self._hooks = [model.register_forward_hook(self._whole)]
        for name, module in model.named_modules():
            kind = kind_of(module)
            if kind and module is not model:
                self._hooks.append(module.register_forward_hook(self._kept(name, kind)))

    def stop(self) -> None:
        """Take the hooks off again."""
        for hook in self._hooks:
            hook.remove()
        self._hooks = []

    def _kept(self, name: str, kind: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(module: nn.Module, _: Any, output: Any) -> None:
            found = first_tensor(output)
            if module.training and found is not None:  # a validation in between is not this step
                self.activations[name] = (kind, found.detach())

        return hook

    def _whole(self, module: nn.Module, inputs: Any, output: Any) -> None:
        if module.training or self.output is None:
            self.input, self.output = first_tensor(inputs), first_tensor(output)


def first_tensor(value: Any) -> Tensor | None:
    """Return the first tensor in nested tuples, lists or dictionaries."""
    if isinstance(value, Tensor):
        return value
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return next((found for found in map(first_tensor, items) if found is not None), None)


@torch.no_grad()
def measure(activations: dict[str, tuple[str, Tensor]]) -> dict[str, dict[str, Any]]:
    """Return what each activation put out: mean, spread, dead or saturated shares."""
    numbers = {name: _numbers(kind, output.float()) for name, (kind, output) in activations.items()}
    if not numbers:
        return {}
    table = torch.stack([torch.stack(list(row.values())) for row in map(_padded, numbers.values())]).tolist()
    return {
        name: {"kind": activations[name][0], **dict(zip(row, values, strict=False))}
        for (name, row), values in zip(numbers.items(), table, strict=True)
    }


def _numbers(kind: str, output: Tensor) -> dict[str, Tensor]:
    spread, mean = torch.std_mean(output, correction=0)
    row = {"mean": mean, "std": spread, "finite": torch.isfinite(output).float().mean()}
    if kind == "relu":
        active = output != 0
        row["zero_frac"] = 1 - active.float().mean()
        row["dead_frac"] = 1 - _by_unit(active).any(0).float().mean()
    elif kind in SATURATED:
        low, high = SATURATED[kind]
        row["sat_frac"] = ((output < low) | (output > high)).float().mean()
    return row


def _padded(row: dict[str, Tensor]) -> dict[str, Tensor]:
    """Give each row five numbers, so that they stack."""
    blanks = {f"_{index}": row["mean"] for index in range(5 - len(row))}
    return {**row, **blanks}


def _by_unit(output: Tensor) -> Tensor:
    """Return the output as rows by units: channels of an image, features of all else."""
    if output.ndim >= 4:
        output = output.transpose(1, -1)
    return output.reshape(-1, output.shape[-1]) if output.ndim > 1 else output.reshape(-1, 1)
