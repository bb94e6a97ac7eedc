"""A loss is always at least 0.

Said in most introductions, and relied on by code that stops training or raises an alarm below 0.

Shown false by one loss in use whose value is below 0 somewhere in its domain.
"""

from collections.abc import Sequence

from benchmarks.claims.claim import Claim, Figure, Rule, exact
from benchmarks.claims.subjects import extremes, typical


def measure() -> Sequence[Figure]:
    """Seek the lowest value of every loss in the catalogue, family by family."""
    found = extremes("non_negative", typical, lambda values: -float(values.min()))
    return [
        exact(f"the loss is of the family {family}", -low, f"lowest of {count}: `{name}`")
        for family, (low, name, count) in found.items()
    ]


CLAIM = Claim(
    measure,
    effect="lowest value on typical inputs",
    rule=Rule(low=-1e-9, always=True),
    instead="Only differences of a loss matter. Minus the logarithm of a density falls below 0 as soon as the density "
    "exceeds 1, and count losses leave out a constant. Watch whether it falls, not whether it is near 0.",
)
