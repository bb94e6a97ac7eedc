"""Prediction and target take each other's place.

What it finds: a loss that keeps its promises only with the two exchanged.
Why it matters: gradients flow to the wrong side, or the direction of a divergence is the other one.
Fix: exchange them in the call inside, or name the arguments.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lossmith.checker import health, meaning
from lossmith.checker.case import Case
from lossmith.checker.found import Found
from lossmith.checker.rules import improper


def find(case: Case) -> Found | None:
    """Try the changes to the inputs that would mend it.

    Then what is elicited with the two exchanged.
    """
    return meaning.found(case, "swapped-arguments") or _elicits(case)


def _elicits(case: Case) -> Found | None:
    """A quantile of the wrong side: exchanged, the promised one is learned."""
    if not case.claims.get("elicits") or len(case.pairs) != 1 or improper.find(case) is None:
        return None
    prediction, target = case.pairs[0]

    def make() -> Callable[..., Any]:
        loss = case.make()

        return lambda *inputs: loss(*health.exchanged(prediction, target, list(inputs)))

    if improper.find(replace(case, make=make)) is not None:
        return None
    one, other = case.arguments[prediction].name, case.arguments[target].name
    return Found(
        f"With `{one}` and `{other}` exchanged it elicits what is promised, as it stands it does not.", case.ordinary[0]
    )
