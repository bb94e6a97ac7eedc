"""Derivatives written out against autograd, for every loss that has one."""

import inspect

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lossmith import registry
from lossmith.domains import BinaryTarget, ClassIndex, LocationScale, Positive, Spread
from lossmith.kernels import slopes

WRITTEN = sorted(name for name in registry.catalogue() if slopes.slope_of(name))
PARAMETERS = {
    "huber_loss": [{"delta": 0.7}, {"delta": 3.0}],
    "smooth_l1_loss": [{"beta": 0.7}, {"beta": 3.0}],
    "expectile_loss": [{"level": 0.1}, {"level": 0.5}, {"level": 0.95}],
    "epsilon_insensitive_loss": [{"epsilon": 0.0}, {"epsilon": 0.7}],
    "squared_epsilon_insensitive_loss": [{"epsilon": 0.0}, {"epsilon": 0.7}],
    "cauchy_loss": [{"scale": 0.7}, {"scale": 3.0}],
    "welsch_loss": [{"scale": 0.7}, {"scale": 3.0}],
    "pinball_loss": [{"quantile": 0.1}, {"quantile": 0.5}, {"quantile": 0.95}],
    "tweedie_loss": [{"power": 1.1}, {"power": 1.5}, {"power": 1.9}],
    "sigmoid_focal_loss": [{"gamma": 2.0}, {"gamma": 0.0}, {"gamma": 0.5, "alpha": 0.25}],
    "focal_loss": [{"gamma": 2.0}, {"gamma": 0.0}, {"gamma": 0.5}, {"gamma": 1.0, "alpha": [0.5, 2.0, 3.5]}],
    "class_weighted_cross_entropy_loss": [{"weight": [0.5, 1.0, 4.0]}],
    "logit_adjusted_cross_entropy_loss": [{"class_prior": [0.2, 0.5, 0.3]}, {"class_prior": [7, 1, 2], "tau": 0.5}],
    "multi_quantile_loss": [{"levels": [0.1, 0.5, 0.9]}],
    "label_smoothing_cross_entropy_loss": [{"smoothing": 0.1}, {"smoothing": 0.0}],
}
CASES = [(name, params) for name in WRITTEN for params in PARAMETERS.get(name, [{}])]


def data(card, seed, scale, dtype=torch.float64):
    """Inputs and targets that fit the card; some ties among them, for the losses with kinks."""
    generator = torch.Generator().manual_seed(seed)
    kind = card.inputs["target"]
    if isinstance(kind, ClassIndex):
        x = scale * torch.randn(40, 3, generator=generator, dtype=dtype)
        return x, torch.randint(3, (40,), generator=generator)
    if isinstance(card.inputs["input"], Spread):
        y = scale * torch.randn(40, generator=generator, dtype=dtype)
        columns = 2 if isinstance(card.inputs["input"], LocationScale) else 3
        x = y[:, None] + torch.randn(40, columns, generator=generator, dtype=dtype)
        x[:4, 0] = y[:4]
        return x, y
    x, y = (scale * torch.randn(40, generator=generator, dtype=dtype) for _ in range(2))
    if isinstance(kind, BinaryTarget):
        return x, torch.rand(40, generator=generator, dtype=dtype).round(decimals=1)
    y = y.abs() + 0.1 if isinstance(kind, Positive) or "mean" in str(card.inputs["input"]).lower() else y
    y[:4] = x[:4] = torch.tensor([1.0, 2.0, 3.0, 0.5], dtype=dtype)
    return x, y


def by_autograd(criterion, x, y):
    x = x.clone().requires_grad_()
    return torch.autograd.grad(criterion(x, y).sum(), x)[0]


@pytest.mark.parametrize(("name", "params"), CASES)
@settings(max_examples=20)
@given(seed=st.integers(0, 10**6), scale=st.sampled_from([0.1, 1.0, 10.0, 100.0]))
def test_each_is_the_derivative_of_its_loss(name, params, seed, scale):
    criterion = registry.load(name, reduction="none", **params)
    x, y = data(criterion.card(), seed, scale)
    found = slopes.slope_of(name)(x, y, **criterion.hyperparameters)
    wanted = by_autograd(criterion, x, y)
    finite = torch.isfinite(wanted)
    assert finite.float().mean() > 0.5
    assert found.shape == x.shape
    torch.testing.assert_close(found[finite], wanted[finite], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("name", "params"), CASES)
def test_inputs_and_targets_are_left_alone(name, params):
    criterion = registry.load(name, reduction="none", **params)
    x, y = data(criterion.card(), 0, 1.0)
    before = x.clone(), y.clone()
    slopes.slope_of(name)(x, y, **criterion.hyperparameters)
    assert torch.equal(x, before[0])
    assert torch.equal(y, before[1])


def test_every_function_is_of_a_loss():
    functions = {name for name, value in vars(slopes).items() if inspect.isfunction(value) and name.endswith("_loss")}
    assert functions == set(WRITTEN)


@pytest.mark.parametrize("name", ["no_such_loss", "slope_of", "torch", "_less_at"])
def test_what_is_not_a_loss_has_none(name):
    assert slopes.slope_of(name) is None
