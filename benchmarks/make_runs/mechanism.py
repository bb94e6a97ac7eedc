"""Whether what a label names can be seen in the recording, against the control of the same seed."""

from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from benchmarks.make_runs.setup import Trained

Line = dict[str, Any]


def steps(run: Trained) -> list[Line]:
    """Return the recorded steps."""
    return [line for line in run.lines if line["type"] == "step"]


def ends(run: Trained) -> list[Line]:
    """Return the recorded evaluations."""
    return [line for line in run.lines if line["type"] == "eval"]


def present(fault: str, run: Trained, control: Trained) -> bool:
    """Say whether a fault's mechanism is in the recording."""
    check = CHECKS.get(fault)
    return check is None or (run.nan_step is None and check(run, control))


def middle(values: Sequence[float | None]) -> float:
    """Return the median of what is there, 0 of nothing."""
    kept = [value for value in values if value is not None]
    return median(kept) if kept else 0.0


def _of_layers(line: Line, key: str) -> list[float]:
    return [layer[key] or 0.0 for layer in line["layers"].values()]


def _paces(run: Trained) -> list[float]:
    """Return the usual relative size of each recorded step."""
    return [middle(_of_layers(line, "upd")) for line in steps(run)]


def _share(run: Trained, key: str) -> float:
    """Return the largest usual share of an activation statistic over the layers, in the second half."""
    later = steps(run)[len(steps(run)) // 2 :]
    names = {name for line in later for name, act in line["acts"].items() if key in act}
    return max((middle([line["acts"][name][key] for line in later]) for name in names), default=0.0)


def _vanishing(run: Trained, control: Trained) -> bool:
    """Gradients of the first layer are a hundredth of the last one's in the first third."""
    early = steps(run)[: len(steps(run)) // 3]
    ratios = [norms[0] / max(norms[-1], 1e-30) for norms in (_of_layers(line, "gnorm") for line in early)]
    return middle(ratios) < 1e-2


def _exploding(run: Trained, control: Trained) -> bool:
    """The early gradient is ten times any of the control's."""
    largest = max(line["grad_norm"] or 0.0 for line in steps(control))
    return middle([line["grad_norm"] for line in steps(run)[:4]]) > 10 * largest


def _noticeable_gap(run: Trained, control: Trained) -> bool:
    """The training loss ends far under the validation loss, and further under it than the control's."""
    return _gap(run) > 0.3 and _gap(run) > 2 * _gap(control)


def _gap(run: Trained) -> float:
    """Return validation minus training loss at the end, in units of how far validation fell."""
    losses = _validation(run)
    fell = max(losses[0] - min(losses), 1e-9)
    return (losses[-1] - middle([line["loss"] for line in steps(run)[-6:]])) / fell


def _validation(run: Trained) -> list[float]:
    return [line["val_loss"] for line in ends(run) if line["val_loss"] is not None] or [0.0]


def _high_floor(run: Trained, control: Trained) -> bool:
    """Validation ends clearly above the control's, and training no lower than that."""
    losses, reached = _validation(run), _validation(control)
    fell = max(reached[0] - reached[-1], 1e-9)
    trained = middle([line["loss"] for line in steps(run)[-6:]])
    return (losses[-1] - reached[-1]) / fell > 0.15 and (losses[-1] - trained) / fell < 0.2


CHECKS: dict[str, Callable[[Trained, Trained], bool]] = {
    "vanishing_gradient": _vanishing,
    "exploding_gradient": _exploding,
    "dead_relu": lambda run, control: _share(run, "dead_frac") >= 0.5,
    "saturated_activation": lambda run, control: _share(run, "sat_frac") >= 0.5,
    "lr_too_high": lambda run, control: max(_paces(run)[:8]) > 2 * max(_paces(control)[:8]),
    "lr_too_low": lambda run, control: middle(_paces(run)) < middle(_paces(control)) / 2,
    "overfitting": _noticeable_gap,
    "underfitting": _high_floor,
    "no_zero_grad": lambda run, control: middle([line["grad_cos_prev"] for line in steps(run)]) > 0.9,
    "shape_broadcast": lambda run, control: _spread(run) < _spread(control) / 2,
}
"""A fault that is not here is its own proof: labels were permuted, rows sorted, another loss used."""


def _spread(run: Trained) -> float:
    return middle([line["out"]["between_sample_std"] for line in steps(run)])
