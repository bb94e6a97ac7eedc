"""The line to paste that measures what the guide only argues."""

import shlex

from lossmith.advisor.guide.question import Question


def command(question: Question) -> str:
    """Return the `lossmith advise` line for a table.

    Beyond tables there is none.

    Example:
        >>> from lossmith.advisor.guide.question import read
        >>> command(read("regression", "mae"))
        'lossmith advise FILE --target COLUMN --task regression --metric mae'
    """
    if not question.of_table:
        return ""
    words = ["lossmith", "advise", "FILE", *_target(question)]
    words += ["--metric", question.metric] if not _needs_file(question) else ["--cost", "PRICES.csv"]
    return shlex.join(words)


def _needs_file(question: Question) -> bool:
    """Whether the metric is a table of prices: a file tells the order of classes."""
    return question.metric.startswith("cost_matrix")


def _target(question: Question) -> list[str]:
    if question.task == "forecast":
        return ["--target", "COLUMN", "--time", "COLUMN"]
    if question.task == "multilabel":
        return ["--target", "A,B,C"]
    if question.task == "ordinal":
        return ["--target", "COLUMN", "--levels", "LOW,MIDDLE,HIGH"]
    positive = ["--positive", "LABEL"] if question.task == "binary" else []
    return ["--target", "COLUMN", "--task", question.task, *positive]
