"""The network cannot fit.

Finds: training and validation alike and far from good, with strong regularisation or too few weights.

Why it matters: what can be learned is not, and more epochs will not help.

Causes:
* too small a network.
* strong weight decay or dropout.
* inputs that say too little.
* too few epochs.

Remedies, in order:
1. a larger network.
2. less weight decay and dropout.
3. train longer.
4. overfit one batch: if that fails it is a fault, not the size.
"""

from collections.abc import Mapping

from lossmith.doctor.evidence import Evidence, argue

NEEDS = "targets"


def weigh(s: Mapping[str, float]) -> tuple[Evidence, ...]:
    """Return what argues for and against it."""
    return (
        argue(s, (("dropout", 0.55, 0.8), ("train_skill", 0.85, 0.6)), 7, "dropout takes away {dropout} of the units")
        + argue(s, (("decay", 0.003, 0.05), ("skill", 0.75, 0.5)), 5, "weight decay is {decay}")
        + argue(s, ("weights_shrank", -0.5, -2.0), 3, "weights of a layer shrank by 10^{weights_shrank}")
        + argue(s, (("capacity", -0.3, -0.8), ("skill", 0.85, 0.7)), 7, "there are 10^{capacity} parameters a row")
        + argue(s, ("gap", 0.1, 0.3), -1, "validation is worse than training ({gap})")
        + argue(s, ("not_optimised", 0.0, 0.5), -6, "the optimiser does not hold {not_optimised} of the parameters")
        + argue(s, ("agreement_low", 0.9, 0.97), -3, "successive gradients are the same")
    )
