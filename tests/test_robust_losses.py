"""Where the formulas of the robust and weighted regression losses break, against many digits and by what they do."""

import math

import mpmath
import pytest
import torch
from scipy.integrate import quad

from lossmith import registry
from lossmith.losses import TailWeightedLoss

ALPHAS = [2.0, 2.0 - 1e-14, 2.0 - 1e-7, 1.999, 1.0, 0.999, 1e-3, 1e-9, 1e-300, 0.0, -1e-9, -2.0, -1e3, -1e12, -1e200]


def exactly(r: float, alpha: float) -> mpmath.mpf:
    """The textbook formula in 400 digits, a hair away from where it divides by 0."""
    r, alpha = mpmath.mpf(r), mpmath.mpf(alpha)
    if alpha in (0, 2):
        alpha -= mpmath.mpf(10) ** -60
    b = abs(alpha - 2)
    return b / alpha * ((r**2 / b + 1) ** (alpha / 2) - 1)


@pytest.mark.parametrize("alpha", ALPHAS)
def test_barron_value_and_slope_hold_near_every_singular_alpha(alpha: float) -> None:
    with mpmath.workdps(400):
        errors = [1e-4, 0.3, 1.0, 7.0, 1e4]
        values = [float(exactly(r, alpha)) for r in errors]
        slopes = [float(mpmath.diff(lambda r: exactly(r, alpha), r)) for r in errors]
    for dtype, digits in ((torch.float64, 1e-9), (torch.float32, 1e-4), (torch.bfloat16, 0.3)):
        x = torch.tensor(errors, dtype=dtype, requires_grad=True)
        found = registry.load("barron_loss", alpha=alpha, reduction="none")(x, torch.zeros(5, dtype=dtype))
        (slope,) = torch.autograd.grad(found.sum(), x)
        assert found.tolist() == pytest.approx(values, rel=digits, abs=1e-30)
        assert slope.tolist() == pytest.approx(slopes, rel=digits, abs=1e-30)


@pytest.mark.parametrize("logit", [-30.0, -6.0, -1.3, 0.0, 2.0, 6.0, 30.0])
def test_adaptive_barron_is_a_density_at_every_alpha(logit: float) -> None:
    loss = registry.load("adaptive_barron_loss", alpha_logit=logit, log_scale=math.log(0.7), reduction="none").double()

    def density(u: float) -> float:  # over the whole line by x = sinh u, which takes the heaviest tail in
        x = torch.tensor([math.sinh(u)], dtype=torch.float64)
        return math.exp(-loss(x, torch.zeros_like(x)).item()) * math.cosh(u)

    assert 2.0 * quad(density, 0.0, 25.0, epsabs=1e-10, limit=200)[0] == pytest.approx(1.0, abs=2e-8)


@pytest.mark.parametrize("logit", [-8.0, -1.0, 0.0, 0.2, 3.0, 12.0])
def test_adaptive_barron_differentiates_in_alpha_and_scale(logit: float) -> None:
    x = torch.tensor([0.0, 0.01, 1.0, -5.0, 100.0], dtype=torch.float64)
    at = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (logit, -0.4)]
    function = type(registry.load("adaptive_barron_loss")).function
    assert torch.autograd.gradcheck(
        lambda a, s: function(x, torch.zeros_like(x), alpha_logit=a, log_scale=s), at, atol=1e-6, rtol=1e-4
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("logit", [-40.0, 40.0])
def test_adaptive_barron_learns_on_from_the_ends(logit: float, dtype: torch.dtype) -> None:
    loss = registry.load("adaptive_barron_loss", alpha_logit=logit)
    loss(torch.tensor([1e4, 1.0, 0.0], dtype=dtype), torch.zeros(3, dtype=dtype)).backward()
    assert all(p.grad is not None and p.grad.isfinite() for p in loss.parameters())


def test_adaptive_barron_tells_heavy_tails_from_light_ones() -> None:
    generator = torch.Generator().manual_seed(0)
    normal, scale = torch.randn(4000, generator=generator, dtype=torch.float64), 3.0
    cauchy = torch.tan(math.pi * (torch.rand(4000, generator=generator, dtype=torch.float64) - 0.5))
    for errors, least, most in ((normal, 1.6, 2.0), (cauchy, 0.0, 0.3)):
        loss = registry.load("adaptive_barron_loss").double()
        assert [name for name, _ in loss.named_parameters()] == ["alpha_logit", "log_scale"]
        optimiser = torch.optim.Adam(loss.parameters(), lr=0.1)
        for _ in range(200):
            optimiser.zero_grad()
            loss(scale * errors, torch.zeros_like(errors)).backward()
            optimiser.step()
        assert least <= 2.0 * torch.sigmoid(loss.alpha_logit).item() <= most


def test_rmse_has_a_gradient_at_a_perfect_fit_and_over_nothing() -> None:
    x = torch.ones(3, requires_grad=True)
    assert torch.autograd.grad(registry.load("rmse_loss")(x, torch.ones(3)), x)[0].tolist() == [0.0, 0.0, 0.0]
    assert registry.load("rmse_loss")(torch.ones(0), torch.ones(0)) == 0.0


def test_linex_keeps_its_digits_near_zero_and_its_gradient_beyond_the_exponential() -> None:
    loss = registry.load("linex_loss", asymmetry=1.0, reduction="none")
    x = torch.tensor([1e-4, -1e-4, 0.0999, 0.1001], requires_grad=True)
    wanted = [r * r * (0.5 + r / 6.0 + r * r / 24.0 + r**3 / 120.0) for r in x.tolist()]
    assert loss(x, torch.zeros(4)).tolist() == pytest.approx(wanted, rel=1e-5)
    x = torch.tensor([50.0, 51.0, 1e4], dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(loss(x, torch.zeros_like(x)).sum(), x)
    assert slope.tolist() == pytest.approx([math.expm1(50.0)] * 3)


@pytest.mark.parametrize("asymmetry", [0.0, 1e-12, -1e-12, 1e-200])
def test_linex_without_asymmetry_is_half_the_squared_error(asymmetry: float) -> None:
    x = torch.tensor([3.0, -1e4, 0.0], requires_grad=True)
    values = registry.load("linex_loss", asymmetry=asymmetry, reduction="none")(x, torch.zeros(3))
    assert values.tolist() == pytest.approx([4.5, 5e7, 0.0])
    assert torch.autograd.grad(values.sum(), x)[0].tolist() == pytest.approx([3.0, -1e4, 0.0])


def test_tail_weights_average_to_one_over_the_targets_they_were_estimated_on() -> None:
    targets = torch.randn(2000, generator=torch.Generator().manual_seed(0)).exp()
    loss = TailWeightedLoss.of(targets, alpha=0.9)
    loss.reduction = "none"
    weights = loss(targets + 1.0, targets)
    assert weights.mean().item() == pytest.approx(1.0, abs=0.1)
    rare, common = loss(torch.tensor([21.0, 1.7]), torch.tensor([20.0, 0.7])).tolist()
    assert rare > 3.0 * common
    assert set(loss.state_dict()) == {"grid", "density"}


@pytest.mark.parametrize("density", [[0.0, 0.0, 0.0], [2.0, 2.0, 2.0]])
def test_a_flat_density_weighs_all_targets_alike(density: list[float]) -> None:
    loss = registry.load("tail_weighted_loss", grid=[0.0, 1.0, 2.0], density=density, reduction="none")
    assert loss(torch.tensor([1.0, 4.0]), torch.tensor([0.0, 2.0])).tolist() == pytest.approx([1.0, 4.0])


def test_tail_weights_need_targets_that_differ() -> None:
    with pytest.raises(ValueError, match="two different values"):
        TailWeightedLoss.of(torch.ones(5))
