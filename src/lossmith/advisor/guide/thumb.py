"""Where a rule of thumb misleads: what its loss predicts, and what is scored."""

from collections.abc import Iterator
from dataclasses import dataclass

from lossmith import registry
from lossmith.advisor.arguments import DEFAULTS, IMBALANCED
from lossmith.advisor.guide.needs import elicited
from lossmith.advisor.guide.pull import pull
from lossmith.advisor.guide.question import Question
from lossmith.advisor.profile import Profile
from lossmith.advisor.shortlist import fitting
from lossmith.training.problem import VALUE_TASKS, Candidate

MEASURED = (
    'Measured on 36 real sets (docs/benchmarks.md): the median regret of "Huber or class weights" was 2.62 %, of '
    '"MAE or focal loss" 2.22 %, of the loss that answers the metric 0.23 %.'
)


@dataclass(frozen=True)
class Thumb:
    """What tutorials say, and the losses they mean; the first that fits counts."""

    saying: str
    losses: tuple[str, ...]


OUTLIERS = Thumb("Outliers: take MAE or Huber.", ("absolute_error_loss",))
HEAVY_TAIL = Thumb("Heavy tail: take Huber.", ("huber_loss",))
WEIGHTS = Thumb(
    "Imbalance: weigh the classes.", ("class_weighted_cross_entropy_loss", "weighted_binary_cross_entropy_loss")
)
FOCAL = Thumb("Imbalance: take focal loss.", ("sigmoid_focal_loss", "focal_loss"))
SMOOTHING = Thumb("Noisy labels: smooth them.", ("label_smoothing_cross_entropy_loss",))
PLAIN = Thumb("Regression: take squared error.", ("squared_error_loss",))
_BENT = " Its probabilities are bent on purpose: recalibrate them, or keep cross-entropy and move the decision."
_UNLESS = {
    OUTLIERS: " It helps where the odd rows are mistakes that will not be scored; where they are real, they count.",
    WEIGHTS: _BENT,
    FOCAL: _BENT,
}


def misleads(question: Question, profile: Profile) -> tuple[str, ...]:
    """Say of each rule of thumb that the question calls up where it goes wrong."""
    known = fitting(profile, profile.problem)
    told = [text for thumb in _called_up(question, profile) for text in _against(thumb, question, profile, known)]
    flags = question.outliers or question.heavy_tail or question.imbalance is not None
    return (*told, *([MEASURED] if flags and told else []))


def _called_up(question: Question, profile: Profile) -> Iterator[Thumb]:
    if question.task in VALUE_TASKS:
        yield from [PLAIN]
        yield from [OUTLIERS] * bool(question.outliers or question.label_noise)
        yield from [HEAVY_TAIL] * question.heavy_tail
        return
    if (profile.target["imbalance"] or 1.0) > IMBALANCED:
        yield from (WEIGHTS, FOCAL)
    yield from [SMOOTHING] * bool(question.label_noise)


def _against(thumb: Thumb, question: Question, profile: Profile, known: dict[str, Candidate]) -> Iterator[str]:
    """Compare what the thumb's loss elicits with what the metric asks for."""
    candidate = next((known[name] for name in thumb.losses if name in known), None)
    if candidate is None:
        return
    metric = registry.metric(question.metric)
    wanted, found = metric.elicited(question.task), elicited(registry.card(candidate.loss), candidate)
    if not found.implies(wanted):
        told = f"That predicts the {found}; {metric.label} asks for the {wanted}.{_UNLESS.get(thumb, '')}"
        yield f'"{thumb.saying}" {told}'
    elif thumb in (OUTLIERS, HEAVY_TAIL):
        yield f'"{thumb.saying}" Right here, but for another reason: {metric.label} asks for the {wanted}.'
    elif thumb is SMOOTHING:
        hard = pull(registry.card(candidate.loss), candidate.params, len(profile.problem.levels))
        yield (
            f'"{thumb.saying}" It tempers how sure the network gets; but a row that is surely mislabelled still pulls '
            f"{hard:.2g} times as hard as an undecided one."
        )
    elif thumb in (WEIGHTS, FOCAL):
        default = DEFAULTS[question.task]
        yield (
            f'"{thumb.saying}" It can, but so can {default}, whose probabilities answer {metric.label} by the decision '
            "rule alone. Compare both with the same tuned rule, or the rule's gain is credited to the loss."
        )
