"""The losses of entmax: sparse relatives of cross-entropy."""

from functools import partial
from typing import Any

from benchmarks.wild.entry import CLASSES, DISTANCE, Wild

LIBRARY = "entmax"


def losses() -> list[Wild]:
    """List them."""
    import entmax

    names = ("SparsemaxLoss", "Entmax15Loss", "EntmaxBisectLoss", "SparsemaxBisectLoss", "NormmaxBisectLoss")
    claims = {**DISTANCE, "reduction": "mean", "convex": True, "shift_invariant": True}
    settings: dict[str, Any] = {"reduction": "elementwise_mean"}
    return [Wild(name, partial(getattr(entmax, name), **settings), CLASSES, claims) for name in names]
