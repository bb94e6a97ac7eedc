"""How long to train a foreign module: fewer epochs rather than too few folds.

What a step costs cannot be told from shapes, as it can for a table's network, and is timed. The epochs are taken from a
coarse ladder, so that a little noise seldom changes them; they are kept with the trials, and `epochs=` fixes them.
"""

from dataclasses import replace

from lossmith.advisor.schedule import ENOUGH_FOLDS
from lossmith.training.own.settings import OwnSettings

LADDER = (3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 32, 40, 50, 64, 80)
OVERHEAD = 4.0
"""Seconds for starting processes and judging."""
MARGIN = 1.4
"""Steps take longer than timed where processes share the memory, and validation takes time too."""


def fit_epochs(settings: OwnSettings, left: float, *, step: float, rows: int, folds: int, jobs: int) -> OwnSettings:
    """Return settings with as many epochs as the budget allows, within bounds.

    Args:
        settings: what would be used without a limit.
        left: seconds of the budget that are left.
        step: seconds of a step of all candidates.
        rows: examples to learn from in each fold.
        folds: folds times repeats.
        jobs: processes.

    Example:
        >>> fit_epochs(OwnSettings(batch=50), 60.0, step=0.1, rows=500, folds=10, jobs=1).rounds
        3
    """
    _, batches, epochs = settings.schedule(rows)
    epoch = min(folds, ENOUGH_FOLDS) * len(settings.rate_factors) * batches * step * MARGIN / jobs
    if OVERHEAD + epochs * epoch <= left:
        return replace(settings, rounds=epochs)
    affordable = (left - OVERHEAD) / epoch
    rounds = max((rung for rung in LADDER if rung <= affordable), default=LADDER[0])
    return replace(settings, rounds=min(rounds, epochs), rounds_without_budget=epochs)
