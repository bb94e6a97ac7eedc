"""The shape of a candidate's loss and of its gradient, as numbers to draw."""

from dataclasses import asdict
from typing import Any

from lossmith import registry
from lossmith.study.curve import curve
from lossmith.training.problem import Candidate


def portrait(candidate: Candidate) -> dict[str, Any]:
    """Return value and gradient of the loss along its prediction.

    Nothing for a loss of the user's own, whose domain is not known.
    """
    if candidate.loss not in registry.index()["losses"]:
        return {}
    drawn = curve(registry.load(candidate.loss, reduction="none", **candidate.params))
    return asdict(drawn) if drawn else {}
