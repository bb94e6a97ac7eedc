"""When the validation loss rises, the classifier makes more mistakes: stop.

Said in every explanation of early stopping.

Shown false if mistakes do not grow while the validation loss does.
"""

from collections.abc import Sequence

from benchmarks.claims import arms, scores, sets
from benchmarks.claims.claim import Claim, Figure, Rule
from benchmarks.claims.compare import compare, figure
from benchmarks.claims.networks import Recipe
from benchmarks.claims.sets import Table

STEPS = (10, 20, 30, 45, 70, 100, 150, 500)


def measure() -> Sequence[Figure]:
    """Compare the step with the least validation loss with the last of 500."""
    return [
        _figure("labels are noisy (credit)", sets.german(), 4),
        _figure("labels are clear (breast cancer)", sets.breast_cancer(), 4),
        _figure("labels are clear (digits)", sets.digits(), 1),
    ]


def _figure(situation: str, table: Table, repeats: int) -> Figure:
    way = {"it": arms.of_class("cross_entropy_loss", table.classes)}
    judged = {"mistakes": scores.mistakes, "log loss": scores.log_loss}
    stopped, ended = (
        compare(table, way, judged, Recipe(steps=500, rate=0.02), repeats=repeats, keep=keep, rates=(1.0,),
                choose=scores.log_loss)
        for keep in (STEPS, STEPS[-1:])
    )  # fmt: skip
    mean = {name: [sum(found[name]["it"]) / len(found[name]["it"]) for found in (stopped, ended)] for name in judged}
    more = [100.0 * (b - a) for a, b in zip(stopped["mistakes"]["it"], ended["mistakes"]["it"], strict=True)]
    before, after = mean["log loss"]
    note = f"log loss of fresh rows {before:.2f}, then {after:.2f}; wrong {100 * mean['mistakes'][0]:.1f} %, then "
    return figure(table, situation, more, note + f"{100 * mean['mistakes'][1]:.1f} %")


CLAIM = Claim(
    measure,
    effect="mistakes on fresh rows at the end, above those at the least validation loss, in percentage points",
    rule=Rule(low=0.0),
    instead="A rising log loss says that mistakes are made more surely, not that they are more. Stop by the metric "
    "that counts: by log loss for probabilities, by the metric itself for labels.",
)
