"""Limits, shortcuts and memory of classification losses, against what they shorten."""

import pytest
import torch
from torch import Generator, Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from lossmith import registry
from lossmith.kernels.sparse_probabilities import entmax15, sparsemax

GENERATOR = Generator().manual_seed(0)
SCORES = 3.0 * torch.randn(200, 5, generator=GENERATOR, dtype=torch.float64)
LABELS = torch.randint(0, 5, (200,), generator=GENERATOR)


class Largest(TorchDispatchMode):
    """The size of the largest tensor that is made."""

    size = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        made = func(*args, **(kwargs or {}))
        self.size = max([self.size, *(x.numel() for x in tree_leaves(made) if isinstance(x, Tensor))])
        return made


def head(n: int, c: int, d: int) -> tuple[Tensor, Tensor, Tensor]:
    generator = Generator().manual_seed(1)
    features = torch.randn(n, d, generator=generator, dtype=torch.float64).requires_grad_()
    weight = torch.randn(c, d, generator=generator, dtype=torch.float64)
    return features, weight, torch.randint(0, c, (n,), generator=generator)


@pytest.mark.parametrize("rows", [1, 3, 7, 1000])
def test_the_layer_in_pieces_has_the_gradients_of_the_whole(rows: int) -> None:
    features, weight, target = head(20, 11, 4)
    loss = registry.load("linear_cross_entropy_loss", weight=weight, rows=rows)
    mask = torch.arange(20) % 3 > 0
    value = loss(features, target, mask=mask)
    found = torch.autograd.grad(value, [features, loss.weight])
    whole = torch.nn.functional.cross_entropy((features @ loss.weight.T)[mask], target[mask])
    torch.testing.assert_close(value, whole)
    torch.testing.assert_close(found, torch.autograd.grad(whole, [features, loss.weight]))


def test_the_table_of_all_logits_never_exists() -> None:
    features, weight, target = head(64, 500, 8)
    loss = registry.load("linear_cross_entropy_loss", weight=weight, rows=4)
    with Largest() as largest:
        loss(features, target).backward()
    assert largest.size == 500 * 8  # the layer itself; the table would have 64·500


def test_a_layer_that_does_not_fit_is_refused_in_words() -> None:
    features, weight, target = head(4, 3, 2)
    with pytest.raises(ValueError, match=r"`weight` shape \(c, d\).* Found \(4, 2\) and \(3, 5\)"):
        registry.load("linear_cross_entropy_loss", weight=torch.zeros(3, 5))(features, target)
    with pytest.raises(TypeError, match=r"Try `target.long\(\)`"):
        registry.load("linear_cross_entropy_loss", weight=weight)(features, target.double())


def test_jensen_shannon_lies_between_cross_entropy_and_absolute_error() -> None:
    true = SCORES.softmax(-1).gather(1, LABELS[:, None]).squeeze(1)
    near = [registry.load("jensen_shannon_loss", pi=pi, reduction="none")(SCORES, LABELS) for pi in (1e-7, 1.0 - 1e-15)]
    torch.testing.assert_close(near[0], -true.log(), rtol=5e-3, atol=1e-6)
    torch.testing.assert_close(near[1], 1.0 - true, rtol=0.0, atol=0.05)


def test_poly1_without_its_term_is_cross_entropy() -> None:
    plain = torch.nn.functional.cross_entropy(SCORES, LABELS)
    torch.testing.assert_close(registry.load("poly1_loss", epsilon=0.0)(SCORES, LABELS), plain)


def test_one_label_of_zlpr_is_binary_cross_entropy() -> None:
    x, y = SCORES[:, :1], (LABELS > 2).double()[:, None]
    plain = torch.nn.functional.binary_cross_entropy_with_logits(x, y)
    torch.testing.assert_close(registry.load("zlpr_loss")(x, y), plain)


def test_noise_contrast_learns_a_distribution_without_a_normaliser() -> None:
    """Of the expected loss, the best scores are the log-probabilities, whatever the noise."""
    p, q = torch.tensor([0.6, 0.3, 0.1]).double(), torch.tensor([0.2, 0.3, 0.5]).double()
    scores = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([scores], max_iter=100, line_search_fn="strong_wolfe")

    def expected() -> Tensor:
        optimiser.zero_grad()
        pairs = [(i, j) for i in range(3) for j in range(3)]
        i, j = torch.tensor(pairs).T
        loss = registry.load("nce_loss", reduction="sum")
        value = loss(scores[i], scores[j, None], q[i].log(), q[j, None].log(), sample_weight=p[i] * q[j])
        value.backward()
        return value

    optimiser.step(expected)
    torch.testing.assert_close(scores.detach(), p.log(), rtol=1e-4, atol=1e-4)


def test_a_softmax_of_all_drawn_evenly_is_cross_entropy() -> None:
    others = torch.stack([torch.cat([row[:k], row[k + 1 :]]) for row, k in zip(SCORES, LABELS, strict=True)])
    true = SCORES.gather(1, LABELS[:, None]).squeeze(1)
    even = torch.zeros_like(true), torch.zeros_like(others)
    found = registry.load("sampled_softmax_loss")(true, others, *even)
    torch.testing.assert_close(found, torch.nn.functional.cross_entropy(SCORES, LABELS))
    with pytest.raises(ValueError, match=r"`positive` should have shape \(n,\)"):
        registry.load("negative_sampling_loss")(others, true)


@pytest.mark.parametrize("sparse", [sparsemax, entmax15])
def test_sparse_probabilities_are_probabilities(sparse) -> None:
    for scores in (SCORES, SCORES.float(), 1e4 * SCORES, torch.zeros(2, 7), torch.tensor([[1e4, -1e4, 1e4]])):
        p = sparse(scores)
        assert (p >= 0).all()
        torch.testing.assert_close(p.sum(-1), torch.ones_like(p[:, 0]))
    assert (sparse(SCORES) == 0).any()


def test_sparsemax_is_the_nearest_point_of_the_simplex() -> None:
    """No other row of probabilities is nearer: Martins and Astudillo's definition."""
    p, z = sparsemax(SCORES), SCORES
    for other in (z.softmax(-1), entmax15(z), torch.eye(5).double()[LABELS]):
        assert ((p - z).square().sum(-1) <= (other - z).square().sum(-1) + 1e-12).all()
