"""Answers for tables: the shortlist of `advise`, from what was said, not seen."""

from dataclasses import replace

from lossmith import registry
from lossmith.advisor.arguments import DATA, Argument
from lossmith.advisor.guide import needs
from lossmith.advisor.guide.answer import Answer, prose
from lossmith.advisor.guide.imagined import imagined
from lossmith.advisor.guide.question import Question
from lossmith.advisor.profile import Profile
from lossmith.advisor.shortlist import ENOUGH, ranked, yardsticks
from lossmith.advisor.snippet import snippet
from lossmith.card import CLASS_PROBABILITIES, MEDIAN
from lossmith.training.problem import Candidate

LONGEST = 4
OF_ONE = 2
"""Answers with one loss at most: links tell them apart."""
_INSTEAD = {
    "regression": "--metric crps, or leaving the need out",
    "count": "--metric crps, or leaving the need out",
    "forecast": "--metric pinball@0.9, once for each level, without the need",
}
Weighed = tuple[Candidate, float]


def answers(question: Question) -> tuple[Answer, ...]:
    """Return the losses to train with, best first.

    Raises:
        ValueError: no loss that answers the metric meets a need.
    """
    profile = imagined(question)
    return tuple(_answer(candidate, question, profile) for candidate in candidates(question, profile)[:LONGEST])


def candidates(question: Question, profile: Profile) -> list[Candidate]:
    """Return every candidate that something speaks for, best first."""
    order = ranked(profile, profile.problem)
    reference, _ = yardsticks(order, profile.problem)
    weighed = [_weighed(candidate, strength, question, profile) for candidate, strength in order if strength > 0.0]
    if order[0][1] < ENOUGH:
        weighed = [(reference, ENOUGH), *(pair for pair in weighed if pair[0].id != reference.id)]
    if not question.needs:
        weighed = [pair for pair in weighed if pair[1] >= DATA and _near(pair[0], profile)]
    for need in question.needs:
        weighed = _meeting(need, weighed, question, profile)
    chosen = [candidate for candidate, _ in sorted(weighed, key=lambda pair: -pair[1])]
    of_loss = [sum(other.loss == c.loss for other in chosen[:place]) for place, c in enumerate(chosen)]
    return [candidate for candidate, before in zip(chosen, of_loss, strict=True) if before < OF_ONE]


def _near(candidate: Candidate, profile: Profile) -> bool:
    """Whether it answers the metric, or aims at least where the metric does."""
    wanted = registry.metric(str(profile.problem.metric)).elicited(str(profile.problem.task))
    return "consistent" in candidate.roles or wanted.level in (None, MEDIAN.level)


def _weighed(candidate: Candidate, strength: float, question: Question, profile: Profile) -> Weighed:
    """Add what label noise says."""
    found = list(needs.against_noise(candidate, question.label_noise, len(profile.problem.levels)))
    return _with(candidate, found), strength + sum(argument.weight for argument in found)


def _with(candidate: Candidate, arguments: list[Argument]) -> Candidate:
    return replace(candidate, reasons=(*candidate.reasons, *(argument.text for argument in arguments)))


def _meeting(need: str, weighed: list[Weighed], question: Question, profile: Profile) -> list[Weighed]:
    """Keep who meets the need, and say how."""
    told = [(pair, needs.met(need, pair[0], question.task, len(profile.problem.levels))) for pair in weighed]
    kept = [(_with(candidate, [Argument(text, 0.0)]), weight) for (candidate, weight), text in told if text]
    if not kept:
        label = registry.metric(question.metric).label
        raise ValueError(
            f"A loss that answers {label} should meet the need {need!r}. Found none for {question.task}. Try "
            f"{_INSTEAD.get(question.task, 'another metric, or leaving the need out')}."
        )
    return kept


def _answer(candidate: Candidate, question: Question, profile: Profile) -> Answer:
    card = registry.card(candidate.loss)
    metric = registry.metric(question.metric)
    wanted = metric.elicited(question.task)
    found, reasons = needs.elicited(card, candidate), [_settled(reason) for reason in candidate.reasons]
    if not found.implies(wanted) and not any(reason.startswith(("Nearest", "No loss")) for reason in reasons):
        reasons.append(f"The price: it elicits the {found}, and {metric.label} asks for the {wanted}.")
    true = found.implies(CLASS_PROBABILITIES) and candidate.sampling == "none"
    fixed = {"threshold": question.threshold} if question.threshold and true else {}
    return Answer(
        id=candidate.id,
        loss=candidate.loss,
        **prose(candidate.loss),
        reasons=tuple(reasons),
        output=card.inputs["input"].head,
        link=candidate.link,
        rule=candidate.rule,
        code=snippet(replace(candidate, rule_params=fixed), profile, []),
        mistakes=card.mistakes,
    )


def _settled(reason: str) -> str:
    """Return an argument of the shortlist as it reads where nothing will be measured."""
    reason = reason.replace("Here to be measured.", "Measure before you trust it.").replace(
        "from the data", "from your shares"
    )
    return reason[:1].upper() + reason[1:] if reason.startswith("some of") else reason
