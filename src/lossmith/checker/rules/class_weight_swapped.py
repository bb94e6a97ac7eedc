"""Class weights act on the wrong class.

What it finds: classes that pull with each other's promised weights.
Why it matters: the rare class is weighted down instead of up, and nothing in the printed loss shows it.
Fix: index the weights by the target: `weight[target]`; for two classes `target * w_1 + (1 - target) * w_0`.
"""

from lossmith.checker import weights
from lossmith.checker.case import Case
from lossmith.checker.found import Found


def find(case: Case) -> Found | None:
    """Compare how strongly examples of each class pull."""
    found, promised = weights.ratio(case), weights.wanted(case)
    if found is None or promised is None or weights.matches(found, promised):
        return None
    if max(found.values()) / max(1e-12, min(found.values())) < 1.0 + 1e-6:
        return None
    kinds = sorted(promised)
    measured = sorted(found.get(k, 0.0) / max(1e-12, sum(found.values())) for k in kinds)
    claimed = sorted(promised[k] / sum(promised.values()) for k in kinds)
    permuted = all(abs(a - b) < 0.02 for a, b in zip(measured, claimed, strict=True))
    against = all((found[k] - 1.0) * (promised[k] - 1.0) < 0 for k in kinds if k in found and promised[k] != 1.0)
    if not (permuted or (against and len(kinds) == 2)):
        return None
    told = f"Weights against class 0 are {weights.told(found)}; promised are {weights.told(promised)}."
    return Found(told, case.ordinary[0], f"pulls of the classes: {weights.told(found)}")
