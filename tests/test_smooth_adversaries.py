"""TRADES, MART and VAT: by hand on models small enough, and that the model is left as it was found."""

import math

import pytest
import torch

from lossmith.losses import CrossEntropyLoss, MartLoss, PgdLoss, TradesLoss, VirtualAdversarialLoss
from watched import Watched

GENERATOR = torch.Generator().manual_seed(1)
X, Y, NOISE = torch.rand(20, 5, generator=GENERATOR), torch.arange(20) % 3, torch.randn(20, 5, generator=GENERATOR)
DATA = {TradesLoss: (X, Y, NOISE), MartLoss: (X, Y), VirtualAdversarialLoss: (X, NOISE)}
NEAR = {TradesLoss: {"step_size": 0.03}, MartLoss: {"step_size": 0.03}, VirtualAdversarialLoss: {}}
PASSES = {TradesLoss: 2, MartLoss: 2, VirtualAdversarialLoss: 2}
every = pytest.mark.parametrize("kind", DATA, ids=lambda kind: kind.__name__)


def loss_of(kind, epsilon=0.1, **more):
    return kind(epsilon=epsilon, reduction="none", **NEAR[kind], **more)


def kl(p: float, q: float) -> float:
    return p * math.log(p / q) + (1.0 - p) * math.log((1.0 - p) / (1.0 - q))


def sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def two_classes() -> torch.nn.Module:
    """Logits 2·(x₁ - 2x₂) apart: a step of epsilon moves them 6·epsilon, a length of epsilon 2√5·epsilon."""
    model = torch.nn.Linear(2, 2, bias=False).double()
    model.weight.data = torch.tensor([[1.0, -2.0], [-1.0, 2.0]]).double()
    return model


AT = torch.tensor([[0.8, 0.3]], dtype=torch.float64)  # 0.4 apart: odds e^0.4 for class 0


def test_trades_by_hand() -> None:
    """The divergence is larger where the odds go up or down by 0.6: from 0.4, down to -0.2 or up to 1.0."""
    p = sigmoid(0.4)
    for push, end in ((1.0, 1.0), (-1.0, -0.2)):
        noise = push * torch.tensor([[1.0, -1.0]], dtype=torch.float64)
        found = TradesLoss(epsilon=0.1, steps=5, step_size=0.05, beta=3.0)(two_classes(), AT, torch.tensor([1]), noise)
        assert found.item() == pytest.approx(-math.log(1.0 - p) + 3.0 * kl(p, sigmoid(end)), rel=1e-6)


def test_mart_by_hand() -> None:
    """With two classes the rival's 1 - q is the true class's q: twice its logarithm."""
    found = MartLoss(epsilon=0.1, steps=5, step_size=0.05, beta=3.0)(two_classes(), AT, torch.tensor([0]))
    p, q = sigmoid(0.4), sigmoid(-0.2)
    assert found.item() == pytest.approx(-2.0 * math.log(q) + 3.0 * kl(p, q) * (1.0 - p), rel=1e-6)


def test_marts_rival_is_the_strongest_of_the_others() -> None:
    """Probabilities 1/8, 5/8 and 1/4, the first true: log 8, and minus the log of 1 - 5/8."""
    logits = torch.tensor([[0.125, 0.625, 0.25]]).log()
    found = MartLoss(epsilon=0.0, low=-9.0, high=9.0)(torch.nn.Identity(), logits, torch.tensor([0]))
    assert found.item() == pytest.approx(math.log(8.0) - math.log(0.375), rel=1e-5)


def test_mart_has_value_and_gradient_where_the_network_is_sure() -> None:
    for sure in (60.0, -60.0):
        shift = torch.tensor([sure, 0.0, 0.0], requires_grad=True)
        value = MartLoss(epsilon=0.0)(lambda x, shift=shift: x + shift, torch.zeros(1, 3), torch.tensor([0]))
        (gradient,) = torch.autograd.grad(value, shift)
        assert value.isfinite()
        assert gradient.isfinite().all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_vat_finds_the_sensitive_direction_by_hand(dtype: torch.dtype) -> None:
    """One round is enough for two classes: there is one such direction, with two senses."""
    p, ends = sigmoid(0.4), [0.4 + 0.2 * math.sqrt(5.0), 0.4 - 0.2 * math.sqrt(5.0)]
    for seed in range(5):
        noise = torch.randn(1, 2, generator=torch.Generator().manual_seed(seed), dtype=dtype)
        found = VirtualAdversarialLoss(epsilon=0.1)(two_classes().to(dtype), AT.to(dtype), noise)
        assert min(abs(found.item() - kl(p, sigmoid(end))) for end in ends) < 1e-4


def test_vats_disturbance_has_the_length_asked_for() -> None:
    model = Watched().eval()
    loss_of(VirtualAdversarialLoss, epsilon=0.7)(model, X, NOISE)
    torch.testing.assert_close((model.seen[-1][0] - X).norm(dim=1), torch.full((20,), 0.7))


def test_vat_climbs_higher_than_chance() -> None:
    model = Watched().eval()
    found = loss_of(VirtualAdversarialLoss, epsilon=0.3)(model, X, NOISE).mean()
    chance = model(X + 0.3 * NOISE / NOISE.norm(dim=1, keepdim=True)).log_softmax(-1)
    clean = model(X).log_softmax(-1)
    assert found > 1.5 * (clean.exp() * (clean - chance)).sum(-1).mean()


@pytest.mark.parametrize("kind", [TradesLoss, MartLoss], ids=lambda kind: kind.__name__)
def test_no_input_leaves_the_box_or_the_range(kind) -> None:
    model = Watched().eval()
    loss_of(kind)(model, *DATA[kind])
    end = model.seen[-1][0]
    assert (end - X).abs().max() <= 0.1 + 1e-6
    assert (end - X).abs().max() > 0.09
    assert end.min() >= 0.0
    assert end.max() <= 1.0


@every
def test_the_model_is_left_as_it_was_found(kind) -> None:
    model = Watched()
    kept = torch.ones_like(model.layers[0].weight)
    model.layers[0].weight.grad = kept.clone()
    loss_of(kind)(model, *DATA[kind])
    assert all(part.training for part in model.modules())
    assert torch.equal(model.layers[0].weight.grad, kept)
    assert model.layers[0].bias.grad is None
    modes = [mode for _, mode in model.seen]
    assert modes == [False] * (len(modes) - PASSES[kind]) + [True] * PASSES[kind]


@every
def test_parameters_learn_and_the_input_does_not(kind) -> None:
    model, x = Watched(), X.clone().requires_grad_()
    loss_of(kind)(model, x, *DATA[kind][1:]).mean().backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
    assert x.grad is None


@every
def test_it_works_where_gradients_are_off(kind) -> None:
    model = Watched().eval()
    wanted = loss_of(kind)(model, *DATA[kind]).detach()
    with torch.no_grad():
        torch.testing.assert_close(loss_of(kind)(model, *DATA[kind]), wanted)


@every
def test_masked_examples_do_not_matter(kind) -> None:
    model, mask = Watched().eval(), torch.arange(20) % 3 != 1
    spoiled = [
        torch.where(mask[:, None], z, torch.nan) if z.ndim > 1 else torch.where(mask, z, -100) for z in DATA[kind]
    ]
    found = loss_of(kind)(model, *spoiled, mask=mask)
    torch.testing.assert_close(found[mask], loss_of(kind)(model, *DATA[kind])[mask], rtol=1e-4, atol=1e-6)
    assert (found[~mask] == 0).all()


def test_without_reach_or_price_they_are_what_they_are_made_of() -> None:
    model = Watched().eval()
    clean = CrossEntropyLoss(reduction="none")(model(X), Y)
    torch.testing.assert_close(loss_of(TradesLoss, epsilon=0.0)(model, X, Y, NOISE), clean)
    torch.testing.assert_close(loss_of(TradesLoss, beta=0.0)(model, X, Y, NOISE), clean)
    nothing = loss_of(VirtualAdversarialLoss, epsilon=0.0)(model, X, NOISE)
    torch.testing.assert_close(nothing, torch.zeros(20))
    attacked = PgdLoss(epsilon=0.1, steps=10, step_size=0.03, reduction="none")(model, X, Y)
    assert (loss_of(MartLoss, beta=0.0)(model, X, Y) > attacked).all()


@pytest.mark.parametrize("kind", [TradesLoss, VirtualAdversarialLoss], ids=lambda kind: kind.__name__)
def test_noise_of_another_shape_is_refused(kind) -> None:
    data = (*DATA[kind][:-1], NOISE[:, :4])
    with pytest.raises(ValueError, match="should have the same shape"):
        loss_of(kind)(Watched(), *data)
