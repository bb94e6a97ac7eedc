"""How much a fault hurt, and which other diagnoses' remedies would have helped as well."""

from collections.abc import Mapping

import torch

from benchmarks.make_runs.faults import Change
from benchmarks.make_runs.faults.case import recipe
from benchmarks.make_runs.mechanism import middle, steps
from benchmarks.make_runs.setup import Data, Recipe, Task, Trained
from benchmarks.make_runs.training import train

HURTS, HARMLESS = 0.10, 0.05
"""Least regret of a fault that is kept, and most of a healthy run."""
RECOVERED = 0.70
"""Share of the loss that a remedy has to win back to be accepted."""

SAME_REMEDY: dict[str, tuple[str, ...]] = {
    "bad_labels": ("label_noise",),
    "vanishing_gradient": ("saturated_activation",),
    "saturated_activation": ("vanishing_gradient",),
    "double_activation": ("wrong_loss",),
    "missing_output_activation": ("wrong_loss",),
}
"""Diagnoses whose remedy is the fault's own: the control, or the cure, is the run with it."""

NO_REMEDY = ("label_noise", "bad_labels", "class_imbalance", "double_activation", "missing_output_activation",
             "wrong_loss", "shape_broadcast", "frozen_params", "overfitting")  # fmt: skip
"""Faults that no rate and no clipping can mend."""


def regret(score: float, control: float) -> float:
    """Return the share of the control's score that was lost."""
    return (control - score) / control


def severity(lost: float) -> str:
    """Name a regret."""
    return "mild" if lost < 0.25 else "moderate" if lost < 0.6 else "severe"


def recovery(score: float, faulty: float, control: float) -> float:
    """Return the share of the loss that was won back."""
    return round((score - faulty) / (control - faulty), 3)


def remedies(fault: str, control: Trained) -> dict[str, Change]:
    """Return the remedies of other diagnoses, to be tried on a faulty setup."""
    usual = middle([line["grad_norm"] for line in steps(control)])
    known = {
        "lr_too_high": recipe(lr=lambda lr: lr / 6),
        "lr_too_low": recipe(lr=lambda lr: lr * 6),
        "exploding_gradient": recipe(clip=max(usual, 1e-6)),
    }
    return {} if fault in NO_REMEDY else {name: change for name, change in known.items() if name != fault}


def tried(
    task: Task, data: Data, setup: Recipe, seed: int, changes: Mapping[str, Change], faulty: float, control: float
) -> dict[str, float]:
    """Train again with each remedy; return what each won back."""
    found = {}
    for name, change in changes.items():
        other, new = change(task, data, setup, torch.Generator().manual_seed(seed))
        found[name] = recovery(train(task, new, other, seed, record=False).score, faulty, control)
    return found


def accepted(fault: str, recovered: Mapping[str, float]) -> list[str]:
    """Return the fault and the diagnoses that would have helped as well."""
    helped = [name for name, share in recovered.items() if share >= RECOVERED]
    return list(dict.fromkeys([fault, *SAME_REMEDY.get(fault, ()), *helped]))
