"""Rectified units are dead.

Finds: units that are zero for every row from early on.

Why it matters: a unit that is zero everywhere passes no gradient and cannot come back.

Causes:
* a large negative bias.
* initialisation far off.
* a spike of the learning rate.
* inputs far from zero mean.

Remedies, in order:
1. LeakyReLU, ELU or GELU.
2. He initialisation, bias 0.
3. a lower learning rate with warm-up.
4. normalise inputs, or a normalisation layer before the activation.
"""

from collections.abc import Mapping

from lossmith.doctor.evidence import Evidence, argue


def weigh(s: Mapping[str, float]) -> tuple[Evidence, ...]:
    """Return what argues for and against it."""
    return (
        argue(
            s,
            ("dead_start", 0.6, 0.95),
            6,
            "in one layer {dead_start} of the units are zero for all rows from the first steps",
        )
        + argue(s, ("dead_mean", 0.4, 0.8), 2.5, "over all layers {dead_mean} of the units are zero for all rows")
        + argue(s, ("gradient_none", 0.0, 1.0), 1.5, "no gradient reaches {gradient_none} of the layers")
        + argue(
            s, ("update_start", -1.3, -0.8), -5, "updates were huge before: weights moved by 10^{update_start} a step"
        )
        + argue(s, ("small_batch", 0.3, 1.0), -2, "the batch is so small that its noise may have killed them")
        + argue(s, ("input_size", 0.35, 0.7), -5, "inputs are usually as large as 10^{input_size}")
        + argue(s, ("input_offset", 0.6, 1.2), -3, "inputs lie 10^{input_offset} spreads from zero")
        + argue(
            s, ("capacity", -0.5, -0.9), -6, "there are only 10^{capacity} parameters a row: too small rather than dead"
        )
        + argue(s, ("dead_mean", 0.3, 0.1), -4, "only {dead_mean} of the units are dead")
    )
