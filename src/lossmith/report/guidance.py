"""The guide's answers in a terminal: what to train with, why and how."""

from typing import TYPE_CHECKING

from lossmith import registry
from lossmith.advisor.guide.answer import Answer, Guide
from lossmith.report.page import Page

if TYPE_CHECKING:
    from rich.console import Console

LINKS = {
    "identity": "prediction = centre + scale·output, centre and scale from the training target",
    "log1p": "trained on log(1 + y); prediction = expm1(centre + scale·output)",
    "softplus": "prediction = scale·softplus(output), never below 0",
    "exp": "prediction = scale·exp(output), always above 0",
    "log": "the loss takes the logarithm of the mean; prediction = scale·exp(output)",
    "softmax": "probabilities = softmax(output)",
    "sigmoid": "probability = sigmoid(output)",
    "sigmoids": "a probability for each label = sigmoid(output)",
    "cumulative": "a logit for each step between levels; probabilities are what lies between the steps",
}
"""How an output becomes a prediction."""
RULES = {
    "value": "none: the prediction is scored as it is",
    "positive": "a floor under the predictions, tuned on validation rows",
    "probability": "none: the probabilities are scored as they are",
    "argmax": "the likeliest class",
    "threshold": "yes from a threshold on, tuned on validation rows",
    "thresholds": "yes from a threshold on, one for each label, tuned on validation rows",
    "shared_threshold": "yes from a threshold on, one for all labels, tuned on validation rows",
    "prior": "the class of the largest probability over a power of its prior, tuned on validation rows",
    "median_level": "the median level of the predicted probabilities",
    "quantiles": "quantiles, their spread stretched on validation rows",
    "least_cost": "the class of least expected cost",
    "cuts": "cuts between the levels on the mean level, tuned on validation rows",
    "residual_quantiles": "quantiles of the residuals on validation rows, added to the prediction",
    "log_residual_quantiles": "quantiles of the residuals on the log scale of validation rows, added to the prediction",
}
"""How a prediction becomes a decision."""


def print_guide(guide: Guide, console: "Console") -> None:
    """Print the answers.

    Args:
        guide: what was found.
        console: where to; its width, colours and encoding are respected.
    """
    page = Page(console)
    page.say(headline(guide), style="bold")
    page.say(asked(guide), lead="Metric   ")
    page.say()
    for place, answer in enumerate(guide.answers, 1):
        _answer(page, place, answer)
    first = guide.first
    if first is not None:
        page.say("Code for the first:")
        page.say()
        for line in first.code.rstrip().split("\n"):
            page.verbatim(f"    {line}")
        page.say()
    _list(page, "Usual mistakes:", first.mistakes if first else ())
    _list(page, "Where the rule of thumb misleads:", guide.misleads)
    page.say(evidence(guide))
    if guide.evidence:
        page.verbatim(f"    {guide.evidence}")


def headline(guide: Guide) -> str:
    """Say the first answer in a sentence, and what the catalogue lacks."""
    task, missing = guide.question.task, ", ".join(guide.missing)
    lacks = f" Usual there, and not in lossmith's catalogue: {missing}." if missing else ""
    if guide.first is None:
        return f"For {task} lossmith's catalogue has no loss yet.{lacks}"
    return f"For {task}, scored by {metric_label(guide)}, train with {guide.first.id}.{lacks}"


def metric_label(guide: Guide) -> str:
    """Return the metric as people write it."""
    question = guide.question
    return registry.metric(question.metric).label if question.of_table else question.metric.replace("_", " ")


def asked(guide: Guide) -> str:
    """Say what the metric asks for, and why it is this one."""
    reason = guide.question.metric_reason
    asks = "" if guide.asks_for == "nothing" else f"; it asks for the {guide.asks_for}"
    return f"{metric_label(guide)} ({reason}){asks}."


def evidence(guide: Guide) -> str:
    """Say what this answer rests on, and where evidence comes from."""
    if guide.evidence:
        return "This is theory and custom, no measurement. Evidence from your own data:"
    return (
        "This is theory and custom, no measurement. Where the target is one number or class, "
        "lossmith.advise(model=..., train=...) measures it on a network of your own."
    )


def link_words(answer: Answer) -> str:
    """Say how the output becomes a prediction."""
    return LINKS.get(answer.link, answer.link)


def rule_words(answer: Answer) -> str:
    """Say how a prediction becomes a decision."""
    return RULES.get(answer.rule, answer.rule)


def _answer(page: Page, place: int, answer: Answer) -> None:
    page.say(f"{answer.id}: {answer.summary}", lead=f"{place}. ", style="bold" if place == 1 else "")
    for reason in answer.reasons:
        page.say(reason, lead="   - ")
    if place == 1 or answer.link:
        page.say(answer.output, lead="   Output   ")
    if answer.link:
        page.say(link_words(answer), lead="   Link     ")
    if place == 1:
        page.say(rule_words(answer), lead="   Decide   ")
        if answer.reach:
            page.say(answer.reach, lead="   When     ")
        if answer.avoid:
            page.say(answer.avoid, lead="   Not      ")
    page.say()


def _list(page: Page, head: str, items: tuple[str, ...]) -> None:
    if items:
        page.say(head)
        for item in items:
            page.say(item, lead="  - ")
        page.say()
