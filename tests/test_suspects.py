"""Wrong targets are found, and honest ones are left alone."""

import json
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

import lossmith
from lossmith.advisor.suspects import MOST_SHOWN, suspect_labels, suspect_numbers, suspicion
from lossmith.advisor.suspicion import Suspicion
from lossmith.advisor.trials import Trial
from lossmith.advisor.verdict import Verdict
from lossmith.training import held_out
from lossmith.training.problem import Problem
from running import lighten

JITTER = 0.7
"""How far a network's logits are off: it is neither certain nor calibrated row by row."""


def seen_by_a_network(posterior, rng):
    """What a network says whose mean is right, and each single answer a little off."""
    scores = np.log(np.maximum(posterior, 1e-12)) + JITTER * rng.normal(size=posterior.shape)
    probability = np.exp(scores - scores.max(axis=1, keepdims=True))
    return probability / probability.sum(axis=1, keepdims=True)


def separable(seed, classes, share, rows=1500):
    """Classes without overlap, some labels flipped: the network has learned how often, not which."""
    rng = np.random.default_rng(seed)
    truth, flip = rng.integers(classes, size=rows), rng.random(rows) < share
    given = np.where(flip, (truth + rng.integers(1, classes, rows)) % classes, truth)
    posterior = np.full((rows, classes), max(share, 1e-6) / (classes - 1))
    posterior[np.arange(rows), truth] = 1.0 - max(share, 1e-6)
    return given, flip, seen_by_a_network(posterior, rng)


def overlapping(seed, sharp, offset=0.0, share=0.0, rows=1500):
    """Two classes that overlap by nature, in part of the rows or in all."""
    rng = np.random.default_rng(seed)
    yes = 1 / (1 + np.exp(-sharp * rng.normal(size=rows) - offset))
    truth, flip = (rng.random(rows) < yes).astype(int), rng.random(rows) < share
    seen = share + (1 - 2 * share) * yes
    return np.where(flip, 1 - truth, truth), flip, seen_by_a_network(np.column_stack([1 - seen, seen]), rng)


def odds_of(given, probability):
    kept = held_out.of_classes(np.arange(len(given)), given, probability)
    parts = [np.asarray(kept[key]) for key in ("given", "likeliest", "doubt", "chance")]
    return suspect_labels(*parts, classes=probability.shape[1])[0]


@pytest.mark.parametrize(
    ("classes", "share"), [(2, 0.02), (2, 0.05), (3, 0.02), (3, 0.05), (3, 0.1), (5, 0.05), (5, 0.1)]
)
def test_flipped_labels_of_separable_classes_are_found(classes, share):
    flips = hits = named = 0
    for seed in range(10):
        given, flip, probability = separable(seed, classes, share)
        found = odds_of(given, probability) > 0
        flips, hits, named = flips + flip.sum(), hits + (found & flip).sum(), named + found.sum()
    assert hits >= 0.85 * flips
    assert hits >= 0.98 * named


@pytest.mark.parametrize("classes", [2, 4])
def test_where_no_label_is_wrong_none_is_named(classes):
    for seed in range(5):
        given, _, probability = separable(seed, classes, share=0.0)
        assert not odds_of(given, probability).any()


@pytest.mark.parametrize(
    ("sharp", "offset"), [(0.5, 0), (1, 0), (2, 0), (4, 0), (10, 0), (1.2, -3.5), (3, -5), (2, -3)]
)
def test_classes_that_overlap_are_not_accused(sharp, offset):
    """Of 10 tables with 15,000 rows in all, hardly a row a table."""
    tables = [overlapping(seed, sharp, offset) for seed in range(10)]
    assert sum((odds_of(given, probability) > 0).sum() for given, _, probability in tables) <= 12


def test_of_labels_named_among_overlapping_classes_most_are_wrong():
    """A quarter of the contradicted labels are flipped; of those named, two in three: suspects, not culprits."""
    named = hits = 0
    for seed in range(5):
        given, flip, probability = overlapping(seed, 8.0, share=0.03, rows=3000)
        found = odds_of(given, probability) > 0
        named, hits = named + found.sum(), hits + (found & flip).sum()
    assert named > 100
    assert hits >= 0.6 * named


def test_an_overconfident_network_accuses_nobody():
    """Its own doubt says 1 in 1000; how often it is contradicted says otherwise."""
    rng = np.random.default_rng(0)
    likeliest = rng.integers(2, size=2000)
    given = np.where(rng.random(2000) < 0.3, 1 - likeliest, likeliest)
    doubt = rng.uniform(0.0, 0.001, 2000)
    odds, surest = suspect_labels(given, likeliest, doubt, np.where(given == likeliest, 1 - doubt, doubt), 2)
    assert not odds.any()
    assert surest == pytest.approx(0.3, abs=0.1)


def numbers_like(seed, kind, rows=1000):
    rng = np.random.default_rng(seed)
    centre = rng.normal(size=rows)
    if kind == "ratio":
        return np.exp(2 * centre + 0.3 * rng.normal(size=rows)), np.exp(2 * centre)
    errors = {"normal": rng.normal(size=rows), "heavy": rng.standard_t(3, rows), "wild": rng.standard_t(1.2, rows)}
    return 5 * centre + errors[kind], 5 * centre


@pytest.mark.parametrize(("kind", "factor"), [("ratio", 100.0), ("normal", 100.0), ("heavy", 100.0), ("ratio", 0.01)])
def test_typing_errors_are_found(kind, factor):
    found, other = 0, 0
    for seed in range(20):
        given, predicted = numbers_like(seed, kind)
        given[:4] *= factor
        named = suspect_numbers(given, predicted) > 0
        found, other = found + named[:4].sum(), other + named[4:].sum()
    assert found >= 0.85 * 80
    assert other <= 2


@pytest.mark.parametrize(("kind", "most"), [("normal", 0), ("ratio", 0), ("heavy", 6), ("wild", 12)])
def test_honest_numbers_are_left_alone_however_heavy_their_tail(kind, most):
    """Of 30 tables, at most so many with a row named: about one in ten, by its design."""
    assert sum((suspect_numbers(*numbers_like(seed, kind)) > 0).any() for seed in range(30)) <= most


@pytest.mark.parametrize(
    ("given", "predicted"),
    [
        (np.arange(50.0), np.arange(50.0)),  # too few
        (np.arange(500.0), np.arange(500.0)),  # no misses
        (np.arange(500.0), np.full(500, np.nan)),
    ],
)
def test_numbers_that_say_nothing_name_nobody(given, predicted):
    assert not suspect_numbers(given, predicted).any()


def trial(fold, held, repeat=0):
    return Trial("c", repeat, fold, 0.01, 0, 1.0, 1.0, 1, 0.1, {}, {}, (), (), (), held_out=held)


def trials_of(given, probability, folds=5):
    parts = np.array_split(np.random.default_rng(0).permutation(len(given)), folds)
    return [trial(i, held_out.of_classes(rows, given[rows], probability[rows])) for i, rows in enumerate(parts)]


def test_rows_are_numbered_as_in_the_table_and_the_worst_come_first():
    given, flip, probability = separable(0, 3, 0.05)
    found = suspicion(trials_of(given, probability), Problem("y", "multiclass", levels=("a", "b", "c")))
    assert len(found.rows) == MOST_SHOWN < found.count
    assert found.looked_at == 1500
    assert found.share == pytest.approx(0.05, abs=0.015)
    for suspect in found.rows:
        assert flip[suspect.row]
        assert suspect.given == "abc"[given[suspect.row]] != suspect.expected
    assert [s.odds for s in found.rows] == sorted((s.odds for s in found.rows), reverse=True)
    assert f"{found.count} labels look wrong" in found.sentence
    assert Suspicion.from_json(json.loads(json.dumps(asdict(found)))) == found


def test_overlap_is_called_by_its_name():
    problem = Problem("y", "binary", levels=("no", "yes"))
    given, _, probability = overlapping(1, 1.0)
    found = suspicion(trials_of(given, probability), problem)
    assert found.count == 0
    assert "no row can be named" in found.sentence
    given, _, probability = separable(0, 2, 0.0)
    clean = suspicion(trials_of(given, probability), problem)
    assert (clean.count, clean.sentence) == (0, "")


def test_two_folds_or_nothing_kept_say_nothing():
    given, _, probability = separable(0, 2, 0.05)
    rows = trials_of(given, probability)
    problem = Problem("y", "binary", levels=("no", "yes"))
    assert suspicion(rows[:2], problem) is None
    assert suspicion([trial(fold, {}) for fold in range(5)], problem) is None
    doubled = [*rows, *(trial(fold, row.held_out, repeat=1) for fold, row in enumerate(rows))]
    assert suspicion(doubled, problem) == suspicion(rows, problem)


def test_a_sure_network_keeps_the_digits_of_its_doubt():
    kept = held_out.of_classes(np.array([7]), np.array([1]), np.array([[1.0 - 1e-20, 1e-20]]))
    assert kept == {"rows": [7], "given": [1], "likeliest": [0], "doubt": [1e-20], "chance": [1e-20]}


def test_of_quantiles_the_middle_is_kept():
    kept = held_out.of_values(np.array([3]), np.array([2.0]), np.array([[1.0, 5.0]]))
    assert kept == {"rows": [3], "given": [2.0], "predicted": [3.0]}


def test_advise_names_flipped_labels_by_their_row(monkeypatch, tmp_path):
    lighten(monkeypatch)
    rng = np.random.default_rng(1)
    truth, flip = rng.integers(2, size=600), rng.random(600) < 0.05
    x = np.column_stack([2.0 * truth + rng.uniform(-0.6, 0.6, 600), rng.normal(size=600)])
    frame = pd.DataFrame(x, columns=["a", "b"]).assign(y=np.array(["cat", "dog"])[np.where(flip, 1 - truth, truth)])
    frame.loc[[4, 5], "y"] = None  # rows are numbered as in the table, not as among those with a target
    verdict = lossmith.advise(frame, target="y", metric="accuracy", folds=4, jobs=1, out=tmp_path, budget=None)
    named = [suspect.row for suspect in verdict.suspicion.rows]
    assert len(named) >= 8
    assert flip[named].mean() >= 0.9
    assert all(frame.y[s.row] == s.given != s.expected for s in verdict.suspicion.rows)
    again = Verdict.from_json(json.loads((tmp_path / "verdict.json").read_text()))
    assert again.suspicion == verdict.suspicion


@pytest.mark.parametrize("metric", ["mae", "crps"])
def test_advise_names_numbers_with_a_slipped_point(monkeypatch, metric):
    lighten(monkeypatch)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 3))
    y = np.exp(0.3 * x[:, 0] + 0.05 * rng.normal(size=600) + 5.0)
    y[[17, 400]] *= 100.0
    frame = pd.DataFrame(x, columns=list("abc")).assign(y=y)
    verdict = lossmith.advise(frame, target="y", metric=metric, folds=4, jobs=1, budget=None)
    assert {suspect.row for suspect in verdict.suspicion.rows} == {17, 400}
    assert "typing errors" in verdict.suspicion.sentence
