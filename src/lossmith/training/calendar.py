"""The calendar of a row's own time, which is known however far ahead it lies."""

import numpy as np
import pandas as pd

from lossmith.training.clock import DAY, Clock


def calendar(clock: Clock) -> pd.DataFrame:
    """Return calendar columns; none where times are no dates.

    A month, a weekday and an hour are categories; the time of year is a point on a circle.

    Example:
        >>> from lossmith.training.clock import read_clock
        >>> from lossmith.training.problem import Problem
        >>> days = pd.DataFrame({"day": ["2024-01-01", "2024-01-02", "2024-01-03"]})
        >>> calendar(read_clock(days, Problem("y", time="day")))["weekday"].tolist()
        ['Mon', 'Tue', 'Wed']
    """
    if not pd.api.types.is_datetime64_any_dtype(clock.stamps.dtype):
        return pd.DataFrame(index=range(len(clock.stamps)))
    dates, found = clock.stamps.dt, {}
    if clock.grid.kind == "month":
        return pd.DataFrame({"month": dates.month_name().str[:3].to_numpy()})
    seconds = clock.grid.size if clock.grid.kind == "second" else 0.0
    if seconds < 7 * DAY:
        found["weekday"] = dates.day_name().str[:3].to_numpy()
    if seconds < DAY and bool((dates.normalize() != clock.stamps).any()):
        found["hour"] = dates.hour.astype(str).to_numpy()
    year = (dates.day_of_year + dates.hour / 24.0).to_numpy() / 365.25 * 2.0 * np.pi
    return pd.DataFrame({**found, "time of year (sine)": np.sin(year), "time of year (cosine)": np.cos(year)})
