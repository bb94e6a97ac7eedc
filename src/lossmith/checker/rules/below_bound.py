"""The value falls below its promised lower bound.

What it finds: an ordinary, scaled, right or wrong prediction with a value below the bound.
Why it matters: a loss without a floor is pushed down for ever; a misread input often shows like this.
Fix: look for a missing maximum with 0, a lost constant, an input on another scale than the formula's.
"""

from lossmith.checker.case import Case
from lossmith.checker.found import Found
from lossmith.checker.probes import floor, spread


def find(case: Case) -> Found | None:
    """Search for the lowest value."""
    bound = floor(case)
    if bound is None:
        return None
    for inputs in spread(case):
        value = case.number(inputs)
        if value is not None and value < bound - 1e-6 * (1.0 + abs(bound)) - 1e-7:
            shows = lambda found: (case.number(found) or bound) < bound - 1e-6  # noqa: E731
            return Found(
                f"The value is {value:.4g}, below the promised {bound:g}.", inputs, f"below {bound:g}", shows=shows
            )
    return None
