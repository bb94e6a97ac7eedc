"""How strongly each class pulls, measured on examples that are otherwise alike."""

import torch
from torch import Tensor

from lossmith.checker.case import Case, Inputs
from lossmith.checker.probes import pulls


def ratio(case: Case) -> dict[int, float] | None:
    """Return each class's pull against class 0, for predictions equally wrong.

    None where it cannot be measured.

    Each class has one example in one batch, so that dividing by the batch's sum of weights changes nothing.
    """
    if len(case.pairs) != 1:
        return None
    prediction, target = case.pairs[0]
    held, count = case.arguments[target].holds, case.signature.sizes.get("C", 4)
    if held in ("class_index", "ignored_index"):
        axis = case.class_axis(prediction)
        count = case.ordinary[0][prediction].shape[axis] if axis is not None else count
    kinds = range(count) if held in ("class_index", "ignored_index", "one_hot") else (0, 1)
    inputs = _alike(case, prediction, target, len(kinds))
    if inputs is None:
        return None
    found = pulls(case, inputs, prediction)
    if found is None or len(found) != len(kinds) or not bool(torch.isfinite(found).all()):
        return None
    strongest = float(found.max())
    if not strongest > 0.0:
        return None
    base = float(found[0])
    return {k: float(found[k]) / base if base > 0.0 else float("inf") for k in kinds}


def _alike(case: Case, prediction: int, target: int, count: int) -> Inputs | None:
    """Return a batch of one example a class, all equally uncertain."""
    inputs = case.draw(0, N=count)
    shape, held = inputs[target].shape, case.arguments[target].holds
    if case.batch_axes[target] != 0 or case.batch_axes[prediction] != 0:
        return None
    labels = torch.arange(count).reshape(-1, *[1] * (len(shape) - 1))
    if held in ("class_index", "ignored_index"):
        inputs[target] = labels.expand(shape).clone()
    elif held == "one_hot":
        inputs[target] = (
            torch.eye(count, dtype=inputs[target].dtype)[:, :, None]
            .expand(count, count, max(1, inputs[target].numel() // (count * count)))
            .reshape(shape)
            if shape[1] == count
            else inputs[target]
        )
    elif held in ("binary01", "sign"):
        inputs[target] = (
            (labels.to(inputs[target]) * (2.0 if held == "sign" else 1.0) - float(held == "sign")).expand(shape).clone()
        )
    else:
        return None
    kind = case.arguments[prediction].holds
    even = {"logits": 0.0, "real": 0.0, "probabilities": 0.5}
    if kind in even:
        inputs[prediction] = torch.full_like(inputs[prediction], even[kind])
        return inputs
    if kind in ("simplex", "log_probabilities"):
        axis = case.class_axis(prediction) or 1
        share = torch.full_like(inputs[prediction], 1.0 / inputs[prediction].shape[axis])
        inputs[prediction] = share if kind == "simplex" else share.log()
        return inputs
    return None


def per_label(case: Case) -> dict[int, float] | None:
    """Return, for each label, how strongly a yes pulls against a no."""
    sizes = _label_pulls(case)
    return None if sizes is None else _ratios(*sizes)


def of_labels(case: Case) -> dict[int, float] | None:
    """Return how strongly each label pulls against label 0.

    None where yes and no differ in that.
    """
    sizes = _label_pulls(case)
    if sizes is None:
        return None
    yes, no = (_ratios(size, size[:1].expand_as(size)) for size in sizes)
    return yes if matches(yes, no) else None


def _ratios(above: Tensor, below: Tensor) -> dict[int, float]:
    return {k: float(a / b) if b > 0 else float("inf") for k, (a, b) in enumerate(zip(above, below, strict=True))}


def _label_pulls(case: Case) -> tuple[Tensor, Tensor] | None:
    """Return the pull of each label where all say yes, and where all say no."""
    if len(case.pairs) != 1:
        return None
    prediction, target = case.pairs[0]
    inputs = [x.clone() for x in case.ordinary[0]]
    even = {"logits": 0.0, "real": 0.0, "probabilities": 0.5}.get(case.arguments[prediction].holds)
    if case.arguments[target].holds != "binary01" or inputs[target].ndim != 2 or even is None:
        return None
    inputs[prediction] = torch.full_like(inputs[prediction], even)
    sizes = []
    for value in (1.0, 0.0):
        inputs[target] = torch.full_like(inputs[target], value)
        _, gradient = case.gradient(inputs, prediction)
        if gradient is None:
            return None
        sizes.append(gradient.abs().sum(0))
    return sizes[0], sizes[1]


def wanted(case: Case) -> dict[int, float] | None:
    """Return the promised weights against class 0."""
    claimed = case.claims.get("class_weights")
    if not isinstance(claimed, dict) or not claimed:
        return None
    weights = {int(k): float(v) for k, v in claimed.items()}
    base = weights.get(0)
    return {k: v / base for k, v in weights.items()} if base else None


def told(found: dict[int, float]) -> str:
    """Write ratios."""
    return ", ".join(f"{k}: {v:.3g}" for k, v in found.items())


def matches(found: dict[int, float], promised: dict[int, float]) -> bool:
    """Whether the measured ratios are the promised ones."""
    return all(k in found and abs(found[k] - v) <= 0.02 * max(abs(v), 1e-9) + 1e-6 for k, v in promised.items())
