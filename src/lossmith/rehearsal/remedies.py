"""Remedies that need no person: each changes a trial before it begins."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn

from lossmith.rehearsal.case import Case
from lossmith.rehearsal.looks import learning_rate
from lossmith.rehearsal.trial import Trial, found, loader_like, shuffles
from lossmith.training.own.examples import Inputs

GROWN, FASTER = 4, 2.0
UNEVEN = 3.0
SQUASHING = (nn.Sigmoid, nn.Tanh, nn.Hardtanh, nn.Hardsigmoid)
FAR = 1e-6


@dataclass(frozen=True)
class Remedy:
    """One change.

    Attributes:
        title: what it does, for people.
        apply: makes the change; false where there is nothing to change.
    """

    title: str
    apply: Callable[[Trial], bool]


def _rate(factor: float) -> Callable[[Trial], bool]:
    def apply(trial: Trial) -> bool:
        for group in trial.setup.optimizer.param_groups:
            group["lr"] *= factor
        return True

    return apply


@cache
def _suggested(case: Case) -> float | None:
    """Return what the range test suggests, the same for every seed."""
    found = (learning_rate.look(case).picture or {}).get("suggestion")
    return float(found) if found else None


def _range_test(trial: Trial) -> bool:
    wanted, groups = _suggested(trial.case), trial.setup.optimizer.param_groups
    if wanted is None or len({group["lr"] for group in groups}) > 1 or 0.5 < wanted / groups[0]["lr"] < 2:
        return False
    for group in groups:
        group["lr"] = wanted
    return True


def _adam(trial: Trial) -> bool:
    if "Adam" in type(trial.setup.optimizer).__name__:
        return False
    trial.setup.optimizer = torch.optim.Adam(trial.setup.model.parameters(), 1e-3)
    return True


def _clip(trial: Trial) -> bool:
    trial.clip = 1.0
    return True


def _warm(trial: Trial) -> bool:
    trial.warm = 0.2
    return True


def _decay(trial: Trial) -> bool:
    for group in trial.setup.optimizer.param_groups:
        if "weight_decay" in group:
            group["weight_decay"] = max(0.01, 10 * group["weight_decay"])
    return any("weight_decay" in group for group in trial.setup.optimizer.param_groups)


def _no_regularisation(trial: Trial) -> bool:
    changed = False
    for group in trial.setup.optimizer.param_groups:
        changed |= bool(group.get("weight_decay"))
        group["weight_decay"] = 0.0
    for module in trial.setup.model.modules():
        if isinstance(module, nn.modules.dropout._DropoutNd):
            changed |= module.p > 0
            module.p = 0.0
    return changed


def _all_parameters(trial: Trial) -> bool:
    held = {id(p) for group in trial.setup.optimizer.param_groups for p in group["params"]}
    left = [p for p in trial.setup.model.parameters() if id(p) not in held]
    frozen = [p for p in trial.setup.model.parameters() if not p.requires_grad]
    for parameter in frozen:
        parameter.requires_grad_(True)
    if left:
        trial.setup.optimizer.add_param_group({"params": left})
    return bool(left or frozen)


def _normalise(trial: Trial) -> bool:
    """Standardise the first input by column or channel; gaps become 0."""
    x = trial.case.inputs
    if x is None or not x.is_floating_point() or x.ndim < 2:
        return False
    place = 1 if x.ndim in (2, 4, 5) else x.ndim - 1
    columns = x.movedim(place, -1).reshape(-1, x.shape[place]).double()
    there = columns.isfinite()
    count = there.sum(0).clamp_min(1)
    mean = columns.where(there, 0.0).sum(0) / count
    std = ((columns - mean).where(there, 0.0).square().sum(0) / count).sqrt()
    shape = [1] * x.ndim
    shape[place] = -1
    mean, std = mean.reshape(shape), std.where(std > FAR * (1 + mean.flatten().abs()), 1.0).reshape(shape)

    def scaled(value: Tensor) -> Tensor:
        moved = (value - mean.to(value)) / std.to(value)
        return moved.where(moved.isfinite(), 0.0)

    def inputs(given: Inputs) -> Inputs:
        return Inputs((scaled(given.args[0]), *given.args[1:]), given.kwargs) if given.args else given

    trial.inputs = inputs
    return bool(trial.case.batch[0].args)


def _shuffle(trial: Trial) -> bool:
    if shuffles(trial.setup.data):
        return False
    trial.setup.data = loader_like(trial.setup.data, trial.setup.data.dataset, True)
    return True


def _larger_batch(trial: Trial) -> bool:
    data, size = trial.setup.data, GROWN * trial.batch_size
    if not hasattr(data.dataset, "__len__") or len(data.dataset) < 2 * size:
        return False
    trial.setup.data = loader_like(data, data.dataset, shuffles(data), size)
    return _rate(FASTER)(trial)


def _logits(trial: Trial) -> bool:
    """Undo a softmax or sigmoid that the loss applies again."""
    seen = found(trial.case)
    if "double-softmax" in seen:
        trial.output = lambda output: output.clamp_min(1e-12).log()
    elif "double-sigmoid" in seen:
        trial.output, trial.threshold = (lambda output: output.logit(1e-6)), 0.0
    return bool({"double-softmax", "double-sigmoid"} & seen)


def _matching_shapes(trial: Trial) -> bool:
    y, out = trial.case.batch[1], trial.case.outputs
    if not isinstance(y, Tensor) or trial.kind == "classes" or y.shape[1:] == out.shape[1:]:
        return False
    if y.numel() // len(y) != out.numel() // len(out):
        return False
    inner = y.shape[1:]
    trial.output = lambda output: output.reshape(len(output), *inner)
    return True


def _usual_loss(trial: Trial) -> bool:
    """Take the loss that such targets usually have, on logits."""
    name, chances = type(trial.setup.loss).__name__, trial.threshold == 0.5
    if trial.kind == "classes":
        if name == "CrossEntropyLoss" and not chances:
            return False
        trial.setup.loss = nn.CrossEntropyLoss()
        trial.output = (lambda output: output.clamp_min(1e-12).log()) if chances else trial.output
    elif trial.kind == "binary":
        trial.output = (lambda output: output.logit(1e-6)) if chances else trial.output
        trial.setup.loss, trial.threshold = _flat(nn.BCEWithLogitsLoss()), 0.0
    elif trial.kind == "numbers":
        trial.setup.loss = _flat(nn.MSELoss())
    return trial.kind != "own"


def _class_weights(trial: Trial) -> bool:
    y = trial.case.target
    if y is None or trial.kind not in ("classes", "binary"):
        return False
    classes = trial.case.outputs.shape[1] if trial.kind == "classes" else 2
    labels = y[y >= 0].long().reshape(-1)
    counts = torch.bincount(labels, minlength=classes).double().clamp_min(1.0)
    if float(counts.max() / counts.min()) < UNEVEN:
        return False
    if trial.kind == "classes":
        weight = (counts.sum() / counts / classes).to(trial.case.outputs)
        trial.setup.loss = nn.CrossEntropyLoss(weight=weight)
    else:
        trial.setup.loss = _flat(nn.BCEWithLogitsLoss(pos_weight=(counts[0] / counts[1]).to(trial.case.outputs)))
    return trial.threshold == 0.0


def _smoothing(trial: Trial) -> bool:
    if trial.kind != "classes" or type(trial.setup.loss).__name__ != "CrossEntropyLoss":
        return False
    trial.setup.loss = nn.CrossEntropyLoss(label_smoothing=0.1)
    return True


def _robust(trial: Trial) -> bool:
    """Take a loss that a few wrong targets cannot bend."""
    if trial.kind == "numbers" and isinstance(trial.setup.loss, nn.MSELoss) and trial.case.target is not None:
        spread = float(trial.case.target.double().std())
        trial.setup.loss = nn.HuberLoss(delta=max(0.5 * spread, FAR))
        return True
    if trial.kind == "classes" and isinstance(trial.setup.loss, nn.CrossEntropyLoss) and trial.case.target is not None:
        from lossmith import registry

        trial.setup.loss = registry.load("generalized_cross_entropy_loss")
        return trial.case.target.ndim == 1
    return False


def _flat(loss: nn.Module) -> Callable[[Tensor, Tensor], Tensor]:
    """Return a loss of outputs and targets whose shapes may differ by ones."""

    def value(output: Tensor, target: Tensor) -> Tensor:
        found: Tensor = loss(output, target.reshape(output.shape).to(output.dtype))
        return found

    return value


def _leaky(trial: Trial) -> bool:
    return _swapped(trial.setup.model, (nn.ReLU, nn.ReLU6), lambda: nn.LeakyReLU(0.1))


def _relu(trial: Trial) -> bool:
    leaves = [module for module in trial.setup.model.modules() if not list(module.children())]
    last = leaves[-1] if leaves else None
    changed = _swapped(trial.setup.model, SQUASHING, nn.ReLU, last)
    return _he(trial) if changed else False


def _swapped(model: nn.Module, kinds: tuple[type[nn.Module], ...], make: Callable[[], nn.Module],
             keep: nn.Module | None = None) -> bool:  # fmt: skip
    changed = False
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, kinds) and child is not keep:
                setattr(parent, name, make())
                changed = True
    return changed


def _he(trial: Trial) -> bool:
    layers = [m for m in trial.setup.model.modules() if isinstance(m, nn.Linear | nn.modules.conv._ConvNd)]
    for layer in layers:
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
    return bool(layers)


REMEDIES: Mapping[str, Remedy] = {
    "rate_3_down": Remedy("a third of the learning rate", _rate(1 / 3)),
    "rate_10_down": Remedy("a tenth of the learning rate", _rate(1 / 10)),
    "rate_3_up": Remedy("three times the learning rate", _rate(3)),
    "rate_10_up": Remedy("ten times the learning rate", _rate(10)),
    "range_test": Remedy("the learning rate of a range test", _range_test),
    "adam": Remedy("Adam at 0.001", _adam),
    "warm_up": Remedy("a rate that rises over the first fifth", _warm),
    "clipping": Remedy("gradients clipped to length 1", _clip),
    "normalised_inputs": Remedy("inputs standardised, gaps filled", _normalise),
    "shuffling": Remedy("rows shuffled", _shuffle),
    "larger_batch": Remedy("batches four times as large, rate doubled", _larger_batch),
    "logits": Remedy("the model's last softmax or sigmoid undone", _logits),
    "matching_shapes": Remedy("output in the target's shape", _matching_shapes),
    "usual_loss": Remedy("the usual loss for such targets", _usual_loss),
    "class_weights": Remedy("classes weighted by how rare they are", _class_weights),
    "label_smoothing": Remedy("label smoothing of 0.1", _smoothing),
    "robust_loss": Remedy("a robust loss", _robust),
    "leaky_relu": Remedy("LeakyReLU in place of ReLU", _leaky),
    "relu": Remedy("ReLU in place of sigmoid and tanh, He initialisation", _relu),
    "he_initialisation": Remedy("He initialisation, biases 0", _he),
    "all_parameters": Remedy("every parameter in the optimizer, none frozen", _all_parameters),
    "weight_decay": Remedy("weight decay of 0.01", _decay),
    "no_regularisation": Remedy("no dropout, no weight decay", _no_regularisation),
}

FOR: Mapping[str, Sequence[str]] = {
    "nan_inf": ("normalised_inputs", "rate_10_down", "clipping", "usual_loss"),
    "frozen_params": ("all_parameters",),
    "missing_output_activation": ("usual_loss",),
    "double_activation": ("logits",),
    "wrong_loss": ("usual_loss",),
    "shape_broadcast": ("matching_shapes",),
    "unnormalized_inputs": ("normalised_inputs", "rate_10_down"),
    "not_shuffled": ("shuffling",),
    "no_zero_grad": ("rate_10_down", "clipping"),
    "dead_relu": ("leaky_relu", "he_initialisation", "rate_10_down", "normalised_inputs"),
    "saturated_activation": ("normalised_inputs", "relu", "he_initialisation", "rate_10_down"),
    "vanishing_gradient": ("relu", "he_initialisation", "rate_10_up"),
    "exploding_gradient": ("clipping", "he_initialisation", "rate_10_down", "normalised_inputs"),
    "lr_too_high": ("rate_3_down", "rate_10_down", "range_test", "warm_up", "clipping"),
    "lr_too_low": ("rate_3_up", "rate_10_up", "range_test", "adam"),
    "batch_too_small": ("larger_batch", "rate_3_down"),
    "class_imbalance": ("class_weights",),
    "overfitting": ("weight_decay", "label_smoothing"),
    "label_noise": ("robust_loss", "label_smoothing"),
    "underfitting": ("no_regularisation", "rate_10_up", "he_initialisation"),
}
"""What to try for which fault, the first first. Faults that are not here have no remedy without a person."""
ANYWAY = ("rate_10_down", "rate_10_up", "normalised_inputs", "clipping")
"""Tried beside them: a diagnosis may be wrong."""


def chosen(faults: Sequence[str], most: int) -> list[str]:
    """Return the remedies to try for some faults, the likeliest fault first.

    Args:
        faults: as they were diagnosed.
        most: so many at most.

    Example:
        >>> chosen(["not_shuffled"], 3)
        ['shuffling', 'rate_10_down', 'rate_10_up']
    """
    wanted = [name for fault in faults for name in FOR.get(fault, ())]
    return list(dict.fromkeys([*wanted, *ANYWAY]))[:most]
