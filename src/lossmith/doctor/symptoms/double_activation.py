"""Softmax or sigmoid is applied twice.

Finds: probabilities given to a loss that takes logits.

Why it matters: the loss has a floor well above 0 and its gradient is small: learning is slow although accuracy rises.

Causes:
* softmax as last layer before CrossEntropyLoss.
* sigmoid before BCEWithLogitsLoss.

Remedies, in order:
1. give the loss logits: remove the last activation while training.
2. apply it when predicting.
"""

from collections.abc import Mapping

from lossmith.doctor.evidence import Evidence, argue

NEEDS = "classes"


def weigh(s: Mapping[str, float]) -> tuple[Evidence, ...]:
    """Return what argues for and against it."""
    return (
        argue(s, ("twice", 0.0, 1.0), 10, "outputs lie between 0 and 1 (and sum to 1), and the loss takes logits")
        + argue(s, ("twice", 1.0, 0.0), -6, "outputs are not probabilities where logits are asked for")
        + argue(
            s,
            (("too_high_for_metric", 0.3, 0.42), ("skill", 0.35, 0.6)),
            3,
            "the loss stays {too_high_for_metric} trivial losses above what its accuracy allows",
        )
        + argue(
            s,
            (
                ("train_twice", -0.15, -0.06),
                ("train_twice", 0.15, 0.06),
                ("val_twice", -0.15, -0.06),
                ("val_twice", 0.15, 0.06),
                ("train_skill", 0.1, 0.3),
                ("start_off", 0.08, 0.03),
            ),
            6,
            "the loss is within {train_twice} of what an activation applied twice leaves at its accuracy",
        )
    )
