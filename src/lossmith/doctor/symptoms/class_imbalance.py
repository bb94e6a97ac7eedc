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


def weigh(s: Mapping[str, float]) -> tuple[Evidence, ...]:
    """Return what argues for and against it."""
    return (
        argue(s, ("class_evenness", 0.8, 0.45), 6, "classes are uneven: entropy {class_evenness} of the most")
        + argue(s, ("rare_missed", 0.3, 0.6), 3, "rare classes are found {rare_missed} less often than frequent ones")
        + argue(s, ("rare_recall", 0.7, 0.4), 1, "of the rare classes {rare_recall} is found")
        + argue(s, ("class_evenness", 0.8, 0.9), -6, "classes are even: entropy {class_evenness} of the most")
        + argue(s, ("rare_recall", 0.75, 0.9), -5, "rare classes are found: {rare_recall}")
    )
