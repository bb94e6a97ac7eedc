"""The stacked engine against a plain torch loop, and what it does when a loss misbehaves."""

import itertools
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from lossmith import registry
from lossmith.advisor.data import read
from lossmith.advisor.profile import profile
from lossmith.advisor.shortlist import fitting
from lossmith.domains import LocationScale
from lossmith.training import decision, objective
from lossmith.training.engine import OutOfTimeError, train, train_together
from lossmith.training.fitted import Split
from lossmith.training.links import Anchor, fit_around, fit_link, shaped
from lossmith.training.optimiser import one_cycle
from lossmith.training.problem import Candidate, Problem
from lossmith.training.sampling import ORDER, Stream
from lossmith.training.settings import Settings

SMALL = Settings(hidden=(16, 8), steps=30, min_epochs=2, max_epochs=4)

DEEP = replace(SMALL, hidden=(12, 10, 8, 6))
RESIDUAL = replace(SMALL, hidden=(12, 12, 12, 12), residual=True)


LABELS = 4
"""So many classes stand for labels: a row can have several."""


def table(classes=0, rows=150, seed=0, dtype=np.float32):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 5)).astype(dtype)
    signal = x[:, 0] - 0.5 * x[:, 1] * x[:, 2]
    if classes == LABELS:
        y = (signal[:, None] + rng.normal(size=(rows, classes)) > np.linspace(-1, 2, classes)).astype(float)
    elif classes:
        y = np.digitize(signal + 0.5 * rng.normal(size=rows), np.linspace(-1, 1, classes - 1)).astype(np.int64)
    else:
        y = np.exp(signal + 0.3 * rng.normal(size=rows))
    return Split(x[:100], y[:100], x[100:], y[100:], classes)


VALUES = [
    Candidate("mse", "squared_error_loss", rule="value"),
    Candidate("mae@log1p", "absolute_error_loss", link="log1p", rule="value"),
    Candidate("mae@softplus", "absolute_error_loss", link="softplus", rule="value"),
    Candidate("huber", "huber_loss", {"delta": 0.7}, rule="value"),
    Candidate("log-cosh", "log_cosh_loss", rule="value"),
    Candidate("pinball", "pinball_loss", {"quantile": 0.8}, rule="value"),
    Candidate("poisson", "poisson_loss", link="log", rule="value"),
    Candidate("tweedie", "tweedie_loss", {"power": 1.4}, link="log", rule="value"),
    Candidate("gamma", "gamma_loss", link="log", rule="value"),
    Candidate("mape@exp", "absolute_percentage_error_loss", link="exp", rule="value"),
    Candidate("mape@softplus", "absolute_percentage_error_loss", link="softplus", rule="value"),
]
ROBUST = [
    Candidate("barron", "barron_loss", {"alpha": -1.0}, rule="value"),
    Candidate("cauchy", "cauchy_loss", {"scale": 2.0}, rule="value"),
    Candidate("welsch@log1p", "welsch_loss", {"scale": 1.0}, "log1p", "value"),
    Candidate("tube", "epsilon_insensitive_loss", rule="value"),
    Candidate("tube²", "squared_epsilon_insensitive_loss", rule="value"),
    Candidate("smooth", "smooth_l1_loss", {"beta": 0.5}, rule="value"),
    Candidate("expectile", "expectile_loss", {"level": 0.8}, rule="value"),
    Candidate("linex", "linex_loss", rule="value"),
    Candidate("charbonnier", "charbonnier_loss", {"epsilon": 0.1}, rule="value"),
    Candidate("tukey", "tukey_loss", {"scale": 3.0}, rule="value"),
    Candidate("geman", "geman_mcclure_loss", rule="value"),
    Candidate("fair", "fair_loss", rule="value"),
    Candidate("quantile huber", "quantile_huber_loss", {"level": 0.7}, rule="value"),
    Candidate("smape", "symmetric_percentage_error_loss", link="softplus", rule="value"),
]
CLASSES = [
    Candidate("ce", "cross_entropy_loss", link="softmax", rule="probability"),
    Candidate("focal", "focal_loss", {"gamma": 0.5}, link="softmax", rule="probability"),
    Candidate("weighted", "class_weighted_cross_entropy_loss", {"weight": [0.5, 1.0, 2.0]}, "softmax", "probability"),
    Candidate("prior", "logit_adjusted_cross_entropy_loss", {"class_prior": [0.2, 0.5, 0.3]}, "softmax", "probability"),
    Candidate("smooth", "label_smoothing_cross_entropy_loss", link="softmax", rule="probability"),
    Candidate("brier", "brier_loss", link="softmax", rule="probability"),
    Candidate("ce+over", "cross_entropy_loss", link="softmax", rule="probability", sampling="over"),
    Candidate("ce+under", "cross_entropy_loss", link="softmax", rule="probability", sampling="under"),
]
BINARY = [
    Candidate("bce", "binary_cross_entropy_loss", link="sigmoid", rule="probability"),
    Candidate("sigmoid focal", "sigmoid_focal_loss", link="sigmoid", rule="probability"),
    Candidate("two logits", "brier_loss", link="softmax", rule="probability"),
]
MARGINS = [
    Candidate("hinge", "hinge_loss", link="sigmoid", rule="probability"),
    Candidate("hinge²", "squared_hinge_loss", link="sigmoid", rule="probability"),
    Candidate("modified", "modified_huber_loss", link="sigmoid", rule="probability"),
]
NOISY = [
    Candidate("gce", "generalized_cross_entropy_loss", link="softmax", rule="probability"),
    Candidate("sce", "symmetric_cross_entropy_loss", link="softmax", rule="probability"),
    Candidate("js", "jensen_shannon_loss", link="softmax", rule="probability"),
    Candidate("poly1", "poly1_loss", link="softmax", rule="probability"),
    Candidate("margin", "multiclass_hinge_loss", link="softmax", rule="probability"),
    Candidate("balanced", "class_balanced_loss", {"class_counts": [9.0, 5.0, 2.0]}, "softmax", "probability"),
    Candidate("evidence", "evidential_classification_loss", link="softmax", rule="probability"),
    Candidate("spherical", "spherical_loss", link="softmax", rule="probability"),
    Candidate("ldam", "ldam_loss", {"class_counts": [9.0, 5.0, 2.0], "scale": 1.0}, "softmax", "probability"),
    Candidate("prior", "per_example_prior_cross_entropy_loss", {"class_prior": [0.2, 0.5, 0.3]}, "softmax",
              "probability"),
    *(Candidate(name, f"{name}_loss", link="softmax", rule="probability") for name in (
        "active_passive", "bi_tempered", "class_absolute_error", "hard_bootstrapping", "normalized_cross_entropy",
        "normalized_focal", "reverse_cross_entropy", "soft_bootstrapping", "taylor_cross_entropy",
    )),
]  # fmt: skip
LEVELS = [float(level) for level in registry.metric("crps").levels]
SPREAD = [
    Candidate("grid", "multi_quantile_loss", {"levels": LEVELS}, rule="quantiles"),
    Candidate("grid@log1p", "multi_quantile_loss", {"levels": LEVELS}, "log1p", "quantiles"),
    Candidate("normal", "gaussian_nll_loss", rule="quantiles"),
    Candidate("normal@log1p", "gaussian_nll_loss", link="log1p", rule="quantiles"),
    Candidate("laplace", "laplace_nll_loss", rule="quantiles"),
    Candidate("crps", "gaussian_crps_loss", rule="quantiles"),
    Candidate("mse", "squared_error_loss", rule="residual_quantiles"),
    Candidate("mse@log1p", "squared_error_loss", link="log1p", rule="log_residual_quantiles"),
]
SEVERAL = [
    Candidate("bce", "binary_cross_entropy_loss", link="sigmoids", rule="probability"),
    Candidate("sigmoid focal", "sigmoid_focal_loss", link="sigmoids", rule="probability"),
    Candidate("brier", "sigmoid_brier_loss", link="sigmoids", rule="probability"),
    Candidate("asl", "asymmetric_loss", link="sigmoids", rule="probability"),
    Candidate(
        "weighted",
        "weighted_binary_cross_entropy_loss",
        {"positive_weight": [0.5, 1.0, 2.0, 9.0]},
        "sigmoids",
        "probability",
    ),
]
STEPS = [
    Candidate("bce", "binary_cross_entropy_loss", link="cumulative", rule="median_level"),
    Candidate("brier", "sigmoid_brier_loss", link="cumulative", rule="median_level"),
    Candidate("mae", "absolute_error_loss", rule="cuts"),
    Candidate("rps", "ranked_probability_loss", link="softmax", rule="median_level"),
    Candidate("sord", "sord_loss", {"power": 1.0}, "softmax", "median_level"),
    Candidate("oll", "ordinal_log_loss", link="softmax", rule="median_level"),
]
EVERY = [
    (VALUES, 0, "mae"),
    (ROBUST, 0, "mae"),
    (SPREAD, 0, "crps"),
    (CLASSES, 3, "log_loss"),
    (BINARY, 2, "log_loss"),
    (MARGINS, 2, "log_loss"),
    (NOISY, 3, "log_loss"),
    (SEVERAL, LABELS, "log_loss"),
    (STEPS, 3, "mae"),
]


def test_every_loss_that_may_be_listed_is_tried():
    tried = {candidate.loss for candidates, _, _ in EVERY for candidate in candidates}
    assert listed() <= tried


def listed():
    """Return every loss that some table, task and metric puts on the shortlist, asked for or not."""
    rng, found = np.random.default_rng(0), set()
    targets = {"mae": rng.lognormal(size=200), "smape": 1.0 + rng.lognormal(size=200), "crps": rng.lognormal(size=200),
               "poisson_deviance": rng.poisson(2.0, 200), "log_loss": rng.integers(0, 3, 200),
               "f1": rng.integers(0, 2, 200)}  # fmt: skip
    for metric, target in targets.items():
        frame = pd.DataFrame({"a": rng.normal(size=200), "y": target})
        described = profile(read(frame, Problem(target="y", metric=metric)))
        found |= {candidate.loss for candidate in fitting(described, described.problem).values()}
    assert len(found) > 25
    return found


def alone(candidate, split, metric, settings, rate, seed, outputs):
    """Train one candidate as a textbook would, from the same weights and batches."""
    generator = torch.Generator().manual_seed(seed)
    widths = [split.x_train.shape[1], *settings.hidden, outputs]
    weights, biases = [], []
    for layer, (a, b) in enumerate(itertools.pairwise(widths)):
        gain = 0.1 if layer == len(widths) - 2 else 2.0**0.5
        if settings.residual and 0 < layer < len(widths) - 2:
            gain = (2.0 / (len(widths) - 3)) ** 0.5
        if layer == len(widths) - 2:
            drawn = torch.stack([torch.randn(a, generator=generator) for _ in range(b)], dim=1)
        else:
            drawn = torch.randn(a, b, generator=generator)
        weights.append((drawn * gain / a**0.5).double().requires_grad_())
        biases.append(torch.zeros(b, dtype=torch.float64, requires_grad=True))
    loss = registry.load(candidate.loss, reduction="none", **candidate.params)
    weight = torch.from_numpy(np.ones(len(split.y_train)) if split.weight_train is None else split.weight_train)
    facts = candidate.link, split.y_train, loss.card()
    anchor, link = split.anchor_train, fit_link(*facts, loss.hyperparameters, split.classes, split.weight_train)
    factor, offset = torch.ones(len(split.y_train)), torch.zeros(len(split.y_train))
    if anchor is not None:
        link = fit_around(*facts, anchor)
        factor, offset = link.start(anchor, torch.float64)
    link = shaped(link, loss.card(), loss.hyperparameters, metric)
    target = link.target(split.y_train, torch.float64, anchor)
    groups = [{"params": weights, "weight_decay": settings.weight_decay}, {"params": biases, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=rate)
    batch, epochs = settings.batch_size(len(target)), settings.epochs(len(target))
    batches = len(target) // batch
    generator = torch.Generator().manual_seed(seed + ORDER)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, rate, total_steps=batches * epochs, pct_start=0.1, cycle_momentum=False
    )

    def forward(x):
        for layer, (weight, bias) in enumerate(zip(weights[:-1], biases[:-1], strict=True)):
            x = torch.relu(x @ weight + bias) + (x if settings.residual and layer else 0.0)
        return x @ weights[-1] + biases[-1]

    stream = None if candidate.sampling == "none" else Stream(split, candidate.sampling, seed)
    curve, scores = [], []
    x_train, x_valid = torch.from_numpy(split.x_train), torch.from_numpy(split.x_valid)
    for _ in range(epochs):
        order, total = torch.randperm(len(target), generator=generator), 0.0
        order = order if stream is None else stream.epoch(batches * batch)
        for rows in order[: batches * batch].split(batch):
            plain = forward(x_train[rows])
            output = plain * factor[rows, None] + offset[rows, None]
            if isinstance(loss.card().inputs["input"], LocationScale):
                output = torch.stack([output[:, 0], plain[:, 1] + factor[rows].log()], dim=1)
            values = loss(link.seen(output), target[rows]).reshape(len(rows), -1).mean(1)
            value = (weight[rows] * values).mean() / weight.mean()
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
            schedule.step()
            total += value.item()
        curve.append(total / batches)
        with torch.no_grad():
            prediction = link.inverse(forward(x_valid), split.anchor_valid)
        scores.append(decision.tune(candidate.rule, prediction, split.y_valid, metric, {})[1])
    return curve, scores


@pytest.mark.parametrize("settings", [SMALL, DEEP, RESIDUAL], ids=["small", "deep", "residual"])
@pytest.mark.parametrize(("candidates", "classes", "metric"), EVERY)
def test_side_by_side_is_one_after_another(candidates, classes, metric, settings):
    """In float64, so that nothing but a mistake can tell them apart."""
    split, chosen = table(classes, dtype=np.float64), registry.metric(metric)
    together = train(candidates, split, chosen, settings, rates=[0.01], seed=3)
    outputs = max(fitted.link.outputs for fitted in together)
    for fitted in together:
        curve, scores = alone(fitted.candidate, split, chosen, settings, 0.01, 3, outputs)
        assert fitted.train_curve == pytest.approx(curve, rel=1e-9), fitted.candidate.id
        assert fitted.valid_curve == pytest.approx(scores, rel=1e-9), fitted.candidate.id
        assert fitted.best_epoch == 1 + int(np.argmin(scores))


def anchored(seed=0):
    """A table whose rows come with a forecast at hand."""
    split, rng = table(seed=seed, dtype=np.float64), np.random.default_rng(seed)
    anchors = [
        Anchor(y * rng.uniform(0.5, 1.5, len(y)), rng.uniform(0.1, 2.0, len(y))) for y in (split.y_train, split.y_valid)
    ]
    return replace(split, anchor_train=anchors[0], anchor_valid=anchors[1])


@pytest.mark.parametrize(("candidates", "metric"), [(VALUES, "mae"), (SPREAD, "crps")])
def test_side_by_side_with_anchors_is_one_after_another(candidates, metric):
    splits, chosen = [anchored(0), anchored(1)], registry.metric(metric)
    outputs = 20 if metric == "crps" else 1
    together = train_together(candidates, splits, chosen, SMALL, [0.01, 0.02], [3, 4])
    for split, seed, results in zip(splits, (3, 4), together, strict=True):
        for fitted in results:
            curve, scores = alone(fitted.candidate, split, chosen, SMALL, fitted.learning_rate, seed, outputs)
            assert fitted.train_curve == pytest.approx(curve, rel=1e-9), fitted.candidate.id
            assert fitted.valid_curve == pytest.approx(scores, rel=1e-9), fitted.candidate.id


def test_rows_count_by_their_weight():
    rng, chosen = np.random.default_rng(4), registry.metric("mae")
    plain = table(dtype=np.float64)
    weighted = replace(plain, weight_train=rng.choice([0.0, 0.5, 3.0], len(plain.y_train)))
    for split, results in zip(
        (plain, weighted), train_together(VALUES, [plain, weighted], chosen, SMALL, [0.01], [3, 3]), strict=True
    ):
        for fitted in results:
            curve, scores = alone(fitted.candidate, split, chosen, SMALL, 0.01, 3, 1)
            assert fitted.train_curve == pytest.approx(curve, rel=1e-9), fitted.candidate.id
            assert fitted.valid_curve == pytest.approx(scores, rel=1e-9), fitted.candidate.id


def test_equal_weights_change_nothing():
    split, metric = table(), registry.metric("mae")
    equal = replace(split, weight_train=np.full(len(split.y_train), 4.0))
    first, second = (train(VALUES, part, metric, SMALL, rates=[0.01], seed=0) for part in (split, equal))
    assert [f.valid_curve for f in first] == [f.valid_curve for f in second]


@pytest.mark.parametrize("weight", [0.0, -1.0, np.nan, np.inf])
def test_weights_that_weigh_nothing_are_refused(weight):
    split = table()
    bad = replace(split, weight_train=np.full(len(split.y_train), weight))
    with pytest.raises(ValueError, match="Weights should be 0 or more"):
        train(VALUES[:1], bad, registry.metric("mae"), SMALL, rates=[0.01], seed=0)


def test_rates_side_by_side_are_one_after_another():
    splits, chosen, rates = (
        [table(seed=seed, dtype=np.float64) for seed in range(2)],
        registry.metric("mae"),
        [0.03, 1e-3],
    )
    for split, seed, results in zip(
        splits, [3, 4], train_together(VALUES, splits, chosen, SMALL, rates, [3, 4]), strict=True
    ):
        assert [fitted.learning_rate for fitted in results] == rates * len(VALUES)
        for fitted in results:
            curve, scores = alone(fitted.candidate, split, chosen, SMALL, fitted.learning_rate, seed, 1)
            assert fitted.train_curve == pytest.approx(curve, rel=1e-9), fitted.candidate.id
            assert fitted.valid_curve == pytest.approx(scores, rel=1e-9), fitted.candidate.id


@pytest.mark.parametrize("steps", [1, 2, 9, 10, 11, 25, 800])
def test_the_schedule_is_torchs(steps):
    if steps == 10:  # torch divides by zero there
        assert one_cycle(10)[0] == 1.0
        return
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, 1.0, total_steps=steps, pct_start=0.1, cycle_momentum=False
    )
    for part in one_cycle(steps):
        assert part == pytest.approx(optimiser.param_groups[0]["lr"], rel=1e-12)
        optimiser.step()
        if schedule.last_epoch < steps - 1:
            schedule.step()


@pytest.mark.parametrize(("candidates", "classes", "metric"), EVERY)
def test_the_company_makes_no_difference(candidates, classes, metric):
    """Other candidates, other splits with other columns and rows: each pair trains as it would alone."""
    chosen = registry.metric(metric)
    splits = [table(classes, seed=seed, dtype=np.float64) for seed in range(3)]
    wide = np.random.default_rng(9).normal(size=(150, 2))
    splits[1] = Split(
        np.hstack([splits[1].x_train, wide[:100]]), splits[1].y_train,
        np.hstack([splits[1].x_valid, wide[100:]])[:40], splits[1].y_valid[:40], classes,
    )  # fmt: skip
    splits[2] = Split(splits[2].x_train[:98], splits[2].y_train[:98], splits[2].x_valid, splits[2].y_valid, classes)
    together = train_together(candidates, splits, chosen, SMALL, [0.01], [5, 6, 7])
    for place, split in enumerate(splits):
        for fitted in together[place]:
            (single,) = train([fitted.candidate], split, chosen, SMALL, [0.01], 5 + place)
            assert fitted.valid_curve == pytest.approx(single.valid_curve, rel=1e-9), fitted.candidate.id
            assert fitted.predict(split.x_valid) == pytest.approx(single.predict(split.x_valid), rel=1e-9)


def test_splits_with_other_schedules_are_refused():
    splits = [table(), table(rows=1100)]
    splits[1] = Split(splits[1].x_valid, splits[1].y_valid, splits[1].x_train, splits[1].y_train)
    with pytest.raises(ValueError, match="one schedule"):
        train_together(VALUES, splits, registry.metric("mae"), SMALL, [0.01], [0, 1])


def test_the_best_epoch_is_kept_and_predicts_what_was_scored():
    split, metric = table(), registry.metric("mae")
    for fitted in train(VALUES, split, metric, SMALL, rates=[0.05], seed=0):
        assert fitted.valid_score == min(fitted.valid_curve)
        assert metric(split.y_valid, fitted.decide(split.x_valid)) == pytest.approx(fitted.valid_score, rel=1e-5)


def test_it_learns():
    split, metric = table(rows=600), registry.metric("mae")
    constant = metric(split.y_valid, np.full(len(split.y_valid), np.median(split.y_train)))
    for fitted in train(VALUES, split, metric, Settings(hidden=(32, 32), steps=300), rates=[0.012], seed=0):
        assert fitted.valid_score < 0.85 * constant, fitted.candidate.id


@pytest.mark.parametrize("splits", [1, 2])
def test_a_diverging_candidate_ends_alone_and_stops_costing(monkeypatch, splits):
    split, metric = table(), registry.metric("mae")
    calm = train(VALUES[:2], split, metric, SMALL, rates=[0.01, 0.02], seed=0)
    plain, copies = objective._Share.gradient, []

    def poisoned(share, output, number):
        copies.append(len(output))
        return plain(share, output, number) * (torch.nan if share.arms[0].candidate.id == "bad" else 1.0)

    monkeypatch.setattr(objective._Share, "gradient", poisoned)
    company = [VALUES[0], Candidate("bad", "squared_error_loss"), VALUES[1]]
    results = train_together(company, [split] * splits, metric, SMALL, [0.01, 0.02], [0] * splits)
    for arms in results:
        for fitted, alike in zip([*arms[:2], *arms[4:]], calm, strict=True):
            assert fitted.valid_curve == pytest.approx(alike.valid_curve, rel=1e-5)
        for bad in arms[2:4]:
            assert "not finite" in bad.error
            assert np.isnan(bad.valid_score)
            assert bad.epochs == [1]
    batches, epochs = SMALL.schedule(100)[1:]
    assert sum(copies) == 2 * splits * batches * (2 * epochs + 1)  # two losses to the end, one for an epoch


def test_when_all_have_diverged_nothing_is_trained_on(monkeypatch):
    monkeypatch.setattr(objective._Share, "gradient", lambda share, output, number: output * torch.nan)
    (bad,) = train(VALUES[:1], table(), registry.metric("mae"), SMALL, rates=[0.01], seed=0)
    assert bad.epochs == [1]
    assert "not finite" in bad.error


def test_the_deadline_is_kept():
    with pytest.raises(OutOfTimeError):
        train(VALUES, table(), registry.metric("mae"), SMALL, rates=[0.01], seed=0, deadline=time.time() - 1)


def test_the_same_seed_is_the_same_training():
    split, metric = table(), registry.metric("mae")
    first, second = (train(VALUES, split, metric, SMALL, rates=[0.01], seed=5) for _ in range(2))
    assert [f.valid_curve for f in first] == [f.valid_curve for f in second]
    other = train(VALUES, split, metric, SMALL, rates=[0.01], seed=6)
    assert first[0].valid_curve != other[0].valid_curve


@pytest.mark.parametrize("rows", [5, 31, 32, 640, 5000])
def test_schedule_fits_any_number_of_rows(rows):
    settings = Settings()
    batch, epochs = settings.batch_size(rows), settings.epochs(rows)
    assert 1 <= batch <= min(rows, 256)
    assert settings.min_epochs <= epochs <= settings.max_epochs
    scored = settings.scored(rows)
    assert scored[-1] == epochs
    assert 1 <= len(scored) <= settings.validations
    assert scored == sorted(set(scored))
