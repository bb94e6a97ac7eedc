"""Predictions and targets are broadcast.

Finds: a regression whose loss sticks at the targets' variance while the network is sound.

Why it matters: (N, 1) against (N,) compares every prediction with every target: the mean is the best answer.

Causes:
* a missing squeeze.
* targets read as a column on one side only.

Remedies, in order:
1. give both the same shape, and assert it.
2. make warnings errors: torch warns of it.
"""

from collections.abc import Mapping

from lossmith.doctor.evidence import Evidence, argue

NEEDS = "numbers"


def weigh(s: Mapping[str, float]) -> tuple[Evidence, ...]:
    """Return what argues for and against it."""
    return (
        argue(
            s,
            (
                ("column_against_row", 0.0, 1.0),
                ("against_spread_best", -0.2, -0.08),
                ("train_against_spread", -0.25, -0.1),
                ("update", -4.5, -3.7),
                ("drop", 0.4, 0.2),
            ),
            6,
            "the loss sticks at 10^{against_spread_best} of the targets' variance, and outputs have one dimension more "
            "than targets",
        )
        + argue(
            s,
            (("reach", -0.8, -1.2), ("reach", -5.5, -4.0)),
            1.5,
            "predictions differ by 10^{reach} of the targets' spread",
        )
        + argue(s, ("regression", 1.0, 0.0), -8, "targets are classes")
        + argue(s, ("column_against_row", 1.0, 0.0), -6, "outputs and targets have the same shape")
        + argue(s, ("dead_mean", 0.5, 0.8), -5, "units are dead")
        + argue(s, ("gradient_start", -2.2, -3.0), -5, "the gradient vanishes")
        + argue(s, ("still_layers", 0.0, 0.3), -6, "layers stand still")
        + argue(s, ("decay", 0.005, 0.05), -5, "weight decay is strong")
        + argue(s, ("dropout", 0.5, 0.8), -4, "dropout is strong")
        + argue(s, ("capacity", -0.4, -0.9), -4, "the network is tiny")
        + argue(s, ("lr_gone", 0.2, 0.5), -5, "the learning rate was let down early")
        + argue(s, ("val_rise", 0.35, 0.9), -1.5, "the validation loss rises again")
        + argue(s, ("update_start", -1.2, -0.8), -5, "updates are huge")
        + argue(s, ("agreement_low", 0.9, 0.98), -4, "successive gradients are the same")
        + argue(
            s,
            (
                ("regression", 0.0, 1.0),
                ("val_drop", 0.25, 0.12),
                ("drop", 0.35, 0.2),
                ("train_late", 0.12, 0.05),
                ("val_frozen", 1.0, 0.0),
            ),
            2,
            "validation falls by {val_drop} only, and training rows are not memorised",
        )
    )
