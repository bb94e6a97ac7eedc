"""What a trial keeps of each test row, so that wrong targets can be looked for.

A test row was not learned from: what its network says of it owes nothing to its own target.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossmith.training import decision

Array = NDArray[Any]
Row = dict[str, list[Any]]


def of_classes(rows: Array, given: Array, probability: Array) -> Row:
    """Return what is kept where the network gives class probabilities (n, classes).

    Args:
        rows: numbers of the rows in the table (n,).
        given: their class numbers (n,).
        probability: of each class.

    Returns:
        For each row `rows`; `given`, its class; `likeliest`, the network's; `doubt`, the probability that it is not
        that; `chance`, the probability of the given one.
    """
    likeliest = probability.argmax(axis=1)
    others = probability.copy()
    others[np.arange(len(rows)), likeliest] = 0.0  # summed rather than taken from 1: a sure network keeps its digits
    return {
        "rows": rows.tolist(),
        "given": given.tolist(),
        "likeliest": likeliest.tolist(),
        "doubt": _short(others.sum(axis=1)),
        "chance": _short(probability[np.arange(len(rows)), given]),
    }


def of_values(rows: Array, given: Array, decided: Array) -> Row:
    """Return what is kept where the prediction is a number, or quantiles (n, levels).

    Returns:
        For each row `rows`; `given`, its target; `predicted`, the number or the middle.
    """
    predicted = decision.middle_of(decided)[:, 0] if decided.ndim == 2 else decided
    return {"rows": rows.tolist(), "given": [float(value) for value in given], "predicted": _short(predicted)}


def _short(values: Array) -> list[float]:
    return [float(f"{value:.4g}") for value in values.tolist()]
