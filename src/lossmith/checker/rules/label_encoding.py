"""Targets are coded differently from what the formula needs.

What it finds: a loss that keeps its promises only if labels are recoded: -1 and 1 for 0 and 1, one-hot for
class numbers.
Why it matters: one class is not learned at all, or the order of the class numbers decides.
Fix: recode the target inside the loss.
"""

from lossmith.checker import meaning
from lossmith.checker.case import Case
from lossmith.checker.found import Found


def find(case: Case) -> Found | None:
    """Try the changes to the inputs that would mend it."""
    return meaning.found(case, "label-encoding")
