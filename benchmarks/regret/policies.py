"""Ways to pick a loss: what tutorials say, what theory says, what cross-validation says, and lossmith.

* `default`: squared error, or cross-entropy.
* `thumb_huber_weights`: Huber where more than 1 % of the targets are outliers (3 interquartile ranges beyond the
  quartiles) or the skewness exceeds 1; class-weighted cross-entropy where the largest class has more than 3 rows for
  each of the smallest; else the default.
* `thumb_mae_focal`: absolute error and focal loss at the same triggers.
* `consistent`: the loss that elicits what the metric asks for, as declared before training.
* `best_by_cv`: the best mean score over the folds of the shortlist.
* `one_standard_error`: the first of default, reference and the rest of the shortlist, in its order, whose mean is
  within one standard error (of the best's own folds) of the best.
* `guide`: the first answer of `lossmith guide`, which never sees the table. It is told what a person knows without one:
  task, metric and number of classes; whether the target can be negative or 0; whether more than 1 % of the targets are
  outliers, whether the skewness exceeds 1 (the triggers above), and the rarest class's share where the largest class
  has more than 3 rows for each of its. What is trained has its parameters set from the data, as everything has.
* `lossmith`: what the verdict recommends.
"""

from collections.abc import Collection, Sequence

import numpy as np

from lossmith.advisor.arguments import HEAVY_TAIL, IMBALANCED, SKEWED
from lossmith.advisor.guide.imagined import imagined
from lossmith.advisor.guide.question import Question, read
from lossmith.advisor.guide.tables import candidates
from lossmith.advisor.profile import Profile
from lossmith.advisor.verdict import Standing, Verdict
from lossmith.training.problem import VALUE_TASKS

POLICIES = (
    "default", "thumb_huber_weights", "thumb_mae_focal", "consistent", "best_by_cv", "one_standard_error", "guide",
    "lossmith",
)  # fmt: skip

FOR_LABELS = {
    "class_weighted_cross_entropy_loss": "weighted_binary_cross_entropy_loss",
    "focal_loss": "sigmoid_focal_loss",
}
"""What the rules of thumb mean where a row has several labels."""


def picks(verdict: Verdict, shortlisted: Sequence[str], trained: Collection[str]) -> dict[str, str]:
    """Return the candidate each policy would train with.

    Args:
        verdict: with the fold scores of every candidate.
        shortlisted: ids in the order of the shortlist.
        trained: ids whose worth is known; the guide's first answer among them counts.
    """
    lowest = -1.0 if verdict.metric["higher_is_better"] else 1.0
    means = {s.candidate.id: lowest * s.score for s in verdict.standings if s.score is not None and _full(s, verdict)}
    best = min(means, key=lambda key: means[key], default=verdict.reference)
    return {
        "default": verdict.default,
        "thumb_huber_weights": _thumb(verdict, "huber_loss", "class_weighted_cross_entropy_loss"),
        "thumb_mae_focal": _thumb(verdict, "absolute_error_loss", "focal_loss"),
        "consistent": verdict.reference,
        "best_by_cv": best,
        "one_standard_error": _one_standard_error(verdict, means, best, shortlisted),
        "guide": next((key for key in guided(verdict.profile) if key in trained), verdict.default),
        "lossmith": verdict.recommended,
    }


def guided(profile: Profile) -> list[str]:
    """Return the ids of the guide's answers, best first, from simple facts alone."""
    question = asked(profile)
    return [candidate.id for candidate in candidates(question, imagined(question))]


def asked(profile: Profile) -> Question:
    """Return the question that a person would put who knows the task and a few facts about the target."""
    problem, target = profile.problem, profile.target
    if problem.task in VALUE_TASKS:
        lowest = target["min"]
        return read(
            problem.task,
            problem.metric,
            outliers=(target.get("outlier_share") or 0.0) > HEAVY_TAIL,
            heavy_tail=(target.get("skew") or 0.0) > SKEWED,
            lowest=None if lowest < 0.0 else float(lowest > 0.0),
        )
    ratio = target.get("imbalance") or 1.0
    rarest = 1.0 / (1.0 + ratio) if problem.task == "multilabel" else min(target["priors"].values())
    return read(
        problem.task,
        problem.metric,
        classes=None if problem.task == "multilabel" else len(problem.levels),
        imbalance=rarest if ratio > IMBALANCED else None,
    )


def _full(standing: Standing, verdict: Verdict) -> bool:
    return len(standing.fold_scores) == verdict.folds


def _one_standard_error(verdict: Verdict, means: dict[str, float], best: str, shortlisted: Sequence[str]) -> str:
    if best not in means:
        return best
    scores = verdict.standing(best).fold_scores
    error = float(np.std(scores, ddof=1)) / len(scores) ** 0.5 if len(scores) > 1 else 0.0
    order = (verdict.default, verdict.reference, *shortlisted)
    return next((key for key in order if key in means and means[key] <= means[best] + error), best)


def _thumb(verdict: Verdict, for_outliers: str, for_imbalance: str) -> str:
    target, task = verdict.profile.target, verdict.profile.problem.task
    if task in VALUE_TASKS:
        heavy = (target.get("outlier_share") or 0.0) > HEAVY_TAIL or abs(target.get("skew") or 0.0) > SKEWED
        return for_outliers if heavy else verdict.default
    if (target.get("imbalance") or 1.0) > IMBALANCED:
        return FOR_LABELS[for_imbalance] if task == "multilabel" else for_imbalance
    return verdict.default
