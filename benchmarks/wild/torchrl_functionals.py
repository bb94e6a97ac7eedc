"""Functionals of torchrl: distances, value targets."""

from functools import partial

from benchmarks.wild.entry import DISTANCE, NUMBERS, Wild

LIBRARY = "torchrl"


def losses() -> list[Wild]:
    """List them."""
    from torchrl.objectives.utils import distance_loss

    return [
        Wild(f"distance_loss({name})", partial(partial, distance_loss, loss_function=name), NUMBERS,
             {**DISTANCE, "convex": True})
        for name in ("l1", "l2", "smooth_l1")
    ]  # fmt: skip
