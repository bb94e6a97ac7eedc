"""Numbers stopped being finite.

Finds: loss, activations or parameters that are NaN or infinite.

Why it matters: from that step on nothing is learned: every update makes every weight NaN.

Causes:
* NaN in the data.
* log, square root or division at 0 in the loss.
* a learning rate that overflows.
* half precision.

Remedies, in order:
1. look for NaN in inputs and targets.
2. use forms on logits (BCEWithLogitsLoss, log_softmax); put eps inside the square root.
3. torch.autograd.set_detect_anomaly(True) names the operation.
4. lower the learning rate, clip the gradient norm.
5. GradScaler or bfloat16.
"""

from collections.abc import Mapping

from lossmith.doctor.evidence import Evidence, argue


def weigh(s: Mapping[str, float]) -> tuple[Evidence, ...]:
    """Return what argues for and against it."""
    return (
        argue(s, ("nonfinite", 0.0, 0.01), 14, "{nonfinite} of the logged losses are not finite")
        + argue(s, ("nonfinite_live", 0.0, 0.01), 14, "{nonfinite_live} of the recorded steps hold NaN or infinity")
        + argue(s, ("nan_inputs", 0.0, 1e-6), 3, "{nan_inputs} of the inputs are NaN")
    )
