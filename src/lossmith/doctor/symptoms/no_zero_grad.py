"""Gradients are not zeroed.

Finds: successive gradients that point the same way, with a norm that grows.

Why it matters: every step adds all gradients before it: the loss falls at first, then swings with growing amplitude.

Causes:
* optimizer.zero_grad() is missing, or called in the wrong place.

Remedies, in order:
1. call optimizer.zero_grad() once before each backward.
2. when accumulating on purpose, zero after each step of the optimiser.
"""

from collections.abc import Mapping

from lossmith.doctor.evidence import Evidence, argue


def weigh(s: Mapping[str, float]) -> tuple[Evidence, ...]:
    """Return what argues for and against it."""
    return (
        argue(
            s,
            (("agreement_low", 0.9, 0.97), ("agreement", 0.9, 0.98)),
            7,
            "successive gradients agree, even the least of them ({agreement_low})",
        )
        + argue(s, ("gradient_grew", 0.8, 1.5), 2, "the gradient's norm grew by 10^{gradient_grew}")
        + argue(s, ("gradient_trend", 0.8, 0.95), 1.5, "and does so step after step")
        + argue(s, ("agreement_low", 0.9, 0.6), -6, "successive gradients differ")
        + argue(s, ("gradient_grew", 0.9, 0.4), -6, "the gradient's norm hardly grows")
        + argue(s, ("negative", 0.2, 0.5), -4, "the loss is negative and unbounded")
        + argue(
            s,
            (("turned_back", 0.3, 0.8), ("turned_share", 0.5, 1.5), ("lr", 1.0, 0.6), ("small_batch", 0.5, 0.2)),
            2,
            "the loss swings in waves, 10^{turned_back} times as far as noise would",
        )
    )
