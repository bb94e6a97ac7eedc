"""Steps within a budget: reproducible, bounded, and enough folds to tell something."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossmith.advisor import schedule
from lossmith.advisor.schedule import (
    ENOUGH_FOLDS,
    FEWEST_STEPS,
    Size,
    affordable,
    fit_to_budget,
    full_cost,
)
from lossmith.training.settings import Settings

TABLE = Size(rows=3200, features=20, outputs=1, candidates=8)


def planned(budget, folds=10):
    return fit_to_budget(Settings(), budget, TABLE, folds, jobs=2)


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
    cost = full_cost(settings, TABLE, ENOUGH_FOLDS, jobs=2)
    assert cost <= budget + 3.0 or settings.steps == FEWEST_STEPS


def test_wide_tables_many_candidates_and_few_cores_cost_more():
    base = full_cost(Settings(), TABLE, 10, jobs=2)
    assert full_cost(Settings(), replace(TABLE, features=1000), 10, jobs=2) > base
    assert full_cost(Settings(), replace(TABLE, candidates=20), 10, jobs=2) > base
    assert full_cost(Settings(), TABLE, 10, jobs=1) > base


def test_a_short_schedule_is_short_in_epochs_too():
    settings = planned(20.0)
    assert settings.epochs(200) * (200 // settings.batch_size(200)) <= 1.2 * settings.steps


@pytest.mark.parametrize("budget", [5.0, 60.0, 120.0, 240.0, float("inf")])
def test_what_is_left_of_a_budget_draws_the_folds_again(budget, monkeypatch):
    monkeypatch.setattr(schedule, "MOST_REPEATS", 3)
    times = affordable(Settings(), budget, TABLE, 10, jobs=2)
    assert 1 <= times <= 3
    assert times == 1 or full_cost(Settings(), TABLE, 10 * times, jobs=2) <= budget
    assert times == 3 or full_cost(Settings(), TABLE, 10 * (times + 1), jobs=2) > budget
