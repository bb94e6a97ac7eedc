"""Labels are noisy.

Finds: a floor in training and validation far above what is learned, and gradients that grow as noise is memorised.

Why it matters: wrong labels pull at every step and are at last learned by heart.

Causes:
* annotators disagree.
* a faulty join.
* automatic labels.

Remedies, in order:
1. look at the rows with the largest loss.
2. confident learning to find them.
3. a robust loss: GCE, SCE, symmetric ones; see `lossmith guide`.
4. label smoothing.
5. stop early.
"""

from collections.abc import Mapping

from lossmith.doctor.evidence import Evidence, argue
from lossmith.doctor.symptoms.sound_network import against_labels

NEEDS = "targets"


def weigh(s: Mapping[str, float]) -> tuple[Evidence, ...]:
    """Return what argues for and against it."""
    return (
        argue(
            s,
            (
                ("classification", 0.0, 1.0),
                ("gap", 0.02, 0.07),
                ("skill", 0.05, 0.15),
                ("skill", 0.65, 0.5),
                ("val_late", 0.10, 0.05),
                ("train_late", 0.02, 0.06),
            ),
            6,
            "training falls ({train_late}) while validation does not ({val_late}), at a skill of {skill}",
        )
        + argue(
            s,
            (
                ("regression", 0.0, 1.0),
                ("gap", 0.08, 0.3),
                ("skill", 0.6, 0.35),
                ("train_against_spread", -0.03, -0.12),
                ("against_spread_best", 0.1, 0.03),
            ),
            5,
            "training goes to 10^{train_against_spread} of the targets' variance, validation stays at "
            "10^{against_spread_best}",
        )
        + argue(
            s,
            (("gradient_trend", 0.5, 0.7), ("gradient_grew", 0.2, 0.35)),
            2,
            "gradients grow all along, by 10^{gradient_grew}",
        )
        + argue(s, ("train_skill", 0.7, 0.85), -3, "training rows are fitted ({train_skill})")
        + argue(s, ("val_best", 0.97, 1.0), -2, "validation never gets below the trivial loss")
        + against_labels(s)
        + argue(
            s,
            (
                ("regression", 0.0, 1.0),
                ("gap", 0.1, 0.3),
                ("val_rise", 0.1, 0.4),
                ("drop", 0.1, 0.3),
                ("val_drop", 0.02, 0.08),
            ),
            2,
            "validation falls by {val_drop} and turns, training falls by {drop}",
        )
    )
