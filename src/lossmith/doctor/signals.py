"""Scale-free numbers of a run: against guessing, its own noise, and depth."""

import math
from collections.abc import Mapping

from lossmith.doctor import curve_signals, live_signals
from lossmith.doctor.runlog import RunLog


def signals(run: RunLog) -> Mapping[str, float]:
    """Compute every number that the log allows; what cannot be computed is left out."""
    found = dict(curve_signals.signals(run))
    if run.live:
        found |= live_signals.signals(run, found)
    return {name: float(value) for name, value in found.items() if value is not None and math.isfinite(value)}
