"""Why a loss belongs on the list: by theory, by the data, or by custom.

Each argument is a sentence with a weight. The weights only order the list; whether a loss is any good is measured.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lossmith.advisor.profile import Profile
from lossmith.card import CLASS_PROBABILITIES, LEAST_EXPECTED, MEAN, MEDIAN, RATIO_MEDIAN, Card, Functional, Holds
from lossmith.domains import LocationScale, Spread
from lossmith.metric import ChosenMetric
from lossmith.training.links import robust
from lossmith.training.problem import VALUE_TASKS

DEFAULTS = {
    "regression": "squared_error_loss",
    "count": "squared_error_loss",
    "forecast": "squared_error_loss",
    "binary": "binary_cross_entropy_loss",
    "multiclass": "cross_entropy_loss",
    "ordinal": "cross_entropy_loss",
    "multilabel": "binary_cross_entropy_loss",
}
"""What a tutorial would train with for each task."""

SKEWED = 1.0
"""Skewness above which a logarithm is worth trying (0 is symmetric, an exponential has 2)."""
HEAVY_TAIL = 0.01
"""Share of outliers above which robust losses are worth trying (a normal distribution has none at 3 IQR)."""
ZERO_INFLATED = 0.25
IMBALANCED = 3.0
"""Rows of the largest class for each of the smallest, above which imbalance losses are worth trying."""

FOR_NOISE = ("generalized_cross_entropy_loss", "symmetric_cross_entropy_loss")
"""The losses for wrong labels that are worth a trial before anything is known of mistakes."""

CONSISTENT, NEAREST, OWN_LOSS, DATA, FOLK, HANDICAP = 10.0, 8.0, 3.0, 2.0, 1.0, -1.0

ALIKE = {
    "spherical_loss": "Proper and bounded as the Brier loss is: one of the two is enough to measure.",
    "ranked_probability_loss": "Proper as cross-entropy is, and kinder to near misses: measured where asked for.",
    "charbonnier_loss": "With so small a width it is the absolute error.",
    "fair_loss": "Between squared and absolute error as the Huber loss is: one of the two is enough to measure.",
    "tukey_loss": "Far rows lose their pull as under Welsch's loss: one of the two is enough to measure.",
    "geman_mcclure_loss": "Far rows lose their pull as under Welsch's loss: one of the two is enough to measure.",
    "evidential_classification_loss": "Made to doubt odd rows; its price on evidence would have to rise in training.",
    "quantile_huber_loss": "Between the pinball loss and the expectile loss, without a level of its own.",
}
"""Why a loss is trained where asked for and else left to a near relative."""


@dataclass(frozen=True)
class Argument:
    """One sentence for (or, below 0, against) a candidate."""

    text: str
    weight: float


def argue(
    card: Card, candidate_id: str, link: str, elicited: Functional, profile: Profile, metric: ChosenMetric
) -> Iterator[Argument]:
    """Yield every argument about training `card` under `link`."""
    prediction = card.inputs["input"]
    if isinstance(prediction, LocationScale):
        yield from _family(prediction.family, link, elicited, profile, metric)
    else:
        yield from _theory(candidate_id, elicited, profile, metric)
    if card.name in ALIKE:
        yield Argument(ALIKE[card.name], -2 * CONSISTENT)
    if metric.levels and not isinstance(prediction, Spread):
        yield from _spreadless(card)
    if profile.problem.task in VALUE_TASKS:
        yield from _values(card, link, elicited, profile, metric)
    else:
        yield from _classes(card, elicited, profile, metric)


def _theory(candidate_id: str, elicited: Functional, profile: Profile, metric: ChosenMetric) -> Iterator[Argument]:
    """Compare what the loss elicits with what the metric asks for."""
    wanted, nearest = metric.elicited(str(profile.problem.task)), metric.metric.nearest
    if nearest is not None and elicited.implies(nearest):
        why = metric.metric.nearest_why
        yield Argument(
            f"Nearest: no convex loss elicits the {wanted}, which {metric.label} asks for; this one elicits the "
            f"{elicited} ({why}).",
            NEAREST,
        )
    if not elicited.implies(wanted):
        return
    source = "Gneiting 2011" if profile.problem.task in VALUE_TASKS else "Gneiting & Raftery 2007"
    yield Argument(
        f"Consistent: {metric.label} asks for the {wanted}, and this loss elicits the {elicited} ({source}).",
        CONSISTENT,
    )
    if candidate_id == metric.metric.training_loss:
        yield Argument(f"It is {metric.label} itself, up to a constant.", OWN_LOSS)
    elif candidate_id == DEFAULTS[str(profile.problem.task)] and elicited == CLASS_PROBABILITIES:
        yield Argument("Proper: its probabilities answer any metric once the decision rule is tuned.", OWN_LOSS)


def _family(family: str, link: str, elicited: Functional, profile: Profile, metric: ChosenMetric) -> Iterator[Argument]:
    """Argue for the parameters of a family of distributions, and against its shape."""
    wanted = metric.elicited(str(profile.problem.task))
    if not metric.levels:
        yield Argument(f"It fits a whole distribution, of which only the {wanted} is asked for.", -CONSISTENT)
        return
    scale = " on the log scale" if link == "log1p" else ""
    yield Argument(
        f"Consistent if errors are {family}{scale}: {metric.label} asks for the {wanted}, and this loss fits location "
        "and scale to every row (Gneiting & Raftery 2007).",
        CONSISTENT - 4.0,
    )
    skewed = (profile.target.get("skew") or 0.0) > SKEWED
    if link == "identity" and skewed:
        yield Argument(f"The target is skewed, and a {family} distribution is not.", 3 * HANDICAP)
    if link == "log1p" and not skewed:
        yield Argument(f"On the log scale a {family} distribution is skewed, and the target is not.", 3 * HANDICAP)


def _spreadless(card: Card) -> Iterator[Argument]:
    """Argue for a point prediction where a distribution is asked for."""
    if card.name in ("squared_error_loss", "absolute_error_loss"):
        yield Argument(
            "It predicts one number; the spread around it is that of its residuals on validation rows, the same for "
            "every row (split conformal, Lei et al. 2018).",
            DATA,
        )


def _values(card: Card, link: str, elicited: Functional, profile: Profile, metric: ChosenMetric) -> Iterator[Argument]:
    """Argue from the shape of a numeric target."""
    if card.name == "pinball_loss" and elicited == MEDIAN:
        yield Argument("At the median it is half the absolute error: nothing to compare.", -2 * CONSISTENT)
    if card.name == "expectile_loss" and elicited.name == MEAN.name:
        yield Argument("At level 0.5 it is half the squared error: nothing to compare.", -2 * CONSISTENT)
    if card.name == "smooth_l1_loss":
        yield Argument("It is the Huber loss over delta: nothing to compare.", -2 * CONSISTENT)
    if card.name == "epsilon_insensitive_loss":
        yield Argument("With a small tolerance it is nearly the absolute error.", 2 * HANDICAP)
    yield from _scale(card, link, elicited, profile, metric)
    yield from _tail(card, link, profile)


def _scale(card: Card, link: str, elicited: Functional, profile: Profile, metric: ChosenMetric) -> Iterator[Argument]:
    """Argue for or against an output link."""
    skew = profile.target.get("skew") or 0.0
    plain = card.name in ("squared_error_loss", "absolute_error_loss") or isinstance(card.inputs["input"], Spread)
    if link == "log1p" and skew > SKEWED and plain:
        yield Argument(f"The target is skewed ({skew:.2g}); on the log scale errors are relative and even.", DATA)
    if link == "log1p" and skew <= SKEWED:
        yield Argument("The target is not skewed: a logarithm is not called for.", 4 * HANDICAP)
    if link == "softplus" and elicited == metric.elicits:
        yield Argument("The output cannot fall below 0, as the target does not.", FOLK / 2)
    if link == "log1p" and metric.elicits == RATIO_MEDIAN and plain:
        yield Argument("Relative errors become absolute ones on the log scale: nearly what MAPE weighs.", DATA)
    if link == "log1p" and metric.elicits == LEAST_EXPECTED and card.name == "absolute_error_loss":
        text = f"On the log scale the absolute error is nearly what {metric.label} weighs, for misses that are small."
        yield Argument(text, 2 * OWN_LOSS)


def _tail(card: Card, link: str, profile: Profile) -> Iterator[Argument]:
    """Argue from outliers, zeros and counts."""
    outliers, zeros = profile.target.get("outlier_share") or 0.0, profile.target.get("zero_share") or 0.0
    if link == "identity" and robust(card) and card.name != "pinball_loss" and outliers > HEAVY_TAIL:
        yield Argument(f"{outliers:.1%} of the rows are outliers; one row's pull on this loss is bounded.", DATA / 2)
        if not isinstance(card.claims["convex"], Holds):
            yield Argument("Not convex: rows far off at the start may never be fitted.", HANDICAP / 2)
    if link == "identity" and card.name in ("huber_loss", "log_cosh_loss"):
        yield Argument("Rule of thumb: between squared and absolute error. Here to be measured.", FOLK)
    if card.name in ("poisson_loss", "tweedie_loss") and zeros > ZERO_INFLATED:
        yield Argument(f"{zeros:.0%} of the targets are exactly 0, as in counts and claims.", DATA)
    if card.name == "poisson_loss" and profile.problem.task == "count":
        yield Argument("The target is a count.", DATA)


def _classes(card: Card, elicited: Functional, profile: Profile, metric: ChosenMetric) -> Iterator[Argument]:
    """Argue from the class counts.

    What tutorials recommend is brought too, so that it is measured beside the rest.
    """
    imbalance = profile.target.get("imbalance") or 1.0
    softmax_twin = card.name == "cross_entropy_loss" and profile.problem.task == "binary"
    if softmax_twin:
        yield Argument("With two classes it is binary cross-entropy with a spare output: nothing to compare.", -20.0)
    if card.name == "class_balanced_loss":
        yield Argument("Nearly class-weighted cross-entropy: other only for classes with many rows.", HANDICAP)
    if card.name == "multiclass_hinge_loss" and profile.problem.task == "binary":
        yield Argument("With two classes it is the hinge loss with a spare output: nothing to compare.", -20.0)
        return
    if card.name == "focal_loss" and profile.problem.task == "binary":
        yield Argument("With two classes the sigmoid form says the same.", -20.0)
        return
    if card.name == "weighted_binary_cross_entropy_loss" and profile.problem.task == "binary":
        yield Argument("With two classes class-weighted cross-entropy says the same.", -20.0)
        return
    if card.name == "sigmoid_brier_loss" and profile.problem.task == "binary":
        yield Argument("With two classes the Brier loss over a softmax says the same.", -20.0)
        return
    if card.name == "asymmetric_loss" and profile.problem.task == "binary":
        yield Argument("Made for many labels a row; with one, focal loss and class weights stand for it.", -20.0)
        return
    if card.family == "noise" and card.name not in FOR_NOISE:
        yield Argument("Made for wrong labels; generalised and symmetric cross-entropy stand for its kind.", -20.0)
        return
    if card.family == "imbalance" and imbalance > IMBALANCED:
        yield Argument(f"Rule of thumb for imbalance ({imbalance:.3g} to 1). Here to be measured.", FOLK)
    elif card.family == "imbalance" and elicited.implies(metric.elicited(str(profile.problem.task))):
        yield Argument(f"The classes are nearly balanced ({imbalance:.2g} to 1): it has little to correct.", HANDICAP)
    if metric.elicits == CLASS_PROBABILITIES and not isinstance(card.claims["convex"], Holds):
        yield Argument("Not convex in the logits: from a bad start it may not recover.", HANDICAP / 2)
    if card.name == "class_weighted_cross_entropy_loss" and metric.metric.unit == "cost":
        yield Argument("Costs as class weights let the likeliest class be the cheapest. Here to be measured.", FOLK)
    proper = card.claims["proper"]
    if metric.elicits == CLASS_PROBABILITIES and not isinstance(proper, Holds):
        yield Argument("Not proper: its probabilities need recalibration before they can be scored.", HANDICAP / 2)
    if card.family == "noise":
        yield Argument("Made for wrong labels; whether there are any is not known before training.", HANDICAP)
    if card.name == "label_smoothing_cross_entropy_loss":
        yield Argument(
            "A common default of image and text training; helps against overconfidence and noisy labels.", FOLK
        )
