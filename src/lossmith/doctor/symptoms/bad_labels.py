"""Labels belong to other rows.

Finds: validation at the trivial predictor's loss while training rows are slowly memorised.

Why it matters: there is nothing to learn that holds for new rows.

Causes:
* inputs and targets shuffled apart.
* an index that does not match.
* the wrong encoding.

Remedies, in order:
1. print 20 pairs of input and target.
2. join on a key, not on position.
3. one batch can still be memorised: that tells it from a dead network.
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
                ("skill", 0.15, 0.07),
                ("val_best", 0.96, 0.99),
                ("train_skill", 0.01, 0.05),
                ("end", 1.0, 0.975),
                ("gap", 0.01, 0.04),
            ),
            7,
            "validation stays at guessing ({skill}) while training rows are memorised ({train_skill})",
        )
        + argue(
            s,
            (
                ("regression", 0.0, 1.0),
                ("against_spread_best", 0.0, 0.04),
                ("train_against_spread", -0.08, -0.15),
                ("val_rise", 0.3, 1.0),
            ),
            6.5,
            "validation stays at 10^{against_spread_best} of the targets' variance, training goes to "
            "10^{train_against_spread}",
        )
        + argue(s, ("gradient_trend", 0.4, 0.6), 1.5, "gradients grow all along")
        + against_labels(s)
        + argue(
            s,
            (("regression", 0.0, 1.0), ("val_drop", 0.06, 0.0), ("train_late", 0.03, 0.12), ("val_rise", 0.3, 1.0)),
            3,
            "validation only rises while training rows are memorised ({train_late})",
        )
    )
