"""`lossmith.advise` from a frame to a verdict: outcomes, budget, determinism, odd tables, what lies on disk."""

import importlib
import json
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
import torch

import lossmith
from lossmith.advisor import pipeline, schedule
from lossmith.advisor.verdict import Verdict
from running import classes, fold_scores, lighten, numbers, trials


@pytest.fixture(autouse=True)
def light(monkeypatch):
    lighten(monkeypatch)


def advise(frame: pd.DataFrame, **options) -> Verdict:
    return lossmith.advise(frame, **{"target": "y", "folds": 3, "jobs": 1, "budget": None, **options})


class Steps:
    """A watcher that remembers."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.bars: list[tuple[int, int]] = []

    def profiled(self, found) -> None:
        self.told.append("profiled")

    def shortlisted(self, candidates) -> None:
        self.told.append("shortlisted")

    def trained(self, done: int, total: int) -> None:
        self.bars.append((done, total))


def test_a_verdict_and_all_its_evidence(tmp_path):
    out, steps = tmp_path / "deep" / "out", Steps()
    verdict = advise(numbers(), out=out, watcher=steps, command="lossmith ...", seed=3)
    assert verdict.folds == verdict.planned_folds == 3
    assert all(len(standing.fold_scores) == 3 for standing in verdict.standings)
    assert verdict.standing(verdict.recommended).score < numbers().y.std()
    assert sorted(path.name for path in out.iterdir()) == [
        "profile.json", "shortlist.json", "trials.jsonl", "verdict.json",
    ]  # fmt: skip
    written = json.loads((out / "verdict.json").read_text())
    assert json.loads(json.dumps(Verdict.from_json(written).to_json())) == written
    assert json.loads(json.dumps(verdict.to_json())) == written
    assert written["command"] == "lossmith ..."
    assert written["settings"]["seed"] == 3
    assert set(written["environment"]) >= {"lossmith", "python", "torch", "numpy", "pandas", "machine", "date"}
    total = len(verdict.standings) * 3 * 2  # candidates, folds, learning rates
    assert trials(out) == total
    assert steps.told == ["profiled", "shortlisted"]
    assert steps.bars[0] == (0, total)
    assert steps.bars[-1] == (total, total)
    assert [done for done, _ in steps.bars] == sorted(done for done, _ in steps.bars)


def test_without_a_folder_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    advise(numbers())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("frame", [numbers(), classes(["no", "yes"])], ids=["values", "ties"])
def test_one_process_or_two_or_again_the_scores_are_the_same(frame):
    """Accuracy on few rows ties often: which learning rate is taken must not hang on which process was first."""
    metric = "rmse" if frame.y.dtype == float else "accuracy"
    first, again, two = (advise(frame, metric=metric, jobs=jobs) for jobs in (1, 1, 2))
    assert fold_scores(first) == fold_scores(again) == fold_scores(two)
    rates = [[s.learning_rates for s in verdict.standings] for verdict in (first, two)]
    assert rates[0] == rates[1]
    assert fold_scores(first) != fold_scores(advise(frame, metric=metric, seed=1))


def test_the_order_of_trials_does_not_matter():
    frame = classes(["no", "yes"])
    kept = []
    original = pipeline.run_trials

    def backwards(*arguments, **options):
        found = original(*arguments, **options)
        kept.append(found)
        return type(found)(**{**vars(found), "rows": found.rows[::-1]})

    expected = advise(frame, metric="accuracy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "run_trials", backwards)
        found = advise(frame, metric="accuracy")
    assert kept
    assert fold_scores(found) == fold_scores(expected)
    assert [s.learning_rates for s in found.standings] == [s.learning_rates for s in expected.standings]


def test_a_script_needs_no_main_guard(tmp_path):
    numbers(80).to_csv(tmp_path / "t.csv", index=False)
    (tmp_path / "script.py").write_text(
        "import lossmith\n"
        "ask = {'target': 'y', 'folds': 2, 'repeats': 1, 'jobs': 2, 'losses': ['huber_loss'], 'budget': None}\n"
        "verdict = lossmith.advise('t.csv', **ask)\n"
        "print('folds', verdict.folds)\n"
    )
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "folds 2\n"  # once: no worker ran the script again
    assert done.stderr == ""


@pytest.mark.parametrize("budget", ["0.001s", 1e-6])
def test_a_budget_that_no_fold_fits_in(tmp_path, budget):
    verdict = advise(numbers(), budget=budget, out=tmp_path / "out")
    assert verdict.outcome == "too_little_data"
    assert verdict.folds == 0
    assert verdict.recommended == verdict.reference
    assert json.loads((tmp_path / "out" / "verdict.json").read_text())["outcome"] == "too_little_data"


@pytest.mark.parametrize(("folds", "outcome"), [(2, "too_little_data"), (3, "measured")])
def test_whole_folds_count_and_the_part_of_a_fold_does_not(tmp_path, folds, outcome):
    full = advise(numbers(), folds=5, out=tmp_path)
    header, *lines = (tmp_path / "trials.jsonl").read_text().splitlines()
    rates = full.settings["settings"]["rate_factors"]
    first = full.settings["settings"]["learning_rate"] * rates[0]
    rows = [json.loads(line) for line in lines]
    kept = [row for row in rows if row["fold"] < folds or (row["fold"] == folds and row["rate"] == first)]
    assert folds * len(full.standings) * len(rates) < len(kept) < len(rows)
    (tmp_path / "trials.jsonl").write_text("\n".join([header, *map(json.dumps, kept)]) + "\n")
    verdict = advise(numbers(), folds=5, out=tmp_path, resume=True, budget="0.001s")
    assert verdict.folds == folds
    assert (verdict.outcome == "too_little_data") == (outcome == "too_little_data")
    for standing in full.standings:
        found = verdict.standing(standing.candidate.id).fold_scores
        assert found == standing.fold_scores[:folds]


def test_the_budget_is_heeded():
    began = time.monotonic()
    advise(numbers(300), folds=10, repeats=1000, budget="2s")
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (numbers(39), "39 rows"),
        (classes(["no"], 97).assign(y=["no"] * 94 + ["yes"] * 3), "3 rows"),
        (classes(["a"], 97).assign(y=["a"] * 90 + ["b"] * 4 + ["c"] * 3), "4 rows"),
    ],
)
def test_too_little_data_is_an_answer(frame, why):
    verdict = advise(frame)
    assert verdict.outcome == "too_little_data"
    assert any(why in warning for warning in verdict.warnings)
    assert verdict.folds == 0


def test_a_rare_class_makes_fewer_folds_and_that_is_said():
    frame = classes(["no", "yes"], 92).assign(y=["no"] * 80 + ["yes"] * 12)
    verdict = advise(frame, folds=15)
    assert verdict.planned_folds == verdict.folds == 12
    assert any("12 folds instead of 15" in warning for warning in verdict.warnings)


def test_three_classes_of_which_one_is_in_few_folds():
    frame = classes(["a", "b", "c"], 125).assign(y=["a"] * 60 + ["b"] * 62 + ["c"] * 3)
    verdict = advise(frame, metric="log_loss", folds=4)
    assert verdict.folds == 4


def test_ordinal_with_levels():
    frame = classes(["low", "mid", "high"])
    verdict = advise(frame, metric="mae", levels=["low", "mid", "high"])
    assert verdict.profile.problem.task == "ordinal"
    assert verdict.folds == 3
    assert 0 <= verdict.standing(verdict.recommended).score < 0.6  # levels off, of 2


@pytest.mark.parametrize(
    ("frame", "options"),
    [
        (classes(["no", "yes"]), {"metric": "cost: FN=5,FP=1", "positive": "yes"}),
        (classes([0, 1, 2]), {"metric": "balanced_accuracy"}),
        (classes([False, True]), {"metric": "f1"}),
        (numbers().assign(y=lambda t: t.y.abs().round().astype(int)), {"task": "count", "metric": "poisson_deviance"}),
        (numbers().assign(y=lambda t: np.exp(t.y)), {"metric": "mape"}),
        (numbers(), {"metric": "pinball@0.9"}),
    ],
)
def test_other_questions(frame, options):
    verdict = advise(frame, **options)
    assert verdict.folds == 3
    assert all(np.isfinite(standing.fold_scores).all() for standing in verdict.standings)


def test_an_odd_table():
    frame = numbers(90)
    frame.loc[::7, "a"] = np.nan
    frame.loc[3, "b"] = np.inf
    frame.loc[5, "b"] = 1e300
    frame.loc[70:, "y"] = np.nan
    frame = frame.assign(
        empty=None, same=1, day=pd.date_range("2020-01-01", periods=90), flag=[True, False] * 45, row=range(90),
    )  # fmt: skip
    verdict = advise(frame)
    assert verdict.folds == 3
    assert verdict.profile.rows == frame.y.notna().sum()
    used = {column.name for column in verdict.profile.columns if column.used}
    assert used == {"a", "b", "c", "day", "flag"}


def test_only_the_named_losses_beside_reference_and_default():
    verdict = advise(numbers(), metric="mae", losses=["huber_loss"])
    assert {standing.candidate.loss for standing in verdict.standings} == {
        "absolute_error_loss", "huber_loss", "squared_error_loss",
    }  # fmt: skip


def test_names_and_labels_are_taken_as_they_come():
    """One name for a list of one, and labels as they stand in the frame rather than as text."""
    verdict = advise(numbers().set_axis([0, 1, 2, 3], axis=1), target=3, drop="1", losses="huber_loss", folds=2)
    assert verdict.profile.problem.drop == ("1",)
    assert "huber_loss" in {standing.candidate.loss for standing in verdict.standings}
    verdict = advise(classes([1, 2, 3]), levels=[3, 2, 1], folds=2)
    assert verdict.profile.problem.levels == ("3", "2", "1")
    assert advise(classes([False, True]), positive=False, folds=2).profile.problem.positive == "False"


def test_what_is_left_of_the_budget_draws_the_folds_anew(monkeypatch):
    monkeypatch.setattr(schedule, "MOST_REPEATS", 3)
    assert advise(numbers(), budget="2m").planned_folds == 9
    assert advise(numbers(), budget="2m", repeats=1).planned_folds == 3
    grouped = numbers().assign(g=[row % 12 for row in range(120)])
    assert advise(grouped, budget="2m", group="g").planned_folds == 3


def test_repeats_split_anew():
    verdict = advise(numbers(), repeats=2)
    assert verdict.folds == verdict.planned_folds == 6
    scores = verdict.standings[0].fold_scores
    assert set(scores[:3]).isdisjoint(scores[3:])


def test_the_callers_threads_are_given_back():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        advise(numbers(), folds=2)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("budget", "expected"),
    [("90", 90), ("30s", 30), ("2m", 120), (" 1.5 h ", 5400), (7, 7), (0.5, 0.5), (1e-5, 1e-5), (None, float("inf"))],
)
def test_a_budget_is_read(budget, expected):
    assert pipeline.seconds(budget) == expected


@pytest.mark.parametrize(
    "budget", ["abc", "-3s", "0", "0s", "", "1d", "1e3", "2m30s", "nan", "inf", 0, -1, float("nan")]
)
def test_what_is_no_budget_is_refused(budget):
    with pytest.raises(ValueError, match=r"should be a time above 0, such as 30s or 1h\. Found"):
        pipeline.seconds(budget)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"folds": 1}, "`folds` should be 2 or more"),
        ({"folds": 121}, "`folds` should be at most the rows. Found 121 folds, 120 rows"),
        ({"repeats": 0}, "`repeats` should be 1 or more"),
        ({"seed": -1}, "`seed` should be from 0"),
        ({"seed": 2**31}, "`seed` should be from 0"),
        ({"jobs": 0}, "`jobs` should be 1 or more"),
        ({"task": "clustering"}, "A task should be one of regression, count"),
        ({"metric": "rsme"}, "Did you mean `rmse`"),
        ({"losses": ["hubber"]}, "Did you mean `huber_loss`"),
        ({"losses": ["focal_loss"]}, "should fit the task"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_written(tmp_path, options, message):
    steps = Steps()
    with pytest.raises(ValueError, match=message):
        advise(numbers(), out=tmp_path / "out", watcher=steps, **options)
    assert not (tmp_path / "out").exists()
    assert steps.told == []


@pytest.mark.parametrize("change", ["order", "value", "name"])
def test_other_data_are_another_question(tmp_path, change):
    frame = numbers()
    advise(frame, folds=2, out=tmp_path, budget="0.001s")
    other = {
        "order": frame.iloc[::-1],
        "value": frame.assign(a=frame.a.where(frame.index != 7, 0.0)),
        "name": frame.rename(columns={"a": "aa"}),
    }[change]
    with pytest.raises(ValueError, match=r"Found other .*data in"):
        advise(other, folds=2, out=tmp_path, resume=True)


def test_every_public_name_is_there():
    for name in lossmith.__all__:
        assert getattr(lossmith, name) is not None
    assert set(lossmith.__all__) <= set(dir(lossmith))
    fresh = importlib.reload(lossmith)
    with pytest.raises(AttributeError, match="no attribute 'advice'"):
        _ = fresh.advice


def test_an_interval_is_shown_with_the_share_it_held(monkeypatch):
    from lossmith.report.html import render

    lighten(monkeypatch)
    verdict = lossmith.advise(numbers(300), target="y", metric="interval_score@0.8", folds=3, jobs=1, budget=None)
    shares = [standing.covered for standing in verdict.standings]
    assert all(0.5 < share <= 1.0 for share in shares)
    assert verdict.metric["coverage"] == pytest.approx(0.8)
    assert "in 80 %" in render(verdict)
    other = lossmith.advise(numbers(100), target="y", metric="mae", folds=3, jobs=1, budget=None)
    assert {standing.covered for standing in other.standings} == {None}
