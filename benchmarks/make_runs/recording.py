"""What a recorder in the loop writes: the lines of live.jsonl, with the definitions of the runs in ../shared/runs."""

import math
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

WEIGHTED = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.ConvTranspose1d, nn.RNN, nn.GRU, nn.LSTM)
KINDS: dict[type[nn.Module], str] = {
    nn.ReLU: "relu",
    nn.LeakyReLU: "leaky",
    nn.Tanh: "tanh",
    nn.Sigmoid: "sigmoid",
    nn.GELU: "gelu",
}
RECURRENT = (nn.RNN, nn.GRU, nn.LSTM)
FIRST = (1, 2, 4, 7, 11, 16, 23, 32)
PARTS = 24
WINDOW = 12
QUANTILES = (0.1, 0.5, 0.9, 0.99)


def moments(total: int) -> set[int]:
    """Return the steps at which a run of `total` steps is recorded."""
    return {step for step in FIRST if step <= total} | {total * part // PARTS for part in range(1, PARTS + 1)}


def short(value: float | None, digits: int = 4) -> float | None:
    """Round to significant digits; what is not finite becomes None."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{digits}g}")


def spread(values: Tensor) -> float:
    """Return the standard deviation, 0 of one value."""
    return float(values.std()) if values.numel() > 1 else 0.0


def inputs(x: Tensor, flat: bool) -> dict[str, Any]:
    """Describe the inputs as they are fed."""
    missing = x.isnan()
    rows = (x.flatten(1) if flat else x.flatten(0, -2)).double()
    rows = rows[~rows.isnan().any(1)]
    deviations, means = rows.std(0), rows.mean(0)
    numbers = {
        "mean": rows.mean(), "std": rows.std(), "min": rows.min(), "max": rows.max(),
        "nan_frac": missing.double().mean(), "feat_std_max": deviations.max(), "feat_std_min": deviations.min(),
        "feat_mean_absmax": means.abs().max(),
    }  # fmt: skip
    return {key: short(float(value)) for key, value in numbers.items()}


def targets(y: Tensor, batch: int, classes: int | None) -> dict[str, Any]:
    """Describe the targets as they are learned from."""
    numbers = y.double()
    of = {"mean": numbers.mean(), "std": numbers.std(), "min": numbers.min(), "max": numbers.max()}
    shape = {"shape": [batch, *y.shape[1:]], "dtype": str(y.dtype)}
    return shape | {key: short(float(value)) for key, value in of.items()} | {"hist": histogram(y, classes)}


def histogram(y: Tensor, classes: int | None) -> list[int] | None:
    """Count classes, or positives by label."""
    if classes is None:
        return None
    if y.ndim == 2:
        return [int(count) for count in y.sum(0)]
    return [int(count) for count in torch.bincount(y.long().clamp(0, classes - 1), minlength=classes)]


def kinds(model: nn.Module) -> list[str]:
    """Return the kinds of a network's activation modules, in order."""
    return [KINDS[type(part)] for part in model.modules() if type(part) in KINDS]


class Watch:
    """Watches a model through its training steps.

    Args:
        model: the network.
        total: planned steps.
        classes: classes, or labels, or None.
        channels: whether the second axis of (rows, ., .) holds the units, as in a convolution, or the last one.
    """

    def __init__(self, model: nn.Module, total: int, classes: int | None, channels: bool) -> None:
        self.model, self.classes, self.moments, self.channels = model, classes, moments(total), channels
        self.layers = {name: part for name, part in model.named_modules() if isinstance(part, WEIGHTED)}
        self._means: deque[float] = deque(maxlen=WINDOW)
        self._entropies: deque[float] = deque(maxlen=WINDOW)
        self._acts: dict[str, dict[str, Any]] = {}
        self._last: Tensor | None = None
        self._norms: dict[str, dict[str, Any]] = {}
        self._before: dict[str, Tensor] = {}

    @property
    def kinds(self) -> list[str]:
        """Return the kinds of activation modules, in order."""
        return kinds(self.model)

    def batch(self, y: Tensor) -> None:
        """Remember a batch's targets; every step."""
        self._means.append(float(y.double().mean()))
        if self.classes and y.ndim == 1:
            shares = torch.bincount(y.long(), minlength=self.classes).double() / len(y)
            self._entropies.append(float(torch.special.entr(shares).sum()) / math.log(self.classes))

    @contextmanager
    def activations(self, wanted: bool) -> Iterator[None]:
        """Record the activations of the forward pass inside."""
        hooks = []
        for name, part in self.model.named_modules() if wanted else ():
            kind = KINDS.get(type(part)) or ("tanh" if isinstance(part, RECURRENT) else None)
            if kind:
                hooks.append(part.register_forward_hook(self._hook(name, kind)))
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def _hook(self, name: str, kind: str) -> Any:
        def seen(part: nn.Module, given: Any, out: Any) -> None:
            self._acts[name] = _activation(kind, out[0] if isinstance(out, tuple) else out, self.channels)

        return seen

    def gradients(self, step: int) -> dict[str, Any]:
        """Take the gradients after the backward pass; called at every step."""
        here = step in self.moments
        if not here and step + 1 not in self.moments:
            return {}
        whole = torch.cat([_gradient(value).flatten() for value in self.model.parameters()])
        record: dict[str, Any] = {}
        if here:
            cosine = (
                None if self._last is None or step < 3 else float(torch.cosine_similarity(whole, self._last, dim=0))
            )
            record = {"grad_norm": short(float(whole.norm())), "grad_cos_prev": short(cosine)}
            self._norms = {name: _layer(part) for name, part in self.layers.items()}
            self._before = {name: _weights(part) for name, part in self.layers.items()}
        self._last = whole
        return record

    def step(
        self, record: dict[str, Any], out: Tensor, y: Tensor, rows: Tensor, predicted: Tensor | None
    ) -> dict[str, Any]:
        """Return the rest of a step's line, after the optimiser's step."""
        for name, part in self.layers.items():
            before = self._before[name]
            move = float((_weights(part) - before).norm()) / max(float(before.norm()), 1e-12)
            self._norms[name]["upd"] = short(move)
        finite = all(bool(value.isfinite().all()) for value in self.model.parameters())
        entropies = list(self._entropies)
        line = record | {
            "layers": self._norms,
            "acts": dict(self._acts),
            "out": _output(out),
            "sample_loss_q": [short(float(q)) for q in torch.quantile(_clean(rows), torch.tensor(QUANTILES))],
            "batch_label_entropy": short(sum(entropies) / len(entropies)) if entropies else None,
            "batch_target_means": [short(mean) for mean in self._means],
            "param_finite": float(finite),
        }
        if self.classes and predicted is not None:
            line |= {"pred_hist": histogram(predicted, self.classes), "label_hist": histogram(y, self.classes)}
        return line


def _clean(values: Tensor) -> Tensor:
    """Return values with 0 for what is not finite."""
    return values.detach().float().nan_to_num(0, 0, 0)


def _gradient(value: Tensor) -> Tensor:
    return torch.zeros_like(value) if value.grad is None else value.grad.detach()


def _weights(part: nn.Module) -> Tensor:
    """Return a layer's parameters, biases included, as one vector."""
    return torch.cat([value.detach().flatten() for value in part.parameters()]).clone()


def _layer(part: nn.Module) -> dict[str, Any]:
    """Describe a layer's gradient and weights before the step."""
    slopes = torch.cat([_gradient(value).flatten() for value in part.parameters()])
    weights = _weights(part)
    return {
        "gnorm": short(float(slopes.norm())), "gabs": short(float(slopes.abs().mean())),
        "gzero": short(float((slopes == 0).float().mean())), "wnorm": short(float(weights.norm())),
        "wabsmax": short(float(weights.abs().max())), "finite": short(float(weights.isfinite().float().mean())),
    }  # fmt: skip


def _activation(kind: str, out: Tensor, channels: bool) -> dict[str, Any]:
    """Describe one activation's output on a batch."""
    values = _clean(out)
    found = {
        "kind": kind,
        "mean": short(float(values.mean())),
        "std": short(spread(values)),
        "finite": short(float(out.isfinite().float().mean())),
    }
    if kind == "relu":
        units = values.transpose(0, 1).flatten(1) if channels or values.ndim == 2 else values.flatten(0, -2).T
        found |= {
            "zero_frac": short(float((values == 0).float().mean())),
            "dead_frac": short(float((units == 0).all(1).float().mean())),
        }
    if kind == "tanh":
        found["sat_frac"] = short(float((values.abs() > 0.97).float().mean()))
    if kind == "sigmoid":
        found["sat_frac"] = short(float(((values < 0.02) & out.isfinite() | (values > 0.98)).float().mean()))
    return found


def _output(out: Tensor) -> dict[str, Any]:
    """Describe the network's output on a batch."""
    values = _clean(out).flatten(1)
    sums = values.sum(1)
    between = float(values.std(0).mean()) if len(values) > 1 else 0.0
    numbers = {
        "mean": float(values.mean()), "std": spread(values), "min": float(values.min()), "max": float(values.max()),
        "row_sum": float(sums.mean()), "row_sum_std": spread(sums), "between_sample_std": between,
    }  # fmt: skip
    return {key: short(value) for key, value in numbers.items()}
