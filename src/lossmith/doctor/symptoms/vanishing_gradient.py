"""The gradient vanishes on its way down.

Finds: a first layer whose gradient is thousands of times smaller than the last one's, from the start.

Why it matters: lower layers hardly learn; the loss stays near the trivial predictor's for long.

Causes:
* many layers of sigmoid or tanh.
* small initial weights.
* no residual connections, no normalisation.

Remedies, in order:
1. ReLU or GELU with He initialisation.
2. residual connections.
3. normalisation layers.
4. gates (LSTM, GRU) in recurrent networks.
"""

from collections.abc import Mapping

from lossmith.doctor.evidence import Evidence, argue


def weigh(s: Mapping[str, float]) -> tuple[Evidence, ...]:
    """Return what argues for and against it."""
    return (
        argue(
            s,
            (("gradient_start", -1.9, -2.6), ("gradient_start", -20.0, -19.0)),
            5,
            "at the start the first layer's gradient is 10^{gradient_start} of the last one's",
        )
        + argue(s, ("gradient_start", -2.5, -4.5), 3, "which is a factor of a thousand or more")
        + argue(
            s, (("rows_differ", -0.5, -2.0), ("saturating_kind", 0.0, 1.0)), 1, "outputs hardly differ between rows"
        )
        + argue(
            s, ("dead_start", 0.6, 0.9), -8, "{dead_start} of a layer's units are dead, which stops the gradient too"
        )
        + argue(s, ("saturated_start", 0.3, 0.6), -4, "{saturated_start} of a layer's units are saturated")
        + argue(s, ("input_size", 0.35, 0.7), -5, "inputs are usually as large as 10^{input_size}")
        + argue(s, ("not_log", 0.0, 1.0), -4, "the loss is not given what it takes")
        + argue(s, ("still_layers", 0.0, 0.3), -4, "layers stand still although they get a gradient")
    )
