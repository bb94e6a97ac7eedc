"""Empty masks, boxes without area, batches without objects: what segmentation and detection meet and formulas skip."""

import math

import pytest
import torch
from scipy.ndimage import distance_transform_edt
from torch import Tensor

from lossmith import registry
from lossmith.kernels.distances import squared_distances

OVERLAPS = ["dice_loss", "jaccard_loss", "tversky_loss", "combo_loss"]
overlaps = pytest.mark.parametrize("name", OVERLAPS)


def slope(name: str, x: Tensor, *others: Tensor, **at: object) -> tuple[Tensor, Tensor]:
    x = x.clone().requires_grad_()
    values = registry.load(name, reduction="none", **at)(x, *others)
    return values.detach(), torch.autograd.grad(values.sum(), x)[0]


@overlaps
@pytest.mark.parametrize("smooth", [1e-5, 1.0, 100.0])
def test_an_empty_mask_costs_nothing_where_nothing_is_predicted(name: str, smooth: float) -> None:
    empty = torch.zeros(1, 6)
    right, _ = slope(name, torch.full((1, 6), -30.0), empty, smooth=smooth)
    wrong, pull = slope(name, torch.zeros(1, 6), empty, smooth=smooth)
    assert right.item() == pytest.approx(0.0, abs=1e-6)
    assert wrong.item() > 0.005
    assert (pull > 0).all()


def test_a_false_positive_on_an_empty_mask_costs_by_the_smoothing() -> None:
    """One pixel surely predicted, none true: 1 - s/(1 + s)."""
    x, empty = torch.tensor([[100.0, -100.0, -100.0]]), torch.zeros(1, 3)
    for smooth, wanted in ((1.0, 0.5), (3.0, 0.25), (1e-5, 1.0)):
        value, _ = slope("dice_loss", x, empty, smooth=smooth)
        assert value.item() == pytest.approx(wanted, abs=2e-5)


@overlaps
def test_images_volumes_and_rows_of_pixels_are_the_same(name: str) -> None:
    generator = torch.Generator().manual_seed(0)
    x, y = torch.randn(2, 12, generator=generator), torch.randint(0, 2, (2, 12), generator=generator).float()
    loss = registry.load(name, reduction="none")
    torch.testing.assert_close(loss(x.reshape(2, 3, 4), y.reshape(2, 3, 4)), loss(x, y))
    torch.testing.assert_close(loss(x.reshape(2, 1, 3, 2, 2), y.reshape(2, 1, 3, 2, 2)), loss(x, y))


@overlaps
def test_one_image_without_its_batch_is_refused_in_words(name: str) -> None:
    with pytest.raises(ValueError, match=r"images, then their pixels.*unsqueeze"):
        registry.load(name)(torch.zeros(5), torch.zeros(5))


def test_the_mean_over_images_is_not_the_overlap_of_the_batch() -> None:
    """A large mask that is right and a small one that is missed: 1/2 by images, little by pixels."""
    target = torch.zeros(2, 100)
    target[0, :99] = target[1, :1] = 1.0
    x = torch.where(torch.arange(200).reshape(2, 100) < 99, 50.0, -50.0)
    loss = registry.load("dice_loss", smooth=1e-6)
    assert loss(x, target).item() == pytest.approx(0.5, abs=1e-4)
    assert loss(x.reshape(1, -1), target.reshape(1, -1)).item() == pytest.approx(1.0 / 199.0, rel=1e-3)


def test_tversky_is_dice_at_halves_and_jaccard_at_ones() -> None:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(4, 9, generator=generator, dtype=torch.float64)
    y = torch.randint(0, 2, (4, 9), generator=generator).double()
    halves = registry.load("tversky_loss", alpha=0.5, beta=0.5, smooth=0.5)
    torch.testing.assert_close(halves(x, y), registry.load("dice_loss", smooth=1.0)(x, y))
    ones = registry.load("tversky_loss", alpha=1.0, beta=1.0, smooth=2.0)
    torch.testing.assert_close(ones(x, y), registry.load("jaccard_loss", smooth=2.0)(x, y))


def test_a_larger_beta_prices_the_missed_pixel() -> None:
    extra, missed = torch.tensor([[20.0, 20.0, -20.0]]), torch.tensor([[20.0, -20.0, -20.0]])
    loss = registry.load("tversky_loss", alpha=0.2, beta=0.8)
    too_much = loss(extra, torch.tensor([[1.0, 0.0, 0.0]]))
    too_little = loss(missed, torch.tensor([[1.0, 1.0, 0.0]]))
    assert too_little > too_much


def test_a_pixel_is_left_out_by_a_sure_no_and_a_target_of_no() -> None:
    x, y = torch.tensor([[1.0, -2.0, 3.0]]), torch.tensor([[1.0, 0.0, 1.0]])
    left_out, _ = slope("dice_loss", torch.tensor([[1.0, -2.0, -1e4]]), torch.tensor([[1.0, 0.0, 0.0]]))
    torch.testing.assert_close(left_out, slope("dice_loss", x[:, :2], y[:, :2])[0])


@pytest.mark.parametrize("shape", [(3, 9, 7), (2, 4, 5, 6), (1, 1, 12)])
def test_distances_are_scipys(shape: tuple[int, ...]) -> None:
    mask = torch.rand(shape, generator=torch.Generator().manual_seed(3)) < 0.15
    mask[0].fill_(False)
    mask[0].view(-1)[5] = True
    wanted = torch.stack([torch.from_numpy(distance_transform_edt(~m.numpy())) for m in mask])
    torch.testing.assert_close(squared_distances(mask, torch.float64).sqrt(), wanted)


def test_boundary_and_hausdorff_are_made_of_scipys_distances() -> None:
    generator = torch.Generator().manual_seed(4)
    x = 3.0 * torch.randn(1, 8, 8, generator=generator, dtype=torch.float64)
    y = (torch.rand(1, 8, 8, generator=generator) < 0.3).double()
    p, m, q = x.sigmoid()[0].numpy(), y[0].numpy() > 0, x[0].numpy() > 0
    outside, inside = distance_transform_edt(~m), distance_transform_edt(m)
    signed = outside * ~m - (inside - 1.0) * m
    assert registry.load("boundary_loss")(x, y).item() == pytest.approx((p * signed).mean())
    far = outside**2 + inside**2 + distance_transform_edt(~q) ** 2 + distance_transform_edt(q) ** 2
    assert registry.load("hausdorff_dt_loss")(x, y).item() == pytest.approx(((p - m) ** 2 * far).mean())


@pytest.mark.parametrize("name", ["boundary_loss", "hausdorff_dt_loss"])
def test_a_mask_without_an_outline_costs_nothing_by_distance(name: str) -> None:
    for mask in (torch.zeros(1, 4, 4), torch.ones(1, 4, 4)):
        value, pull = slope(name, 5.0 * (2.0 * mask - 1.0), mask)
        assert value.item() == 0.0
        assert pull.isfinite().all()


def test_lovasz_is_jaccard_where_errors_are_all_or_nothing() -> None:
    """Scores of 2 or, wrongly, of 0: errors of 0 and 1, whose extension is 1 - I/U of the mask they make."""
    generator = torch.Generator().manual_seed(5)
    for _ in range(20):
        y = torch.randint(0, 2, (1, 9), generator=generator).double()
        wrong = torch.rand(1, 9, generator=generator) < 0.4
        x = torch.where(wrong, 0.0, 2.0 * (2.0 * y - 1.0))
        found = (y > 0) ^ wrong
        union = (found | (y > 0)).sum()
        wanted = 1.0 - (found & (y > 0)).sum() / union if union else 0.0
        assert registry.load("lovasz_hinge_loss")(x, y).item() == pytest.approx(float(wanted))


def test_a_gap_in_a_line_costs_more_by_centre_lines_than_by_overlap() -> None:
    line = torch.zeros(1, 9, 40)
    line[:, 3:6] = 1.0
    gap, thin = line.clone(), line.clone()
    gap[:, :, 18:21] = 0.0
    thin[:, 3] = 0.0
    sure = {name: 40.0 * (2.0 * mask - 1.0) for name, mask in (("gap", gap), ("thin", thin))}
    by_line, by_overlap = registry.load("cldice_loss"), registry.load("dice_loss")
    assert by_line(sure["gap"], line) > by_line(sure["thin"], line)
    assert by_overlap(sure["gap"], line) < by_overlap(sure["thin"], line)
    with pytest.raises(ValueError, match=r"shape \(n, h, w\)"):
        by_line(line[None], line[None])


def test_ssim_is_its_definition_window_by_window() -> None:
    generator = torch.Generator().manual_seed(6)
    x, y = torch.rand(2, 1, 1, 13, 12, generator=generator, dtype=torch.float64)
    across = [math.exp(-((k - 5.0) ** 2) / 4.5) for k in range(11)]
    weight = torch.tensor([[a * b for b in across] for a in across]).double()
    weight = weight / weight.sum()
    each = []
    for i, j in [(i, j) for i in range(3) for j in range(2)]:
        a, b = x[0, 0, i : i + 11, j : j + 11], y[0, 0, i : i + 11, j : j + 11]
        ma, mb = (weight * a).sum(), (weight * b).sum()
        va, vb = (weight * (a - ma) ** 2).sum(), (weight * (b - mb) ** 2).sum()
        cov = (weight * (a - ma) * (b - mb)).sum()
        each.append((2 * ma * mb + 1e-4) * (2 * cov + 9e-4) / ((ma**2 + mb**2 + 1e-4) * (va + vb + 9e-4)))
    torch.testing.assert_close(registry.load("ssim_loss")(x, y), 1.0 - torch.stack(each).mean())


def waves() -> tuple[Tensor, Tensor]:
    down, across = torch.arange(48.0).double()[:, None], torch.arange(64.0).double()
    along = 0.9 * down + 0.2 * across
    x, y = 0.5 + 0.5 * along.sin(), 0.5 + 0.4 * (along + 0.7).sin() + 0.1 * (0.05 * across).cos()
    return x[None, None], y[None, None]


def test_ms_ssim_is_another_librarys() -> None:
    """1 - pytorch_msssim.ms_ssim(x, y, data_range=1.0, win_size=3), 1.0.0, whose window is float32."""
    torch.testing.assert_close(
        registry.load("ms_ssim_loss", window=3)(*waves()).item(), 0.345121943831, atol=0.0, rtol=1e-5
    )


def test_ms_ssim_of_a_picture_turned_to_its_negative_still_pulls() -> None:
    x, _ = waves()
    values, gradient = slope("ms_ssim_loss", x, 1.0 - x)
    assert 0.9 < values.item() < 1.0
    assert (gradient != 0).double().mean() > 0.99
    before = x - 1e-3 * gradient / gradient.abs().max()
    assert slope("ms_ssim_loss", before, 1.0 - x)[0] < values


def test_a_picture_that_is_wrong_throughout_can_be_more_similar() -> None:
    """What its card says of monotone: flat and too bright, beside flat with one pixel too bright."""
    true, one = torch.full((1, 1, 4, 4), 0.5), torch.full((1, 1, 4, 4), 0.5)
    one[..., 0, 0] = 0.7
    assert registry.load("ssim_loss")(one, true) > registry.load("ssim_loss")(true + 0.2, true)


BOX = torch.tensor([[0.0, 0.0, 2.0, 2.0]])


@pytest.mark.parametrize(
    "box",
    [[5.0, 0.0, 7.0, 2.0], [5.0, 5.0, 5.0, 5.0], [-9.0, 1.0, -9.0, 1.5], [2.0, 2.0, 3.0, 3.0], [9.0, 9.0, 7.0, 7.0]],
    ids=["beside", "a point outside", "a line outside", "touching", "turned round"],
)
def test_boxes_that_do_not_meet_are_pulled_together(box: list[float]) -> None:
    x = torch.tensor([box])
    before, pull = slope("giou_loss", x, BOX)
    assert pull.isfinite().all()
    assert (pull != 0).any()
    assert slope("giou_loss", x - 1e-2 * pull, BOX)[0] < before


def test_a_point_inside_the_target_stands_still() -> None:
    """What the file warns of: without sides there is no area to gain by moving or by growing one side."""
    value, pull = slope("giou_loss", torch.tensor([[1.0, 1.0, 1.0, 1.0]]), BOX)
    assert value.item() == 1.0
    assert (pull == 0).all()


def test_two_boxes_without_area_are_finite() -> None:
    point, line = torch.tensor([[3.0, 3.0, 3.0, 3.0]]), torch.tensor([[0.0, 3.0, 8.0, 3.0]])
    for other in (point, line, point + 1.0):
        value, pull = slope("giou_loss", point, other)
        assert 1.0 <= value.item() <= 2.0
        assert pull.isfinite().all()


@pytest.mark.parametrize("name", ["diou_loss", "ciou_loss", "eiou_loss"])
def test_boxes_apart_are_drawn_together(name: str) -> None:
    for box in ([5.0, 0.0, 7.0, 2.0], [5.0, 5.0, 5.0, 5.0], [9.0, 9.0, 7.0, 7.0]):
        x = torch.tensor([box])
        before, pull = slope(name, x, BOX)
        assert (pull != 0).any()
        assert slope(name, x - 1e-2 * pull, BOX)[0] < before


@pytest.mark.parametrize("name", ["iou_loss", "diou_loss", "ciou_loss", "eiou_loss"])
def test_points_and_lines_are_finite(name: str) -> None:
    point, line = torch.tensor([[3.0, 3.0, 3.0, 3.0]]), torch.tensor([[0.0, 3.0, 8.0, 3.0]])
    for first, second in ((point, point), (point, line), (line, BOX), (BOX, point)):
        value, pull = slope(name, first, second)
        assert value.isfinite().all()
        assert pull.isfinite().all()


def test_the_weight_of_the_shape_is_held_fixed() -> None:
    """The pull is that of DIoU plus the weight, as it is, times the pull of v: by differences of plain numbers."""
    box, true = [0.3, -0.2, 4.1, 2.5], [0.0, 0.0, 2.0, 2.0]

    def shape(b: list[float]) -> float:
        slant = math.atan((true[2] - true[0]) / (true[3] - true[1])) - math.atan((b[2] - b[0]) / (b[3] - b[1]))
        return 4.0 / math.pi**2 * slant**2

    x, y = torch.tensor([box], dtype=torch.float64), torch.tensor([true], dtype=torch.float64)
    missed = registry.load("iou_loss")(x, y).item()
    weight = shape(box) / (missed + shape(box))
    value, pull = slope("ciou_loss", x, y)
    plain, plain_pull = slope("diou_loss", x, y)
    assert value.item() == pytest.approx(plain.item() + weight * shape(box))
    for k in range(4):
        up, down = list(box), list(box)
        up[k], down[k] = box[k] + 1e-6, box[k] - 1e-6
        wanted = plain_pull[0, k].item() + weight * (shape(up) - shape(down)) / 2e-6
        assert pull[0, k].item() == pytest.approx(wanted, rel=1e-6)


SCORES = torch.tensor([[2.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
FOUND = torch.tensor([[0.5, 0.0, 2.0, 2.0]]).repeat(4, 1)
TRUE = BOX.repeat(4, 1)


@pytest.mark.parametrize("localisation", ["smooth_l1", "giou"])
def test_background_boxes_are_never_looked_at(localisation: str) -> None:
    target = torch.tensor([0, 1, 2, 0])
    spoiled = TRUE.clone()
    spoiled[[0, 3]] = torch.nan
    loss = registry.load("detection_loss", localisation=localisation)
    boxes = FOUND.clone().requires_grad_()
    value = loss(SCORES, target, boxes, spoiled)
    assert value == loss(SCORES, target, FOUND, TRUE)
    (pull,) = torch.autograd.grad(value, boxes)
    assert (pull[[0, 3]] == 0).all()
    assert (pull[[1, 2]] != 0).any()


@pytest.mark.parametrize("localisation", ["smooth_l1", "giou"])
def test_background_added_does_not_thin_the_pull_on_objects(localisation: str) -> None:
    loss = registry.load("detection_loss", localisation=localisation)
    pulls = []
    for empty in (0, 1000):
        boxes = torch.cat([FOUND, FOUND.repeat(empty, 1)]).requires_grad_()
        target = torch.cat([torch.ones(4, dtype=torch.int64), torch.zeros(4 * empty, dtype=torch.int64)])
        scores = torch.cat([SCORES, SCORES.repeat(empty, 1)])
        value = loss(scores, target, boxes, BOX.expand(len(boxes), 4))
        pulls.append(torch.autograd.grad(value, boxes)[0][:4])
    torch.testing.assert_close(pulls[0], pulls[1])


def test_a_batch_without_objects_is_the_sum_of_its_cross_entropies() -> None:
    target = torch.zeros(4, dtype=torch.int64)
    value = registry.load("detection_loss")(SCORES, target, FOUND, TRUE)
    torch.testing.assert_close(value, torch.nn.functional.cross_entropy(SCORES, target, reduction="sum"))


def test_another_background_and_an_unknown_localisation() -> None:
    target = torch.tensor([2, 2, 2, 2])
    with_boxes, without = (
        registry.load("detection_loss", background=background)(SCORES, target, FOUND, TRUE) for background in (0, 2)
    )
    torch.testing.assert_close(without, torch.nn.functional.cross_entropy(SCORES, target, reduction="sum"))
    assert with_boxes < without
    with pytest.raises(ValueError, match=r'"smooth_l1" or "giou". Found \'l2\''):
        registry.load("detection_loss", localisation="l2")(SCORES, target, FOUND, TRUE)


@pytest.mark.parametrize("spoil", ["boxes", "target_boxes"])
def test_boxes_of_another_number_are_refused_in_words(spoil: str) -> None:
    given = {"boxes": FOUND, "target_boxes": TRUE}
    given[spoil] = given[spoil][:3]
    with pytest.raises(ValueError, match=r"should have shape \(n, 4\)"):
        registry.load("detection_loss")(SCORES, torch.tensor([0, 1, 2, 0]), *given.values())
