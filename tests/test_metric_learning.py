"""What losses of embeddings do at the places where others break: no pair, no triplet, no distance, no direction."""

import math

import pytest
import torch
from torch import Generator, Tensor

from lossmith.losses import (
    batch_all_triplet_loss,
    batch_hard_triplet_loss,
    contrastive_loss,
    nt_xent_loss,
    semi_hard_triplet_loss,
    triplet_margin_loss,
)

MINED = [batch_all_triplet_loss, batch_hard_triplet_loss, semi_hard_triplet_loss]
mined = pytest.mark.parametrize("loss", MINED)


def points(n: int = 12, d: int = 3, seed: int = 0) -> Tensor:
    return torch.randn(n, d, generator=Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_equal_embeddings_give_finite_gradients(dtype: torch.dtype) -> None:
    x = torch.ones(2, 3, dtype=dtype, requires_grad=True)
    same = torch.tensor([1.0, 0.0], dtype=dtype)
    values = contrastive_loss(x, x.detach(), same, margin=2.0)
    assert values.tolist() == [0.0, 2.0]  # not alike at distance 0: 2²/2
    values.sum().backward()
    assert (x.grad == 0).all()
    x = torch.ones(2, 3, dtype=dtype, requires_grad=True)
    values = triplet_margin_loss(x, x.detach(), x.detach(), margin=0.5)
    assert values.tolist() == [0.5, 0.5]
    values.sum().backward()
    assert (x.grad == 0).all()


@mined
@pytest.mark.parametrize("labels", [[0, 0, 0], [0, 1, 2], [0], []], ids=str)
def test_a_batch_without_a_triplet_is_zero_with_a_zero_gradient(loss, labels: list[int]) -> None:
    x = points(len(labels)).requires_grad_()
    value = loss(x, torch.tensor(labels, dtype=torch.long))
    assert value == 0.0
    value.backward()
    assert (x.grad == 0).all()


@mined
def test_an_example_alone_in_its_class_is_a_negative_only(loss) -> None:
    """The anchors 0 and 1, at distance 1; the third lies 1/2 from one of them and 3/2 from the other; margin 1."""
    x = torch.tensor([[0.0], [1.0], [1.5]], dtype=torch.float64)
    wanted = ((1.0 + 1.0 - 1.5) + (1.0 + 1.0 - 0.5)) / 2.0
    assert loss(x, torch.tensor([0, 0, 1]), margin=1.0).item() == pytest.approx(wanted)


@pytest.mark.parametrize("seed", range(5))
def test_semi_hard_is_what_a_plain_search_finds(seed: int) -> None:
    x, labels = points(14, 2, seed), torch.randint(0, 4, (14,), generator=Generator().manual_seed(seed))
    rows, found = x.tolist(), []
    for a, p in [(a, p) for a in range(14) for p in range(14) if a != p and labels[a] == labels[p]]:
        near = math.dist(rows[a], rows[p])
        negatives = sorted(math.dist(rows[a], rows[n]) for n in range(14) if labels[n] != labels[a])
        further = [far for far in negatives if far > near]
        found.append(max(0.0, 0.3 + near - (further[0] if further else negatives[-1])))
    assert semi_hard_triplet_loss(x, labels, margin=0.3).item() == pytest.approx(sum(found) / len(found))


@mined
def test_order_of_the_batch_does_not_matter(loss) -> None:
    x, labels = points(), torch.arange(12) % 4
    order = torch.randperm(12, generator=Generator().manual_seed(3))
    torch.testing.assert_close(loss(x[order], labels[order], margin=1.0), loss(x, labels, margin=1.0))


@mined
def test_labels_that_are_none_are_refused(loss) -> None:
    with pytest.raises(TypeError, match=r"Try `labels.long\(\)`"):
        loss(points(4), torch.ones(4))
    with pytest.raises(ValueError, match=r"shape \(n, d\) and `labels` shape \(n,\)\. Found \(4, 3\) and \(3,\)"):
        loss(points(4), torch.ones(3).long())


@pytest.mark.parametrize("n", [1, 2, 7])
def test_views_that_all_agree_give_what_chance_gives(n: int) -> None:
    ones = torch.ones(n, 5, dtype=torch.float64)
    assert nt_xent_loss(ones, 3.0 * ones).item() == pytest.approx(math.log(2 * n - 1), abs=1e-12)


def test_length_and_order_of_views_do_not_matter() -> None:
    first, second = points(6), points(6, seed=1)
    value = nt_xent_loss(first, second)
    torch.testing.assert_close(nt_xent_loss(100.0 * first, 0.01 * second), value)
    torch.testing.assert_close(nt_xent_loss(second, first), value)
    order = torch.randperm(6, generator=Generator().manual_seed(3))
    torch.testing.assert_close(nt_xent_loss(first[order], second[order]), value)
    assert nt_xent_loss(first[order], second) != value


def test_no_views_are_zero() -> None:
    x = torch.zeros(0, 3, requires_grad=True)
    value = nt_xent_loss(x, x.detach())
    value.backward()
    assert value == 0.0


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_row_of_zeros_is_led_out_gently(dtype: torch.dtype) -> None:
    """Dividing by max(length, 1e-12) gives it a gradient of 1e12."""
    x = torch.tensor([[0.0, 0.0], [1.0, 2.0]], dtype=dtype, requires_grad=True)
    second = torch.tensor([[1.0, 0.5], [-1.0, 1.0]], dtype=dtype)
    before = nt_xent_loss(x, second)
    before.backward()
    assert 0.1 < x.grad[0].norm() < 30.0
    assert x.grad[1].isfinite().all()
    assert nt_xent_loss(x.detach() - 1e-3 * x.grad, second) < before


def test_a_small_temperature_looks_at_the_nearest_negative() -> None:
    """In the limit: the gap to the nearest other, over the temperature, where that is nearer than the partner."""
    first = torch.tensor([[1.0, 0.0], [0.8, 0.6]], dtype=torch.float64)
    second = torch.tensor([[0.0, 1.0], [0.6, 0.8]], dtype=torch.float64)
    cosine = (torch.cat([first, second]) @ torch.cat([first, second]).T).tolist()
    gaps = [max(cosine[i][k] for k in range(4) if k != i) - cosine[i][(i + 2) % 4] for i in range(4)]
    assert (1e-4 * nt_xent_loss(first, second, temperature=1e-4)).item() == pytest.approx(sum(gaps) / 4.0, abs=1e-3)
