"""The fixed list hindsight may choose from, beside the shortlist: at least ten a task."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lossmith.advisor.profile import Profile
from lossmith.advisor.shortlist import fitting
from lossmith.training.problem import VALUE_TASKS, Candidate

VALUES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("squared_error_loss", {}),
    ("squared_error_loss@log1p", {}),
    ("squared_error_loss@softplus", {}),
    ("absolute_error_loss", {}),
    ("absolute_error_loss@log1p", {}),
    ("huber_loss", {}),
    ("huber_loss", {"delta": 0.5}),
    ("huber_loss", {"delta": 2.0}),
    ("log_cosh_loss", {}),
    ("pinball_loss", {"quantile": 0.25}),
    ("pinball_loss", {"quantile": 0.4}),
    ("pinball_loss", {"quantile": 0.6}),
    ("pinball_loss", {"quantile": 0.75}),
    ("poisson_loss", {}),
    ("tweedie_loss", {}),
    ("absolute_percentage_error_loss", {}),
)
CLASSES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("cross_entropy_loss", {}),
    ("binary_cross_entropy_loss", {}),
    ("brier_loss", {}),
    ("label_smoothing_cross_entropy_loss", {}),
    ("label_smoothing_cross_entropy_loss", {"smoothing": 0.05}),
    ("label_smoothing_cross_entropy_loss", {"smoothing": 0.2}),
    ("focal_loss", {}),
    ("focal_loss", {"gamma": 1.0}),
    ("focal_loss", {"gamma": 3.0}),
    ("sigmoid_focal_loss", {}),
    ("sigmoid_focal_loss", {"gamma": 1.0}),
    ("sigmoid_focal_loss", {"alpha": 0.25}),
    ("weighted_binary_cross_entropy_loss", {}),
    ("sigmoid_focal_loss", {"gamma": 3.0}),
    ("asymmetric_loss", {}),
    ("asymmetric_loss", {"gamma_negative": 2.0}),
    ("asymmetric_loss", {"gamma_negative": 2.0, "margin": 0.0}),
    ("sigmoid_brier_loss", {}),
    ("class_weighted_cross_entropy_loss", {}),
    ("logit_adjusted_cross_entropy_loss", {}),
    ("logit_adjusted_cross_entropy_loss", {"tau": 0.5}),
)


def every(profile: Profile, shortlist: Sequence[Candidate], guided: Sequence[str] = ()) -> list[Candidate]:
    """Return the shortlist, the guide's first answer and the fixed list, each way of training once.

    Args:
        profile: of the set.
        shortlist: as `advise` made it.
        guided: ids of the guide's answers, best first.
    """
    known = fitting(profile, profile.problem)
    fixed = VALUES if profile.problem.task in VALUE_TASKS else CLASSES
    listed = {candidate.id for candidate in shortlist}
    found = [*shortlist, *(known[key] for key in guided[:1] if key in known and key not in listed)]
    for name, params in fixed:
        if name in known:
            new = replace(known[name], id=_named(name, params), params={**known[name].params, **params})
            if all(_way(new) != _way(old) for old in found):
                found.append(new)
    return found


def _named(name: str, params: dict[str, Any]) -> str:
    return name + "".join(f":{key}={value:g}" for key, value in params.items())


def _way(candidate: Candidate) -> tuple[str, str, str, str]:
    return candidate.loss, candidate.link, candidate.sampling, repr(sorted(candidate.params.items()))
