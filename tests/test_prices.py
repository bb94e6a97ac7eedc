"""What mistakes cost: every way to say it, in the order of the levels, and the decision that costs least."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lossmith
from lossmith import registry
from lossmith.advisor import prices
from lossmith.advisor.data import read
from lossmith.advisor.profile import profile
from lossmith.advisor.shortlist import shortlist
from lossmith.training import decision
from lossmith.training.problem import Problem
from running import classes, lighten

TABLE = {
    "low": {"low": 0, "mid": 1, "high": 4},
    "mid": {"low": 2, "mid": 0, "high": 1},
    "high": {"low": 9, "mid": 3, "high": 0},
}
LEVELS = ["low", "mid", "high"]


@pytest.fixture(autouse=True)
def light(monkeypatch):
    lighten(monkeypatch)


def advise(frame: pd.DataFrame, **options):
    return lossmith.advise(frame, **{"target": "y", "folds": 3, "jobs": 1, "budget": None, **options})


def ways(folder):
    """Return the same prices as a mapping, a frame, and a file with rows and columns in another order."""
    frame = pd.DataFrame.from_dict(TABLE, orient="index")
    path = folder / "prices.csv"
    path.write_text("true;high;low;mid\nmid;1;2;0\nhigh;0;9;3\nlow;4;0;1\n")
    return TABLE, frame, str(path), path


@pytest.mark.parametrize("way", range(4))
@pytest.mark.parametrize("levels", [(), LEVELS])
def test_every_way_to_say_it_gives_the_same_metric(way, levels, tmp_path):
    verdict = advise(classes(LEVELS), cost=ways(tmp_path)[way], levels=levels)
    ordered = levels or sorted(LEVELS)
    rows = ";".join(",".join(str(TABLE[true][named]) for named in ordered) for true in ordered)
    assert verdict.profile.problem.metric == f"cost_matrix: {rows}"
    assert verdict.profile.problem.task == ("ordinal" if levels else "multiclass")
    assert verdict.profile.problem.cost == ()
    assert Problem.from_json(verdict.profile.problem.to_json()) == verdict.profile.problem
    assert verdict.standing(verdict.recommended).score is not None


def test_the_short_form_is_the_cost_of_two_classes():
    frame = classes(["no", "yes"])
    short, long = advise(frame, cost="FN=10, FP=1"), advise(frame, metric="cost: FN=10,FP=1")
    assert short.profile.problem == long.profile.problem
    assert [s.fold_scores for s in short.standings] == [s.fold_scores for s in long.standings]
    assert prices.asked_for("FN=1,FP=2", "cost: FP=2,FN=1") == ("cost: FN=1,FP=2", ())


def test_a_table_of_two_classes_is_that_cost_too():
    frame = classes(["no", "yes"])
    table = {"no": {"no": 0, "yes": 1}, "yes": {"no": 10, "yes": 0}}
    matrix, short = advise(frame, cost=table, positive="yes"), advise(frame, cost="FN=10,FP=1", positive="yes")
    assert matrix.profile.problem.metric == "cost_matrix: 0,1;10,0"
    for standing in short.standings:
        assert matrix.standing(standing.candidate.id).fold_scores == pytest.approx(standing.fold_scores)


def test_numbers_as_labels_meet_their_classes(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text(",2,1\n1,7,0\n2,0,1\n")
    verdict = advise(classes([1, 2]), cost=path, positive=2)
    assert verdict.profile.problem.metric == "cost_matrix: 0,7;1,0"


@given(
    table=st.lists(st.lists(st.floats(0.1, 10), min_size=4, max_size=4), min_size=4, max_size=4),
    seed=st.integers(0, 99),
)
def test_the_rule_takes_the_class_of_least_expected_cost(table, seed):
    costs = np.array(table)
    np.fill_diagonal(costs, 0.0)
    probabilities = np.random.default_rng(seed).dirichlet(np.ones(4), 30)
    chosen = decision.decide("least_cost", probabilities, {"prices": costs.tolist()})
    expected = [[sum(p[j] * costs[j, k] for j in range(4)) for k in range(4)] for p in probabilities]
    assert [e[k] for e, k in zip(expected, chosen, strict=True)] == pytest.approx([min(e) for e in expected])


@pytest.mark.parametrize("weights", ["prior", "cost"])
def test_the_rule_undoes_weights_that_training_gave_the_classes(weights):
    """Probabilities of a loss with class weights decide as well as plain ones, once the rule is tuned."""
    random = np.random.default_rng(0)
    prior, costs = np.array([0.8, 0.15, 0.05]), np.array([[0, 1, 1], [4, 0, 4], [9, 9, 0]])
    target = random.choice(3, 4000, p=prior)
    logits = random.normal(size=(4000, 3)) + 1.2 * np.eye(3)[target]
    plain = np.exp(1.2 * logits) * prior  # the true probabilities: both logits have unit noise
    plain /= plain.sum(1, keepdims=True)
    weight = 1 / prior if weights == "prior" else costs.sum(1)
    heavy = plain * weight / (plain * weight).sum(1, keepdims=True)
    metric = registry.metric("cost_matrix: 0,1,1;4,0,4;9,9,0")
    untuned = metric(target, decision.decide("least_cost", heavy, {"prices": costs}))
    best = metric(target, decision.decide("least_cost", plain, {"prices": costs}))
    _, score = decision.tune("least_cost", heavy, target, metric, {})
    assert score < 0.5 * (untuned + best)
    assert score == pytest.approx(best, rel=0.02)


def test_a_right_decision_may_cost_too():
    metric = registry.metric("cost_matrix: 0,10;100,10")
    assert metric(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])) == pytest.approx((0 + 10 + 100 + 10) / 4)
    probabilities = np.array([[0.95, 0.05], [0.85, 0.15]])
    assert decision.decide("least_cost", probabilities, {"prices": metric.parameters["prices"]}).tolist() == [0, 1]


def test_prices_keep_every_digit():
    text = "cost_matrix: 0,0.123456789;1234567.5,0"
    assert str(registry.metric(text)) == text


def test_costs_become_class_weights():
    frame = classes(LEVELS)
    found = profile(read(frame, Problem("y", cost=prices.asked_for(TABLE, None)[1])))
    listed = {c.id: c for c in shortlist(found, found.problem)}
    assert {"default", "reference"} <= set(listed["cross_entropy_loss"].roles)
    high, low, mid = listed["class_weighted_cross_entropy_loss"].params["weight"]  # 12, 5 and 3
    assert [high / low, mid / low] == pytest.approx([12 / 5, 3 / 5], rel=1e-3)


BINARY, THREE = classes(["no", "yes"]), classes(LEVELS)


@pytest.mark.parametrize(
    ("frame", "options", "found"),
    [
        (BINARY, {"cost": "FN=10,FP=1", "metric": "f1"}, "Found `f1` beside `cost: FN=10,FP=1`"),
        (
            BINARY,
            {"cost": {"no": {"no": 0, "yes": 1}, "yes": {"no": 2, "yes": 0}}, "metric": "f1"},
            "Found `f1` beside",
        ),
        (BINARY, {"cost": "FN=10"}, "no value for FP"),
        (BINARY, {"cost": "FN=ten,FP=1"}, "Found 'ten'"),
        (BINARY, {"cost": "FN=-1,FP=1"}, "Found -1"),
        (BINARY, {"cost": "a=1,b=2"}, "Found 'a=1,b=2'"),
        (BINARY, {"cost": ""}, "Found"),
        (BINARY, {"cost": "no_such_file.csv"}, "no_such_file.csv"),
        (BINARY, {"cost": 5}, "Found int"),
        (BINARY, {"cost": {"no": 1}}, "Found dict"),
        (BINARY, {"cost": {"no": {"no": 0}}}, "Found 1 of each"),
        (BINARY, {"cost": {"no": {"no": 0, "yes": 1}}}, "Found yes in only one"),
        (BINARY, {"cost": {"no": {"no": 0, "yes": 1}, "yes": {"no": -2, "yes": 0}}}, "Found .*-2.* 'yes' named 'no'"),
        (BINARY, {"cost": {"no": {"no": 0, "yes": "x"}, "yes": {"no": 2, "yes": 0}}}, "Found 'x'"),
        (BINARY, {"cost": {"no": {"no": 0, "yes": 1}, "yes": {"no": None, "yes": 0}}}, "finite prices"),
        (BINARY, {"cost": {"no": {"no": 0, "yes": 0}, "yes": {"no": 0, "yes": 0}}}, "prefer some decision"),
        (BINARY, {"cost": {"no": {"no": 5, "yes": 1}, "yes": {"no": 1, "yes": 0}}}, "right decision above"),
        (BINARY, {"cost": {"no": {"no": 0, "ja": 1}, "ja": {"no": 1, "ja": 0}}}, "Found none for yes"),
        (THREE, {"cost": {"low": {"low": 0, "mid": 1}, "mid": {"low": 1, "mid": 0}}}, "Found none for high"),
        (THREE, {"cost": "FN=10,FP=1"}, "should judge a binary target"),
        (THREE, {"metric": "cost_matrix: 0,1;1,0"}, "Found 2 of each"),
        (THREE, {"metric": "cost_matrix: 0,1;1"}, "as many columns as rows"),
        (THREE, {"metric": "cost_matrix"}, "Found ''"),
        (THREE.assign(y=THREE.a), {"cost": TABLE}, "Found regression"),
        (THREE, {"cost": pd.DataFrame([[0, 1], [1, 0]], index=["a", "a"], columns=["a", "b"])}, "Found 'a' more than"),
    ],
)
def test_prices_that_do_not_fit_are_refused_in_one_line(frame, options, found):
    with pytest.raises((ValueError, TypeError, OSError), match=found) as error:
        advise(frame, **options)
    assert "\n" not in str(error.value)


def test_a_price_for_a_class_in_no_row_is_no_obstacle():
    table = {a: {b: float(a != b) * 2 for b in (*LEVELS, "never")} for a in (*LEVELS, "never")}
    verdict = advise(classes(LEVELS), cost=table)
    assert verdict.profile.problem.metric == "cost_matrix: 0,2,2;2,0,2;2,2,0"
