"""The losses of coral-pytorch: ordered classes."""

from functools import partial

from benchmarks.wild.entry import REDUCED, Wild, takes

LIBRARY = "coral-pytorch"


def losses() -> list[Wild]:
    """List them."""
    from coral_pytorch import losses as c

    levels = takes(logits="P logits N C", levels="T binary01 N C")
    ranks = takes(logits="P logits N 3", y_train="A class_index N")
    return [
        Wild(
            "CoralLoss",
            c.CoralLoss,
            levels,
            {**REDUCED, "lower_bound": 0.0, "minimum_at_perfect": True, "convex": True},
        ),
        Wild("coral_loss", lambda: c.coral_loss, levels, {**REDUCED, "lower_bound": 0.0, "minimum_at_perfect": True}),
        Wild("CornLoss", partial(c.CornLoss, num_classes=4), ranks, {"lower_bound": 0.0}),
    ]
