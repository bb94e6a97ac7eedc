"""A run as it was at an earlier step: what a watcher would have seen then."""

from dataclasses import replace

import numpy as np

from lossmith.doctor.runlog import Curve, RunLog


def until(run: RunLog, step: float) -> RunLog:
    """Return a run as it was after `step`, a step of its own log.

    Args:
        run: the whole run.
        step: the last step that is kept, in the log's own numbers.
    """
    places = np.searchsorted(run.train.steps, step, side="right")
    return replace(
        run,
        train=_cut(run.train, step),
        validation=_cut(run.validation, step),
        train_metric=_cut(run.train_metric, step),
        validation_metric=_cut(run.validation_metric, step),
        lr=_cut(run.lr, step),
        epochs=run.epochs[:places],
        records=tuple(record for record in run.records if record.get("step", 0) <= step),
        evaluations=tuple(record for record in run.evaluations if record.get("step", 0) <= step),
    )


def _cut(curve: Curve, step: float) -> Curve:
    kept = curve.steps <= step
    return Curve(curve.steps[kept], curve.values[kept])
