"""Steps within a budget: reproducible, bounded, and enough folds to tell something."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossmith.advisor.schedule import ENOUGH_FOLDS, FEWEST_STEPS, fit_to_budget, full_cost
from lossmith.training.settings import Settings

TABLE = {"rows": 3200, "features": 20, "outputs": 1, "candidates": 8, "jobs": 2}


def planned(budget, folds=10, **changes):
    return fit_to_budget(Settings(), budget, folds=folds, **{**TABLE, **changes})


def test_without_a_limit_nothing_changes():
    assert planned(float("inf")) == Settings()
    assert planned(3600.0) == Settings()


@given(st.floats(1.0, 1000.0), st.floats(1.0, 10.0))
def test_more_time_is_never_fewer_steps_for_the_folds_it_buys(budget, factor):
    less, more = planned(budget, folds=ENOUGH_FOLDS), planned(budget * factor, folds=ENOUGH_FOLDS)
    assert FEWEST_STEPS <= less.steps <= more.steps <= Settings().steps


@pytest.mark.parametrize("budget", [30.0, 60.0, 90.0])
def test_what_is_planned_fits_the_budget_unless_it_is_at_the_floor(budget):
    settings = planned(budget)
    cost = full_cost(settings, folds=ENOUGH_FOLDS, **TABLE)
    assert cost <= budget + 3.0 or settings.steps == FEWEST_STEPS


def test_wide_tables_many_candidates_and_few_cores_cost_more():
    base = full_cost(Settings(), folds=10, **TABLE)
    assert full_cost(Settings(), folds=10, **{**TABLE, "features": 1000}) > base
    assert full_cost(Settings(), folds=10, **{**TABLE, "candidates": 20}) > base
    assert full_cost(Settings(), folds=10, **{**TABLE, "jobs": 1}) > base


def test_a_short_schedule_is_short_in_epochs_too():
    settings = planned(20.0)
    assert settings.epochs(200) * (200 // settings.batch_size(200)) <= 1.2 * settings.steps
