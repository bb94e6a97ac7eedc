"""Batched matrix products, on whichever of torch's two libraries is faster here.

torch hands float32 products to Intel's MKL, which on AMD's processors keeps to AVX2 and half the speed. oneDNN, also
inside torch, uses AVX-512 there: large products take two thirds of the time, small ones more. The choice hangs on
processor and shapes alone, never on a stopwatch, so that a run can be repeated to the last digit.
"""

from functools import cache
from pathlib import Path

import torch
from torch import Tensor

LARGE = 4_000_000
"""Multiplications in each product from which on oneDNN is worth a call of its own."""
NARROWEST = 128


def product(a: Tensor, b: Tensor, out: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return in `out` the product of a (t, n, k) and b (t, k, m), plus a bias.

    The bias is (t, 1, m).

    Example:
        >>> product(torch.ones(2, 3, 4), torch.ones(2, 4, 5), torch.empty(2, 3, 5))[0, 0]
        tensor([4., 4., 4., 4., 4.])
    """
    if not worthwhile(a, b):
        return torch.bmm(a, b, out=out) if bias is None else torch.baddbmm(bias, a, b, out=out)
    linear = torch.ops.mkldnn._linear_pointwise
    biases = [None] * len(a) if bias is None else bias.squeeze(1)
    for place, left, right, added in zip(out, a, b.transpose(1, 2), biases, strict=True):
        place.copy_(linear(left, right, added, "none", [], ""))
    return out


def worthwhile(a: Tensor, b: Tensor) -> bool:
    """Whether oneDNN is the faster for such a product on this machine."""
    (n, k), m = a.shape[1:], b.shape[2]
    return min(k, m) >= NARROWEST and n * k * m >= LARGE and a.dtype == torch.float32 and _held_back()


@cache
def _held_back() -> bool:
    """Whether MKL keeps below what the processor can do, and oneDNN is at hand."""
    try:
        amd = "AuthenticAMD" in Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    built_in: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    at_hand = built_in and hasattr(torch.ops.mkldnn, "_linear_pointwise")
    return amd and at_hand and torch.backends.cpu.get_cpu_capability() == "AVX512"
