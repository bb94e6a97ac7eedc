"""Hyperparameters set from data or metric, each with its reason and source."""

from collections.abc import Callable
from typing import Any

from lossmith.advisor.profile import Profile
from lossmith.card import Card
from lossmith.metric import ChosenMetric

Params = dict[str, Any]
Setter = Callable[[str, Profile, ChosenMetric], tuple[Params, tuple[str, ...]]]

HUBER, CAUCHY, WELSCH, FAIR, TUKEY = 1.345, 2.385, 2.985, 1.4, 4.685
"""Multiples of the residual's standard deviation at which each keeps 95 % efficiency under normal errors."""
HEAVIEST = 100.0
"""Weight of a yes at most."""
NORMAL_MAD = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""


def set_parameters(card: Card, link: str, profile: Profile, metric: ChosenMetric) -> tuple[Params, tuple[str, ...]]:
    """Return a loss's hyperparameters for these data, with a sentence about each."""
    setter = SETTERS.get(card.name)
    return setter(link, profile, metric) if setter else ({}, ())


def _width(parameter: str, multiple: float, source: str) -> Setter:
    """Return what sets the error at which a robust loss begins to hold back."""

    def setter(link: str, profile: Profile, metric: ChosenMetric) -> tuple[Params, tuple[str, ...]]:
        residual, spread = profile.target.get("residual_mad"), profile.target.get("mean_abs_deviation")
        if link != "identity" or not residual or not spread:
            told = f"{parameter} = 1: one mean absolute deviation of the target on this link's scale."
            return {parameter: 1.0}, (told,)
        width = multiple * NORMAL_MAD * residual / spread
        text = (
            f"{parameter} = {width:.3g} target deviations = {multiple:g}·1.4826·MAD of the residuals of a ridge "
            f"regression (95 % efficient under normal errors; {source})."
        )
        return {parameter: float(f"{width:.3g}")}, (text,)

    return setter


def _pinball(link: str, profile: Profile, metric: ChosenMetric) -> tuple[Params, tuple[str, ...]]:
    level = metric.elicits.level if metric.elicits.name == "quantile" else 0.5
    return {"quantile": level}, (f"quantile = {level:g}: the one the metric asks for.",) if level != 0.5 else ()


def _levels(link: str, profile: Profile, metric: ChosenMetric) -> tuple[Params, tuple[str, ...]]:
    many = len(metric.levels) > 2
    told = (
        f"levels: the {len(metric.levels)} that {metric.label} is made of." if many else "levels: the interval's ends."
    )
    return {"levels": list(metric.levels)}, (told,)


def _tweedie(link: str, profile: Profile, metric: ChosenMetric) -> tuple[Params, tuple[str, ...]]:
    if metric.name == "tweedie_deviance":
        power = metric.parameters["power"]
        return {"power": power}, (f"power = {power:g}: the metric's own.",)
    return {"power": 1.5}, ("power = 1.5: half-way between Poisson (1) and gamma (2), the usual start.",)


def _class_weight(link: str, profile: Profile, metric: ChosenMetric) -> tuple[Params, tuple[str, ...]]:
    mistakes = _mistakes(metric)
    if len(set(mistakes)) > 1 and min(mistakes) > 0.0:
        weight = [float(f"{cost * len(mistakes) / sum(mistakes):.4g}") for cost in mistakes]
        return {"weight": weight}, ("weight = what mistakes on the class cost, over its mean (Elkan 2001).",)
    shares = priors(profile)
    weight = [float(f"{1.0 / (len(shares) * share):.4g}") for share in shares]
    return {"weight": weight}, ("weight = 1/(classes × prior), so that every class weighs the same in sum.",)


def _mistakes(metric: ChosenMetric) -> list[float]:
    """Return what mistakes on each class cost in sum, more than being right does.

    It is empty where nothing has a price.
    """
    if metric.metric.is_matrix:
        return [sum(row) - len(row) * row[place] for place, row in enumerate(metric.parameters["prices"])]
    return [metric.parameters["FP"], metric.parameters["FN"]] if metric.metric.unit == "cost" else []


def _positive_weight(link: str, profile: Profile, metric: ChosenMetric) -> tuple[Params, tuple[str, ...]]:
    if profile.problem.task != "multilabel":
        no, yes = priors(profile)
        return {"positive_weight": float(f"{no / yes:.4g}")}, ("positive_weight = noes / yeses.",)
    shares = [profile.target["priors"][label] for label in profile.problem.levels]
    weight = [float(f"{min((1.0 - share) / share, HEAVIEST):.4g}") for share in shares]
    text = f"positive_weight = noes / yeses of each label, {HEAVIEST:g} at most: more would be a few rows' luck."
    return {"positive_weight": weight}, (text,)


def _class_prior(link: str, profile: Profile, metric: ChosenMetric) -> tuple[Params, tuple[str, ...]]:
    prior = [float(f"{prior:.4g}") for prior in priors(profile)]
    return {"class_prior": prior}, ("class_prior from the data; tau = 1 (Menon et al. 2021).",)


def _pull(link: str, profile: Profile, metric: ChosenMetric) -> tuple[Params, tuple[str, ...]]:
    prior, _ = _class_prior(link, profile, metric)
    return prior, ("class_prior from the data; strength = 0.1 (Pereyra et al. 2017).",)


def _class_counts(link: str, profile: Profile, metric: ChosenMetric) -> tuple[Params, tuple[str, ...]]:
    rows = sum(profile.target["counts"].values())
    return {"class_counts": [float(f"{rows * share:.4g}") for share in priors(profile)]}, (
        "class_counts from the data.",
    )


def _ldam(link: str, profile: Profile, metric: ChosenMetric) -> tuple[Params, tuple[str, ...]]:
    counts, told = _class_counts(link, profile, metric)
    return {**counts, "scale": 1.0}, (*told, "scale = 1: the scores here are those of a plain layer, not cosines.")


def priors(profile: Profile) -> list[float]:
    """Return the share of each class, by class number; none is zero.

    It is a share of the rows, or of their weight where they have one.
    """
    if "weight_shares" in profile.target:
        return [float(profile.target["weight_shares"][level]) for level in profile.problem.levels]
    counts = [max(int(profile.target["counts"].get(level, 0)), 1) for level in profile.problem.levels]
    return [count / sum(counts) for count in counts]


SETTERS: dict[str, Setter] = {
    "weighted_binary_cross_entropy_loss": _positive_weight,
    "huber_loss": _width("delta", HUBER, "Huber 1981"),
    "cauchy_loss": _width("scale", CAUCHY, "Holland & Welsch 1977"),
    "welsch_loss": _width("scale", WELSCH, "Holland & Welsch 1977"),
    "fair_loss": _width("scale", FAIR, "Holland & Welsch 1977"),
    "tukey_loss": _width("scale", TUKEY, "Holland & Welsch 1977"),
    "pinball_loss": _pinball,
    "multi_quantile_loss": _levels,
    "tweedie_loss": _tweedie,
    "class_weighted_cross_entropy_loss": _class_weight,
    "logit_adjusted_cross_entropy_loss": _class_prior,
    "per_example_prior_cross_entropy_loss": _pull,
    "class_balanced_loss": _class_counts,
    "ldam_loss": _ldam,
}
