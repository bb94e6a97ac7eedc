"""What the advice hangs on: the same trials under the metric's neighbours."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from lossmith.advisor.profile import Profile
from lossmith.advisor.shortlist import shortlist
from lossmith.advisor.trials import Trial
from lossmith.advisor.verdict import Difference, Neighbour
from lossmith.metric import ChosenMetric
from lossmith.training.problem import Candidate

Errors = dict[str, NDArray[np.float64]]


def errors(metric: ChosenMetric, chosen: Mapping[str, Sequence[Trial]]) -> Errors:
    """Return each candidate's errors under another metric, lower is better.

    A candidate that the metric could not score in every fold is left out.
    """
    scores = {key: [row.neighbours.get(metric.name) for row in rows] for key, rows in chosen.items()}
    return {
        key: np.array([metric.error(score) for score in found if score is not None])
        for key, found in scores.items()
        if found and None not in found
    }


def neighbour(
    metric: ChosenMetric,
    found: Errors,
    differences: Mapping[str, Difference],
    profile: Profile,
    candidates: Sequence[Candidate],
) -> Neighbour:
    """Say how the candidates stand under `metric`.

    Args:
        metric: the other metric.
        found: as `errors` gives them.
        differences: from the recommended candidate, under this metric.
        profile: what the data look like.
        candidates: those that were trained.
    """
    folds = max(map(len, found.values()))
    whole = {key: values for key, values in found.items() if len(values) == folds}
    ranks = stats.rankdata(np.array(list(whole.values())), axis=0).mean(axis=1)
    theory, listed = _theory(metric, profile, candidates)
    return Neighbour(
        name=str(metric),
        label=metric.label,
        higher_is_better=metric.metric.higher_is_better,
        asks_for=str(metric.elicited(str(profile.problem.task))),
        scores={key: metric.error(float(np.mean(values))) for key, values in whole.items()},
        ranks={key: float(rank) for key, rank in zip(whole, ranks, strict=True)},
        best=min(whole, key=lambda key: float(np.mean(whole[key]))),
        theory=theory,
        listed=listed,
        differences=dict(differences),
    )


def _theory(metric: ChosenMetric, profile: Profile, candidates: Sequence[Candidate]) -> tuple[str, bool]:
    """Return whom theory names for a metric, and whether it was trained."""
    try:
        named = shortlist(profile, profile.problem.settled(metric=str(metric)))[0]
    except (ValueError, KeyError):  # a task, or a profile, for which theory says nothing of this metric
        return "", False
    return named.id, any(_training(candidate) == _training(named) for candidate in candidates)


def _training(candidate: Candidate) -> tuple[Any, ...]:
    """Return what makes the network, apart from the decision rule."""
    return candidate.loss, candidate.link, candidate.sampling, sorted(candidate.params.items())
