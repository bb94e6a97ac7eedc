"""The learning rate is too high.

Finds: updates that move the weights by a tenth or more a step, and a loss that jumps or does not settle.

Why it matters: steps jump across the valley: the loss rises, swings, or the units die.

Causes:
* a rate of another optimiser or batch size.
* no warm-up.
* rows on very different scales.

Remedies, in order:
1. divide the rate by 3 to 10.
2. warm up.
3. let it decay.
4. clip the gradient norm.
5. a learning-rate range test.
"""

from collections.abc import Mapping

from lossmith.doctor.evidence import Evidence, argue


def weigh(s: Mapping[str, float]) -> tuple[Evidence, ...]:
    """Return what argues for and against it."""
    return (
        argue(
            s,
            ("update_start", -1.25, -0.75),
            6,
            "at the start a step moves a layer by 10^{update_start} of its weights",
        )
        + argue(s, ("lr", 0.9, 1.5), 1.5, "the rate is 10^{lr} times the optimiser's usual one")
        + argue(s, ("weights_grew", 0.6, 1.2), 1, "weights grew by 10^{weights_grew}")
        + argue(s, (("spike", 0.6, 1.5), ("skill", 0.6, 0.3)), 1, "the loss jumped to 10^{spike} times its median")
        + argue(
            s,
            (("drop", -0.6, -2.0), ("rise_log", 0.2, 0.4), ("objective", 0.0, 1.0)),
            2.5,
            "the training loss climbs instead of falling: it ends at 10^{end_log} times that of guessing",
        )
        + argue(s, ("dropout", 0.6, 0.85), -4, "dropout is strong")
        + argue(s, ("decay", 0.005, 0.05), -2, "weight decay is strong")
        + argue(s, ("small_batch", 0.5, 1.0), -3, "the batch is small, which is noise of its own")
        + argue(s, ("agreement_low", 0.9, 0.97), -3, "successive gradients are the same")
        + argue(s, (("repeats", 0.35, 0.6), ("folded", 0.3, 0.6)), -3, "the loss repeats itself every epoch")
        + argue(s, ("update_start", -1.35, -1.8), -4, "a step moves weights by no more than 10^{update_start}")
    )
