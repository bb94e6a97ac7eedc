"""Gradient flows into the target.

What it finds: a gradient in an argument that is said to be detached: a bootstrap target, a teacher.
Why it matters: the loss can fall by moving the target instead of the prediction.
Fix: detach the target: `target.detach()`, or compute it under `torch.no_grad()`.
"""

from lossmith.checker.case import Case
from lossmith.checker.found import Found


def find(case: Case) -> Found | None:
    """Ask for the gradient in targets."""
    if not case.promised("target_detached"):
        return None
    for place in case.signature.places("target", "aux"):
        argument = case.arguments[place]
        if argument.integer or argument.holds in ("mask01", "lengths"):
            continue
        _, gradient = case.gradient(case.ordinary[0], place)
        if gradient is not None and float(gradient.abs().max()) > 1e-9:
            size = float(gradient.abs().max())
            if argument.role == "target":
                return Found(
                    f"`{argument.name}` gets a gradient of up to {size:.3g}.",
                    case.ordinary[0],
                    f"up to {size:.3g}",
                    wrt=place,
                )
    return None
