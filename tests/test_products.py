"""Both libraries give the same product, and the choice between them is by shape and processor."""

import pytest
import torch

from lossmith.kernels import products

ONEDNN = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")


def tensors(n, k, m, dtype=torch.float32):
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(*shape, generator=generator, dtype=dtype) for shape in [(2, n, k), (2, k, m), (2, 1, m)])


@pytest.mark.skipif(not ONEDNN, reason="torch was built without oneDNN")
@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize("transposed", [(False, False), (True, False), (False, True)])
def test_large_products_are_right_by_onednn(monkeypatch, transposed, biased):
    monkeypatch.setattr(products, "_held_back", lambda: True)
    a, b, bias = tensors(256, 128, 128)
    a, b = (
        values.transpose(1, 2).contiguous().transpose(1, 2) if turned else values
        for values, turned in zip((a, b), transposed, strict=True)
    )
    assert products.worthwhile(a, b)
    found = products.product(a, b, torch.empty(2, 256, 128), bias if biased else None)
    wanted = a.double() @ b.double() + (bias.double() if biased else 0.0)
    torch.testing.assert_close(found.double(), wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("shape", [(4, 3, 2), (256, 128, 128)])
def test_products_are_right_by_mkl(monkeypatch, shape):
    monkeypatch.setattr(products, "_held_back", lambda: False)
    a, b, bias = tensors(*shape)
    found = products.product(a, b, torch.empty(2, shape[0], shape[2]), bias)
    torch.testing.assert_close(found, a @ b + bias, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [((32, 128, 128), torch.float32), ((4096, 20, 128), torch.float32), ((256, 128, 128), torch.float64)],
)
def test_small_narrow_and_exact_products_stay_with_mkl(monkeypatch, shape, dtype):
    monkeypatch.setattr(products, "_held_back", lambda: True)
    a, b, _ = tensors(*shape, dtype=dtype)
    assert not products.worthwhile(a, b)
