"""How long to train within a budget: fewer steps rather than too few folds.

Too few folds would tell nothing. The estimate is arithmetic, not a stopwatch: the same command on the same data gives
the same schedule on any machine with as many processes, and so the same verdict. It is cautious, so that a busy machine
still finishes in time.
"""

from dataclasses import dataclass, replace

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


MOST_REPEATS = 3
"""Times that folds are drawn anew at most, to use what is left of a budget. Three draws of ten folds make intervals a
third narrower where ten rivals are compared; more draws test the same rows again and add little."""


@dataclass(frozen=True)
class Size:
    """What a step costs depends on."""

    rows: int
    """Rows each network learns from."""
    features: int
    """Columns of the network's input, roughly."""
    outputs: int
    """Columns of its output."""
    candidates: int
    """Trained side by side."""


def fit_to_budget(settings: Settings, budget: float, size: Size, folds: int, jobs: int) -> Settings:
    """Return settings with as many steps as the budget allows, within bounds.

    Args:
        settings: what would be used without a limit.
        budget: seconds in all.
        size: of the networks and their data.
        folds: folds times repeats.
        jobs: processes.
    """
    cost = full_cost(settings, size, min(folds, ENOUGH_FOLDS), jobs)
    share = (budget - OVERHEAD) / (cost - OVERHEAD)
    if share >= 1.0:
        return settings
    steps = max(FEWEST_STEPS, int(settings.steps * share / 50) * 50)
    return replace(settings, steps=steps, min_epochs=max(1, settings.min_epochs * steps // settings.steps))


def affordable(settings: Settings, budget: float, size: Size, folds: int, jobs: int) -> int:
    """Return how often the folds can be drawn, from 1 to `MOST_REPEATS`."""
    once = full_cost(settings, size, folds, jobs) - OVERHEAD
    return max(1, int(min(MOST_REPEATS, (budget - OVERHEAD) / once)))


def full_cost(settings: Settings, size: Size, folds: int, jobs: int) -> float:
    """Return the seconds that all folds take, by a cautious estimate."""
    _, batches, epochs = settings.schedule(size.rows)
    operations = settings.operations(size.rows, size.features, size.outputs)
    step = STEP_SECONDS + size.candidates * (ARM_SECONDS + operations / FLOPS)
    return OVERHEAD + folds * len(settings.rate_factors) * epochs * batches * step / jobs
