"""Rare classes are given up.

Finds: very uneven classes, and rare ones that are hardly ever predicted.

Why it matters: the loss falls by learning how frequent classes are; accuracy hides that the rare ones are missed.

Causes:
* few rows of some classes.
* a threshold of 0.5.
* accuracy as the only score.

Remedies, in order:
1. score with balanced accuracy or macro-F1.
2. class weights, or logit adjustment.
3. focal loss.
4. draw rare classes more often.
5. move the threshold.
"""

from collections.abc import Mapping

from lossmith.doctor.evidence import Evidence, argue

NEEDS = "classes"


def weigh(s: Mapping[str, float]) -> tuple[Evidence, ...]:
    """Return what argues for and against it."""
    return (
        argue(
            s,
            (("class_evenness", 0.8, 0.45), ("rare_recall", 0.65, 0.4))
            if "rare_recall" in s
            else ("class_evenness", 0.7, 0.3),
            6,
            "classes are uneven (entropy {class_evenness} of the most) and rare ones are given up",
        )
        + argue(s, ("rare_missed", 0.35, 0.6), 3, "rare classes are found {rare_missed} less often than frequent ones")
        + argue(s, ("rare_recall", 0.7, 0.4), 1, "of the rare classes {rare_recall} is found")
        + argue(s, ("class_evenness", 0.8, 0.9), -6, "classes are even: entropy {class_evenness} of the most")
        + argue(s, ("rare_recall", 0.6, 0.8), -5, "rare classes are found: {rare_recall}")
        + argue(
            s,
            (
                ("classification", 0.0, 1.0),
                ("skill_first", 0.4, 0.7),
                ("skill_gained", 0.12, 0.03),
                ("metric_same", 0.2, 0.5),
                ("skill", 0.995, 0.97),
            ),
            4,
            "after one epoch accuracy is what it is at the end, and the same in {metric_same} of the epochs",
        )
    )
