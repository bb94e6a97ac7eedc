"""Sampling by classes: what an epoch shows, who is listed, and the sampler in the code to paste."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import lossmith
from lossmith import registry
from lossmith.advisor.data import read
from lossmith.advisor.profile import profile
from lossmith.advisor.shortlist import shortlist
from lossmith.advisor.snippet import snippet
from lossmith.training.engine import train
from lossmith.training.fitted import Split
from lossmith.training.problem import Candidate, Problem
from lossmith.training.sampling import Stream
from lossmith.training.settings import Settings
from running import lighten

COUNTS = st.lists(st.integers(1, 40), min_size=2, max_size=5)


def split(counts, classes=None):
    y = np.repeat(np.arange(len(counts)), counts)
    x = np.random.default_rng(0).normal(size=(len(y), 2)).astype(np.float32)
    return Split(x, y, x, y, len(counts) if classes is None else classes)


@given(counts=COUNTS, sampling=st.sampled_from(["over", "under"]), seed=st.integers(0, 9), epochs=st.integers(1, 6))
@settings(deadline=None)
def test_classes_come_equally_often(counts, sampling, seed, epochs):
    rows = split(counts)
    stream = Stream(rows, sampling, seed)
    size = sum(counts) * 3 // 4 or 1
    drawn = torch.cat([stream.epoch(size) for _ in range(epochs)]).numpy()
    of_class = np.bincount(rows.y_train[drawn], minlength=len(counts))
    # whole passes are even; the last one may be cut anywhere
    longest = max(counts) if sampling == "over" else min(counts)
    assert np.ptp(of_class) <= longest
    assert len(drawn) == epochs * size


@given(counts=COUNTS, seed=st.integers(0, 9))
@settings(deadline=None)
def test_over_sampling_repeats_rare_rows_evenly_and_leaves_none_out(counts, seed):
    rows = split(counts)
    a_pass = Stream(rows, "over", seed).epoch(len(counts) * max(counts)).tolist()
    times = Counter(a_pass)
    for label, count in enumerate(counts):
        of_class = [times[row] for row in np.flatnonzero(rows.y_train == label)]
        assert sum(of_class) == max(counts)
        assert max(of_class) - min(of_class) <= 1
        assert min(of_class) == max(counts) // count


@given(counts=COUNTS, seed=st.integers(0, 9))
@settings(deadline=None)
def test_under_sampling_repeats_no_row_in_a_pass_and_draws_anew_for_the_next(counts, seed):
    stream, rows = Stream(split(counts), "under", seed), len(counts) * min(counts)
    passes = [stream.epoch(rows).tolist() for _ in range(60)]
    assert all(len(set(a_pass)) == rows for a_pass in passes)
    if min(counts) < max(counts) <= 4 * min(counts):
        assert set().union(*passes) == set(range(sum(counts))), "every row has its turn"


def test_without_sampling_an_epoch_is_every_row_once():
    stream = Stream(split([5, 9]), "none", 0)
    first, second = stream.epoch(14).tolist(), stream.epoch(14).tolist()
    assert sorted(first) == sorted(second) == list(range(14))
    assert first != second


@pytest.mark.parametrize(("sampling", "classes"), [("over", 0), ("under", 0), ("sideways", 2)])
def test_sampling_that_cannot_be_is_refused(sampling, classes):
    with pytest.raises(ValueError, match="Found"):
        Stream(split([5, 9], classes), sampling, 0)


def test_training_on_equal_shares_moves_the_probabilities_as_weights_of_one_over_the_prior_do():
    random = np.random.default_rng(0)
    y = (random.random(1200) < 0.1).astype(np.int64)
    x = (random.normal(size=(1200, 2)) + 1.5 * y[:, None]).astype(np.float32)
    rows = Split(x[:800], y[:800], x[800:], y[800:], 2)
    prior = np.bincount(rows.y_train) / 800
    weighted = {"weight": (0.5 / prior).tolist()}
    link, rule = "softmax", "probability"
    candidates = [
        Candidate("plain", "cross_entropy_loss", {}, link, rule),
        Candidate("weighted", "class_weighted_cross_entropy_loss", weighted, link, rule),
        Candidate("over", "cross_entropy_loss", {}, link, rule, sampling="over"),
        Candidate("under", "cross_entropy_loss", {}, link, rule, sampling="under"),
    ]
    # balanced log loss, so that the epochs kept are those of the shares trained on
    chosen, small = registry.metric("roc_auc"), Settings(hidden=(8,), steps=300, min_epochs=5, max_epochs=15)
    means = {
        fitted.candidate.id: fitted.predict(x[800:])[:, 1].mean()
        for fitted in train(candidates, rows, chosen, small, [0.02], seed=1)
    }
    assert means["plain"] == pytest.approx(y[800:].mean(), abs=0.05)
    for sampling in ("over", "under"):
        assert means[sampling] > means["plain"] + 0.1
        assert means[sampling] == pytest.approx(means["weighted"], abs=0.07)


def listed(shares, metric, losses=()):
    random = np.random.default_rng(0)
    places = random.choice(len(shares), 400, p=shares)
    labels = np.array(["no", "yes", "maybe"])
    frame = pd.DataFrame({"a": places + random.normal(size=400), "y": labels[places]})
    found = profile(read(frame, Problem("y", metric=metric)))
    return {candidate.id: candidate for candidate in shortlist(found, found.problem, losses)}


@pytest.mark.parametrize(
    ("shares", "metric", "is_listed"),
    [
        ([0.9, 0.1], "f1", True),
        ([0.9, 0.1], "roc_auc", True),
        ([0.9, 0.1], "average_precision", True),
        ([0.9, 0.1], "cost: FN=5,FP=1", True),
        ([0.8, 0.1, 0.1], "balanced_accuracy", True),
        ([0.9, 0.1], "log_loss", False),
        ([0.9, 0.1], "brier", False),
        ([0.9, 0.1], "accuracy", False),
        ([0.6, 0.4], "f1", False),
    ],
)
def test_sampling_is_listed_where_folk_would_do_it(shares, metric, is_listed):
    found = listed(shares, metric)
    name = "cross_entropy_loss" if len(shares) > 2 else "binary_cross_entropy_loss"
    for way in ("over", "under"):
        assert (f"{name}+{way}" in found) == is_listed
        if is_listed:
            assert f"{way}-sample" in " ".join(found[f"{name}+{way}"].reasons)
            assert found[f"{name}+{way}"].rule == found[name].rule
            assert "reference" not in found[f"{name}+{way}"].roles


def test_sampling_can_be_asked_for_anywhere_but_must_exist():
    assert (
        "requested"
        in listed([0.6, 0.4], "log_loss", ("binary_cross_entropy_loss+under",))["binary_cross_entropy_loss+under"].roles
    )
    assert not any("+" in name for name in listed([0.6, 0.4], "log_loss", ("binary_cross_entropy_loss",)))
    with pytest.raises(ValueError, match=r"Found 'binary_cross_entropy_loss\+sideways'"):
        listed([0.6, 0.4], "log_loss", ("binary_cross_entropy_loss+sideways",))


def test_a_verdict_with_sampling(monkeypatch):
    lighten(monkeypatch)
    random = np.random.default_rng(0)
    places = random.choice(2, 300, p=[0.85, 0.15])
    frame = pd.DataFrame({"a": places + random.normal(size=300), "y": places})
    verdict = lossmith.advise(frame, target="y", metric="f1", folds=3, jobs=1, budget=None)
    sampled = verdict.standing("binary_cross_entropy_loss+over")
    assert not sampled.failures
    assert sampled.score != verdict.standing("binary_cross_entropy_loss").score
    predictor = lossmith.fit(frame, verdict.profile.problem, sampled.candidate, settings=Settings(steps=60))
    assert set(predictor.predict(frame)) == {0, 1}


@pytest.mark.parametrize("sampling", ["over", "under"])
def test_the_sampler_in_the_code_to_paste_samples(sampling):
    frame = pd.DataFrame({"a": np.linspace(0.0, 1.0, 200), "y": ["no"] * 180 + ["yes"] * 20})
    found = profile(read(frame, Problem("y", metric="f1")))
    names: dict = {}
    exec(snippet(Candidate("c", "cross_entropy_loss", {}, "softmax", "argmax", sampling=sampling), found, []), names)
    y = torch.tensor([0] * 180 + [1] * 20)
    torch.manual_seed(0)
    rows = list(names["sampler"](y))
    if sampling == "under":
        assert len(rows) == len(set(rows)) == 40
        assert y[rows].sum() == 20
        assert set(rows) != set(names["sampler"](y))
    else:
        assert len(rows) == 200
        assert 70 <= y[rows].sum() <= 130
