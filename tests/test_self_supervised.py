"""What keeps embeddings from one point, and what is held fixed."""

import pytest
import torch
from torch import Generator, Tensor

from lossmith import registry
from lossmith.losses import barlow_twins_loss, byol_loss, dino_loss, vicreg_loss

VIEWS = [barlow_twins_loss, vicreg_loss]


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("loss", VIEWS)
def test_views_may_be_swapped_and_examples_shuffled(loss) -> None:
    first, second = normal(8, 3), normal(8, 3, seed=1)
    order = torch.randperm(8, generator=Generator().manual_seed(2))
    value = loss(first, second)
    torch.testing.assert_close(loss(second, first), value)
    torch.testing.assert_close(loss(first[order], second[order]), value)


@pytest.mark.parametrize("loss", VIEWS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("n", [1, 4])
def test_all_embeddings_at_one_point_cost_and_get_finite_gradients(loss, n: int, dtype: torch.dtype) -> None:
    first = torch.ones(n, 3, dtype=dtype, requires_grad=True)
    value = loss(first, torch.ones(n, 3, dtype=dtype))
    value.backward()
    assert value > 1.0
    assert first.grad.isfinite().all()


def test_barlow_twins_does_not_see_scale_or_shift_of_a_feature() -> None:
    first, second = normal(8, 3), normal(8, 3, seed=1)
    moved = first * torch.tensor([2.0, 0.1, 50.0]) + torch.tensor([5.0, -3.0, 0.0])
    torch.testing.assert_close(barlow_twins_loss(moved, second), barlow_twins_loss(first, second))


def test_uncorrelated_features_that_agree_cost_barlow_twins_nothing() -> None:
    whole = torch.linalg.qr(normal(8, 3) - normal(8, 3).mean(0)).Q
    assert barlow_twins_loss(whole, whole, redundancy=1.0) < 1e-25


def test_one_feature_twice_costs_both_of_them() -> None:
    one = normal(8, 1)
    twice = torch.cat([one, one], dim=-1)
    assert barlow_twins_loss(twice, twice, redundancy=0.5).item() == pytest.approx(1.0)
    spread = 2.0 * twice / one.std()
    assert vicreg_loss(spread, spread, covariance=1.0).item() == pytest.approx(2.0 * 2.0 * 16.0 / 2.0)


def test_no_gradient_reaches_what_is_held_fixed() -> None:
    for loss, more in ((byol_loss, {}), (dino_loss, {"center": torch.zeros(3).double()})):
        moving, fixed = normal(4, 3).requires_grad_(), normal(4, 3, seed=1).requires_grad_()
        loss(moving, fixed, **more).sum().backward()
        assert (moving.grad != 0).any()
        assert fixed.grad is None


def test_descending_byol_turns_the_prediction_to_the_projection() -> None:
    p, z = normal(5, 3).requires_grad_(), normal(5, 3, seed=1)
    optimiser = torch.optim.Adam([p], lr=0.1)
    for _ in range(300):
        optimiser.zero_grad()
        byol_loss(p, z).sum().backward()
        optimiser.step()
    assert byol_loss(p, z).max() < 1e-6


def test_dino_is_cross_entropy_with_a_sharp_and_centred_teacher() -> None:
    student, teacher, centre = normal(4, 3), normal(4, 3, seed=1), normal(3, seed=2)
    wanted = torch.nn.functional.cross_entropy(student / 0.2, ((teacher - centre) / 0.05).softmax(-1), reduction="none")
    found = dino_loss(student, teacher, center=centre, student_temperature=0.2, teacher_temperature=0.05)
    torch.testing.assert_close(found, wanted)


def test_dinos_centre_is_a_buffer_that_the_caller_moves() -> None:
    loss = registry.load("dino_loss", center=torch.zeros(3))
    assert [name for name, _ in loss.named_buffers()] == ["center"]
    student, teacher = normal(4, 3).float(), normal(4, 3, seed=1).float()
    before = loss(student, teacher)
    loss.center.lerp_(teacher.mean(0), 0.5)
    assert loss(student, teacher) != before
    with pytest.raises(ValueError, match="one entry per class"):
        dino_loss(student, teacher, center=torch.zeros(4))
