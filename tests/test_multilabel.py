"""Several labels a row: from bad input to the predictor, the code to paste and the report."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import average_precision_score, f1_score

import lossmith
from lossmith import registry
from lossmith.advisor import pipeline
from lossmith.advisor.data import read
from lossmith.advisor.profile import profile
from lossmith.advisor.shortlist import shortlist
from lossmith.advisor.verdict import Verdict
from lossmith.report import write_html
from lossmith.training import decision, folds
from lossmith.training.labels import encode_labels, rarest
from lossmith.training.problem import Problem
from running import fold_scores, lighten, run

LABELS = ("sport", "music", "rare")
METRICS = ("average_precision_macro", "f1_macro", "f1_micro", "log_loss", "brier", "roc_auc")


def tags(rows=200, seed=0):
    """A table with three labels that two columns tell, written in three ways."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, rows))
    noise = rng.normal(size=(3, rows)) * 0.4
    return pd.DataFrame(
        {
            "a": a,
            "b": b,
            "sport": np.where(a + noise[0] > 0, "Yes", "no"),
            "music": (b + noise[1] > 0.5).astype(int),
            "rare": a + b + noise[2] > 2.2,
        }
    )


@pytest.fixture(scope="module")
def matrix():
    return encode_labels(tags()[list(LABELS)])


def problem(metric="log_loss", targets=LABELS):
    return Problem(", ".join(targets), metric=metric, targets=targets)


def test_labels_are_read_in_every_spelling(matrix):
    table = tags()
    assert matrix[:, 0].tolist() == (table["sport"] == "Yes").astype(float).tolist()
    assert matrix[:, 1].tolist() == table["music"].astype(float).tolist()
    assert matrix[:, 2].tolist() == table["rare"].astype(float).tolist()
    assert encode_labels(pd.DataFrame({"x": [1.0, 0.0], "y": [" TRUE", "f"]})).tolist() == [[1, 1], [0, 0]]


def test_a_row_belongs_to_its_rarest_label():
    y = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0], [1, 0, 1], [1, 1, 1], [1, 0, 0]], dtype=float)
    # the first is rarer as a no than the others as a yes
    assert rarest(y).tolist() == [2, 0, 1, 3, 2, 0]


@pytest.mark.parametrize("seed", range(3))
def test_folds_share_every_label_out_evenly(seed):
    rng = np.random.default_rng(seed)
    y = (rng.random((1000, 6)) < np.array([0.02, 0.05, 0.1, 0.3, 0.5, 0.97])).astype(float)
    parts = [y[test].sum(axis=0) for _, test in folds.outer(y, 6, 10, seed)]
    assert np.ptp([part[0] for part in parts]) <= 2
    spread = np.std(parts, axis=0)
    by_chance = np.std([y[rng.permutation(1000)[:100]].sum(axis=0) for _ in range(400)], axis=0)
    assert (spread[[0, 1, 5]] < by_chance[[0, 1, 5]]).all()
    kept = folds.sample(y, 6, 300, seed)
    assert y[kept].mean(axis=0) == pytest.approx(y.mean(axis=0), abs=0.04)


def test_macro_average_precision_is_scikit_learns():
    rng = np.random.default_rng(0)
    y, p, w = (rng.random((300, 4)) < 0.2).astype(float), rng.random((300, 4)).round(1), rng.random(300)
    metric = registry.metric("average_precision_macro")
    assert metric(y, p) == pytest.approx(average_precision_score(y, p, average="macro"))
    assert metric(y, p, w) == pytest.approx(average_precision_score(y, p, average="macro", sample_weight=w))
    classes = rng.integers(4, size=300)
    assert metric(classes, p) == pytest.approx(average_precision_score(np.eye(4)[classes], p, average="macro"))
    y[:, 2] = 0.0  # a label that does not occur in these rows is left out
    others = average_precision_score(y[:, [0, 1, 3]], p[:, [0, 1, 3]], average="macro")
    assert metric(y, p) == pytest.approx(others)


def test_scores_of_labels_are_those_of_each_label(matrix):
    p = np.random.default_rng(1).random(matrix.shape)
    each = [registry.metric("log_loss")(y, np.column_stack([1 - q, q])) for y, q in zip(matrix.T, p.T, strict=True)]
    assert registry.metric("log_loss")(matrix, p) == pytest.approx(np.mean(each))
    each = [registry.metric("brier")(y, np.column_stack([1 - q, q])) for y, q in zip(matrix.T, p.T, strict=True)]
    assert registry.metric("brier")(matrix, p) == pytest.approx(np.mean(each))
    each = [registry.metric("roc_auc")(y, np.column_stack([1 - q, q])) for y, q in zip(matrix.T, p.T, strict=True)]
    assert registry.metric("roc_auc")(matrix, p) == pytest.approx(np.mean(each))
    decided = (p > 0.5).astype(int)
    each = [registry.metric("f1")(y, d) for y, d in zip(matrix.T, decided.T, strict=True)]
    assert registry.metric("f1_macro")(matrix, decided) == pytest.approx(np.mean(each))
    assert registry.metric("f1_micro")(matrix, decided) == pytest.approx(
        registry.metric("f1")(matrix.ravel(), decided.ravel())
    )


@pytest.mark.parametrize("name", ["roc_auc", "average_precision_macro"])
def test_a_ranking_of_constant_labels_is_refused(name):
    with pytest.raises(ValueError, match="Found"):
        registry.metric(name)(np.zeros((5, 2)), np.full((5, 2), 0.5))


@pytest.mark.parametrize(("name", "rule"), [("f1_macro", "thresholds"), ("f1_micro", "shared_threshold")])
def test_tuned_cuts_beat_one_half(name, rule):
    rng = np.random.default_rng(0)
    y = (rng.random((2000, 4)) < np.array([0.05, 0.1, 0.2, 0.4])).astype(float)
    p = 1 / (1 + np.exp(-(2.5 * y - 3.0 + rng.normal(size=y.shape))))
    metric = registry.metric(name)
    assert metric.rule("multilabel") == rule
    params = decision.tuned(rule, p[:1000], y[:1000], metric)
    tuned, half = metric(y[1000:], decision.decide(rule, p[1000:], params)), metric(y[1000:], p[1000:] >= 0.5)
    assert tuned > half + 0.05
    assert decision.plain(rule, params) == (rule, {"threshold": 0.5})


def test_cuts_of_rare_labels_are_steadier_than_their_own_best():
    """With few positive rows a label's own best cut is luck: over many samples, the tuned ones must do better."""
    metric, f1 = registry.metric("f1_macro"), registry.metric("f1")
    tuned, own = [], []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        y = (rng.random((2600, 5)) < 0.04).astype(float)
        p = 1 / (1 + np.exp(-(2.0 * y - 3.0 + rng.normal(size=y.shape))))
        params = decision.tuned("thresholds", p[:100], y[:100], metric)
        tuned.append(metric(y[100:], decision.decide("thresholds", p[100:], params)))
        cuts = [decision.best_threshold(q, z, f1) for q, z in zip(p[:100].T, y[:100].T, strict=True)]
        own.append(metric(y[100:], (p[100:] >= cuts).astype(int)))
    assert np.mean(tuned) > np.mean(own)


def test_the_profile_knows_labels():
    table = tags()
    table.loc[3, "sport"] = None
    found = profile(read(table, Problem("sport, music,rare")))
    assert (found.problem.task, found.problem.metric) == ("multilabel", "log_loss")
    assert found.problem.targets == found.problem.levels == LABELS
    assert (found.rows, found.dropped_rows) == (199, 1)
    assert [column.name for column in found.columns] == ["a", "b"]
    assert found.target["counts"]["music"] == int(table["music"].drop(3).sum())
    assert found.histogram["rows"] == 199
    codes = {notice.code for notice in found.warnings}
    assert codes >= {"missing_target", "few_of_a_label"}
    assert Problem.from_json(found.problem.to_json()) == found.problem


def test_a_column_that_holds_one_label_is_told():
    table = tags(400)
    table["spy"] = table["music"] * 2.0 + 1.0
    messages = [n.message for n in profile(read(table, problem())).warnings if n.code == "leak"]
    assert len(messages) == 1
    assert "'spy' alone predicts label 'music'" in messages[0]


def test_a_column_whose_name_holds_a_comma_is_one_target():
    table = tags().rename(columns={"sport": "sport, or not"})
    assert profile(read(table, Problem("sport, or not"))).problem.task == "binary"


@pytest.mark.parametrize("metric", METRICS)
def test_the_shortlist_begins_with_cross_entropy_of_each_label(metric):
    found = profile(read(tags(), problem(metric)))
    candidates = shortlist(found, found.problem)
    assert candidates[0].loss == "binary_cross_entropy_loss"
    assert {"reference", "default"} <= set(candidates[0].roles)
    assert {candidate.link for candidate in candidates} == {"sigmoids"}
    assert {candidate.rule for candidate in candidates} == {registry.metric(metric).rule("multilabel")}


def test_each_label_has_a_weight_of_its_own():
    found = profile(read(tags(), problem("f1_macro")))
    weighted = next(c for c in shortlist(found, found.problem) if c.loss == "weighted_binary_cross_entropy_loss")
    shares = [found.target["priors"][label] for label in LABELS]
    wanted = [(1 - share) / share for share in shares]
    assert weighted.params["positive_weight"] == pytest.approx(wanted, rel=1e-3)
    loss = registry.load(weighted.loss, reduction="none", **weighted.params)
    value = loss(torch.zeros(1, 3), torch.ones(1, 3))
    assert value[0].tolist() == pytest.approx(np.multiply(wanted, np.log(2)), rel=1e-3)
    with pytest.raises(ValueError, match="positive_weight"):
        registry.load(weighted.loss, positive_weight=[1.0, -1.0, 2.0])


def test_several_losses_answer_every_metric():
    for metric in METRICS:
        found = profile(read(tags(), problem(metric)))
        assert len(shortlist(found, found.problem)) >= 2, metric


BAD = {
    "one label in a list": ({"target": ["sport"]}, "two or more columns"),
    "the same twice": ({"target": "sport,sport"}, "differ"),
    "an empty name": ({"target": "sport,,music"}, "commas"),
    "no such column": ({"target": ["sport", "muzic"]}, "music"),
    "among the dropped": ({"target": ["sport", "music"], "drop": ["music"]}, "dropped"),
    "with a positive": ({"target": ["sport", "music"], "positive": "Yes"}, "single target"),
    "with levels": ({"target": ["sport", "music"], "levels": ["no", "Yes"]}, "single target"),
    "as another task": ({"target": ["sport", "music"], "task": "binary"}, "Several targets"),
    "one target as labels": ({"target": "sport", "task": "multilabel"}, "two or more labels"),
    "a metric of values": ({"target": ["sport", "music"], "metric": "mae"}, "multilabel"),
    "a label metric for one": ({"target": "a", "metric": "f1_macro", "task": "regression"}, "f1_macro"),
    "numbers": ({"target": ["sport", "a"]}, "0/1, yes/no or true/false"),
    "words": ({"target": ["sport", "words"]}, "0/1, yes/no or true/false"),
    "constant": ({"target": ["sport", "constant"]}, "both values"),
    "missing throughout": ({"target": ["sport", "missing"]}, "missing in every row"),
    "never known together": ({"target": ["odd", "even"]}, "every label is known"),
    "with prices": ({"target": ["sport", "music"], "cost": "FN=2,FP=1"}, "multilabel"),
    "as a forecast": ({"target": ["sport", "music"], "time": "row"}, "one target"),
    "as a group": ({"target": ["sport", "music"], "group": "music"}, "not group"),
    "as a weight": ({"target": ["sport", "music"], "weight": "music"}, "not weigh"),
    "nothing left": ({"target": ["sport", "music"], "drop": ["a", "b", "rare", "c"]}, "learn from"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_in_one_line(name):
    asked, told = BAD[name]
    table = tags(60)
    even = np.arange(60) % 2 == 0
    table["words"], table["constant"], table["missing"] = np.where(even, "maybe", "no"), 0, None
    table["odd"], table["even"] = table["music"].where(~even), table["music"].where(even)
    if name == "nothing left":
        table = table[["a", "b", "sport", "music", "rare"]].rename(columns={"a": "a", "rare": "rare"}).assign(c=1)
    with pytest.raises(ValueError, match="Found") as refused:
        pipeline.advise(table, jobs=1, **asked)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_labels_too_rare_are_not_trained(monkeypatch):
    lighten(monkeypatch)
    table = tags(60)
    table["one"], table["two"] = (np.arange(60) == 3).astype(int), (np.arange(60) < 5).astype(int)
    verdict = pipeline.advise(table[["a", "b", "one", "two"]], target=["one", "two"], jobs=1)
    assert verdict.outcome == "too_little_data"
    assert "No label has more than 5 rows" in verdict.warnings[0]


@pytest.mark.parametrize("metric", METRICS)
def test_advise_goes_all_the_way(metric, monkeypatch, tmp_path):
    lighten(monkeypatch)
    table = tags(300)
    verdict = pipeline.advise(table, target=LABELS, metric=metric, folds=3, jobs=1, budget=None)
    assert verdict.folds == 3
    assert not any(standing.failures for standing in verdict.standings)
    assert Verdict.from_json(verdict.to_json()) == verdict
    scores = fold_scores(verdict)[verdict.reference]
    assert len(scores) == 3
    page = write_html(verdict, tmp_path / "report.html").read_text()
    assert "Rows of each label of sport, music, rare" in page
    names: dict = {}
    exec(verdict.snippet, names)


def test_the_predictor_names_the_labels():
    table = tags(400)
    found = profile(read(table, problem("f1_macro"))).problem
    candidate = shortlist(profile(read(table, problem("f1_macro"))), found)[0]
    predictor = lossmith.fit(table.iloc[:300], found, candidate, seed=0)
    new = table.iloc[300:]
    predicted, probability = predictor.predict(new), predictor.predict_proba(new)
    assert list(predicted.columns) == list(LABELS)
    assert predicted.index.equals(new.index)
    assert set(np.unique(predicted)) <= {0, 1}
    assert probability.shape == (100, 3)
    truth = encode_labels(new[list(LABELS)])
    assert f1_score(truth, predicted.to_numpy(), average="micro") > 0.7
    cuts = predictor.fitted.rule_params["threshold"]
    assert (predicted.to_numpy() == (probability >= np.array(cuts))).all()


def test_labels_of_a_ranking_are_cut_at_one_half():
    table = tags(300)
    found = profile(read(table, problem("average_precision_macro")))
    predictor = lossmith.fit(table, found.problem, shortlist(found, found.problem)[0], seed=0)
    assert (predictor.predict(table).to_numpy() == (predictor.predict_proba(table) >= 0.5)).all()


def test_rows_of_several_labels_have_weights_and_groups(monkeypatch):
    lighten(monkeypatch)
    table = tags(150)
    table["w"], table["who"] = np.arange(150) % 3, np.arange(150) // 5
    verdict = pipeline.advise(table, target=LABELS, metric="f1_macro", weight="w", group="who", folds=3, jobs=1)
    assert verdict.folds == 3
    assert not any(standing.failures for standing in verdict.standings)
    assert verdict.profile.rows == 100


def test_the_command_line_takes_labels(tmp_path):
    tags(120).to_csv(tmp_path / "tags.csv", index=False)
    code, out, err = run(
        "advise", tmp_path / "tags.csv", "--target", "sport,music,rare", "--metric", "f1_micro", "--folds", 2,
        "--budget", "10s", "--out", tmp_path / "out", "--quiet",
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "micro F1" in out
    code, _, err = run("advise", tmp_path / "tags.csv", "--target", "sport,,music")
    assert code == 2
    assert err.count("\n") == 1
