"""The step climbs: small steps make the model fit its batch worse.

What it finds: a model that fits worse after twenty small steps on one batch, for every network and seed tried.
Why it matters: the longer it trains, the worse it gets.
Fix: subtract the gradient; do not minimise a score or minus the loss; look at `maximize=True`.
"""

import math

from lossmith.checker.found import Found
from lossmith.checker.step import StepCase

STEPS = 20
SMALL = 0.003


def find(case: StepCase) -> Found | None:
    """Compare the fit before and after.

    What the step returns must not say the opposite.
    """
    shown = None
    for setup in case.setups(lr=SMALL):
        run = setup.build()
        before = run.fit()
        case.calls(setup, STEPS, run)
        after = run.fit()
        rises = len(run.values) < 2 or run.values[-1] > run.values[0]
        if run.error is not None or not math.isfinite(after) or after <= before * (1.0 + 1e-4) or not rises:
            return None
        shown = shown or (setup, run, before, after)
    if shown is None:
        return None
    setup, run, before, after = shown
    what = "cross-entropy" if not setup.batch.holds.startswith("numbers") else "mean squared error"
    returned = ""
    if len(run.values) > 1:
        returned = f"; what it returns rises from {run.values[0]:.4g} to {run.values[-1]:.4g}"
    told = f"{STEPS} small steps on one batch raise the {what} from {before:.4g} to {after:.4g}{returned}."
    code = case.witness(
        setup, f"for _ in range({STEPS}):", "    print(STEP)  # or the fit of model(x) to y: it gets worse"
    )
    return Found(told, code=code)
