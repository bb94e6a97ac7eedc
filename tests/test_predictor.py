"""`lossmith.fit`: from a frame and a candidate to predictions in the words of the table."""

import pickle
import random
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

import lossmith
from lossmith.training.problem import Candidate, Problem
from lossmith.training.settings import Settings
from running import LIGHT, classes, numbers

REGRESSION = Problem("y", task="regression", metric="rmse")
SQUARED = Candidate("squared_error_loss", "squared_error_loss")


def class_problem(levels: tuple[str, ...], metric: str = "accuracy") -> Problem:
    if len(levels) == 2:
        return Problem("y", task="binary", metric=metric, levels=levels, positive=levels[1])
    return Problem("y", task="multiclass", metric=metric, levels=levels)


def class_candidate(problem: Problem, rule: str = "argmax") -> Candidate:
    if problem.task == "binary":
        return Candidate("bce", "binary_cross_entropy_loss", link="sigmoid", rule=rule)
    return Candidate("ce", "cross_entropy_loss", link="softmax", rule=rule)


@pytest.fixture(scope="module")
def regressor():
    return lossmith.fit(numbers(), REGRESSION, SQUARED, settings=LIGHT)


def test_regression_beats_the_mean(regressor):
    new = numbers(seed=1)
    error = np.mean((regressor.predict(new) - new.y) ** 2)
    assert error < 0.5 * np.var(new.y)


@pytest.mark.parametrize(
    ("labels", "levels"),
    [
        ([3, 7], ("3", "7")),
        ([7, 3], ("3", "7")),
        (["no", "yes"], ("no", "yes")),
        (["Yes", "No"], ("no", "yes")),  # levels as a person types them
        ([False, True], ("False", "True")),
        ([1.0, 2.0], ("1", "2")),
        ([0.5, 1.5, 2.5], ("0.5", "1.5", "2.5")),
        (["low", "mid", "high"], ("low", "mid", "high")),
        ([1, "x"], ("1", "x")),
        ([pd.Timestamp("2020-01-01").date().year, "x", True], ("2020", "x", "True")),
    ],
)
def test_labels_come_back_as_they_stood(labels, levels):
    frame, new = classes(labels), classes(labels, seed=1)
    problem = class_problem(levels)
    predictor = lossmith.fit(frame, problem, class_candidate(problem), settings=LIGHT)
    predicted = predictor.predict(new)
    right = np.mean([type(p) is type(t) and p == t for p, t in zip(predicted.tolist(), new.y.tolist(), strict=True)])
    assert right > 0.5 + 0.5 / len(labels)
    assert [str(label).casefold().removesuffix(".0") for label in predictor.labels] == [v.casefold() for v in levels]


@pytest.mark.parametrize("labels", [["no", "yes"], ["a", "b", "c"]])
@pytest.mark.parametrize("reverse", [False, True])
def test_probabilities_stand_in_the_order_of_the_labels(labels, reverse):
    levels = tuple(reversed(labels)) if reverse else tuple(labels)
    frame, new = classes(labels), classes(labels, seed=1)
    problem = class_problem(levels, "log_loss")
    predictor = lossmith.fit(frame, problem, class_candidate(problem, "probability"), settings=LIGHT)
    probabilities = predictor.predict_proba(new)
    assert probabilities.shape == (len(new), len(labels))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-5)
    assert (probabilities >= 0).all()
    assert predictor.labels == levels
    likeliest = np.array(levels)[probabilities.argmax(axis=1)]
    assert (likeliest == predictor.predict(new)).all()
    assert np.mean(likeliest == new.y) > 0.6


def test_probabilities_need_classes(regressor):
    with pytest.raises(ValueError, match=r"needs a task of classes\. Found regression"):
        regressor.predict_proba(numbers())


def test_the_tuned_threshold_is_heeded():
    labels = ["no", "yes"]
    problem = class_problem(("no", "yes"), "cost: FN=50,FP=1")
    predictor = lossmith.fit(classes(labels), problem, class_candidate(problem, "threshold"), settings=LIGHT)
    new = classes(labels, seed=1)
    threshold = predictor.fitted.rule_params["threshold"]
    assert ((predictor.predict_proba(new)[:, 1] >= threshold) == (predictor.predict(new) == "yes")).all()
    assert threshold < 0.5


def test_the_same_seed_gives_the_same_predictions_and_another_gives_others():
    new = numbers(seed=1)
    first, again, other = (
        lossmith.fit(numbers(), REGRESSION, SQUARED, seed=seed, settings=LIGHT).predict(new) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_the_callers_threads_and_random_numbers_are_left_alone():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        np.random.seed(5)
        torch.manual_seed(5)
        random.seed(5)
        states = np.random.get_state()[1].copy(), torch.get_rng_state(), random.getstate()
        predictor = lossmith.fit(numbers(), REGRESSION, SQUARED, settings=LIGHT)
        predictor.predict(numbers())
        assert torch.get_num_threads() == 2
        np.testing.assert_array_equal(np.random.get_state()[1], states[0])
        assert torch.equal(torch.get_rng_state(), states[1])
        assert random.getstate() == states[2]
    finally:
        torch.set_num_threads(before)


def test_order_and_number_of_columns_do_not_matter(regressor):
    frame = numbers(seed=1)
    expected = regressor.predict(frame)
    np.testing.assert_array_equal(regressor.predict(frame[["c", "b", "a"]]), expected)
    np.testing.assert_array_equal(regressor.predict(frame.assign(more="x", y=None)), expected)


def test_the_index_and_the_number_of_rows_do_not_matter(regressor):
    frame = numbers(seed=1)
    expected = regressor.predict(frame)
    odd = frame.set_axis([7] * len(frame))
    np.testing.assert_array_equal(regressor.predict(odd), expected)
    np.testing.assert_allclose(regressor.predict(frame.iloc[[3]]), expected[[3]], rtol=1e-4)


def test_a_missing_column_is_named(regressor):
    with pytest.raises(ValueError, match="Found no 'b', 'c'"):
        regressor.predict(numbers()[["a"]])


def test_no_rows_are_told(regressor):
    with pytest.raises(ValueError, match="should hold rows"):
        regressor.predict(numbers().iloc[:0])


def test_an_unseen_category_counts_as_other_and_is_told(regressor):
    frame = numbers(seed=1)
    frame.loc[[2, 5], "c"] = "new"
    with pytest.warns(UserWarning, match=r"Column 'c': unseen in training, taken as \"other\": new") as told:
        values = regressor.predict(frame)
    assert told[0].filename == __file__
    assert np.isfinite(values).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        regressor.predict(numbers(seed=1))


def test_few_new_rows_are_read_as_training_was():
    """On its own, a row of "1" looks like a number, and one of "7" in a number column like text."""
    frame = numbers()
    frame["c"] = np.where(frame.a > 0, "1", "A")
    frame["b"] = frame.b.round(3).astype("str")
    predictor = lossmith.fit(frame, REGRESSION, SQUARED, settings=LIGHT)
    assert predictor.kinds == {"a": "number", "b": "number", "c": "category"}
    together = predictor.predict(frame)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one_by_one = np.concatenate([predictor.predict(frame.iloc[[row]]) for row in range(10)])
        as_number = predictor.predict(frame[frame.c == "1"].assign(c=1))
    np.testing.assert_allclose(one_by_one, together[:10], rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(as_number, together[frame.c == "1"], rtol=1e-3, atol=1e-4)


def mixed(rows: int = 80) -> pd.DataFrame:
    frame = numbers(rows)
    frame.loc[::7, "a"] = np.nan
    frame.loc[3, "b"] = np.inf
    frame.loc[::5, "c"] = None
    day = pd.date_range("2020-01-01", periods=rows, freq="D")
    return frame.assign(
        day=day, iso=day.strftime("%Y-%m-%d"), flag=np.arange(rows) % 2 == 0, maybe=[True, None] * (rows // 2),
        empty=np.nan, price=[f"${n},000" for n in range(1, rows + 1)], kind=pd.Categorical(["u", "v"] * (rows // 2)),
    )  # fmt: skip


def test_missing_values_dates_truth_values_and_empty_columns():
    predictor = lossmith.fit(mixed(), REGRESSION, SQUARED, settings=LIGHT)
    assert set(predictor.kinds) == {"a", "b", "c", "day", "iso", "flag", "maybe", "price", "kind"}
    assert np.isfinite(predictor.predict(mixed())).all()
    nothing = mixed().assign(**dict.fromkeys(predictor.kinds))
    with pytest.warns(UserWarning, match="unseen in training"):
        assert np.isfinite(predictor.predict(nothing)).all()


def test_columns_may_have_numbers_for_names():
    frame = numbers().set_axis([0, 1, 2, "y"], axis=1)
    predictor = lossmith.fit(frame, REGRESSION, SQUARED, settings=LIGHT)
    assert list(predictor.kinds) == ["0", "1", "2"]
    assert np.isfinite(predictor.predict(frame)).all()


def test_rows_without_a_target_are_left_out():
    frame = classes(["no", "yes"])
    problem = class_problem(("no", "yes"))
    more = pd.concat([frame, frame.assign(y=None), frame.assign(y="NA")])
    expected, found = (
        lossmith.fit(table, problem, class_candidate(problem), settings=LIGHT).predict(frame) for table in (frame, more)
    )
    assert (expected == found).all()


def test_dropped_columns_are_not_needed():
    problem = Problem("y", task="regression", metric="rmse", drop=("c",))
    predictor = lossmith.fit(numbers(), problem, SQUARED, settings=LIGHT)
    assert np.isfinite(predictor.predict(numbers()[["a", "b"]])).all()


def test_a_predictor_can_be_kept_in_a_file(regressor):
    back = pickle.loads(pickle.dumps(regressor))
    np.testing.assert_array_equal(back.predict(numbers(seed=1)), regressor.predict(numbers(seed=1)))


@pytest.mark.parametrize(
    ("frame", "problem", "message"),
    [
        (numbers(), Problem("y"), "should be settled"),
        (numbers().drop(columns="y"), REGRESSION, "Found no column 'y'"),
        (numbers()[["y"]], REGRESSION, "column to learn from"),
        (numbers().assign(y=np.nan), REGRESSION, "Found 0"),
        (numbers().assign(y="high"), REGRESSION, "finite numbers"),
        (numbers().iloc[:4], REGRESSION, "Found 4"),
    ],
)
def test_what_does_not_fit_is_refused(frame, problem, message):
    with pytest.raises(ValueError, match=message):
        lossmith.fit(frame, problem, SQUARED, settings=LIGHT)


def test_a_loss_that_never_gives_a_number_is_told():
    diverging = replace(LIGHT, learning_rate=1e38)
    with pytest.raises(ValueError, match=r"squared_error_loss should train to a finite score\. Found: .*not finite"):
        lossmith.fit(numbers(), REGRESSION, SQUARED, settings=diverging)


def test_what_the_verdict_names_can_be_fitted():
    frame = classes(["no", "yes"])
    verdict = lossmith.advise(frame, target="y", folds=2, jobs=1, budget=0.001)
    problem, candidate = verdict.profile.problem, verdict.standing(verdict.recommended).candidate
    predictor = lossmith.fit(frame, problem, candidate, settings=LIGHT)
    assert np.mean(predictor.predict(frame) == frame.y) > 0.8


def test_fit_each_is_fit_for_many_and_names_the_one_that_fails() -> None:
    table = numbers()
    problem = Problem("y", task="regression", metric="mae")
    settings = LIGHT
    good = Candidate("absolute_error_loss", "absolute_error_loss")
    bad = Candidate("huber_loss", "huber_loss", params={"delta": -1.0})
    first, failed = lossmith.fit_each(table, problem, [good, bad], 3, settings)
    assert isinstance(first, lossmith.Predictor)
    assert isinstance(failed, str)
    assert "delta" in failed
    alone = lossmith.fit(table, problem, good, 3, settings)
    np.testing.assert_allclose(first.predict(table), alone.predict(table), rtol=1e-4, atol=1e-4)


def spreading(rows=400, seed=0):
    """The spread of the target grows with `b`."""
    frame = numbers(rows, seed)
    noise = np.random.default_rng(seed + 100).normal(size=rows)
    return frame.assign(y=2 * frame.a + np.exp(frame.b) * noise)


LEVELS = [(2 * k + 1) / 40 for k in range(20)]
STEADY = Settings(hidden=(32,), steps=400, min_epochs=20, rate_factors=(1.0,))


@pytest.mark.parametrize(
    ("candidate", "learns_spread"),
    [
        (Candidate("grid", "multi_quantile_loss", {"levels": LEVELS}, rule="quantiles"), True),
        (Candidate("normal", "gaussian_nll_loss", rule="quantiles"), True),
        (Candidate("crps", "gaussian_crps_loss", rule="quantiles"), True),
        (Candidate("plain", "squared_error_loss", rule="residual_quantiles"), False),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_quantiles_and_intervals_hold_their_share(candidate, learns_spread):
    problem, new = Problem("y", task="regression", metric="crps"), spreading(2000, seed=1)
    predictor = lossmith.fit(spreading(1500), problem, candidate, settings=STEADY)
    quantiles = predictor.predict_quantiles(new)
    assert quantiles.shape == (2000, 20)
    assert (np.diff(quantiles, axis=1) >= 0).all()
    below = (new.y.to_numpy()[:, None] <= quantiles).mean(axis=0)
    assert np.abs(below - LEVELS).max() < 0.08
    low, high = predictor.predict_interval(new, coverage=0.8).T
    inside = (low <= new.y) & (new.y <= high)
    assert inside.mean() == pytest.approx(0.8, abs=0.06)
    quiet = new.b < -0.7  # where the spread is small, only a loss that learns it holds the share
    assert (inside[quiet].mean() < 0.9) == learns_spread
    middle = predictor.predict(new)
    assert middle == pytest.approx(predictor.predict_quantiles(new, [0.5])[:, 0])
    assert predictor.predict_interval(new) == pytest.approx(predictor.predict_quantiles(new, [0.05, 0.95]))
    assert pickle.loads(pickle.dumps(predictor)).predict(new) == pytest.approx(middle)


def test_an_interval_is_known_at_its_own_ends_only():
    problem = Problem("y", task="regression", metric="interval_score@0.8")
    candidate = Candidate("grid", "multi_quantile_loss", {"levels": [0.1, 0.9]}, rule="quantiles")
    predictor = lossmith.fit(numbers(), problem, candidate, settings=LIGHT)
    ends = predictor.predict_interval(numbers(seed=1))
    assert ends.shape == (120, 2)
    assert predictor.predict(numbers(seed=1)) == pytest.approx(ends.mean(axis=1))
    for coverage in (0.9, 0.5):
        with pytest.raises(ValueError, match=r"trained: 0\.1, 0\.9\. Found"):
            predictor.predict_interval(numbers(), coverage=coverage)


def test_quantiles_need_a_metric_of_quantiles(regressor):
    for ask in (regressor.predict_quantiles, regressor.predict_interval):
        with pytest.raises(ValueError, match=r"Quantiles need a metric that asks for them\. Found `rmse`"):
            ask(numbers())


@pytest.mark.parametrize("metric", ["rmse", "mae", "pinball@0.9"])
def test_a_distribution_gives_the_one_number_asked_for(metric):
    """Errors are exponential below and skewed: mean, median and quantile lie apart."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=1500), "y": np.exp(rng.normal(size=1500))})
    problem = Problem("y", task="regression", metric=metric)
    candidate = Candidate("normal@log1p", "gaussian_nll_loss", link="log1p")
    predictor = lossmith.fit(frame, problem, candidate, settings=STEADY)
    wanted = {"rmse": np.exp(0.5), "mae": 1.0, "pinball@0.9": np.exp(1.2816)}[metric]
    assert np.median(predictor.predict(frame)) == pytest.approx(wanted, rel=0.12)
