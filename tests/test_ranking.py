"""Lists: order, padding, equal grades, and what libraries get wrong at large scores."""

import itertools
import math

import pytest
import torch
from sklearn.metrics import ndcg_score
from torch import Generator, Tensor

from lossmith.losses import approx_ndcg_loss, lambdarank_loss, listmle_loss, listnet_loss, ranknet_loss

LISTS = [approx_ndcg_loss, lambdarank_loss, listmle_loss, listnet_loss, ranknet_loss]
lists = pytest.mark.parametrize("loss", LISTS)


def scores(n: int, t: int, seed: int = 0) -> Tensor:
    return torch.randn(n, t, generator=Generator().manual_seed(seed), dtype=torch.float64)


def grades(n: int, t: int, seed: int = 0) -> Tensor:
    return torch.stack([torch.randperm(t, generator=Generator().manual_seed(seed + i)) for i in range(n)])


@lists
def test_padding_does_not_matter(loss) -> None:
    s, y = scores(3, 5), grades(3, 5)
    more = torch.cat([1e4 * torch.ones(3, 2).double(), s], dim=-1).requires_grad_()
    padded = loss(more, torch.cat([torch.full((3, 2), -1), y], dim=-1))
    torch.testing.assert_close(padded, loss(s, y))
    padded.sum().backward()
    assert (more.grad[:, :2] == 0).all()
    assert (more.grad[:, 2:] != 0).any()


@lists
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_list_of_padding_is_zero_with_a_zero_gradient(loss, dtype: torch.dtype) -> None:
    s = scores(2, 4).to(dtype).requires_grad_()
    values = loss(s, torch.tensor([[-1] * 4, [0, 1, 2, 3]]))
    values.sum().backward()
    assert values[0] == 0.0
    assert (s.grad[0] == 0).all()
    assert s.grad.isfinite().all()


@lists
def test_only_differences_of_scores_count_and_the_items_may_come_in_any_order(loss) -> None:
    s, y = scores(3, 5), grades(3, 5)
    order = torch.randperm(5, generator=Generator().manual_seed(1))
    torch.testing.assert_close(loss(s + 100.0, y), loss(s, y))
    torch.testing.assert_close(loss(s[:, order], y[:, order]), loss(s, y))


@lists
def test_descending_puts_a_list_in_order(loss) -> None:
    s, y = 0.1 * scores(4, 5), grades(4, 5)
    s.requires_grad_()
    optimiser = torch.optim.Adam([s], lr=0.05)
    for _ in range(300):
        optimiser.zero_grad()
        loss(s, y, alpha=2.0).sum().backward() if loss is approx_ndcg_loss else loss(s, y).sum().backward()
        optimiser.step()
    assert (s.argsort(-1) == y.argsort(-1)).all()


@lists
def test_one_row_alone_is_refused(loss) -> None:
    with pytest.raises(ValueError, match=r"unsqueeze\(0\)"):
        loss(scores(1, 5)[0], grades(1, 5)[0])


def test_listmle_is_the_likelihood_of_the_order_among_all_orders() -> None:
    """Over all orders of four items they add up to 1; equal grades keep the order given."""
    s = scores(1, 4)
    orders = torch.tensor([[*p] for p in itertools.permutations(range(4))])
    assert torch.exp(-listmle_loss(s.expand(24, 4), orders)).sum().item() == pytest.approx(1.0)
    torch.testing.assert_close(listmle_loss(s, torch.zeros(1, 4).long()), listmle_loss(s, torch.tensor([[3, 2, 1, 0]])))


def test_listmle_does_not_overflow() -> None:
    s = torch.tensor([[500.0, -500.0, 499.0]], requires_grad=True)
    value = listmle_loss(s, torch.tensor([[2, 0, 1]]))
    value.sum().backward()
    assert value.item() == pytest.approx(math.log1p(math.exp(-1.0)), rel=1e-4)
    assert s.grad.isfinite().all()


def test_listmle_needs_no_pairs() -> None:
    """10⁵ items: pairs would be 10¹⁰."""
    s = torch.zeros(1, 100_000, dtype=torch.float64)
    value = listmle_loss(s, torch.arange(100_000)[None])
    assert value.item() == pytest.approx(math.lgamma(100_001))


@pytest.mark.parametrize("seed", range(3))
def test_sharp_ranks_give_the_ndcg_itself(seed: int) -> None:
    """Scikit-learn's gains are the grades as given: it gets 2^grade - 1."""
    s, y = scores(4, 6, seed), grades(4, 6, seed) % 4
    wanted = [1.0 - ndcg_score([(2.0**a - 1.0).tolist()], [b.tolist()]) for a, b in zip(y, s, strict=True)]
    assert approx_ndcg_loss(s, y, alpha=1e4).tolist() == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_lambdaranks_weights_are_what_swapping_changes_in_the_ndcg(seed: int) -> None:
    s, y = scores(1, 5, seed), grades(1, 5, seed)
    gain = (2.0 ** y[0].double() - 1.0).tolist()
    wanted, before = 0.0, ndcg_score([gain], s.tolist())
    for i, j in itertools.permutations(range(5), 2):
        if y[0, i] > y[0, j]:
            swapped = s[0].clone()
            swapped[i], swapped[j] = s[0, j], s[0, i]
            after = ndcg_score([gain], [swapped.tolist()])
            wanted += abs(after - before) * math.log1p(math.exp(-2.0 * (s[0, i] - s[0, j])))
    assert lambdarank_loss(s, y, sigma=2.0).item() == pytest.approx(wanted)


def test_equal_grades_pull_nothing_in_ranknet() -> None:
    s = scores(1, 4).requires_grad_()
    value = ranknet_loss(s, torch.ones(1, 4).long())
    value.sum().backward()
    assert value == 0.0
    assert (s.grad == 0).all()


def test_grades_may_be_fractions() -> None:
    s = scores(2, 4)
    for loss in LISTS:
        torch.testing.assert_close(loss(s, grades(2, 4).double()), loss(s, grades(2, 4)))
