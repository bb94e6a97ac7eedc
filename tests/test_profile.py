"""Profiles of made tables: the task is inferred in words, numbers agree with scipy, misfits are refused in one line."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from lossmith.advisor import target as target_facts
from lossmith.advisor.data import read
from lossmith.advisor.profile import Profile, profile
from lossmith.advisor.task import _guesses
from lossmith.training.problem import Problem
from lossmith.training.target import encode_target, label_text

RNG = np.random.default_rng(7)
N = 400
NORMAL = RNG.normal(size=N)
SKEWED = np.exp(RNG.normal(size=N))


def table(target, **columns):
    features = {"x": np.resize(NORMAL, len(target)), "z": np.resize(SKEWED, len(target))}
    return pd.DataFrame({**features, **columns, "y": target})


def look(target, frame=None, **problem):
    frame = table(target) if frame is None else frame
    return profile(read(frame, Problem("y", **problem)))


def codes(found):
    return [notice.code for notice in found.warnings]


def notice(found, code):
    return next(n for n in found.warnings if n.code == code)


RATINGS = np.repeat([1, 2, 3, 4, 5], [20, 80, 170, 100, 30])
UNEVEN = np.repeat([1, 2, 3, 4, 5], [100, 30, 170, 20, 80])


@pytest.mark.parametrize(
    ("target", "task"),
    [
        (NORMAL, "regression"),
        (np.round(SKEWED * 40_000), "regression"),
        (RNG.integers(100, 900, N), "regression"),
        (np.round(NORMAL * 2) / 2, "regression"),
        (np.clip(np.round(80 + 12 * NORMAL), 0, 100), "regression"),
        (np.where(RNG.random(N) < 0.9, 0, np.round(SKEWED * 40_000)), "regression"),
        (RNG.poisson(6, N), "count"),
        (RNG.poisson(0.8, N * 5), "count"),
        (RNG.negative_binomial(1, 0.01, N * 10), "count"),
        (RNG.integers(0, 2, N), "binary"),
        (RNG.integers(1, 3, N), "binary"),
        (RNG.integers(0, 2, N).astype(bool), "binary"),
        (RNG.choice(["yes", "no"], N), "binary"),
        (RNG.choice(list("abc"), N), "multiclass"),
        (UNEVEN, "multiclass"),
        (RATINGS, "ordinal"),
        (RATINGS.astype(str), "ordinal"),
    ],
)
def test_task_is_inferred_from_the_shape_of_the_target(target, task):
    found = look(target)
    assert found.problem.task == task
    assert found.task_reason
    assert found.metric_reason.startswith("none was given")


@pytest.mark.parametrize(
    ("target", "metric", "task"),
    [
        (RNG.poisson(0.8, N * 5), "rmse", "count"),
        (UNEVEN, "rmse", "regression"),
        (UNEVEN, "mae", "ordinal"),
        (RATINGS, "log_loss", "ordinal"),
        (RATINGS, "balanced_accuracy", "multiclass"),
        (RNG.integers(0, 2, N), "rmse", "regression"),
        (RNG.integers(0, 2, N), "f1", "binary"),
        (RNG.integers(0, 20, N), "accuracy", "multiclass"),
    ],
)
def test_the_metric_that_was_asked_for_decides_between_tasks(target, metric, task):
    found = look(target, metric=metric)
    assert (found.problem.task, found.problem.metric, found.metric_reason) == (task, metric, "you asked for it")


@pytest.mark.parametrize("task", ["regression", "count", "multiclass", "ordinal"])
def test_the_task_that_was_asked_for_wins(task):
    found = look(RATINGS, task=task)
    assert (found.problem.task, found.task_reason) == (task, "you said so")


def test_levels_and_a_positive_class_say_the_task():
    found = look(RNG.choice(["low", "mid", "high"], N), levels=("low", "mid", "high"))
    assert (found.problem.task, found.problem.levels) == ("ordinal", ("low", "mid", "high"))
    found = look(RNG.choice(["calm", "storm"], N), levels=("calm", "storm"))
    assert (found.problem.task, found.problem.positive) == ("binary", "storm")
    found = look(RNG.choice(["calm", "storm"], N), positive="Calm")
    assert (found.problem.task, found.problem.levels) == ("binary", ("storm", "calm"))


@pytest.mark.parametrize(
    ("labels", "positive", "why"),
    [
        ((0, 1), "1", "as its name says"),
        ((-1, 1), "1", "as its name says"),
        (("Yes", "No"), "Yes", "as its name says"),
        ((True, False), "True", "as its name says"),
        (("bad", "good"), "bad", "rarer"),
        (("good", "bad"), "good", "rarer"),
        ((1, 2), "1", "rarer"),
        ((2, 1), "2", "rarer"),
    ],
)
def test_positive_class_is_the_named_one_or_the_rarer(labels, positive, why):
    target = pd.Series(np.repeat(np.array(labels, dtype=object), [100, 300]))
    found = look(None, table(target))
    assert (found.problem.positive, found.problem.levels[1]) == (positive, positive)
    assert why in found.task_reason
    assert found.target["counts"][positive] == (100 if str(labels[0]) == positive else 300)


def test_numeric_labels_are_ordered_as_numbers():
    assert look(np.resize([10, 9, 100], N), task="multiclass").problem.levels == ("9", "10", "100")
    assert look(np.resize([1.5, 10.0, 2.0], N), task="ordinal").problem.levels == ("1.5", "2", "10")


def test_levels_that_no_row_holds_are_left_out_and_told():
    found = look(RATINGS, levels=("0", "1", "2", "3", "4", "5", "6"))
    assert found.problem.levels == ("1", "2", "3", "4", "5")
    assert "0, 6" in notice(found, "empty_levels").message


LABELS = RNG.choice(["a", "b", "c"], N)
REFUSED = {
    "constant": (np.ones(N), {}, "different values"),
    "constant text": (["a"] * N, {}, "different values"),
    "text ids": ([f"name {i}" for i in range(N)], {}, "classes that repeat"),
    "a word among numbers": (["12 EUR" if n == 7 else f"{n}.5" for n in range(N)], {}, "'12 EUR' in row 7, counted"),
    "text for regression": (LABELS, {"task": "regression"}, "hold numbers"),
    "dates for regression": (pd.date_range("2020", periods=N), {"task": "regression"}, "hold numbers"),
    "fractions for count": (SKEWED, {"task": "count"}, "whole numbers"),
    "below 0 for count": (RNG.integers(-3, 9, N), {"task": "count"}, "whole numbers"),
    "three for binary": (LABELS, {"task": "binary"}, "two classes"),
    "three and a positive": (LABELS, {"positive": "a"}, "two classes"),
    "fractions for multiclass": (NORMAL, {"task": "multiclass"}, "classes that repeat"),
    "text for ordinal": (LABELS, {"task": "ordinal"}, "--levels 'a,b,c'"),
    "levels for regression": (RATINGS, {"task": "regression", "levels": ("1", "2")}, "Levels"),
    "levels missing": (LABELS, {"levels": ("a", "b", "d")}, "only the classes a, b, d"),
    "levels twice": (LABELS, {"levels": ("a", "b", "c", "c")}, "twice"),
    "no such positive": (RNG.integers(0, 2, N), {"positive": "yes"}, "one of 0 and 1"),
    "no such metric": (NORMAL, {"metric": "rmze"}, "rmse"),
    "text for mae": (LABELS, {"metric": "mae"}, "Found multiclass"),
    "fractions for accuracy": (NORMAL, {"metric": "accuracy"}, "Found regression"),
    "three for f1": (LABELS, {"metric": "f1"}, "balanced_accuracy"),
    "task and metric": (RATINGS, {"task": "multiclass", "metric": "rmse"}, "Found multiclass"),
    "rmsle below 0": (NORMAL, {"metric": "rmsle"}, "from 0 up"),
    "poisson below 0": (NORMAL, {"metric": "poisson_deviance"}, "from 0 up"),
    "mape at 0": (RNG.poisson(2, N), {"metric": "mape"}, "`rmsle`"),
    "infinite": (np.where(np.arange(N) == 5, np.inf, NORMAL), {}, "infinity, or as good as, in 1 rows: 5"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_together_is_refused_in_one_line(case):
    target, problem, said = REFUSED[case]
    with pytest.raises(ValueError, match=said) as error:
        look(target, **problem)
    assert "\n" not in str(error.value)
    assert "Found" in str(error.value)


def test_refused_targets_are_counted_with_the_first_row():
    target = np.where(np.arange(N) % 100 == 3, 0.0, SKEWED)
    with pytest.raises(ValueError, match="Found 4 of 400 rows otherwise, first row 3 with 0"):
        look(target, metric="mape")


def test_rows_with_a_missing_target_are_dropped_and_told():
    target = np.where(np.arange(N) % 50 == 7, np.nan, NORMAL)
    found = look(target)
    assert (found.rows, found.dropped_rows) == (N - 8, 8)
    assert notice(found, "missing_target").rows == tuple(range(7, N, 50))


def test_statistics_agree_with_numpy_and_scipy():
    values = np.where(np.arange(N) < 40, 0.0, SKEWED - 0.5)
    found = look(values, task="regression").target
    assert found["mean"] == pytest.approx(np.mean(values))
    assert found["std"] == pytest.approx(np.std(values, ddof=1))
    assert found["median"] == pytest.approx(np.median(values))
    assert found["mad"] == pytest.approx(scipy.stats.median_abs_deviation(values))
    assert found["skew"] == pytest.approx(scipy.stats.skew(values))
    assert (found["min"], found["max"]) == (values.min(), values.max())
    assert found["zero_share"] == pytest.approx(0.1)
    assert found["negative_share"] == pytest.approx(np.mean(values < 0))
    assert found["integer_share"] == pytest.approx(0.1)
    assert found["unique"] == len(np.unique(values))


def test_tail_index_finds_the_power_of_a_pareto_tail():
    values = np.random.default_rng(0).pareto(1.5, 100_000)
    assert target_facts.tail_index(values) == pytest.approx(1.5, rel=0.15)
    assert target_facts.tail_index(np.random.default_rng(0).normal(size=100_000)) > 4
    assert target_facts.tail_index(values[:150]) is None
    assert target_facts.tail_index(np.repeat([0.0, 1.0], [900, 100])) is None


def test_fences_follow_the_more_symmetric_scale():
    linear = target_facts.fences(NORMAL)
    low, high = np.quantile(NORMAL, [0.25, 0.75])
    assert (linear.scale, linear.high) == ("linear", pytest.approx(high + 3 * (high - low)))
    lognormal = np.exp(np.random.default_rng(0).normal(3, 1, 5000))
    found = target_facts.fences(lognormal)
    assert found.scale == "log1p"
    assert found.outside(lognormal).mean() < 0.001
    assert target_facts.fences(np.repeat([0.0, 1.0], [90, 10])) is None
    rare = np.where(np.arange(5000) % 4 == 0, lognormal, 0.0)
    assert target_facts.fences(rare).outside(rare).mean() < 0.001  # neither the zeros nor the rest are outliers


def test_outliers_are_told_with_their_rows_the_farthest_first():
    target = NORMAL.copy()
    target[[30, 12]] = [50, -80]
    found = look(target)
    assert notice(found, "outliers").rows == (12, 30)
    assert found.target["outlier_share"] == pytest.approx(2 / N)
    assert found.histogram["outliers"] == 2
    assert found.histogram["outlier_low"] > -80


@pytest.mark.parametrize(
    "values",
    [NORMAL, SKEWED, np.exp(3 * NORMAL), RNG.poisson(3, N), np.append(NORMAL, 1e9), np.repeat([0, 1e6], [399, 1])],
)
def test_histogram_counts_every_row_once(values):
    found = target_facts.histogram(np.asarray(values, dtype=float))
    assert sum(found["counts"]) + found["outliers"] == len(values)
    assert len(found["edges"]) == len(found["counts"]) + 1
    assert np.all(np.diff(found["edges"]) > 0)


def test_classes_are_counted_with_shares_and_imbalance():
    found = look(np.repeat(["a", "b", "c"], [300, 99, 1]))
    assert found.target["counts"] == {"a": 300, "b": 99, "c": 1}
    assert found.target["priors"]["a"] == 0.75
    assert (found.target["imbalance"], found.target["minority"]) == (300, "c")
    assert found.histogram == {"labels": ["a", "b", "c"], "counts": [300, 99, 1]}
    assert notice(found, "rare_class").rows == (399,)
    assert "imbalance" in codes(found)


def test_a_column_that_holds_the_answer_is_told():
    binary = (RNG.random(N) < 0.3).astype(int)
    for target, leaking in [
        (SKEWED * 100, -np.log(SKEWED)),
        (binary, np.where(binary == 1, "paid", "open")),
        (binary, binary * 2.0 + RNG.random(N)),
        (LABELS, pd.Series(LABELS).str.upper().to_numpy()),
    ]:
        found = look(None, table(target, z=RNG.normal(size=N), after=leaking))
        assert notice(found, "leak").columns == ("after",)


def test_honest_columns_are_no_leaks():
    x = RNG.normal(size=(N, 4))
    weak = pd.DataFrame(x, columns=list("abcd"))
    assert "leak" not in codes(look(None, weak.assign(y=x.sum(axis=1) + RNG.normal(size=N))))
    assert "leak" not in codes(look(None, weak.assign(y=RNG.integers(0, 2, N))))
    easy = pd.DataFrame({name: (x[:, 0] > 0) * 5 + RNG.random(N) for name in "abcd"})
    assert "leak" not in codes(look(None, easy.assign(y=(x[:, 0] > 0).astype(int))))  # an easy task, not a leak


def test_columns_are_told_apart_and_unusable_ones_left_out():
    frame = table(
        NORMAL,
        row=range(N),
        colour=np.resize(["red", "blue"], N),
        day=pd.date_range("2020", periods=N).astype(str),
        same=1,
        note=[f"this is the note of person {i}" for i in range(N)],
        hidden=np.resize([1.5, 2.5, 3.5], N),
    )
    found = {column.name: column for column in look(None, frame, drop=("hidden",)).columns}
    kinds = {name: column.kind for name, column in found.items()}
    assert kinds == {
        "x": "number",
        "z": "number",
        "row": "id",
        "colour": "category",
        "day": "date",
        "same": "constant",
        "note": "text",
        "hidden": "number",
    }
    assert [name for name, column in found.items() if column.used] == ["x", "z", "colour", "day"]
    assert all(column.why for column in found.values() if not column.used)


def test_nothing_to_learn_from_is_refused():
    with pytest.raises(ValueError, match="a column to learn from"):
        look(None, pd.DataFrame({"row": range(N), "same": 1, "y": NORMAL}))


def test_weak_columns_are_told():
    holes = np.where(np.arange(N) % 3 == 0, NORMAL, np.nan)
    endless = np.where(np.arange(N) == 9, np.inf, NORMAL)
    found = look(None, table(NORMAL, holes=holes, endless=endless, shop=[f"s{i % 70}" for i in range(N)]))
    assert notice(found, "missing").columns == ("holes",)
    assert notice(found, "many_categories").columns == ("shop",)
    assert (notice(found, "infinite").columns, notice(found, "infinite").rows) == (("endless",), (9,))
    assert next(column for column in found.columns if column.name == "endless").missing == 1


def test_dates_and_things_that_come_back_are_told():
    day = pd.date_range("2020", periods=N).astype(str)
    found = look(None, table(NORMAL, day=day, shop_id=np.arange(N) // 4))
    assert notice(found, "dates").columns == ("day",)
    assert notice(found, "groups").columns == ("shop_id",)
    assert not {"dates", "groups"} & set(codes(look(None, table(NORMAL, row_id=RNG.permutation(N)))))


def test_copies_are_told_unless_chance_makes_them():
    frame = table(NORMAL)
    doubled = pd.concat([frame, frame[:20]])
    assert notice(look(None, doubled), "duplicates").rows == tuple(range(N, N + 20))
    coarse = pd.DataFrame({"a": RNG.integers(0, 3, N), "b": RNG.integers(0, 3, N), "y": RNG.integers(0, 2, N)})
    assert "duplicates" not in codes(look(None, coarse))
    assert "conflicts" in codes(look(None, coarse))


def test_zeros_caps_and_heavy_tails_are_told():
    zeros = np.where(np.arange(N) % 10 < 7, 0.0, SKEWED)
    found = look(zeros, metric="mae")
    assert "70%" in notice(found, "zeros").message
    assert "Is MAE what you want" in notice(found, "zeros").message
    assert "zeros" not in codes(look(RNG.poisson(0.8, N * 5)))
    capped = np.minimum(SKEWED, np.quantile(SKEWED, 0.95))
    assert len(notice(look(capped), "capped").rows) == 20
    assert "capped" not in codes(look(SKEWED))
    assert "heavy_tail" in codes(look(np.random.default_rng(0).pareto(1.0, 1000)))


def test_small_and_wide_tables_are_told():
    few = look(NORMAL[:50])
    assert "few_rows" in codes(few)
    wide = pd.DataFrame(RNG.normal(size=(50, 60))).assign(y=NORMAL[:50])
    assert "wide" in codes(look(None, wide))


def test_profile_survives_json():
    for target in (SKEWED, LABELS, RATINGS, np.append(NORMAL[:-1], 1e90)):
        found = look(target)
        text = json.dumps(found.to_json(), allow_nan=False)
        assert Profile.from_json(json.loads(text)) == Profile.from_json(json.loads(json.dumps(found.to_json())))
        assert Profile.from_json(json.loads(text)).to_json() == found.to_json()


def test_labels_match_however_they_are_written():
    problem = Problem("y", task="binary", levels=("0", "1"))
    for written in ([1, 0], [1.0, 0.0], ["1", "0"], ["1.0", " 0"], [np.int8(1), np.int8(0)]):
        codes = encode_target(pd.Series(written, dtype=object), problem)
        assert (codes.tolist(), codes.dtype) == ([1, 0], np.int64)
    words = Problem("y", task="binary", levels=("False", "True"))
    assert encode_target(pd.Series([True, False]), words).tolist() == [1, 0]
    assert encode_target(pd.Series(["TRUE", "false"]), words).tolist() == [1, 0]
    strict = Problem("y", task="multiclass", levels=("7", "007", "a", "A"))
    assert encode_target(pd.Series(["007", "7", "A", "a"]), strict).tolist() == [1, 0, 3, 2]
    assert [label_text(value) for value in (1, 1.0, True, " x ", 0.5)] == ["1", "1", "True", "x", "0.5"]


def test_encoding_refuses_what_the_problem_does_not_know():
    binary = Problem("y", task="binary", levels=("no", "yes"))
    with pytest.raises(ValueError, match="name its task"):
        encode_target(pd.Series([1.0]), Problem("y"))
    with pytest.raises(ValueError, match="1 missing, first in row 1"):
        encode_target(pd.Series(["no", None]), binary)
    with pytest.raises(ValueError, match="Found maybe"):
        encode_target(pd.Series(["no", "maybe"]), binary)
    for bad in (["1", "x"], [1.0, np.inf]):
        with pytest.raises(ValueError, match="row 1"):
            encode_target(pd.Series(bad), Problem("y", task="regression"))
    values = encode_target(pd.Series(["1,200", "3"]), Problem("y", task="regression"))
    assert (values.tolist(), values.dtype) == ([1200.0, 3.0], np.float64)


CELLS = st.one_of(
    st.none(), st.floats(), st.integers(-5, 5), st.booleans(), st.sampled_from(["a", "b", "NA", "", "7", "2020-01-02"])
)
PLAIN = st.one_of(
    st.lists(st.floats(), min_size=1, max_size=70),
    st.lists(st.integers(-3, 12), min_size=1, max_size=70),
    st.lists(st.sampled_from(["a", "b", "c", None]), min_size=1, max_size=70),
    st.lists(CELLS, min_size=1, max_size=70),
)


@settings(max_examples=120, deadline=None)
@given(PLAIN, PLAIN, st.sampled_from([None, "rmse", "mae", "log_loss", "f1", "mape"]))
def test_any_columns_give_a_profile_or_one_clear_line(target, feature, metric):
    frame = pd.DataFrame({"x": pd.Series(feature, dtype=object), "y": pd.Series(target, dtype=object)})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = profile(read(frame, Problem("y", metric=metric)))
        except ValueError as error:
            said = str(error)
        else:
            json.dumps(found.to_json(), allow_nan=False)
            assert found.rows + found.dropped_rows == len(frame)
            return
    assert "Found" in said
    assert "\n" not in said


def test_a_count_is_explained_in_plain_words():
    counts = pd.Series([0] * 60 + [1] * 50 + [2] * 30 + [3] * 15 + [4] * 8 + [5] * 4 + [9])
    guess = _guesses(counts, Problem(target="n"))[0]
    assert (guess.task, guess.reason.endswith("whole numbers from 0 up, the larger the rarer")) == ("count", True)
