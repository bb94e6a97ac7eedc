"""Inputs are not normalised.

Finds: inputs far from zero mean and unit spread, or features on very different scales.

Why it matters: the loss is steep along some directions and flat along others; no learning rate fits both.

Causes:
* raw pixels.
* mixed units.
* a constant offset, such as a year or an absolute time.

Remedies, in order:
1. standardise each feature on the training rows.
2. a batch or layer normalisation first.
3. take logarithms of amounts.
"""

from collections.abc import Mapping

from lossmith.doctor.evidence import Evidence, argue


def weigh(s: Mapping[str, float]) -> tuple[Evidence, ...]:
    """Return what argues for and against it."""
    return (
        argue(s, ("input_size", 0.35, 0.7), 5, "inputs are usually as large as 10^{input_size}")
        + argue(s, ("input_offset", 0.6, 1.2), 4, "a feature lies 10^{input_offset} of its spread from zero")
        + argue(
            s, (("input_mixed", 0.8, 1.5), ("input_size", 0.0, 0.3)), 4, "features' spreads differ by 10^{input_mixed}"
        )
        + argue(s, ("input_spread", 1.0, 1.5), 3, "inputs' spread is 10^{input_spread} away from 1")
        + argue(s, ("update_start", -1.2, -0.8), -3, "updates are huge: the learning rate")
        + argue(s, ("input_size", 0.3, 0.15), -4, "inputs are of usual size")
    )
