"""More digits where half precision has too few."""

import torch
from torch import Tensor


def wide(x: Tensor) -> Tensor:
    """Return `x` in single precision or double.

    Long sums, differences of squares and inverses lose their digits in half precision. Whoever widens gives the result
    back in the precision of what came.

    Example:
        >>> wide(torch.ones(1, dtype=torch.bfloat16)).dtype
        torch.float32
    """
    return x if x.dtype == torch.float64 else x.float()
