"""docs/guide.md and its picture, written by the guide itself.

`python -m lossmith.report.guide_page docs` writes both.
"""

import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from lossmith.advisor.guide.answer import Guide
from lossmith.advisor.guide.examples import metrics_of
from lossmith.advisor.guide.fields import fields
from lossmith.advisor.guide.guide import guide
from lossmith.advisor.guide.thumb import MEASURED
from lossmith.files import write_atomically
from lossmith.report import guide_picture
from lossmith.report.guidance import RULES, asked, metric_label, rule_words

TABLES = {
    "A number": ("regression", "forecast"),
    "A class": ("binary", "multiclass"),
    "Ordered levels": ("ordinal",),
    "Several labels a row": ("multilabel",),
}
"""What is predicted, and the tasks that stand for it."""
SITUATIONS: dict[str, dict[str, Any]] = {
    "--task regression": {"task": "regression"},
    "--task regression --outliers": {"task": "regression", "outliers": True},
    "--task regression --outliers --need robustness": {"task": "regression", "outliers": True, "needs": ["robustness"]},
    "--metric mae --heavy-tail --lowest 0": {"metric": "mae", "heavy_tail": True, "lowest": 0.0},
    "--costs over=1,under=3": {"costs": "over=1,under=3"},
    "--task regression --need probabilities": {"task": "regression", "needs": ["probabilities"]},
    "--task count --metric poisson_deviance": {"task": "count", "metric": "poisson_deviance"},
    "--task binary": {"task": "binary"},
    "--metric f1 --imbalance 0.02": {"metric": "f1", "imbalance": 0.02},
    "--metric accuracy --label-noise 0.2": {"metric": "accuracy", "label_noise": 0.2},
    "--costs FN=10,FP=1": {"costs": "FN=10,FP=1"},
    "--task multiclass --costs cat=1,dog=5,cow=1": {"task": "multiclass", "costs": "cat=1,dog=5,cow=1"},
    "--task multilabel --metric f1_macro --imbalance 0.05": {
        "task": "multilabel", "metric": "f1_macro", "imbalance": 0.05,
    },
}  # fmt: skip
"""What follows `lossmith guide`, and the same for `lossmith.guide`."""
FIRST = """# Choosing a loss without data

<!-- Written by `make guide` from the cards and the metrics. Do not edit by hand. -->

`lossmith guide` says which loss to train with before there are data; without options on a terminal it asks. The logic
is the one of `lossmith advise`: a metric asks for a property of the target's distribution (its mean, a quantile, class
probabilities), every loss elicits one, and the two are joined. Where nothing elicits what is asked for, the nearest is
named. No rule is written by hand for a pair of metric and loss.

```sh
lossmith guide --task binary --metric f1 --imbalance 0.02
lossmith guide --costs over=1,under=3
```

In Python it is `lossmith.guide("binary", "f1", imbalance=0.02)`; its `first.loss` and `first.code` are what to train
with.

![From what is scored to what to train with](guide.svg)
"""
LAST = """
## What it is worth

The first answer is a policy of the regret benchmark (`guide` in [benchmarks.md](benchmarks.md)), told only what a
person knows without the table. It is theory and custom, no measurement: `lossmith advise` measures.
"""


def page() -> str:
    """Return docs/guide.md."""
    return "\n".join([FIRST, *_tables(), *_situations(), *_fields(), LAST.lstrip("\n")])


def drawing() -> str:
    """Return docs/guide.svg."""
    return guide_picture.draw(list(_paths()))


def main() -> None:
    """Write page and picture into the folder that is named."""
    folder = Path(sys.argv[1])
    write_atomically(folder / "guide.md", page())
    write_atomically(folder / "guide.svg", drawing())


def _answers(tasks: Sequence[str]) -> list[Guide]:
    """Return answers for every metric of the tasks, each from the first it fits."""
    found: dict[str, Guide] = {}
    for task in tasks:
        for metric in metrics_of(task):
            found.setdefault(metric.partition(":")[0].partition("@")[0], guide(task, metric))
    return sorted(found.values(), key=lambda one: (*_way(one), one.question.metric))


def _paths() -> Iterator[guide_picture.Path]:
    """Yield one path for all metrics that share functional, answer and rule."""
    for group, tasks in TABLES.items():
        answers = _answers(tasks)
        for (asks_for, loss, rule), same in groupby(answers, key=_way):
            metrics = ", ".join(metric_label(one) for one in same)
            yield guide_picture.Path(group, metrics, asks_for, loss, RULES[rule].partition(",")[0])


def _way(one: Guide) -> tuple[str, str, str]:
    return one.asks_for, one.answers[0].id, one.answers[0].rule


def _tables() -> Iterator[str]:
    for group, tasks in TABLES.items():
        yield f"## {group}\n"
        yield "| scored by | asks for | train with | decide by |\n|---|---|---|---|"
        for one in _answers(tasks):
            first = one.answers[0]
            yield f"| {metric_label(one)} | {one.asks_for} | `{first.id}` | {rule_words(first)} |"
        yield ""


def _situations() -> Iterator[str]:
    yield "## What you say of the target\n"
    yield "| `lossmith guide` | metric | answers, best first |\n|---|---|---|"
    for text, said in SITUATIONS.items():
        one = guide(**said)
        yield f"| `{text}` | {asked(one)} | {', '.join(f'`{answer.id}`' for answer in one.answers)} |"
    yield "\n### Where the rule of thumb misleads\n"
    for text, said in SITUATIONS.items():
        one = guide(**said)
        if one.misleads and {"outliers", "heavy_tail", "imbalance", "label_noise"} & set(said):
            yield f"* `{text}`"
            yield from (f"  * {told}" for told in one.misleads if told != MEASURED)
    yield f"\n{MEASURED}\n"


def _fields() -> Iterator[str]:
    yield "## Beyond tables\n"
    yield "| task | predicts | answers, best first | usual, not in the catalogue | decide by |\n|---|---|---|---|---|"
    for name, facts in fields().items():
        one = guide(name)
        there = ", ".join(f"`{answer.id}`" for answer in one.answers) or "none yet"
        missing = ", ".join(f"`{loss}`" for loss in one.missing)
        yield f"| {name} | {facts.target} | {there} | {missing} | {facts.rule} |"
    yield ""


if __name__ == "__main__":
    main()
