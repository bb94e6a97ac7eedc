"""Scores under other metrics and under the plain rule: the right metrics, rules tuned where they should be."""

import math

import numpy as np
import pytest

from lossmith import registry
from lossmith.metric import ChosenMetric, Metric
from lossmith.training import decision
from lossmith.training.neighbours import MOST, Predicted, neighbours, plain_score, score
from lossmith.training.problem import TASKS

ABOVE, AROUND, CLASSES = np.array([1.0, 2.0, 5.0]), np.array([-1.0, 0.0, 2.0]), np.array([0, 1, 1, 0])


def asked(text):
    return registry.metric(text)


@pytest.mark.parametrize("task", [*TASKS, "a task to come"])
@pytest.mark.parametrize("name", list(registry.metrics()))
def test_neighbours_fit_the_task_and_can_be_had_from_the_same_predictions(task, name):
    values = {"pinball": "@0.9", "tweedie_deviance": "@1.5", "cost": ": FN=5,FP=1", "interval_score": "@0.9"}
    values |= {"cost_matrix": ": 0,1;5,0"}
    entry = registry.metrics()[name]
    text = name + values.get(name, "")
    if entry["parameters"] and name not in values:
        pytest.skip("a metric with parameters that this test does not know")
    metric = asked(text)
    found = neighbours(metric, task, ABOVE)
    assert len(found) == len(set(found)) <= MOST
    assert name not in found
    for other in map(asked, found):
        assert task in other.metric.tasks
        assert not other.parameters
        assert (other.takes(task) == "values") == (metric.takes(task) == "values")


def test_values_that_a_metric_refuses_leave_it_out():
    assert {"rmse", "mape", "rmsle"} <= set(neighbours(asked("mae"), "regression", ABOVE))
    found = neighbours(asked("mae"), "regression", AROUND)
    assert "rmse" in found
    assert not {"mape", "rmsle", "poisson_deviance"} & set(found)


def test_what_asks_for_something_else_comes_first():
    found = neighbours(asked("rmse"), "count", ABOVE)
    wanted = [str(asked(name).elicited("count")) for name in found]
    first = wanted[: len(set(wanted) - {"mean"})]
    assert len(set(first)) == len(first)
    assert "mean" not in first


def test_metrics_that_are_the_same_loss_are_told_once():
    assert "r2" not in neighbours(asked("mae"), "regression", ABOVE)
    assert not {"r2", "rmse"} & set(neighbours(asked("rmse"), "regression", ABOVE))
    assert "rmse" not in neighbours(asked("r2"), "regression", ABOVE)


def test_a_neighbour_has_its_rule_tuned_on_the_validation_rows_alone():
    rng = np.random.default_rng(0)
    target = (rng.random(600) < 0.2).astype(np.int64)
    positive = 1.0 / (1.0 + np.exp(-(2.0 * target - 2.5 + rng.normal(size=600))))
    probabilities = np.column_stack([1.0 - positive, positive])
    valid, test = Predicted(probabilities[:300], target[:300]), Predicted(probabilities[300:], target[300:])
    metric = asked("f1")
    cut = decision.best_threshold(positive[:300], target[:300], metric)
    assert score(metric, "binary", valid, test) == metric(target[300:], (positive[300:] >= cut).astype(int))
    assert score(metric, "binary", valid, test) > metric(target[300:], probabilities[300:].argmax(1))
    assert score(asked("log_loss"), "binary", valid, test) == asked("log_loss")(target[300:], probabilities[300:])


@pytest.mark.parametrize(
    ("name", "task"),
    [(n, t) for n, entry in registry.metrics().items() for t in entry["tasks"] if not entry["parameters"]],
)
def test_predictions_of_another_form_give_no_score(name, task):
    metric, odd = asked(name), np.ones((4, 2, 3))
    assert score(metric, task, Predicted(odd, CLASSES), Predicted(odd, CLASSES)) is None


def test_a_score_that_is_no_number_is_none():
    endless = ChosenMetric(
        "endless", Metric(lambda t, p: math.inf, "endless", ("count",), lambda: None, "values", "value")
    )
    assert score(endless, "count", Predicted(ABOVE, ABOVE), Predicted(ABOVE, ABOVE)) is None
    assert plain_score(endless, "positive", {"floor": 1.0}, Predicted(ABOVE, ABOVE)) is None


def test_the_plain_rule_is_what_nobody_tuned():
    probabilities = np.array([[0.4, 0.6], [0.7, 0.3], [0.55, 0.45], [0.8, 0.2]])
    metric, tested_on = asked("accuracy"), Predicted(probabilities, CLASSES)
    expected = metric(CLASSES, np.array([1, 0, 0, 0]))
    assert plain_score(metric, "threshold", {"threshold": 0.25}, tested_on) == expected
    assert plain_score(metric, "prior", {"prior": [0.9, 0.1], "power": 1.0}, tested_on) == expected
    assert plain_score(metric, "median_level", {}, tested_on) == expected
    for rule in ("argmax", "probability", "value", "a rule to come"):
        assert plain_score(metric, rule, {}, tested_on) is None


def test_without_a_floor_predictions_are_cut_at_zero():
    prediction, target = np.array([-1.0, 2.0]), np.array([1.0, 2.0])
    found = plain_score(asked("rmsle"), "positive", {"floor": 0.5}, Predicted(prediction, target))
    assert found == pytest.approx(math.log(2.0) / math.sqrt(2.0))
