"""Activations are saturated.

Finds: units of tanh or sigmoid at their bounds for most rows, from the first steps.

Why it matters: at the bounds the slope is near 0, so layers below learn slowly.

Causes:
* weights too large at the start.
* inputs not normalised.
* a gain meant for another activation.

Remedies, in order:
1. normalise the inputs.
2. Xavier initialisation with the right gain.
3. another activation, or a normalisation layer before it.
"""

from collections.abc import Mapping

from lossmith.doctor.evidence import Evidence, argue


def weigh(s: Mapping[str, float]) -> tuple[Evidence, ...]:
    """Return what argues for and against it."""
    return (
        argue(
            s,
            ("saturated_start", 0.25, 0.55),
            7,
            "{saturated_start} of a layer's units are at their bounds from the first steps",
        )
        + argue(s, ("saturated_mean", 0.3, 0.7), 2, "over all layers {saturated_mean} of the units are at their bounds")
        + argue(s, ("weight_size", -0.5, 0.0), 1, "weights are large: 10^{weight_size} on average")
        + argue(
            s, ("gradient_start", 1.0, 3.0), -6, "the gradient grows backwards, 10^{gradient_start} times: it explodes"
        )
        + argue(s, ("input_size", 0.35, 0.7), -5, "inputs are usually as large as 10^{input_size}")
        + argue(s, ("input_offset", 0.6, 1.1), -4, "inputs lie 10^{input_offset} spreads from zero")
        + argue(s, ("update_start", -1.2, -0.8), -4, "updates are huge: weights move by 10^{update_start} a step")
    )
