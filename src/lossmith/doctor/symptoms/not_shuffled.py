"""Rows come in order.

Finds: batches whose targets are alike, and a loss that repeats itself epoch after epoch.

Why it matters: each batch pulls towards its own class; the last ones seen win.

Causes:
* shuffle=False on sorted data.
* a sampler that walks through files or groups.

Remedies, in order:
1. shuffle=True.
2. shuffle the index before writing files.
3. mix groups within a batch.
"""

from collections.abc import Mapping

from lossmith.doctor.evidence import Evidence, argue

NEEDS = "targets"


def weigh(s: Mapping[str, float]) -> tuple[Evidence, ...]:
    """Return what argues for and against it."""
    return (
        argue(
            s,
            ("batch_entropy", 0.8, 0.4),
            8,
            "labels within a batch hold {batch_entropy} of the variety that chance gives",
        )
        + argue(
            s, ("batch_order", 0.55, 0.8), 5, "targets of neighbouring batches are alike (correlation {batch_order})"
        )
        + argue(s, ("batch_spread", 0.4, 0.8), 3, "batches' means vary 10^{batch_spread} times as much as chance gives")
        + argue(
            s,
            (("repeats", 0.35, 0.6), ("folded", 0.3, 0.6)),
            4,
            "the loss repeats itself every epoch (correlation {repeats})",
        )
        + argue(s, ("batch_entropy", 0.85, 0.95), -6, "batches hold all classes")
        + argue(s, ("batch_order", 0.6, 0.4), -3, "neighbouring batches are not alike")
    )
