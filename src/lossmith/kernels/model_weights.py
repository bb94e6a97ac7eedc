"""Which parameters of a model a penalty is about."""

import torch
from torch import Tensor


def model_weights(model: torch.nn.Module, everything: bool | None = None) -> list[Tensor]:
    """Return the trainable weights of a model, or every trainable parameter.

    Weights are the parameters with two dimensions or more: matrices, kernels, embeddings. Biases and the scales of
    normalisation layers have one; pulling them towards zero takes away offsets and, beside a normalisation, nothing
    else. A loss to which they make no sense leaves `everything` out. A parameter shared by two layers counts once.

    Raises:
        TypeError: `model` is no module.
        ValueError: there is nothing to penalise.
    """
    if not isinstance(model, torch.nn.Module):
        raise TypeError(f"`model` should be a torch.nn.Module. Found {type(model).__name__}. Try the network itself.")
    found: list[Tensor] = [p for p in model.parameters() if p.requires_grad and (everything or p.ndim > 1)]
    if not found:
        wider = "" if everything is None else "`everything=True` for biases and scales too, or "
        raise ValueError(
            "`model` should have trainable weights of two dimensions or more. Found none. "
            f"Try {wider}a model that is not frozen."
        )
    return found
