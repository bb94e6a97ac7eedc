"""What normal distributions say of one another, in closed form."""

import torch
from torch import Tensor


def divergence_from_standard(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Kullback-Leibler divergence of N(mean, variance) from N(0, 1), in nats.

    One value per dimension. e^s - 1 - s keeps its digits near 0 only if e^s - 1 is taken at once.
    """
    return 0.5 * (mean.square() + torch.expm1(log_variance) - log_variance)
