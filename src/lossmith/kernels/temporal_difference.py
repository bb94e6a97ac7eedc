"""What a step of experience says the value before it should have been."""

from torch import Tensor


def bootstrapped(reward: Tensor, next_value: Tensor, terminated: Tensor, discount: float) -> Tensor:
    """Return the reward and what follows, held fixed; nothing follows an end.

    No gradient reaches it: with one it is another method, the residual gradient.
    """
    goes_on = 1.0 - terminated.to(next_value.dtype)
    return (reward + discount * goes_on * next_value).detach()
