"""Padding, lengths, alignments and differences: losses of sequences against what they mean, spelt out."""

import itertools
import math

import pytest
import torch
from torch import Generator, Tensor

from lossmith import registry


def tokens(seed: int = 0) -> tuple[Tensor, Tensor]:
    """Two sequences, of 4 and of 2 tokens."""
    generator = Generator().manual_seed(seed)
    target = torch.randint(0, 5, (2, 4), generator=generator)
    target[1, 2:] = -100
    return torch.randn(2, 4, 5, generator=generator), target


def test_the_mean_is_over_the_real_tokens_of_the_batch() -> None:
    x, y = tokens()
    loss = registry.load("masked_token_cross_entropy_loss")
    real = y != -100
    torch.testing.assert_close(loss(x, y), torch.nn.functional.cross_entropy(x[real], y[real]))
    more = torch.cat([x, torch.full((2, 3, 5), torch.nan)], dim=1)
    torch.testing.assert_close(loss(more, torch.nn.functional.pad(y, (0, 3), value=-100)), loss(x, y))


def test_weights_of_one_over_the_length_give_the_mean_of_the_sequences() -> None:
    x, y = tokens()
    real = y != -100
    weight = (real / real.sum(1, keepdim=True)).float()
    each = [torch.nn.functional.cross_entropy(x[i][real[i]], y[i][real[i]]) for i in range(2)]
    found = registry.load("masked_token_cross_entropy_loss")(x, y, sample_weight=weight)
    torch.testing.assert_close(found, (each[0] + each[1]) / 2.0)


def test_a_mask_leaves_out_more_than_the_padding() -> None:
    x, y = tokens()
    prompt = torch.tensor([[False, True, True, True], [False, True, True, True]])
    found = registry.load("masked_token_cross_entropy_loss")(x, y, mask=prompt)
    kept = prompt & (y != -100)
    torch.testing.assert_close(found, torch.nn.functional.cross_entropy(x[kept], y[kept]))


def test_padding_alone_costs_nothing() -> None:
    x, y = tokens()
    x.requires_grad_()
    value = registry.load("masked_token_cross_entropy_loss")(x, torch.full_like(y, -100))
    assert value == 0.0
    assert (torch.autograd.grad(value, x)[0] == 0).all()


def test_a_padding_index_among_the_classes() -> None:
    x, y = tokens()
    loss = registry.load("masked_token_cross_entropy_loss", padding=0)
    torch.testing.assert_close(loss(x[:1], y[:1]), torch.nn.functional.cross_entropy(x[0], y[0], ignore_index=0))


def test_classes_in_the_second_place_are_refused_in_words() -> None:
    x, y = tokens()
    with pytest.raises(ValueError, match=r"Try `input.transpose\(1, 2\)`"):
        registry.load("masked_token_cross_entropy_loss")(x.transpose(1, 2), y)


def reads(path: tuple[int, ...]) -> list[int]:
    """What a path of symbols says: repeats merged, then blanks dropped."""
    return [symbol for symbol, _ in itertools.groupby(path) if symbol != 0]


@pytest.mark.parametrize("text", [[1], [2, 1], [1, 1], [1, 2, 1], []], ids=str)
@pytest.mark.parametrize("frames", [3, 4])
def test_ctc_sums_over_every_path_that_reads_the_text(text: list[int], frames: int) -> None:
    x = torch.randn(1, 5, 3, generator=Generator().manual_seed(2), dtype=torch.float64)
    p = x[0].softmax(-1)
    every = itertools.product(range(3), repeat=frames)
    total = sum(math.prod(float(p[t, s]) for t, s in enumerate(path)) for path in every if reads(path) == text)
    target = torch.tensor([[*text, *[1] * (3 - len(text))]])
    lengths = torch.tensor([frames]), torch.tensor([len(text)])
    value = registry.load("ctc_loss")(x, target, *lengths)
    assert value.item() == pytest.approx(-math.log(total), rel=1e-9)


def test_what_no_alignment_fits_costs_nothing_or_infinity() -> None:
    """A repeat needs a blank between: two frames are too few, and torch's gradient is then NaN."""
    x = torch.randn(2, 4, 3, generator=Generator().manual_seed(3)).requires_grad_()
    rest = torch.tensor([[1, 1], [1, 2]]), torch.tensor([2, 4]), torch.tensor([2, 2])
    loss = registry.load("ctc_loss", reduction="none")
    values = loss(x, *rest)
    (pull,) = torch.autograd.grad(values.sum(), x)
    assert values[0] == 0.0
    assert (pull[0] == 0).all()
    assert (pull[1] != 0).any()
    told = registry.load("ctc_loss", reduction="none", zero_infinity=False)(x, *rest)
    (pull,) = torch.autograd.grad(told.sum(), x)
    assert told[0] == math.inf
    assert pull[0].isnan().any()
    assert pull[1].isfinite().all()


def test_frames_beyond_the_length_do_not_matter() -> None:
    x = torch.randn(1, 4, 3, generator=Generator().manual_seed(4))
    rest = torch.tensor([[1, 2]]), torch.tensor([3]), torch.tensor([2])
    other = x.clone()
    other[:, 3] = 50.0
    loss = registry.load("ctc_loss")
    torch.testing.assert_close(loss(x, *rest), loss(other, *rest))


def test_time_first_is_refused_in_words() -> None:
    x = torch.zeros(4, 2, 3)
    with pytest.raises(ValueError, match=r"Try `input.transpose\(0, 1\)`"):
        registry.load("ctc_loss")(x, torch.ones(2, 2).long(), torch.tensor([4, 4]), torch.tensor([2, 2]))


def test_smoothness_of_a_constant_and_of_a_line() -> None:
    constant, line = torch.full((1, 6), 7.0), torch.arange(6.0)[None]
    steps, turns = registry.load("smoothness_loss"), registry.load("smoothness_loss", order=2)
    assert [steps(constant), steps(line), turns(line)] == [0.0, 1.0, 0.0]


def test_difference_matching_does_not_see_the_level() -> None:
    y = torch.randn(3, 8, generator=Generator().manual_seed(5), dtype=torch.float64)
    loss = registry.load("difference_matching_loss")
    assert loss(y + 100.0, y).item() == pytest.approx(0.0, abs=1e-20)
    assert loss(2.0 * y, y).item() == pytest.approx(registry.load("smoothness_loss")(y).item())


def test_autocorrelation_tells_dragging_errors_from_noise() -> None:
    noise = torch.randn(1, 5000, generator=Generator().manual_seed(6), dtype=torch.float64)
    drifting = noise.cumsum(1)
    loss = registry.load("residual_autocorrelation_loss")
    nothing = torch.zeros_like(noise)
    assert loss(noise, nothing) < 0.002
    assert loss(drifting, nothing) > 0.95
    assert loss(100.0 * noise, nothing) < 0.002


def test_autocorrelation_is_one_minus_half_of_durbin_and_watson_apart_from_the_ends() -> None:
    e = torch.randn(1, 400, generator=Generator().manual_seed(7), dtype=torch.float64).cumsum(1)
    watson = e.diff().square().sum() / e.square().sum()
    ends = (e[0, 0].square() + e[0, -1].square()) / (2.0 * e.square().sum())
    found = registry.load("residual_autocorrelation_loss", floor=1e-12)(e, torch.zeros_like(e))
    torch.testing.assert_close(found, (1.0 - watson / 2.0 - ends).square())


@pytest.mark.parametrize("name", ["difference_matching_loss", "residual_autocorrelation_loss"])
def test_one_series_without_its_row_is_refused_in_words(name: str) -> None:
    with pytest.raises(ValueError, match=r"one series per row.*unsqueeze"):
        registry.load(name)(torch.zeros(5), torch.zeros(5))


def test_decay_in_the_weights_or_in_the_loss_is_the_same_sum() -> None:
    generator = Generator().manual_seed(8)
    x, y, age = (torch.randn(20, generator=generator) for _ in range(3))
    age = 10.0 * age.abs()
    ours = registry.load("time_decay_loss", gamma=0.9, reduction="sum")(x, y, age)
    squared = registry.load("squared_error_loss", reduction="sum")
    torch.testing.assert_close(ours, squared(x, y, sample_weight=0.9**age))


def warpings(t: int, u: int) -> list[list[tuple[int, int]]]:
    """Every way from corner to corner of a table, by steps down, right or both."""
    if t == 1 and u == 1:
        return [[(0, 0)]]
    before = [(t - 1, u), (t, u - 1), (t - 1, u - 1)]
    return [[*path, (t - 1, u - 1)] for a, b in before if a > 0 and b > 0 for path in warpings(a, b)]


@pytest.mark.parametrize("gamma", [0.1, 1.0, 20.0])
@pytest.mark.parametrize(("t", "u"), [(1, 1), (1, 4), (4, 1), (3, 3), (4, 5)])
def test_soft_warping_sums_over_every_warping(t: int, u: int, gamma: float) -> None:
    generator = Generator().manual_seed(9)
    x, y = (torch.randn(1, k, generator=generator, dtype=torch.float64) for k in (t, u))
    costs = torch.tensor([sum(float((x[0, i] - y[0, j]) ** 2) for i, j in path) for path in warpings(t, u)]).double()
    wanted = -gamma * torch.logsumexp(-costs / gamma, 0)
    torch.testing.assert_close(registry.load("soft_dtw_loss", gamma=gamma)(x, y), wanted)
    if t == u:
        apart = torch.tensor([sum((i - j) ** 2 / t**2 for i, j in path) for path in warpings(t, u)]).double()
        timing = ((-costs / gamma).softmax(0) * apart).sum()
        found = registry.load("dilate_loss", gamma=gamma, alpha=0.3)(x, y)
        torch.testing.assert_close(found, 0.3 * wanted + 0.7 * timing)


def test_late_costs_by_how_late_it_is() -> None:
    series = torch.zeros(1, 12)
    series[:, 4:6] = 3.0
    timing, plain = registry.load("dilate_loss", alpha=0.0), registry.load("squared_error_loss")
    late = [timing(series.roll(k, 1), series).item() for k in (1, 2, 4)]
    assert late[0] < late[1] < late[2]
    assert plain(series.roll(2, 1), series) == plain(series.roll(4, 1), series)


@pytest.mark.parametrize(("frames", "text"), [(1, []), (1, [1, 2]), (3, [2]), (3, [1, 1]), (2, [2, 1, 2])], ids=str)
def test_transducer_sums_over_every_path(frames: int, text: list[int]) -> None:
    s = 3
    x = torch.randn(1, 4, s + 1, 3, generator=Generator().manual_seed(10), dtype=torch.float64)
    log_p = x[0].log_softmax(-1)

    def total(t: int, u: int) -> float:
        """Probability of all ways to the end from frame t with u symbols said."""
        blank = math.exp(log_p[t, u, 0]) * (total(t + 1, u) if t + 1 < frames else float(u == len(text)))
        return blank + (math.exp(log_p[t, u, text[u]]) * total(t, u + 1) if u < len(text) else 0.0)

    target = torch.tensor([[*text, *[1] * (s - len(text))]])
    value = registry.load("rnnt_loss")(x, target, torch.tensor([frames]), torch.tensor([len(text)]))
    assert value.item() == pytest.approx(-math.log(total(0, 0)), rel=1e-9)


def test_a_transducers_padding_does_not_matter() -> None:
    x = torch.randn(1, 4, 3, 3, generator=Generator().manual_seed(11)).requires_grad_()
    rest = torch.tensor([[1, 2]]), torch.tensor([3]), torch.tensor([1])
    value = registry.load("rnnt_loss")(x, *rest)
    (pull,) = torch.autograd.grad(value, x)
    assert (pull[:, 3] == 0).all()
    assert (pull[:, :, 2] == 0).all()
    assert pull[:, :3, :2].abs().sum() > 0
    with pytest.raises(ValueError, match=r"s \+ 1"):
        registry.load("rnnt_loss")(x[:, :, :2], *rest)


def test_a_long_alignment_keeps_its_digits_in_half_precision() -> None:
    generator = Generator().manual_seed(12)
    x = torch.randn(1, 200, 41, 5, generator=generator).bfloat16()
    rest = torch.randint(1, 5, (1, 40), generator=generator), torch.tensor([200]), torch.tensor([40])
    exact = registry.load("rnnt_loss")(x.double(), *rest)
    assert registry.load("rnnt_loss")(x, *rest).item() == pytest.approx(exact.item(), rel=5e-3)


@pytest.mark.parametrize("gap", [0.0, 30.0, 1e4])
def test_what_surely_comes_is_still_pulled_down(gap: float) -> None:
    x = torch.tensor([[gap, 0.0]], requires_grad=True)
    value = registry.load("unlikelihood_loss")(x, torch.tensor([[1.0, 0.0]]))
    assert value.item() == pytest.approx(gap + math.log1p(math.exp(-gap)), rel=1e-6)
    assert torch.autograd.grad(value, x)[0][0, 0].item() == pytest.approx(1.0 / (1.0 + math.exp(-gap)))
