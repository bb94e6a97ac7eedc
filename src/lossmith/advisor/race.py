"""Successive elimination: who is clearly behind after some folds runs no further.

A look after some of the folds compares each candidate with the leader so far. The looks share one error between them,
in equal parts; nobody wins early, and who is left is judged on all folds. Reference and default are never dropped: the
verdict is about them.
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
"""Who is still there then runs to the end: more looks would leave each too little of the error."""
ALPHA = 0.05


def looks(planned: int) -> list[int]:
    """Return after how many of the planned folds the race is looked at.

    Example:
        >>> looks(10)
        [4, 6, 8]
    """
    return list(range(FIRST_LOOK, min(planned, LAST_LOOK + 1), BETWEEN_LOOKS))


def behind(
    errors: Mapping[str, Array], kept: Collection[str], metric: ChosenMetric, planned: int, folds_per_repeat: int
) -> list[str]:
    """Return the candidates clearly worse than the leader, by more than the ROPE.

    Args:
        errors: of each candidate still in the race, lower is better, one for each finished fold.
        kept: candidates that are never dropped.
        metric: what counts.
        planned: folds planned in all, which says how many looks share the error.
        folds_per_repeat: for the correction of the interval.

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
    level = 1.0 - ALPHA / max(1, len(looks(planned)))
    rivals = {key: values - errors[leader] for key, values in errors.items() if key not in (leader, *kept)}
    return [
        key for key, lost in rivals.items() if statistics.corrected(lost.tolist(), folds_per_repeat, level).low > rope
    ]
