"""Weights and groups, from the options to the folds: what counts, how much, and what stays together."""

import numpy as np
import pandas as pd
import pytest

import lossmith
from lossmith.advisor import enough, trials
from lossmith.advisor.data import read
from lossmith.advisor.profile import profile
from lossmith.advisor.trials import Plan
from lossmith.report import words
from lossmith.training import rows
from lossmith.training.problem import Candidate, Problem
from lossmith.training.settings import Settings
from running import LIGHT, classes, lighten, numbers


@pytest.fixture(autouse=True)
def light(monkeypatch):
    lighten(monkeypatch)


def advise(frame: pd.DataFrame, **options):
    return lossmith.advise(frame, **{"target": "y", "folds": 3, "jobs": 1, "budget": None, **options})


def parts(frame: pd.DataFrame, problem: Problem, folds: int = 4):
    data = read(frame, problem)
    return list(trials._parts(data, profile(data), Plan(folds, settings=LIGHT)))


def codes(verdict):
    return {notice.code for notice in verdict.profile.warnings}


def fold_scores(verdict):
    return {standing.candidate.id: standing.fold_scores for standing in verdict.standings}


def grouped(count: int = 30, each: int = 6) -> pd.DataFrame:
    """Rows that a group's own constants give away, and nothing else does."""
    random = np.random.default_rng(0)
    constants = random.normal(size=(count, 3))
    group = np.repeat(np.arange(count), each)
    a, b, y = constants[group].T
    return pd.DataFrame({"a": a, "b": b, "storm": [f"s{g}" for g in group], "y": y + 0.01 * random.normal(size=len(y))})


def test_a_row_that_weighs_nothing_is_as_good_as_absent():
    frame = numbers(200)
    weight = np.random.default_rng(1).choice([0.0, 1.0, 2.5], len(frame))
    weighted = advise(frame.assign(w=weight), weight="w")
    without = advise(frame.assign(w=weight)[weight > 0], weight="w")
    assert fold_scores(weighted) == fold_scores(without)
    assert "no_weight" in codes(weighted)
    assert "no_weight" not in codes(without)
    assert fold_scores(weighted) != fold_scores(advise(frame[weight > 0]))


def test_equal_weights_change_no_score_and_are_told():
    frame = numbers()
    weighted, plain = advise(frame.assign(w="3"), weight="w"), advise(frame)
    for name, scores in fold_scores(weighted).items():
        assert scores == pytest.approx(plain.standing(name).fold_scores)
    assert "equal_weights" in codes(weighted)


def test_weights_decide_what_is_learned_scored_and_kept():
    """Two kinds of rows that no feature tells apart: the heavy kind is what a network should say."""
    random = np.random.default_rng(0)
    heavy = random.random(200) < 0.3
    frame = pd.DataFrame({"a": random.normal(size=200), "y": np.where(heavy, 5.0, 0.0), "w": np.where(heavy, 50, 1)})
    verdict = advise(frame, metric="mae", task="regression", weight="w")
    assert verdict.standing(verdict.recommended).score < 0.8
    assert "uneven_weights" in codes(verdict)
    candidate = verdict.standing(verdict.recommended).candidate
    predictor = lossmith.fit(frame, verdict.profile.problem, candidate, settings=LIGHT)
    assert np.median(predictor.predict(frame[["a"]])) > 4.0
    plain = lossmith.fit(frame, Problem("y", "regression", "mae", drop=("w",)), candidate, settings=LIGHT)
    assert np.median(plain.predict(frame[["a"]])) < 1.0


def test_weights_reach_every_part_of_a_fold():
    frame = numbers().assign(w=np.arange(1, 121))
    for part in parts(frame, Problem("y", weight="w")):
        weights = (part.split.weight_train, part.split.weight_valid, part.weight_test)
        lengths = (part.split.y_train, part.split.y_valid, part.y_test)
        assert [len(weight) for weight in weights] == [len(y) for y in lengths]
        assert part.split.x_train.shape[1] == 5, "a weight is no feature"
    told = {
        float(y): w
        for p in parts(frame, Problem("y", weight="w"))
        for y, w in zip(p.y_test, p.weight_test, strict=True)
    }
    assert [told[y] for y in frame.y] == pytest.approx(np.arange(1, 121) / 60.5)


def test_a_group_is_never_on_two_sides():
    frame = grouped()
    by_y = dict(zip(frame.y, frame.storm, strict=True))
    for part in parts(frame, Problem("y", group=("storm",))):
        sides = [{by_y[y] for y in side} for side in (part.split.y_train, part.split.y_valid, part.y_test)]
        assert sum(map(len, sides)) == len(set.union(*sides)) == 30
        assert min(map(len, sides)) >= 3
        assert part.split.x_train.shape[1] == 2, "a group is no feature"


def test_several_columns_name_a_group_together():
    frame = pd.DataFrame({"name": ["Ana", "Ana", "Ben", "Ana"], "year": [1, 2, 1, 1], "y": [0, 1, 2, 3]})
    assert rows.groups(frame, Problem("y", group=("name", "year"))).tolist() == [0, 1, 2, 0]


def test_a_missing_group_or_weight_leaves_the_row_out():
    frame = numbers().assign(g=np.repeat(np.arange(40.0), 3), w=1.0)
    frame.loc[:5, "g"] = np.nan
    frame.loc[6:8, "w"] = np.nan
    frame.loc[9:9, "y"] = np.nan
    verdict = advise(frame, group="g", weight="w")
    assert verdict.profile.rows == 110
    assert {"missing_group", "no_weight", "missing_target"} <= codes(verdict)


def test_fewer_groups_than_folds_make_fewer_folds():
    verdict = advise(grouped(4, 30), group="storm", folds=10)
    assert verdict.planned_folds == verdict.folds == 4
    assert any("4 folds instead of 10" in warning for warning in verdict.warnings)


def test_a_class_of_few_groups_makes_fewer_folds():
    frame = classes(["no", "yes"], 200).assign(g=np.arange(200) % 40)
    frame["y"] = np.where(frame.g < 4, "yes", "no")
    verdict = advise(frame, group="g", folds=10, metric="roc_auc")
    assert verdict.planned_folds == verdict.folds == 4
    assert "4 groups with class 'yes'" in " ".join(verdict.warnings)
    assert all(not standing.failures for standing in verdict.standings)


def test_one_large_group_is_told():
    frame = numbers(200).assign(g=np.where(np.arange(200) < 120, 0, np.arange(200)))
    data = read(frame, Problem("y", group=("g",)))
    plan, told = enough.enough(data, profile(data), Plan(5, settings=LIGHT))
    assert plan.folds == 5
    assert "60%" in " ".join(told)


def test_fit_keeps_groups_together_and_needs_two():
    """With rows of a group on both sides, a network learns the groups by heart and looks good."""
    frame = grouped()
    problem = Problem("y", "regression", "rmse", group=("storm",))
    candidate = Candidate("squared_error_loss", "squared_error_loss")
    long = Settings(hidden=(64,), steps=600, max_epochs=200)
    whole = lossmith.fit(frame, problem, candidate, settings=long)
    by_rows = lossmith.fit(frame, Problem("y", "regression", "rmse", drop=("storm",)), candidate, settings=long)
    assert by_rows.fitted.valid_score < 0.7 * whole.fitted.valid_score
    with pytest.raises(ValueError, match="two groups"):
        lossmith.fit(frame.assign(storm="one"), problem, candidate, settings=LIGHT)
    with pytest.raises(ValueError, match="no column 'storm'"):
        lossmith.fit(frame.drop(columns="storm"), problem, candidate, settings=LIGHT)


@pytest.mark.parametrize(
    ("frame", "options", "found"),
    [
        (numbers(), {"weight": "ww"}, "column of weights should be a column"),
        (numbers(), {"weight": "y"}, "Found 'y' as both"),
        (numbers(), {"weight": "c"}, "Found 'z' in row 0|Found '[xyz]' in row 0"),
        (numbers().assign(w=-1.0), {"weight": "w"}, "Found -1 in row 0 and 120"),
        (numbers().assign(w=np.inf), {"weight": "w"}, "Found inf in row 0"),
        (numbers().assign(w=0.0), {"weight": "w"}, "above 0 in some row"),
        (numbers().assign(w=np.nan), {"weight": "w"}, "above 0 in some row"),
        (numbers().assign(w=pd.Timestamp("2024-01-01")), {"weight": "w"}, "should be numbers from 0 up"),
        (numbers()[["c", "y"]].assign(w=1.0), {"weight": "w", "group": "c"}, "column to learn from"),
        (numbers(), {"group": "storm"}, "column that groups rows should be a column"),
        (numbers(), {"group": ("c", "y")}, "Found 'y' as both"),
        (numbers().assign(g="one"), {"group": "g"}, "Found 1 in g"),
        (numbers().assign(g=np.arange(120) % 2), {"group": "g"}, "Found 2 in g"),
        (numbers().assign(g=None), {"group": "g"}, "Found none"),
        (classes(["no", "yes"]).assign(g=lambda f: f.y), {"group": "g", "metric": "roc_auc"}, "Found 1 in g"),
    ],
)
def test_what_cannot_weigh_or_group_is_refused_in_one_line(frame, options, found):
    with pytest.raises(ValueError, match=found) as error:
        advise(frame, **options)
    assert "\n" not in str(error.value)


def test_a_metric_that_cannot_be_weighted_is_refused(monkeypatch):
    from dataclasses import replace

    from lossmith.metrics import mae

    monkeypatch.setattr(mae, "METRIC", replace(mae.METRIC, function=lambda target, prediction: 0.0))
    with pytest.raises(ValueError, match="`mae`, which cannot"):
        advise(numbers().assign(w=1.0), metric="mae", weight="w")


@pytest.mark.parametrize(
    ("positives", "metric", "asked", "wanted"),
    [
        (45, "average_precision", 10, (4, 2)),
        (45, "average_precision", 3, (3, 1)),
        (100, "average_precision", 10, (10, 1)),
        (14, "average_precision", 10, (3, 3)),
        (45, "f1", 10, (10, 1)),
        (22, "f1", 10, (5, 2)),
        (45, "log_loss", 10, (10, 1)),
        (45, "roc_auc", 10, (10, 1)),
        (9, "average_precision", 10, (0, 1)),
    ],
)
def test_few_positives_make_fewer_folds_drawn_more_often(positives, metric, asked, wanted):
    frame = pd.DataFrame({"a": np.random.default_rng(0).normal(size=400), "y": ["no"] * 400})
    frame.loc[: positives - 1, "y"] = "yes"
    data = read(frame, Problem("y", metric=metric))
    plan, told = enough.enough(data, profile(data), Plan(asked, settings=LIGHT))
    assert (plan.folds, plan.repeats) == wanted
    assert bool(told) == (wanted != (asked, 1))
    if wanted[1] > 1:
        assert f"of {positives} positives a fold now tests {positives // wanted[0]}" in told[0]


def test_folds_drawn_more_often_are_all_counted():
    random = np.random.default_rng(0)
    y = np.arange(300) < 32
    frame = pd.DataFrame({"a": y + random.normal(size=300), "y": np.where(y, "yes", "no")})
    verdict = advise(frame, metric="average_precision", folds=10)
    assert verdict.folds == verdict.planned_folds == 9
    assert "3 folds, drawn 3 times" in " ".join(verdict.warnings)
    assert "about 11 positives to test" in words.rows(verdict)
