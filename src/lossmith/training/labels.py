"""Several labels a row, each with a column of its own, as one matrix of 0 and 1."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lossmith.training.columns import label_text, tidy

YES: tuple[str, ...] = ("1", "yes", "y", "true", "t", "positive", "pos")
NO: tuple[str, ...] = ("0", "-1", "no", "n", "false", "f", "negative", "neg")
_NUMBERS: Mapping[str, float] = dict.fromkeys(YES, 1.0) | dict.fromkeys(NO, 0.0)


def encode_labels(frame: pd.DataFrame) -> NDArray[np.float64]:
    """Return a matrix (n, c) of 0 and 1, one column a label, in the frame's order.

    Args:
        frame: columns of 0/1, yes/no or true/false, in any case; every entry known.

    Raises:
        ValueError: an entry is missing or none of these.

    Example:
        >>> encode_labels(pd.DataFrame({"a": ["yes", "no"], "b": [0, 1]}))
        array([[1., 0.],
               [0., 1.]])
    """
    return np.column_stack([_encoded(frame.iloc[:, place]) for place in range(frame.shape[1])])


def rarest(y: NDArray[Any]) -> NDArray[np.int64]:
    """Return each row's rarest label: its place plus 1, or 0 for a row without any.

    Folds and samples are stratified by it: the labels that chance would spread worst are spread evenly, and the common
    ones follow. Rarer is which of a label's two values has fewer rows.
    """
    common = y.mean(axis=0) > 0.5
    rare = np.where(common, 1.0 - y, y)
    order = np.argsort(rare.sum(axis=0), kind="stable")
    places = np.argmax(rare[:, order] > 0.5, axis=1)
    return np.where(rare.any(axis=1), order[places] + 1, 0).astype(np.int64)


def _encoded(column: "pd.Series[Any]") -> NDArray[np.float64]:
    codes, found = pd.factorize(tidy(column, share=1.0))
    numbers = [_NUMBERS.get(label_text(value).strip().casefold()) for value in found]
    bad = next((place for place, number in enumerate(numbers) if number is None), None)
    row = int(np.argmax(codes == (-1 if bad is None else bad)))
    if bad is not None or (codes < 0).any():
        shown = "nothing" if bad is None else repr(label_text(found[bad]))
        raise ValueError(
            f"Label {column.name!r} should hold 0/1, yes/no or true/false in every row. Found {shown} in row "
            f"{column.index[row]}. Try one column a label, or a single target for several classes."
        )
    return np.array(numbers, dtype=np.float64)[codes]
