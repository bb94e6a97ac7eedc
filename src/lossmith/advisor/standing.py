"""One candidate and all that was measured of it, from its trials."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lossmith.advisor.portrait import portrait
from lossmith.advisor.trials import Trial, Trials
from lossmith.advisor.verdict import Difference, Standing
from lossmith.training.problem import Candidate


def standing(
    candidate: Candidate,
    trials: Trials,
    chosen: Sequence[Trial],
    score: float | None,
    difference: Difference | None,
) -> Standing:
    """Collect all that was measured of one candidate.

    Args:
        candidate: whose standing it is.
        trials: every row.
        chosen: the candidate's preferred trial in each fold it ran; empty when it failed in one.
        score: its mean over all folds.
        difference: from the reference.
    """
    rows = [row for row in trials.rows if row.candidate == candidate.id]
    failures = tuple(sorted({f"{row.error} (learning rate {row.rate:.2g})" for row in rows if row.error}))
    return Standing(
        candidate=candidate,
        score=score,
        fold_scores=tuple(row.test_score for row in chosen if row.test_score is not None),
        difference=difference,
        learning_rates=tuple(row.rate for row in chosen),
        dropped_after=trials.dropped.get(candidate.id),
        epochs=float(np.mean([row.best_epoch for row in chosen])) if chosen else None,
        seconds=sum(row.seconds for row in rows),
        rule_params=_median_rule(chosen),
        failures=failures,
        curve=_curve(chosen),
        portrait=portrait(candidate),
        plain_score=_plain_score(score, chosen),
        covered=_covered(chosen),
        best_epochs=tuple(row.best_epoch for row in chosen),
        seconds_to_best=float(np.mean([row.seconds * _share_to_best(row) for row in chosen])) if chosen else None,
    )


def _share_to_best(trial: Trial) -> float:
    return trial.best_epoch / trial.epochs[-1] if trial.epochs else 1.0


def _covered(chosen: Sequence[Trial]) -> float | None:
    shares = [row.covered for row in chosen if row.covered is not None]
    return float(np.mean(shares)) if shares else None


def _plain_score(score: float | None, chosen: Sequence[Trial]) -> float | None:
    """Return the mean score without any tuning of the decision rule.

    It is the tuned rule's, less what tuning brought in the folds that were run.
    """
    pairs = [(row.plain_score, row.test_score) for row in chosen]
    lost = [plain - tuned for plain, tuned in pairs if plain is not None and tuned is not None]
    return score + float(np.mean(lost)) if score is not None and lost and len(lost) == len(chosen) else None


def _median_rule(chosen: Sequence[Trial]) -> dict[str, Any]:
    """Return the tuned rule's numbers, each the median over the folds."""
    if not chosen:
        return {}
    keys = [key for key, value in chosen[0].rule_params.items() if isinstance(value, (int, float))]
    return {key: float(np.median([row.rule_params[key] for row in chosen])) for key in keys}


def _curve(chosen: Sequence[Trial]) -> dict[str, tuple[float, ...]]:
    """Average the learning curves over folds, each loss relative to its first epoch."""
    length = min((len(row.valid_curve) for row in chosen), default=0)
    finite = [row for row in chosen if row.train_curve and None not in (*row.valid_curve, *row.train_curve)]
    if length < 2 or not finite:
        return {}
    valid = np.array([row.valid_curve[:length] for row in finite], dtype=float)
    train = np.array([row.train_curve[:length] for row in finite], dtype=float)
    relative = (train - train.min()) / np.maximum(train[:, :1] - train.min(), 1e-12)
    bands = {"valid": valid.mean(0), "valid_low": valid.min(0), "valid_high": valid.max(0), "train": relative.mean(0)}
    rounded = {key: tuple(float(f"{value:.5g}") for value in values) for key, values in bands.items()}
    return {"epoch": tuple(float(epoch) for epoch in finite[0].epochs[:length]), **rounded}
