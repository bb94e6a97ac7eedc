"""The network a person takes home looks back from new rows as it did in training."""

import numpy as np
import pandas as pd
import pytest
import torch

import lossmith
from lossmith import registry
from lossmith.advisor.departure import departure
from lossmith.training.links import Anchor, fit_around
from lossmith.training.problem import Candidate, Problem
from running import LIGHT
from test_forecast import monthly, shops

MEDIAN = Candidate("absolute_error_loss", "absolute_error_loss")


def sales(**changes):
    return Problem("sales", "forecast", "mae", time="month", horizon=3, **changes)


def test_forecasts_of_the_future_follow_the_season():
    whole = monthly(144)
    past, future = whole.iloc[:132], whole.iloc[132:135]
    predictor = lossmith.fit(past, sales(), MEDIAN)
    assert isinstance(predictor, lossmith.Forecaster)
    forecast = predictor.predict(pd.concat([past, future.assign(sales=np.nan)]))
    assert forecast.shape == (135,)
    assert np.isnan(forecast[:3]).all()
    assert np.abs(forecast[132:] / future["sales"].to_numpy() - 1).max() < 0.15
    mixed = pd.concat([past, future.assign(sales=None)]).sample(frac=1.0, random_state=0)
    again = predictor.predict(mixed)
    assert again[np.argsort(mixed["month"].to_numpy())] == pytest.approx(forecast, nan_ok=True)


def test_what_follows_makes_no_difference():
    """A forecast rests on what was known `horizon` steps before, in new rows too."""
    predictor = lossmith.fit(monthly(100), sales(), MEDIAN, settings=LIGHT)
    frame = monthly(100, seed=1)
    changed = frame.assign(sales=frame["sales"].where(np.arange(100) <= 90, 1e4))
    assert predictor.predict(changed)[:94] == pytest.approx(predictor.predict(frame)[:94], nan_ok=True)
    assert predictor.predict(changed)[95] != predictor.predict(frame)[95]


@pytest.mark.parametrize(("name", "link"), [("mase", "identity"), ("mae", "log1p"), ("poisson_deviance", "log")])
def test_several_series_of_any_size(name, link):
    loss = "poisson_loss" if link == "log" else "absolute_error_loss"
    candidate = Candidate(loss, loss, link=link, rule=registry.metric(name).rule("forecast"))
    problem = Problem("sold", "forecast", name, time="day", series=("shop",), horizon=7)
    frame = shops()
    predictor = lossmith.fit(frame, problem, candidate, settings=LIGHT)
    newest = frame.assign(sold=frame["sold"].where(frame["day"] < "2023-03-28"))
    forecast = pd.Series(predictor.predict(newest)).groupby(frame["shop"]).mean()
    actual = frame.groupby("shop")["sold"].mean()
    assert np.abs(np.log(forecast / actual)).max() < 0.7


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.drop(columns="sales"), "with the target as far as it is known. Found no 'sales'"),
        (lambda f: f.drop(columns="month"), "Found no 'month'"),
        (lambda f: f.iloc[:0], "rows to forecast"),
        (lambda f: f.assign(sales=f["sales"].where(np.arange(100) < 90)), "Found row 93 4 steps after it"),
        (lambda f: f.assign(month=f["month"].str.replace("-01$", "-15", regex=True)), "by a month, as in training"),
        (lambda f: f.assign(sales="many"), "finite numbers"),
        (lambda f: pd.concat([f, f.iloc[:1]]), "once in a series"),
    ],
)
def test_rows_that_cannot_be_forecast_are_refused(change, words):
    predictor = lossmith.fit(monthly(100), sales(), MEDIAN, settings=LIGHT)
    with pytest.raises(ValueError, match=words):
        predictor.predict(change(monthly(100)))


def test_too_little_to_learn_from_is_refused():
    with pytest.raises(ValueError, match="at least 10 rows whose target is known"):
        lossmith.fit(monthly(12), sales(), MEDIAN, settings=LIGHT)


@pytest.mark.parametrize(
    ("loss", "link"),
    [
        ("squared_error_loss", "identity"),
        ("absolute_error_loss", "log1p"),
        ("absolute_error_loss", "softplus"),
        ("absolute_percentage_error_loss", "exp"),
        ("poisson_loss", "log"),
    ],
)
def test_the_code_to_paste_is_the_link(loss, link):
    rng = np.random.default_rng(0)
    y = rng.gamma(3.0, size=50) * 10
    anchor = Anchor(y * rng.uniform(0.5, 1.5, 50), rng.uniform(1.0, 4.0, 50))
    fitted = fit_around(link, y, registry.card(loss), anchor)
    names = {"torch": torch, "loss": lossmith.load(loss)}
    exec("\n".join(departure(link, "last value", {"scale": fitted.scale, "step": fitted.step})), names)
    output = torch.as_tensor(rng.normal(size=(50, 1)) * 0.3)
    naive, unit = torch.as_tensor(anchor.value), torch.as_tensor(anchor.unit)
    assert names["predict"](output, naive, unit).numpy() == pytest.approx(fitted.inverse(output, anchor), rel=1e-3)
    step, offset = fitted.start(anchor, torch.float64)
    seen = fitted.seen(fitted.started(output, step, offset))
    wanted = lossmith.load(loss)(seen, fitted.target(y, torch.float64, anchor))
    assert names["training_loss"](output, torch.as_tensor(y), naive, unit) == pytest.approx(wanted.item(), rel=1e-3)
