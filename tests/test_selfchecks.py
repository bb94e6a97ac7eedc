"""The checks lossmith makes on itself, with real training on small real data (DESIGN section 4)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lossmith import registry
from lossmith.advisor.data import read
from lossmith.advisor.judge import judge
from lossmith.advisor.pipeline import advise
from lossmith.advisor.profile import profile
from lossmith.advisor.trials import BESIDE, Plan, Trial, Trials, run_trials
from lossmith.training import folds, preprocessing
from lossmith.training.fitted import Split
from lossmith.training.group import Group, Part, run_group
from lossmith.training.problem import Candidate, Problem
from lossmith.training.settings import Settings

EXAMPLES = Path(__file__).parent.parent / "examples"
QUICK = Settings(hidden=(16,), steps=40, min_epochs=4, max_epochs=8, rate_factors=(1.0,))
FOLDS = 5


@pytest.fixture(scope="module")
def housing():
    return pd.read_csv(EXAMPLES / "california_housing.csv.gz").dropna().reset_index(drop=True)


def claims(verdict):
    return any(s.difference.conclusion in ("better", "worse") for s in verdict.standings if s.difference)


def not_too_many(count, runs):
    """Whether so many false claims are in keeping with one in twenty."""
    return stats.binomtest(count, runs, 0.05, alternative="greater").pvalue > 0.01


def test_a_against_a_claims_no_difference(housing):
    """The same loss in both arms, each with seeds of its own."""
    arms = (
        Candidate("a", "absolute_error_loss", roles=("reference",)),
        Candidate("b", "absolute_error_loss", roles=("default",)),
    )
    runs = 60
    count = sum(claims(_a_against_a(housing, arms, run)) for run in range(runs))
    assert not_too_many(count, runs)


def _a_against_a(housing, arms, run):
    frame = housing.sample(150, random_state=run).reset_index(drop=True)
    y = frame["median_house_value"].to_numpy()
    kinds = {name: "number" for name in frame.columns if name not in ("median_house_value", "ocean_proximity")}
    rows = []
    for fold, (train, test) in enumerate(folds.outer(y, 0, FOLDS, run)):
        learn, choose = (train[part] for part in folds.inner(y[train], 0, 0.2, run))
        features = preprocessing.build(kinds).fit(frame.iloc[learn])
        x = preprocessing.transform(features, frame)
        split = Split(x[learn], y[learn], x[choose], y[choose])
        for arm, candidate in enumerate(arms):
            part = Part(0, fold, 1000 * arm + 10 * run + fold, split, x[test], y[test])
            rows += run_group(Group((candidate,), (part,), "mae", QUICK, (0.01,), np.inf))
    trials = tuple(Trial.from_json({k: v for k, v in row.items() if k not in BESIDE}) for row in rows)
    found = profile(read(frame, Problem("median_house_value", "regression", "mae")))
    return judge(Trials(trials, Plan(FOLDS, settings=QUICK), arms, 96, 0.0), found)


@pytest.mark.parametrize("metric", ["mae", "log_loss"])
def test_shuffled_labels_claim_no_difference(housing, metric):
    """Without a signal, losses that elicit the same functional have nothing to differ by."""
    runs, count = 30, 0
    for run in range(runs):
        rng = np.random.default_rng(run)
        frame = housing.sample(150, random_state=run).drop(columns="ocean_proximity").reset_index(drop=True)
        target = rng.permutation(frame.pop("median_house_value").to_numpy())
        if metric == "mae":
            frame["y"] = target
            arms = [Candidate("a", "absolute_error_loss", roles=("reference", "default"))]
            arms += [Candidate("b", "absolute_error_loss", link="softplus")]
        else:
            frame["y"] = np.where(target > np.median(target), "high", "low")
            arms = [
                Candidate(
                    "a", "binary_cross_entropy_loss", link="sigmoid", rule="probability", roles=("reference", "default")
                )
            ]
            arms += [Candidate("b", "brier_loss", link="softmax", rule="probability")]
        data = read(frame, Problem("y", "regression" if metric == "mae" else "binary", metric))
        found = profile(data)
        trials = run_trials(data, found, arms, Plan(FOLDS, seed=run, settings=QUICK))
        count += claims(judge(trials, found))
    assert not_too_many(count, runs)


@pytest.mark.slow
def test_a_metric_that_is_not_the_default_loss_shows():
    """Bike rentals by RMSLE: the loss that elicits what the metric asks for wins clearly over the default."""
    frame = pd.read_csv(EXAMPLES / "bike_hour.csv.gz").sample(3000, random_state=0)
    verdict = advise(frame, target="cnt", metric="rmsle", folds=5, budget=None, jobs=1,
                     losses=("squared_error_loss@log1p", "squared_error_loss@identity"))  # fmt: skip
    assert verdict.reference == "squared_error_loss@log1p"
    assert verdict.recommended == "squared_error_loss@log1p"
    assert verdict.standing(verdict.default).difference.conclusion == "worse"
    assert verdict.gain.low > 0
    assert verdict.gain.relative > 0.1
    assert registry.card("squared_error_loss").elicited().through("log1p") == registry.metric("rmsle").elicits
