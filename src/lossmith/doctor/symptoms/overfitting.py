"""The network memorises.

Finds: a validation loss that turns up early while the training loss goes on to almost nothing.

Why it matters: what is learned after the turn holds for the training rows only.

Causes:
* few rows for so many weights.
* too many epochs.
* no regularisation.

Remedies, in order:
1. stop early and restore the best weights.
2. weight decay, dropout.
3. augmentation.
4. label smoothing.
5. more rows.
"""

from collections.abc import Mapping

from lossmith.doctor.evidence import Evidence, argue

NEEDS = "targets"


def weigh(s: Mapping[str, float]) -> tuple[Evidence, ...]:
    """Return what argues for and against it."""
    return (
        argue(
            s,
            (("val_rise_ratio", 0.015, 0.05), ("gap_ratio", 0.6, 1.2), ("train_late", 0.4, 0.7)),
            7,
            "training loss ends 10^{gap_ratio} times below validation, whose best was at {best_at} of the run",
        )
        + argue(
            s,
            (("train_skill", 0.95, 1.0), ("skill_gap", 0.12, 0.25)),
            2,
            "every training row is right, {skill_gap} more than of validation",
        )
        + argue(s, ("gap_ratio", 0.6, 0.3), -3, "training and validation loss are close (10^{gap_ratio})")
        + argue(s, ("skill", 0.15, 0.05), -4, "nothing is learned that holds on validation")
        + argue(s, ("class_evenness", 0.7, 0.4), -4, "classes are uneven")
        + argue(s, ("gradient_elasticity", 1.6, 2.2), -3, "gradients explode")
    )
