"""The guide: which loss, when there are no data to ask."""

from collections.abc import Mapping, Sequence

from lossmith import registry
from lossmith.advisor.guide import beyond, tables, thumb
from lossmith.advisor.guide.answer import Guide
from lossmith.advisor.guide.evidence import command
from lossmith.advisor.guide.fields import fields
from lossmith.advisor.guide.imagined import imagined
from lossmith.advisor.guide.question import Question, read
from lossmith.card import Functional


def guide(
    task: str | None = None,
    metric: str | None = None,
    *,
    imbalance: float | None = None,
    classes: int | None = None,
    outliers: bool = False,
    heavy_tail: bool = False,
    label_noise: float = 0.0,
    needs: Sequence[str] = (),
    costs: str | Mapping[str, float] = "",
    lowest: float | None = None,
) -> Guide:
    """Say which loss to train with, from the cards and the metrics alone.

    Args:
        task: a table's (regression, count, forecast, binary, multiclass, ordinal, multilabel), or segmentation,
            detection, sequence, translation, speech, metric (learning), ranking, generation, distillation,
            reinforcement, multitask; left out where metric or costs tell it.
        metric: what is scored, such as `"mae"` or `"pinball@0.9"`; by default the usual one.
        imbalance: share of the rarest class; of several labels that of a yes.
        classes: how many there are.
        outliers: a few targets lie far from all others.
        heavy_tail: the target has a long tail upward, as prices and incomes have.
        label_noise: share of targets that are wrong, below 0.5.
        needs: any of probabilities, robustness, calibration, speed; an answer meets all of them.
        costs: what mistakes cost, in place of a metric: `"over=1,under=3"`, `"FN=10,FP=1"`, or a price for each class.
        lowest: the smallest value that the target can take, such as 0.

    Returns:
        Ranked answers with their reasons, and the command that would measure them.

    Raises:
        ValueError: what was said does not fit together, or no loss meets a need.

    Example:
        >>> found = guide("regression", costs="over=1,under=3")
        >>> found.first.loss, found.question.metric
        ('pinball_loss', 'pinball@0.75')
    """
    question = read(
        task, metric, imbalance=imbalance, classes=classes, outliers=outliers, heavy_tail=heavy_tail,
        label_noise=label_noise, needs=needs, costs=costs, lowest=lowest,
    )  # fmt: skip
    return of_table(question) if question.of_table else of_field(question)


def of_table(question: Question) -> Guide:
    """Answer for a table."""
    found, metric = tables.answers(question), registry.metric(question.metric)
    notes = (f"{question.metric_reason[:1].upper()}{question.metric_reason[1:]}.",)
    return Guide(
        question=question,
        asks_for=str(metric.elicited(question.task)),
        answers=found,
        misleads=thumb.misleads(question, imagined(question)),
        missing=(),
        notes=notes,
        evidence=command(question),
    )


def of_field(question: Question) -> Guide:
    """Answer for a task beyond tables."""
    found, missing = beyond.answers(question)
    facts = fields()[question.task]
    return Guide(
        question=question,
        asks_for=str(Functional(facts.metrics[question.metric])),
        answers=found,
        misleads=facts.misleads,
        missing=missing,
        notes=(),
        evidence=command(question),
    )
