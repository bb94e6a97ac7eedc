"""What losses of embeddings do at the places where others break: no pair, no triplet, no distance, no direction."""

import math

import pytest
import torch
from torch import Generator, Tensor

from lossmith import registry
from lossmith.kernels.pair_distances import distances
from lossmith.losses import (
    arcface_loss,
    batch_all_triplet_loss,
    batch_hard_triplet_loss,
    center_loss,
    circle_loss,
    clip_loss,
    contrastive_loss,
    cosface_loss,
    lifted_structure_loss,
    multi_similarity_loss,
    nt_xent_loss,
    proxy_anchor_loss,
    proxy_nca_loss,
    relational_distance_loss,
    semi_hard_triplet_loss,
    siglip_loss,
    sphereface_loss,
    supervised_contrastive_loss,
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


LEARNED = [
    (arcface_loss, "prototypes"),
    (cosface_loss, "prototypes"),
    (sphereface_loss, "prototypes"),
    (proxy_nca_loss, "proxies"),
    (proxy_anchor_loss, "proxies"),
    (center_loss, "centers"),
]
PAIRED = [lifted_structure_loss, multi_similarity_loss, circle_loss, supervised_contrastive_loss]


@pytest.mark.parametrize(("loss", "name"), LEARNED)
def test_learned_rows_get_a_gradient_that_agrees_with_finite_differences(loss, name: str) -> None:
    x, rows, labels = points(4), points(3, seed=1).requires_grad_(), torch.tensor([0, 1, 2, 1])
    assert torch.autograd.gradcheck(lambda rows: loss(x, labels, **{name: rows}), rows)


@pytest.mark.parametrize(("loss", "name"), LEARNED)
def test_rows_of_another_width_are_refused(loss, name: str) -> None:
    with pytest.raises(ValueError, match=rf"`{name}` should have shape \(c, 3\).* Found \(2, 4\)"):
        loss(points(4), torch.zeros(4).long(), **{name: points(2, 4)})


@pytest.mark.parametrize(("loss", "name"), LEARNED)
def test_rows_are_parameters_of_the_module_and_move(loss, name: str) -> None:
    module = registry.load(loss.__name__, **{name: points(3).float()})
    module(points(4).float(), torch.tensor([0, 1, 2, 1])).backward()
    assert [key for key, _ in module.named_parameters()] == [name]
    assert (getattr(module, name).grad != 0).any()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("loss", [arcface_loss, sphereface_loss])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_an_angle_of_nothing_and_one_of_a_half_turn_have_finite_gradients(loss, sign: float, dtype) -> None:
    """Through acos, or the root of 1 - cos², they are infinite."""
    rows = torch.tensor([[1.0, 2.0, -1.0], [0.5, 0.0, 1.0]], dtype=dtype, requires_grad=True)
    x = (3.0 * sign * rows.detach()[:1]).requires_grad_()
    loss(x, torch.tensor([0]), prototypes=rows).sum().backward()
    assert x.grad.isfinite().all()
    assert rows.grad.isfinite().all()
    assert x.grad.abs().max() < 1e3


def test_arcface_keeps_falling_without_a_jump() -> None:
    angles = torch.linspace(0.0, math.pi, 4001, dtype=torch.float64)
    x = torch.stack([angles.cos(), angles.sin(), torch.zeros_like(angles)], dim=-1)
    rows = torch.eye(3, dtype=torch.float64)[[0, 2]]  # the other class is at a right angle throughout
    values = arcface_loss(x, torch.zeros(4001).long(), prototypes=rows, margin=0.5, scale=1.0)
    assert (values.diff() > 0).all()
    assert values.diff().max() < 2e-3


def test_at_no_margin_three_of_them_are_one_loss() -> None:
    x, rows, labels = points(6), points(4, seed=1), torch.tensor([0, 1, 2, 3, 0, 1])
    plain = cosface_loss(x, labels, prototypes=rows, margin=0.0, scale=1.0)
    torch.testing.assert_close(arcface_loss(x, labels, prototypes=rows, margin=0.0, scale=1.0), plain)
    one = x / x.norm(dim=-1, keepdim=True)
    torch.testing.assert_close(sphereface_loss(one, labels, prototypes=rows, margin=1.0), plain)


@pytest.mark.parametrize("margin", [1.0, 2.5, 4.0])
def test_sphereface_falls_all_the_way(margin: float) -> None:
    angles = torch.linspace(0.0, math.pi, 4001, dtype=torch.float64)
    x = torch.stack([angles.cos(), angles.sin(), torch.zeros_like(angles)], dim=-1)
    rows = torch.eye(3, dtype=torch.float64)[[0, 2]]  # the other class is at a right angle throughout
    values = sphereface_loss(x, torch.zeros(4001).long(), prototypes=rows, margin=margin)
    assert (values.diff() > -1e-12).all()
    assert values.diff().max() < 5e-3


@pytest.mark.parametrize("labels", [[0, 0, 0], [0, 1, 2], [0], []], ids=str)
@pytest.mark.parametrize("loss", PAIRED)
def test_a_batch_of_one_kind_of_pair_or_none_is_finite(loss, labels: list[int]) -> None:
    x = points(len(labels)).requires_grad_()
    value = loss(x, torch.tensor(labels, dtype=torch.long))
    value.backward()
    assert value.isfinite()
    assert x.grad.isfinite().all()
    if loss in (lifted_structure_loss, circle_loss) or len(labels) < 2:
        assert loss is multi_similarity_loss or value == 0.0


@pytest.mark.parametrize("loss", PAIRED)
def test_pairs_do_not_depend_on_the_order_of_the_batch(loss) -> None:
    x, labels = points(), torch.arange(12) % 4
    order = torch.randperm(12, generator=Generator().manual_seed(3))
    torch.testing.assert_close(loss(x[order], labels[order]), loss(x, labels))


def test_supervised_contrast_of_views_without_labels_is_nt_xent() -> None:
    first, second = points(6), points(6, seed=1)
    views = supervised_contrastive_loss(torch.cat([first, second]), torch.arange(6).repeat(2), temperature=0.3)
    torch.testing.assert_close(views, nt_xent_loss(first, second, temperature=0.3))


@pytest.mark.parametrize("turn", [0.2, 0.6, 1.0])
def test_the_circle_is_the_boundary(turn: float) -> None:
    """One anchor, s_n² + (1 - s_p)² = 2·margin²: within it costs next to nothing, beyond it the more."""
    margin = 0.25
    for radius, inside in ((0.9, True), (1.1, False)):
        near = margin * math.sqrt(2.0) * radius * math.sin(turn)
        far = 1.0 - margin * math.sqrt(2.0) * radius * math.cos(turn)
        x = torch.tensor([[1.0, 0.0, 0.0], [far, math.sqrt(1.0 - far**2), 0.0], [near, 0.0, math.sqrt(1.0 - near**2)]])
        x[2, 1] = -far * near / x[1, 1]  # at a right angle to the second, which then costs nothing as an anchor
        x[2, 2] = math.sqrt(1.0 - x[2, 0] ** 2 - x[2, 1] ** 2)
        value = circle_loss(x, torch.tensor([0, 0, 1]), margin=margin, gamma=1e4).item()
        assert (value < 1e-3) is inside


def test_siglip_is_binary_cross_entropy_of_every_pair() -> None:
    first, second = points(5), points(5, seed=1)
    unit = torch.nn.functional.normalize
    logits = 10.0 * unit(first) @ unit(second).T - 10.0
    wanted = torch.nn.functional.binary_cross_entropy_with_logits(logits, torch.eye(5).double(), reduction="sum") / 5.0
    torch.testing.assert_close(siglip_loss(first, second), wanted)


def test_clip_is_cross_entropy_both_ways() -> None:
    first, second = points(5), points(5, seed=1)
    unit = torch.nn.functional.normalize
    logits, own = unit(first) @ unit(second).T / 0.07, torch.arange(5)
    cross_entropy = torch.nn.functional.cross_entropy
    wanted = 0.5 * (cross_entropy(logits, own) + cross_entropy(logits.T, own))
    torch.testing.assert_close(clip_loss(first, second), wanted)


@pytest.mark.parametrize("name", ["clip_loss", "siglip_loss"])
def test_the_scale_is_learned(name: str) -> None:
    module = registry.load(name)
    module(points(5).float(), points(5, seed=1).float()).backward()
    assert all(parameter.grad != 0 for parameter in module.parameters())
    assert "log_scale" in dict(module.named_parameters())


def test_distances_of_all_pairs_and_their_slopes_are_those_of_differences() -> None:
    x = points(7, 3).requires_grad_()
    plain = (x[:, None] - x[None] + torch.eye(7).double()[..., None]).norm(dim=-1) * (1.0 - torch.eye(7).double())
    torch.testing.assert_close(distances(x), plain)
    weight = points(7, 7, seed=1)
    slopes = [torch.autograd.grad((weight * d).sum(), x)[0] for d in (distances(x), plain)]
    torch.testing.assert_close(*slopes)
    assert torch.autograd.gradgradcheck(lambda x: distances(x)[0, 1:], x)


def test_near_neighbours_far_from_the_origin_keep_their_digits() -> None:
    x = torch.tensor([[1000.0, 0.0], [1000.0, 0.001], [1000.0, -0.001]], requires_grad=True)
    found = distances(x)
    assert found[0].tolist() == pytest.approx([0.0, 0.001, 0.001], rel=1e-4)
    found[0, 1].backward()
    torch.testing.assert_close(x.grad, torch.tensor([[0.0, -1.0], [0.0, 1.0], [0.0, 0.0]]), atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("loss", [lifted_structure_loss, relational_distance_loss, semi_hard_triplet_loss])
def test_pairs_do_not_keep_their_differences(loss) -> None:
    """For 300 rows of 200 numbers: 300²·200 of them would be 18 million; what is kept is no more than some n²."""
    x, labels, kept = torch.randn(300, 200, requires_grad=True), torch.arange(300) % 30, []
    with torch.autograd.graph.saved_tensors_hooks(
        lambda saved: kept.append(saved.numel()) or saved, lambda saved: saved
    ):
        loss(x, x.detach().clone() if loss is relational_distance_loss else labels)
    assert max(kept) <= 300 * 300
