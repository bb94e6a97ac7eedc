"""Classification with squared error does not work.

Said in courses: the gradient vanishes, so use cross-entropy.

Shown false if networks trained with squared error name classes nearly as well.
"""

from collections.abc import Sequence

from torch import Tensor
from torch.nn import functional

from benchmarks.claims import arms, scores, sets
from benchmarks.claims.claim import Claim, Figure, Rule, of_seeds
from benchmarks.claims.compare import Arm, compare, differences, figure
from benchmarks.claims.networks import Recipe, train
from benchmarks.claims.sets import Table

STARTS = 30


def measure() -> Sequence[Figure]:
    """Compare with cross-entropy: squared error of probabilities, and of raw outputs against one-hot targets."""
    digits, credit = sets.digits(), sets.german()
    return [
        _figure("it is taken of probabilities (digits)", digits, "probability", 1),
        _figure("it is taken of raw outputs (digits)", digits, "raw", 1),
        _figure("it is taken of probabilities (credit)", credit, "probability", 4),
        _figure("it is taken of raw outputs (credit)", credit, "raw", 4),
        _from_sure_mistakes(),
    ]


def _from_sure_mistakes() -> Figure:
    """Count training rows still wrong after 200 steps from large first weights."""
    table, recipe = sets.wine(), Recipe(optimiser="sgd", rate=0.05, start=100.0)
    x, y = table.x.expand(STARTS, -1, -1), table.y.expand(STARTS, -1)
    wrong = {}
    for name in ("cross_entropy", "brier"):
        stack = train(x, [y], arms.of_class(f"{name}_loss", table.classes).loss, table.classes, recipe)[0]
        wrong[name] = 100.0 * (stack(x).argmax(-1) != y).float().mean(1)
    note = f"wrong: {wrong['brier'].mean():.1f} %, with cross-entropy {wrong['cross_entropy'].mean():.1f} %"
    situation = "it is taken of probabilities, and SGD starts from surely wrong ones (wine, rows of training)"
    return of_seeds(situation, (wrong["brier"] - wrong["cross_entropy"]).tolist(), note)


def _figure(situation: str, table: Table, kind: str, repeats: int) -> Figure:
    ways = {
        "entropy": arms.of_class("cross_entropy_loss", table.classes),
        "probability": _brier(table),
        "raw": _raw(table),
    }
    chosen = {name: ways[name] for name in ("entropy", kind)}
    found = compare(table, chosen, {"it": scores.mistakes}, Recipe(), repeats=repeats)["it"]
    means = {name: 100.0 * sum(errors) / len(errors) for name, errors in found.items()}
    note = f"wrong: {means[kind]:.1f} %, with cross-entropy {means['entropy']:.1f} %"
    return figure(table, situation, [100.0 * gap for gap in differences(found, kind, "entropy")], note)


def _brier(table: Table) -> Arm:
    return arms.of_class("brier_loss", table.classes)


def _raw(table: Table) -> Arm:
    def loss(z: Tensor, y: Tensor) -> Tensor:
        return (z - functional.one_hot(y, table.classes)).square().sum(-1)

    return Arm(loss, table.classes, lambda z: z)


CLAIM = Claim(
    measure,
    effect="mistakes that squared error adds, in percentage points",
    rule=Rule(low=2.0),
    instead="Squared error classifies about as well from a sensible start: it is a proper score. What fails is getting "
    "away from surely wrong predictions, where its gradient through the softmax is almost 0.",
)
