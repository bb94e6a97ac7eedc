"""What a student is compared with, and where plain distillation is the sum of its parts."""

import pytest
import torch
from torch import Generator, Tensor

from lossmith import registry
from lossmith.losses import (
    attention_transfer_loss,
    decoupled_distillation_loss,
    fitnets_loss,
    knowledge_distillation_loss,
    relational_angle_loss,
    relational_distance_loss,
)

RELATIONS = [relational_angle_loss, relational_distance_loss]


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("temperature", [1.0, 5.0])
def test_the_teachers_part_is_torchs_divergence(temperature: float) -> None:
    student, teacher, labels = 3.0 * normal(6, 4), 3.0 * normal(6, 4, seed=1), torch.arange(6) % 4
    log = (torch.log_softmax(x / temperature, dim=-1) for x in (student, teacher))
    wanted = temperature**2 * torch.nn.functional.kl_div(*log, log_target=True, reduction="none").sum(-1)
    ours = knowledge_distillation_loss(student, teacher, labels, temperature=temperature, alpha=1.0)
    torch.testing.assert_close(ours, wanted)


def test_without_a_teacher_it_is_cross_entropy() -> None:
    student, labels = normal(6, 4), torch.arange(6) % 4
    ours = knowledge_distillation_loss(student, normal(6, 4, seed=1), labels, alpha=0.0)
    torch.testing.assert_close(ours, torch.nn.functional.cross_entropy(student, labels, reduction="none"))


@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_the_two_parts_add_up_to_plain_distillation(temperature: float) -> None:
    """With the teacher's probability of another class as beta: equation 6 of the paper."""
    student, teacher, labels = 2.0 * normal(5, 4), 2.0 * normal(5, 4, seed=1), torch.arange(5) % 4
    for i, label in enumerate(labels):
        row = (student[[i]], teacher[[i]], labels[[i]])
        other = 1.0 - (teacher[i] / temperature).softmax(-1)[label].item()
        parts = decoupled_distillation_loss(*row, temperature=temperature, alpha=1.0, beta=other)
        torch.testing.assert_close(parts, knowledge_distillation_loss(*row, temperature=temperature, alpha=1.0))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_sure_teacher_leaves_finite_gradients(dtype: torch.dtype) -> None:
    """Masking the label by subtracting 1000 from a logit of 1e4 masks nothing."""
    student = torch.tensor([[1e4, -1e4, 0.0], [-1e4, 1e4, 5.0]], dtype=dtype, requires_grad=True)
    teacher, labels = torch.tensor([[-1e4, 1e4, 0.0], [1e4, 0.0, 3.0]], dtype=dtype), torch.tensor([1, 0])
    for loss in (decoupled_distillation_loss, knowledge_distillation_loss):
        values = loss(student, teacher, labels)
        assert values.isfinite().all()
        assert torch.autograd.grad(values.sum(), student)[0].isfinite().all()


def test_one_class_is_refused() -> None:
    with pytest.raises(ValueError, match="two classes or more"):
        decoupled_distillation_loss(normal(2, 1), normal(2, 1), torch.zeros(2).long())


def test_the_regressor_is_learned_until_the_hint_is_met() -> None:
    truth = normal(3, 2, seed=1).float()
    student = normal(20, 2).float()
    loss = registry.load("fitnets_loss", regressor=torch.zeros(3, 2))
    optimiser = torch.optim.Adam(loss.parameters(), lr=0.1)
    for _ in range(300):
        optimiser.zero_grad()
        loss(student, student @ truth.T).backward()
        optimiser.step()
    torch.testing.assert_close(loss.regressor.data, truth, atol=1e-3, rtol=1e-3)


def test_a_regressor_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"should have shape \(d, k\), here \(3, 2\). Found \(2, 3\)"):
        fitnets_loss(normal(4, 2), normal(4, 3), regressor=normal(2, 3))


def test_attention_does_not_see_size_or_number_of_maps() -> None:
    student, teacher = normal(2, 3, 4, 4), normal(2, 5, 4, 4, seed=1)
    value = attention_transfer_loss(student, teacher)
    torch.testing.assert_close(attention_transfer_loss(-1e-7 * student, 1e5 * teacher), value)
    torch.testing.assert_close(attention_transfer_loss(student.repeat(1, 2, 1, 1), teacher), value)
    wanted = [x.square().sum(1).flatten(1) for x in (student, teacher)]
    torch.testing.assert_close(value, 2.0 - 2.0 * torch.nn.functional.cosine_similarity(*wanted))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_an_empty_map_costs_one_and_gets_no_nan(dtype: torch.dtype) -> None:
    student = torch.zeros(1, 2, 3, 3, dtype=dtype, requires_grad=True)
    value = attention_transfer_loss(student, torch.ones(1, 2, 3, 3, dtype=dtype))
    value.sum().backward()
    assert value.item() == pytest.approx(1.0, rel=1e-2)
    assert student.grad.isfinite().all()


def test_maps_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="interpolate"):
        attention_transfer_loss(normal(2, 3, 4, 4), normal(2, 3, 2, 2))


@pytest.mark.parametrize("loss", RELATIONS)
def test_relations_do_not_see_scale_shift_or_turn(loss) -> None:
    student, turn = normal(6, 3), torch.linalg.qr(normal(3, 3, seed=2)).Q
    assert loss(7.0 * student @ turn + 3.0, student) < 1e-25
    assert loss(student, normal(6, 5, seed=1)) > 1e-3


@pytest.mark.parametrize("loss", RELATIONS)
@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_examples_have_no_relations(loss, n: int) -> None:
    x = normal(n, 3).requires_grad_()
    value = loss(x, normal(n, 4, seed=1))
    value.backward()
    assert value.abs() < 1e-30
    assert (x.grad.abs() < 1e-15).all()


@pytest.mark.parametrize("loss", RELATIONS)
@pytest.mark.parametrize("shape", [(3, 2), (4,), (4, 2, 1)])
def test_a_teacher_of_other_rows_is_refused(loss, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="`student` and `teacher` should have two dimensions and as many rows each"):
        loss(normal(4, 2), normal(*shape))


@pytest.mark.parametrize("loss", RELATIONS)
def test_examples_that_coincide_get_finite_gradients(loss) -> None:
    x = torch.ones(4, 3, requires_grad=True)
    loss(x, normal(4, 3).float()).backward()
    assert x.grad.isfinite().all()


def test_angles_are_what_a_plain_search_finds() -> None:
    student, teacher = normal(5, 3), normal(5, 2, seed=1)
    off = []
    for i in range(5):
        for j in (j for j in range(5) if j != i):
            for k in (k for k in range(5) if k not in (i, j)):
                cosine = [
                    torch.nn.functional.cosine_similarity(x[j] - x[i], x[k] - x[i], dim=0) for x in (student, teacher)
                ]
                off.append(torch.nn.functional.smooth_l1_loss(*cosine))
    torch.testing.assert_close(relational_angle_loss(student, teacher), torch.stack(off).mean())
