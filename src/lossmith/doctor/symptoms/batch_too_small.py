"""The batch is too small for the learning rate.

Finds: few rows a step at a rate that turns their noise into large steps.

Why it matters: the steps are mostly noise: the loss swings, units die, nothing settles.

Causes:
* memory.
* a batch size of 1 or 2 left over from a test.

Remedies, in order:
1. a larger batch, or accumulate gradients.
2. a smaller learning rate, in proportion.
3. group normalisation in place of batch normalisation.
"""

from collections.abc import Mapping

from lossmith.doctor.evidence import Evidence, argue


def weigh(s: Mapping[str, float]) -> tuple[Evidence, ...]:
    """Return what argues for and against it."""
    return (
        argue(
            s,
            (("small_batch", 0.3, 0.75), ("lr_per_row", 1.0, 1.6)),
            9,
            "few rows a step at a rate that is 10^{lr_per_row} the usual one a row",
        )
        + argue(
            s,
            (("small_batch", 0.3, 0.75), ("agreement_low", -0.2, -0.45)),
            1,
            "successive gradients disagree ({agreement_low})",
        )
        + argue(s, ("small_batch", 0.4, 0.0), -6, "the batch is not small")
    )
