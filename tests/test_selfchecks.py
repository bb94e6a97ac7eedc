"""The checks lossmith makes on itself, with real training on small real data (DESIGN section 4)."""

from pathlib import Path

import pandas as pd
import pytest
from benchmarks.selfchecks import CHECKS, claims
from scipy import stats

from lossmith import registry
from lossmith.advisor.pipeline import advise

EXAMPLES = Path(__file__).parent.parent / "examples"
RUNS = 30


@pytest.mark.parametrize(("name", "check"), CHECKS)
def test_nothing_is_claimed_where_there_is_nothing(name, check):
    """No more false claims than are in keeping with one in twenty."""
    count = sum(claims(check(run)) for run in range(RUNS))
    assert stats.binomtest(count, RUNS, 0.05, alternative="greater").pvalue > 0.01


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
