"""Faults between output and loss: by kind of task, the wrong loss's name in `losses.LOSSES`."""

from dataclasses import replace

import torch

from benchmarks.make_runs.faults.case import Case, Change
from benchmarks.make_runs.setup import Data, Recipe, Task

Names = dict[str, str]
TWICE: Names = {
    "classes": "cross_entropy_of_softmax",
    "binary": "bce_logits_of_sigmoid",
    "multilabel": "label_bce_logits_of_sigmoid",
    "pixels": "pixel_bce_twice",
}
OF_PROBABILITIES: Names = {
    "classes": "nll_of_softmax",
    "binary": "bce_of_logits",
    "multilabel": "label_bce_of_logits",
    "pixels": "pixel_bce_of_logits",
}
OF_LOGITS: Names = OF_PROBABILITIES | {"classes": "nll_of_logits"}
INDEX: Names = {"classes": "mse_index_{classes}", "binary": "hinge_of_01", "multilabel": "label_cross_entropy",
                "pixels": "pixel_cross_entropy"}  # fmt: skip
L1: Names = INDEX | {"classes": "probability_l1"}
SQUARED: Names = INDEX | {"classes": "probability_mse"}
BROADCAST: Names = {"regression": "mse_broadcast", "counts": "poisson_broadcast"}


def named(names: Names) -> Change:
    """Train with the loss that belongs to the task's kind."""

    def change(task: Task, data: Data, old: Recipe, generator: torch.Generator) -> tuple[Data, Recipe]:
        return data, replace(old, loss=names[task.kind].format(classes=task.classes))

    return change


FAULTS: dict[str, tuple[Case, ...]] = {
    "double_activation": tuple(Case("", level, named(TWICE)) for level in range(3)),
    "missing_output_activation": (
        Case("", 0, named(OF_PROBABILITIES)),
        Case("", 1, named(OF_LOGITS)),
        Case("", 2, named(OF_LOGITS)),
    ),
    "wrong_loss": (
        Case("mse_index", 0, named(INDEX)),
        Case("l1_probs", 1, named(L1)),
        Case("mse_sigmoid", 2, named(SQUARED)),
    ),
    "shape_broadcast": tuple(Case("", level, named(BROADCAST)) for level in range(3)),
}
