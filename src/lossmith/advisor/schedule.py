"""How long to train within a budget: fewer steps rather than too few folds.

Too few folds would tell nothing. The estimate is arithmetic, not a stopwatch: the same command on the same data gives
the same schedule on any machine with as many processes, and so the same verdict. It is cautious, so that a busy machine
still finishes in time.
"""

from dataclasses import replace

from lossmith.training.settings import Settings

OVERHEAD = 10.0
"""Seconds for starting processes, reading, describing and judging."""
ENOUGH_FOLDS = 5
"""Folds a budget should at least buy, where that many are asked for."""
FEWEST_STEPS = 300
"""Steps below which a network has not settled, and the race is one of speed."""
STEP_SECONDS, ARM_SECONDS, FLOPS = 2e-4, 6e-5, 70e9
"""Cost of a step, of each candidate in it, and multiplications and additions a second, on one busy core.

They come to 1.3 to 1.6 times what six runs took (200 to 4,000 rows, three networks) on two cores that many shared."""


def fit_to_budget(
    settings: Settings, budget: float, *, rows: int, features: int, outputs: int, candidates: int, folds: int, jobs: int
) -> Settings:
    """Return settings with as many steps as the budget allows, within bounds.

    Args:
        settings: what would be used without a limit.
        budget: seconds in all.
        rows: rows each network learns from.
        features: columns of the network's input, roughly.
        outputs: columns of its output.
        candidates: trained side by side.
        folds: folds times repeats.
        jobs: processes.
    """
    cost = full_cost(settings, rows, features, outputs, candidates, min(folds, ENOUGH_FOLDS), jobs)
    share = (budget - OVERHEAD) / (cost - OVERHEAD)
    if share >= 1.0:
        return settings
    steps = max(FEWEST_STEPS, int(settings.steps * share / 50) * 50)
    return replace(settings, steps=steps, min_epochs=max(1, settings.min_epochs * steps // settings.steps))


def full_cost(
    settings: Settings, rows: int, features: int, outputs: int, candidates: int, folds: int, jobs: int
) -> float:
    """Return the seconds that all folds take, by a cautious estimate."""
    _, batches, epochs = settings.schedule(rows)
    step = STEP_SECONDS + candidates * (ARM_SECONDS + settings.operations(rows, features, outputs) / FLOPS)
    return OVERHEAD + folds * len(settings.rate_factors) * epochs * batches * step / jobs
