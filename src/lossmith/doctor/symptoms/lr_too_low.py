"""The learning rate is too low, or let down too early.

Finds: weights that hardly travel, with a loss still falling or stopped when the rate went.

Why it matters: training ends before it has learned.

Causes:
* a rate of another optimiser.
* a schedule counted in steps instead of epochs.
* long warm-up.

Remedies, in order:
1. multiply the rate by 3 to 10.
2. look at the schedule's unit.
3. train longer.
"""

from collections.abc import Mapping

from lossmith.doctor.evidence import Evidence, argue


def weigh(s: Mapping[str, float]) -> tuple[Evidence, ...]:
    """Return what argues for and against it."""
    return (
        argue(
            s,
            (("path", 0.05, -0.45), ("update_most", -2.7, -3.0)),
            5,
            "along the whole run weights travel 10^{path} of their size",
        )
        + argue(s, ("lr", -0.5, -1.0), 2.5, "the rate is 10^{lr} times the optimiser's usual one")
        + argue(
            s,
            (("lr_gone", 0.3, 0.6), ("skill", 0.6, 0.3)),
            9,
            "for {lr_gone} of the steps the rate is below 1 % of its height, and little is learned",
        )
        + argue(s, ("late_fall", 0.1, 0.4), 1, "the loss is still falling")
        + argue(s, ("weight_size", -0.6, -0.2), -4, "weights are large, so that small shares of them are usual steps")
        + argue(s, ("still_layers", 0.0, 0.3), -6, "layers do not move at all")
        + argue(s, ("dead_mean", 0.6, 0.9), -5, "units are dead")
        + argue(s, ("skill", 0.75, 0.9), -3, "much is learned all the same ({skill})")
        + argue(s, ("not_log", 0.0, 1.0), -5, "the loss is not given what it takes")
        + argue(s, ("distance_to_labels", 0.0, 1.0), -4, "the loss does not fit the task")
        + argue(s, ("gradient_start", -2.2, -3.0), -3, "the gradient vanishes")
        + argue(s, ("gap_ratio", 0.5, 1.2), -4, "training loss is far below validation")
        + argue(s, ("update_most", -2.9, -2.5), -2, "a layer moves by 10^{update_most} a step")
        + argue(
            s,
            (("late_fall", 0.15, 0.3), ("train_half", 0.25, 0.42), ("skill", 0.75, 0.4)),
            2,
            "the loss falls at an even pace to the end: {late_fall} of the fall is in the last third",
        )
    )
