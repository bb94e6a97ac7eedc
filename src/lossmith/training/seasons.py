"""Cycles in a series: how many steps until it repeats itself."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
MOST_SEASONS = 2
MOST_SERIES = 200
"""The longest series are looked at, no more."""
CLEAR = 0.1
"""Least autocorrelation of a cycle worth a lag."""
LAPS = 3
"""Times a cycle must fit into the longest series."""


def find_seasons(known: Sequence[Array], cycles: Sequence[int]) -> tuple[int, ...]:
    """Return the steps of at most two cycles, the clearest first.

    The changes from step to step are correlated with themselves, over all series together; a trend is no cycle. What
    the calendar suggests is looked at first: only where none of that shows, the highest peak elsewhere counts.

    Args:
        known: the past of each series, on an even grid; a gap is NaN.
        cycles: steps in a day, a week or a year.

    Example:
        >>> find_seasons([np.sin(np.arange(120) * 2 * np.pi / 12)], (12,))
        (12,)
    """
    longest = sorted(known, key=len, reverse=True)[:MOST_SERIES]
    most = max((len(values) for values in longest), default=0) // LAPS
    if most < 2:
        return ()
    correlation, rows = _autocorrelation([np.diff(values) for values in longest], most)
    error = 1.0 / np.sqrt(max(rows, 1.0))
    clear = max(CLEAR, 2.0 * error)
    likely = [cycle for cycle in cycles if 2 <= cycle <= most and correlation[cycle] >= clear]
    if likely:
        return tuple(sorted(likely, key=lambda cycle: -correlation[cycle])[:MOST_SEASONS])
    # The highest of many lags lies √(2 log m) standard errors up by chance alone.
    clear = max(CLEAR, (1.0 + np.sqrt(2.0 * np.log(most))) * error)
    after = np.append(correlation[1:], -1.0)
    peaks = np.flatnonzero((correlation >= clear) & (correlation > np.roll(correlation, 1)) & (correlation > after))
    peaks = peaks[peaks >= 2]
    return (int(peaks[np.argmax(correlation[peaks])]),) if len(peaks) else ()


def _autocorrelation(changes: Sequence[Array], most: int) -> tuple[Array, float]:
    """Return the pooled autocorrelation at lags 0 to `most`, and its rows."""
    total, rows = np.zeros(most + 1), 0.0
    for values in changes:
        centred = values - np.nanmean(values) if np.isfinite(values).any() else np.zeros(len(values))
        spread = np.sqrt(np.nansum(centred**2))
        if not spread > 0.0:
            continue
        # One gross change must not pass for a cycle, nor hide one.
        size = 5.0 * np.nanmedian(np.abs(centred)) or spread
        clipped = np.nan_to_num(np.clip(centred, -size, size))
        width = 2 ** int(np.ceil(np.log2(2 * len(clipped))))
        covariance = np.fft.irfft(np.abs(np.fft.rfft(clipped, width)) ** 2, width)[: most + 1]
        total[: len(covariance)] += covariance / covariance[0] * len(clipped)
        rows += len(clipped)
    return (total / rows if rows else total), rows
