"""The class weighting cancels.

What it finds: classes that pull alike although different weights are promised.
Why it matters: the imbalance the weights were meant for stays; only the learning rate is rescaled.
Fix: multiply each example by its own class's weight before reducing; `alpha` for one class, `1 - alpha` for the other.
"""

from lossmith.checker import weights
from lossmith.checker.case import Case
from lossmith.checker.found import Found


def find(case: Case) -> Found | None:
    """Compare how strongly examples of each class pull."""
    found, promised = weights.ratio(case), weights.wanted(case)
    if found is None or promised is None or len(set(promised.values())) < 2:
        return None
    if max(found.values()) / max(1e-12, min(found.values())) > 1.0 + 1e-6:
        return None
    told = f"All classes pull alike; promised are weights against class 0 of {weights.told(promised)}."
    return Found(told, case.ordinary[0], f"pulls of the classes: {weights.told(found)}")
