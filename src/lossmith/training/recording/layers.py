"""What each layer's gradient and step look like, from few passes.

Written for each layer: the gradient's norm, its mean absolute value and its share of zeros, the weights' norm and
largest absolute value, whether all is finite, and the length of the last step beside the weights' own.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

Layers = Mapping[str, Sequence[Tensor]]

MOST = 2_000_000
"""From this many weights on, steps and agreement are measured on evenly spaced weights only: memory and time."""


def layers_of(model: nn.Module) -> dict[str, list[Tensor]]:
    """Return each module's own parameters, by the module's name."""
    found = {name or "model": list(module.parameters(recurse=False)) for name, module in model.named_modules()}
    return {name: parameters for name, parameters in found.items() if parameters}


def stride_of(layers: Layers) -> int:
    """Return the distance of the weights that are looked at."""
    return 1 + sum(weight.numel() for weights in layers.values() for weight in weights) // MOST


@torch.no_grad()
def thinned(tensors: Sequence[Tensor | None], shapes: Sequence[Tensor], stride: int) -> Tensor:
    """Return a copy of evenly spaced entries; a missing gradient counts as zeros."""
    flat = (torch.zeros_like(like) if tensor is None else tensor for tensor, like in zip(tensors, shapes, strict=True))
    return torch.cat([_dense(tensor).detach().reshape(-1)[::stride].float() for tensor in flat])


@torch.no_grad()
def measure(layers: Layers, before: Mapping[str, Tensor], stride: int) -> tuple[dict[str, dict[str, float]], Tensor]:
    """Return each layer's numbers, after the optimiser's step.

    Args:
        layers: parameters by layer, with their gradients.
        before: `thinned` weights of each layer before the step.
        stride: that they were thinned by.

    Returns:
        The numbers by layer, and the thinned gradient of all of them.
    """
    rows, gradients = [], []
    for name, weights in layers.items():
        gradient = thinned([weight.grad for weight in weights], weights, stride)
        now = thinned(list(weights), weights, stride)
        gradients.append(gradient)
        rows.append(_numbers(gradient, now, before.get(name)))
    # One transfer for all numbers: each would make the host wait for the device.
    table = torch.stack(rows).tolist()
    scale = stride**0.5  # norms of evenly spaced entries, scaled to all of them
    return {
        name: {
            "gnorm": row[0] * scale,
            "gabs": row[1],
            "gzero": row[2],
            "wnorm": row[3] * scale,
            "wabsmax": row[4],
            "finite": row[5],
            "upd": row[6],
        }
        for name, row in zip(layers, table, strict=True)
    }, torch.cat(gradients)


def _numbers(gradient: Tensor, now: Tensor, before: Tensor | None) -> Tensor:
    norm = torch.linalg.vector_norm
    length, reach = norm(now), norm(now, float("inf"))
    absolute = gradient.abs()
    moved = norm(now - before) if before is not None else torch.full_like(length, float("nan"))
    finite = torch.isfinite(absolute.sum() + reach).float()
    return torch.stack(
        [
            norm(gradient),
            absolute.mean(),
            1 - torch.count_nonzero(gradient) / max(1, gradient.numel()),
            length,
            reach,
            finite,
            moved / length.clamp_min(1e-12),
        ]
    )


def agreement(gradient: Tensor, before: Tensor | None) -> float | None:
    """Return the cosine of two gradients, or nothing where one is missing."""
    if before is None or before.shape != gradient.shape:
        return None
    lengths = torch.linalg.vector_norm(gradient) * torch.linalg.vector_norm(before)
    cosine = float(torch.dot(gradient, before) / lengths)
    return cosine if cosine == cosine else None


def _dense(tensor: Tensor) -> Tensor:
    return tensor.to_dense() if tensor.is_sparse else tensor


def rate_of(optimizer: Any) -> float | None:
    """Return the learning rate of an optimiser's first group."""
    groups = getattr(optimizer, "param_groups", None)
    return float(groups[0]["lr"]) if groups else None


def settings_of(optimizer: Any) -> dict[str, Any]:
    """Return an optimiser's name and settings, as far as it says."""
    groups = getattr(optimizer, "param_groups", None) or []
    return {
        "optimizer": type(optimizer).__name__ if optimizer is not None else None,
        "lr": rate_of(optimizer),
        "weight_decay": float(groups[0].get("weight_decay", 0.0)) if groups else None,
        "optimizer_params": sum(weight.numel() for group in groups for weight in group["params"]),
    }
