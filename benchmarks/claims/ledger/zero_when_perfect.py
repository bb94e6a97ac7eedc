"""A perfect prediction has a loss of 0.

Said wherever a loss is introduced as a distance from the truth.

Shown false by one loss in use that is not 0 where the prediction is right.
"""

from collections.abc import Sequence

from benchmarks.claims.claim import Claim, Figure, Rule, exact
from benchmarks.claims.subjects import extremes
from lossmith.experiment import UNITS


def measure() -> Sequence[Figure]:
    """Evaluate every loss where the prediction equals the target; logits are sure and finite."""
    found = extremes(
        "zero_at_target",
        lambda subject: subject.perfect(subject.draw(UNITS, 0)),
        lambda values: float(values.abs().max()),
    )
    return [
        exact(f"the loss is of the family {family}", size, f"largest of {count}: `{name}`")
        for family, (size, name, count) in found.items()
    ]


CLAIM = Claim(
    measure,
    effect="largest absolute loss at a perfect prediction",
    rule=Rule(high=1e-9, always=True),
    instead="Losses of logits only approach 0; smoothed labels and log-likelihoods end at the entropy of the target. "
    "The best reachable loss on real data is not 0: compare with the loss of the best constant.",
)
