"""The gradient explodes.

Finds: gradients that are huge for the loss and the weights at the start, growing with depth.

Why it matters: steps overshoot, or the optimiser's normalisation makes them uselessly small elsewhere.

Causes:
* weights too large at the start.
* recurrence over many steps.
* no normalisation layers.

Remedies, in order:
1. clip the gradient norm near its 90th percentile.
2. He or orthogonal initialisation.
3. normalisation layers.
4. a lower learning rate.
"""

from collections.abc import Mapping

from lossmith.doctor.evidence import Evidence, argue


def weigh(s: Mapping[str, float]) -> tuple[Evidence, ...]:
    """Return what argues for and against it."""
    return (
        argue(
            s,
            (("gradient_elasticity", 1.6, 2.4), ("activation_growth", -0.1, 0.3)),
            5,
            "weights changed by 1 % change the loss by 10^{gradient_elasticity} %; activations grow with depth",
        )
        + argue(
            s,
            (("gradient_elasticity", 1.6, 2.4), ("gradient_start", 0.8, 2.0)),
            7,
            "the gradient grows backwards by 10^{gradient_start}",
        )
        + argue(s, ("weight_size", -0.6, -0.2), 2, "weights are large at the start: 10^{weight_size} on average")
        + argue(s, ("activation_size", 0.5, 1.5), 2, "activations are as large as 10^{activation_size}")
        + argue(s, ("start", 0.5, 1.5), 1.5, "the loss starts at 10^{start} times the trivial predictor's")
        + argue(
            s,
            (("saturated_start", 0.3, 0.6), ("gradient_start", 1.0, 0.0)),
            -5,
            "units are saturated and the gradient does not grow",
        )
        + argue(s, ("input_size", 0.35, 0.7), -6, "inputs are usually as large as 10^{input_size}")
        + argue(s, ("agreement_low", 0.9, 0.98), -4, "successive gradients are the same, as if never zeroed")
        + argue(s, ("update_start", -1.2, -0.7), -3, "updates are huge: the learning rate")
        + argue(s, ("lr", 1.5, 2.5), -4, "the rate is 10^{lr} times the optimiser's usual one")
        + argue(s, ("weight_size", -0.7, -0.9), -3, "weights start at a usual size")
    )
