"""How sure a row of class scores is, and whether it is right."""

from torch import Tensor


def confidence_and_success(logits: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Return the likeliest class's probability, and 1 where that class is true.

    Args:
        logits: one row per example, one column per class.
        target: index of the true class.

    Returns:
        Two tensors (n,): the first has a gradient, the second is 0 or 1.
    """
    largest, place = logits.log_softmax(-1).max(-1)
    return largest.exp(), (place == target).to(logits.dtype)
