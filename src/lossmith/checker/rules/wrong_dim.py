"""Softmax, norm or sum run over the wrong axis.

What it finds: examples that compete with each other instead of classes: the gradients of one class sum to zero over the
batch, those of one example over the classes do not.
Why it matters: an example's score changes another example's loss, and nothing is a distribution over classes.
Fix: give the axis by name: `dim=1` for (n, c), `dim=-1` for (n, t, c).
"""

from lossmith.checker.case import Case
from lossmith.checker.found import Found


def find(case: Case) -> Found | None:
    """Sum the gradient over each axis."""
    for place in case.predictions:
        axis, batch = case.class_axis(place), case.batch_axes[place]
        if axis is None or batch is None or case.arguments[place].holds not in ("logits", "real"):
            continue
        _, gradient = case.gradient(case.ordinary[0], place)
        if gradient is None or not float(gradient.abs().max()) > 0.0:
            continue
        size = float(gradient.abs().max())
        others = [a for a in range(gradient.ndim) if a != axis and gradient.shape[a] > 1]
        still = [a for a in others if float(gradient.sum(a).abs().max()) < 1e-9 * size + 1e-15]
        if still and float(gradient.sum(axis).abs().max()) > 1e-6 * size:
            name = case.arguments[place].name
            told = f"Scores compete along axis {still[0]} of `{name}`, not along the classes (axis {axis})."
            return Found(told, case.ordinary[0], told)
    return None
