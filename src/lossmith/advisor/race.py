"""Successive elimination: who is clearly behind after some folds runs no further.

A look after some of the folds compares each candidate with the leader so far, and with the reference. The looks share
one error between them, in equal parts; nobody wins early, and who is left is judged on all folds. Nobody leaves before
the verdict on it is certain: it must be worse than the reference even beside all its rivals, or the folds it missed
would cost a claim. Reference and default are never dropped: the verdict is about them.
"""

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from lossmith.advisor import statistics
from lossmith.metric import ChosenMetric

Array = NDArray[np.float64]

FIRST_LOOK = 4
"""Folds before the first look: with fewer, nothing is clear."""
BETWEEN_LOOKS = 2
LAST_LOOK = 8
"""In the first repeat; later there is one look after each: more would leave each too little of the error."""
ALPHA = 0.05


def looks(planned: int, folds_per_repeat: int) -> list[int]:
    """Return after how many of the planned folds the race is looked at.

    Example:
        >>> looks(10, 10), looks(30, 10)
        ([4, 6, 8], [4, 6, 8, 10, 20])
    """
    early = range(FIRST_LOOK, min(planned, folds_per_repeat, LAST_LOOK + 1), BETWEEN_LOOKS)
    return [*early, *range(folds_per_repeat, planned, folds_per_repeat)]


def behind(
    errors: Mapping[str, Array],
    kept: Collection[str],
    metric: ChosenMetric,
    planned: int,
    folds_per_repeat: int,
    reference: str | None = None,
    rivals: int = 1,
) -> list[str]:
    """Return the candidates clearly worse than the leader, by more than the ROPE.

    Args:
        errors: of each candidate still in the race, lower is better, one for each finished fold.
        kept: candidates that are never dropped.
        metric: what counts.
        planned: folds planned in all, which says how many looks share the error.
        folds_per_repeat: for the correction of the interval.
        reference: whom the verdict will compare it with.
        rivals: how many it will compare with the reference.

    Example:
        >>> from lossmith.registry import metric
        >>> errors = {"a": np.array([1.0, 1.1, 1.2, 1.1]), "b": np.array([2.0, 2.2, 2.1, 2.2])}
        >>> behind(errors, (), metric("mae"), planned=10, folds_per_repeat=10)
        ['b']
    """
    if len(errors) < 2 or min(map(len, errors.values())) < FIRST_LOOK:
        return []
    leader = min(errors, key=lambda key: float(errors[key].mean()))
    rope = statistics.rope(errors[leader], metric)
    share = ALPHA / max(1, len(looks(planned, folds_per_repeat)))

    def surely_above(key: str, other: str, least: float, share: float) -> bool:
        lost = (errors[key] - errors[other]).tolist()
        return statistics.corrected(lost, folds_per_repeat, 1.0 - share).low > least

    return [
        key
        for key in errors
        if key not in (leader, *kept)
        and surely_above(key, leader, rope, share)
        and (reference not in errors or surely_above(key, str(reference), 0.0, share / max(1, rivals)))
    ]
