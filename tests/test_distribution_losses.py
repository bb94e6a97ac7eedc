"""Scores of distributions and batches: digits where formulas cancel, and all pairs without all pairs."""

import math

import mpmath
import pytest
import torch
from torch import Tensor

from lossmith import registry
from lossmith.kernels.gammas import log_rising
from lossmith.kernels.running import running_logsumexp


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("step", [0.0, 0.5, 1.0, 7.0, 1e4])
def test_a_quotient_of_gammas_keeps_its_digits(step: float) -> None:
    places = [2e-9, 1e-3, 0.7, 15.9, 16.1, 300.0, 2.4e8, 1e12]
    with mpmath.workdps(40):
        wanted = [float(mpmath.loggamma(mpmath.mpf(x) + step) - mpmath.loggamma(mpmath.mpf(x))) for x in places]
    for dtype, digits in ((torch.float64, 1e-11), (torch.float32, 2e-4)):
        found = log_rising(torch.tensor(places, dtype=dtype), step)
        assert found.tolist() == pytest.approx(wanted, rel=digits, abs=digits)


def test_a_t_with_very_many_degrees_of_freedom_is_normal_in_float32() -> None:
    """The two logarithms of gamma are 4e9 there, and their difference in float32 a multiple of 256."""
    y = torch.linspace(-5.0, 5.0, 11)
    t = registry.load("student_t_nll_loss", reduction="none")(torch.tensor([[0.0, 0.0, 20.0]]).expand(11, 3), y)
    normal = registry.load("gaussian_nll_loss", reduction="none")(torch.zeros(11, 2), y)
    torch.testing.assert_close(t, normal, rtol=1e-4, atol=1e-4)


def test_a_negative_binomial_without_dispersion_is_poisson_in_float32() -> None:
    y = torch.tensor([0.0, 1.0, 5.0, 40.0])
    rows = torch.tensor([[1.0, -18.0]]).expand(4, 2)
    found = registry.load("negative_binomial_nll_loss", reduction="none")(rows, y)
    poisson = registry.load("poisson_loss", reduction="none")(rows[:, 0], y) + torch.lgamma(y + 1.0)
    torch.testing.assert_close(found, poisson, rtol=1e-4, atol=1e-4)


def test_the_crps_of_an_ensemble_is_that_of_all_pairs() -> None:
    members, y = drawn(5, 9), drawn(5, seed=1)
    pairs = (members.unsqueeze(-1) - members.unsqueeze(-2)).abs().mean((-1, -2))
    wanted = (members - y.unsqueeze(-1)).abs().mean(-1) - 0.5 * pairs
    torch.testing.assert_close(registry.load("ensemble_crps_loss", reduction="none")(members, y), wanted)


@pytest.mark.parametrize("members", [1, 2, 5, 6])
def test_the_energy_score_takes_every_pair_once(members: int) -> None:
    cloud, y = drawn(3, members, 2), drawn(3, 2, seed=1)
    pairs = (cloud.unsqueeze(1) - cloud.unsqueeze(2)).norm(dim=-1).mean((-1, -2))
    wanted = (cloud - y.unsqueeze(1)).norm(dim=-1).mean(-1) - 0.5 * pairs
    torch.testing.assert_close(registry.load("energy_score_loss", reduction="none")(cloud, y), wanted)


@pytest.mark.parametrize("width", [0.02, 0.4, 5.0])
def test_the_kernel_calibration_error_is_that_of_all_pairs(width: float) -> None:
    scores, labels = 3.0 * drawn(40, 3), torch.arange(40) % 3
    r, said = scores.softmax(-1).max(-1)
    over = r - (said == labels).double()
    kernel = (-(r.unsqueeze(0) - r.unsqueeze(1)).abs() / width).exp()
    found = registry.load("mmce_loss", width=width)
    torch.testing.assert_close(found(scores, labels), over @ kernel @ over / 1600.0)
    torch.testing.assert_close(
        found(scores.float(), labels).double(), over @ kernel @ over / 1600.0, rtol=1e-4, atol=1e-7
    )


def test_a_running_logsumexp_is_that_of_every_beginning() -> None:
    for n in (0, 1, 2, 7, 8):
        x = 50.0 * drawn(n)
        wanted = [x[: k + 1].logsumexp(0).item() for k in range(n)]
        assert running_logsumexp(x).tolist() == pytest.approx(wanted)


def test_risk_sets_are_those_not_yet_gone() -> None:
    scores, times = drawn(30), (3.0 * drawn(30, seed=1)).round().abs()  # with ties
    events = (drawn(30, seed=2) > 0.0).double()
    there = [scores[times >= t].logsumexp(0) for t in times]
    wanted = (events * (torch.stack(there) - scores)).sum() / events.sum()
    torch.testing.assert_close(registry.load("cox_partial_likelihood_loss")(scores, times, events), wanted)


def test_without_events_nothing_is_pulled() -> None:
    scores = drawn(4).requires_grad_()
    value = registry.load("cox_partial_likelihood_loss")(scores, drawn(4).abs(), torch.zeros(4, dtype=torch.float64))
    assert value == 0.0
    assert torch.autograd.grad(value, scores)[0].tolist() == [0.0] * 4


@pytest.mark.parametrize("name", ["mmce_loss", "cox_partial_likelihood_loss", "ensemble_crps_loss"])
def test_a_hundred_thousand_rows_need_no_table_of_pairs(name: str) -> None:
    """All pairs in float32 would be 40 gigabytes."""
    n = 100_000
    x = drawn(n).float()
    data: dict[str, tuple[Tensor, ...]] = {
        "mmce_loss": (torch.stack([x, -x], dim=-1), torch.arange(n) % 2),
        "cox_partial_likelihood_loss": (x, x.abs(), torch.ones(n)),
        "ensemble_crps_loss": (x.unsqueeze(0), torch.zeros(1)),
    }
    prediction = data[name][0].requires_grad_()
    value = registry.load(name)(*data[name])
    assert math.isfinite(value.item())
    assert torch.autograd.grad(value.sum(), prediction)[0].isfinite().all()


def test_an_interval_score_is_two_pinball_losses_as_its_card_says() -> None:
    ends, y = drawn(20, 2), drawn(20, seed=1)  # some of them cross
    score = registry.load("interval_score_loss", coverage=0.8, reduction="none")(ends, y)
    pinball = registry.load("multi_quantile_loss", levels=[0.1, 0.9], reduction="none")(ends, y)
    torch.testing.assert_close(score, pinball / 0.05, rtol=1e-5, atol=1e-5)  # levels are float32


def test_beta_nll_turns_from_the_likelihood_to_the_squared_error() -> None:
    rows, y = drawn(6, 2), drawn(6, seed=1)

    def pull(name: str, **at: float) -> Tensor:
        x = rows.clone().requires_grad_()
        return torch.autograd.grad(registry.load(name, reduction="sum", **at)(x, y), x)[0]

    torch.testing.assert_close(pull("beta_nll_loss", beta=0.0), pull("gaussian_nll_loss"))
    torch.testing.assert_close(pull("beta_nll_loss", beta=1.0)[:, 0], rows[:, 0] - y)
