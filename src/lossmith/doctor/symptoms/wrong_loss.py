"""The loss does not fit the task.

Finds: a loss for numbers on class labels, or one that falls while the metric does not follow.

Why it matters: what is minimised is not what is wanted; its gradient fades where predictions are wrong.

Causes:
* mean squared error on class indices or on sigmoids.
* L1 on probabilities.
* labels 0 and 1 for a loss that takes -1 and 1.

Remedies, in order:
1. cross-entropy for one class a row, BCEWithLogitsLoss for several.
2. see `lossmith guide`.
3. `lossmith check` your loss.
"""

from collections.abc import Mapping

from lossmith.doctor.evidence import Evidence, argue

NEEDS = "targets"


def weigh(s: Mapping[str, float]) -> tuple[Evidence, ...]:
    """Return what argues for and against it."""
    return (
        argue(
            s,
            (("distance_to_labels", 0.0, 1.0), ("classification", 0.0, 1.0)),
            8,
            "a distance loss is trained on class labels",
        )
        + argue(s, ("labels_for_floats", 0.0, 1.0), 6, "a loss for classes is trained on numbers")
        + argue(
            s,
            (
                ("unknown_criterion", 0.0, 1.0),
                ("classification", 0.0, 1.0),
                ("skill", 0.2, 0.05),
                ("fall_in_noise", 2.0, 5.0),
                ("drop", 0.1, 0.3),
            ),
            8,
            "an unknown loss fell by {drop} and the metric stayed at guessing ({skill})",
        )
        + argue(
            s,
            (("unknown_criterion", 0.0, 1.0), ("classification", 0.0, 1.0), ("one_answer", 0.8, 1.0)),
            2,
            "one class is named for {one_answer} of the rows",
        )
        + argue(
            s,
            (("unknown_criterion", 1.0, 0.0), ("distance_to_labels", 1.0, 0.0), ("labels_for_floats", 1.0, 0.0)),
            -6,
            "the loss fits the targets",
        )
        + argue(
            s,
            (
                ("classification", 0.0, 1.0),
                ("start_off", 0.06, 0.15),
                ("start_other", 0.15, 0.05),
                ("summed", 1.0, 0.0),
                ("start_none", 1.0, 0.0),
            ),
            5,
            "the loss starts at {start_ce} of log C, which is where another loss starts",
        )
    )
