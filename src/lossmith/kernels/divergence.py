"""Divergences of rows of logits from rows of logits."""

from torch import Tensor


def softened_divergence(wanted: Tensor, found: Tensor) -> Tensor:
    """Return KL(softmax(wanted) || softmax(found)) of each row, in nats.

    Both are logarithms to the end: a probability that vanishes adds 0 and gets a finite gradient.
    """
    log_wanted = wanted.log_softmax(-1)
    return (log_wanted.exp() * (log_wanted - found.log_softmax(-1))).sum(-1)
