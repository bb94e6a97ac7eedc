"""Losses of all pairs of a yes and a no: by sorting, against a table of all pairs; and the saddle that was solved."""

import pytest
import torch
from torch import Generator, Tensor

from lossmith.kernels.pairs import pair_shortfall
from lossmith.losses import auc_hinge_loss, auc_margin_loss, auc_square_loss, auc_squared_hinge_loss
from lossmith.losses.imbalance.equalization_v2_loss import equalization_v2_loss, label_pulls

POWERS = {auc_hinge_loss: (True, 1), auc_squared_hinge_loss: (True, 2), auc_square_loss: (False, 2)}


def batch(n: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    generator = Generator().manual_seed(seed)
    score = torch.randn(n, generator=generator, dtype=torch.float64)
    score[: n // 4] = score[n // 2 : n // 2 + n // 4].round()  # ties among them
    return score, torch.randint(0, 2, (n,), generator=generator).double()


def by_table(score: Tensor, target: Tensor, margin: float, hinged: bool, power: int) -> Tensor:
    """Mean over all pairs, written down pair by pair."""
    short = margin - (score[target == 1][:, None] - score[target == 0][None])
    return ((short.clamp(min=0.0) if hinged else short) ** power).mean()


@pytest.mark.parametrize("loss", POWERS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("margin", [0.3, 1.0, 5.0])
def test_value_and_gradient_are_those_of_the_table(loss, margin: float) -> None:
    for seed in range(3):
        score, target = batch(40, seed)
        score.requires_grad_()
        found, wanted = loss(score, target, margin=margin), by_table(score, target, margin, *POWERS[loss])
        torch.testing.assert_close(found, wanted)
        gradients = [torch.autograd.grad(value, score)[0] for value in (found, wanted)]
        if loss is auc_hinge_loss:  # at ties either side's slope will do
            gradients = [gradient[30:] for gradient in gradients]
        torch.testing.assert_close(*gradients)


@pytest.mark.parametrize("loss", POWERS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_one_side_alone_costs_nothing(loss, label: float) -> None:
    score = torch.tensor([3.0, -1.0, 2.0], requires_grad=True)
    value = loss(score, torch.full((3,), label))
    assert value == 0.0
    assert torch.autograd.grad(value, score)[0].tolist() == [0.0] * 3
    assert loss(torch.zeros(0), torch.zeros(0)) == 0.0


def test_a_share_counts_on_both_sides() -> None:
    """One at 3/4 is three yeses and a no, beside a yes at 2 and a no at 0."""
    score, target = torch.tensor([0.5, 2.0, 0.0]), torch.tensor([0.75, 1.0, 0.0])
    repeated = torch.tensor([0.5] * 4 + [2.0] * 4 + [0.0] * 4), torch.tensor([1.0] * 3 + [0.0] + [1.0] * 4 + [0.0] * 4)
    for loss in POWERS:
        torch.testing.assert_close(loss(score, target), loss(*repeated))


def test_no_digits_cancel_far_from_zero_in_float32() -> None:
    """Expanded squares would be sums of numbers near 10^10, of which float32 keeps 7 digits."""
    score = torch.tensor([1e5 + 1.0, 1e5, 1e5 + 0.5])
    short, squared = pair_shortfall(score, torch.tensor([1.0, 0.0, 0.0]), 1.0)
    assert short.item() == pytest.approx(0.25, rel=1e-6)
    assert squared.item() == pytest.approx(0.125, rel=1e-6)


def test_a_large_batch_needs_no_table() -> None:
    """A table of these pairs would take 80 GB."""
    score, target = batch(200_000)
    short, squared = pair_shortfall(score.requires_grad_(), target, 1.0)
    (gradient,) = torch.autograd.grad(short + squared, score)
    assert gradient.isfinite().all()
    few = torch.arange(0, 200_000, 50)
    thinned = pair_shortfall(score[few], target[few], 1.0)[1]
    assert squared.item() == pytest.approx(thinned.item(), rel=0.05)


def saddle(score: Tensor, target: Tensor, margin: float, a: Tensor, b: Tensor, alpha: Tensor) -> Tensor:
    """The objective of Yuan et al. (2021), equation 6."""
    p = target.mean()
    spread = (1 - p) * (score - a) ** 2 * target + p * (score - b) ** 2 * (1 - target)
    lead = p * (1 - p) * margin + p * score * (1 - target) - (1 - p) * score * target
    return (spread + 2 * alpha * lead).mean() - p * (1 - p) * alpha**2


@pytest.mark.parametrize("margin", [0.01, 1.0])
def test_the_margin_loss_is_the_saddle_of_its_paper(margin: float) -> None:
    score, target = batch(60, 4)
    score = score + 0.3 * target
    a, b = score[target == 1].mean(), score[target == 0].mean()
    alpha = (margin - a + b).clamp(min=0.0)
    p = target.mean()
    here = saddle(score, target, margin, a, b, alpha)
    torch.testing.assert_close(auc_margin_loss(score, target, margin=margin), here / (p * (1 - p)))
    for step in (-0.1, 0.1):  # lowest in a and b, highest in alpha from 0 up
        assert saddle(score, target, margin, a + step, b, alpha) > here
        assert saddle(score, target, margin, a, b + step, alpha) > here
        assert saddle(score, target, margin, a, b, (alpha + step).clamp(min=0.0)) <= here


def test_label_pulls_are_the_gradients_of_yeses_and_noes() -> None:
    generator = Generator().manual_seed(0)
    logits = torch.randn(30, 3, generator=generator, requires_grad=True)
    target = torch.randint(0, 2, (30, 3), generator=generator).float()
    ratio = torch.tensor([100.0, 0.8, 0.1])
    (slope,) = torch.autograd.grad(equalization_v2_loss(logits, target, gradient_ratio=ratio).sum(), logits)
    wanted = torch.stack([(slope.abs() * target).sum(0), (slope.abs() * (1 - target)).sum(0)])
    torch.testing.assert_close(label_pulls(logits.detach(), target, gradient_ratio=ratio), wanted)
