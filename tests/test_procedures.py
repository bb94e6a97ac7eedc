"""Losses that need a model, tried on critics small enough to work out by hand or to differentiate numerically."""

from functools import partial

import pytest
import torch
from torch import Generator, Tensor

from lossmith import registry
from lossmith.card import Fails, NotApplicable
from lossmith.experiment import Subject
from lossmith.losses import (
    GradientPenaltyLoss,
    PerceptualLoss,
    R1PenaltyLoss,
    gradient_penalty_loss,
    perceptual_loss,
    r1_penalty_loss,
)
from lossmith.properties import TESTS

PROCEDURES = [name for name, card in registry.catalogue().items() if card.kind == "procedure"]
CLAIMED = [
    (name, prop)
    for name in PROCEDURES
    for prop, claim in registry.catalogue()[name].claims.items()
    if not isinstance(claim, NotApplicable)
]


def critic() -> torch.nn.Module:
    """A smooth one of 4 numbers, the same every time."""
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1)).double()


def linear(*weight: float) -> torch.nn.Module:
    model = torch.nn.Linear(len(weight), 1, bias=False)
    model.weight.data = torch.tensor([weight])
    return model


def batch(n: int = 3, *shape: int) -> tuple[Tensor, Tensor, Tensor]:
    generator = Generator().manual_seed(1)
    real, fake = torch.randn(2, n, *(shape or (4,)), generator=generator, dtype=torch.float64)
    return real, fake, torch.rand(n, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize(("name", "prop"), CLAIMED)
def test_claim(name: str, prop: str) -> None:
    """What a card claims in spite of the model, held against one."""
    card = registry.catalogue()[name]
    claim = card.claims[prop]
    assert not isinstance(claim, NotApplicable)
    function = partial(card.module.function, critic())
    found = TESTS[prop](Subject(function, card.inputs, card.module().hyperparameters, claim.wrt, card.unit))
    assert (found is not None) is isinstance(claim, Fails), str(found)


def test_gradient_penalty_by_hand() -> None:
    """Slope 5 everywhere: 10·(5 - 1)². In the weights: 2·10·(5 - 1)·w/5."""
    model = linear(3.0, 4.0)
    value = GradientPenaltyLoss()(model, torch.ones(2, 2), torch.zeros(2, 2), torch.tensor([0.2, 0.9]))
    assert value.item() == pytest.approx(160.0)
    value.backward()
    assert model.weight.grad.tolist()[0] == pytest.approx([48.0, 64.0])


def test_the_slope_is_taken_in_between() -> None:
    """Of x², at 3/4·4 + 1/4·0 = 3: slope 6, so (6 - 1)²; at the real one 8, at the made one 0."""
    real, fake = torch.tensor([[4.0]] * 3), torch.zeros(3, 1)
    values = gradient_penalty_loss(torch.square, real, fake, torch.tensor([0.75, 1.0, 0.0]), penalty=1.0)
    assert values.tolist() == [25.0, 49.0, 1.0]


def test_its_gradient_in_the_weights_agrees_with_finite_differences() -> None:
    model, data = critic(), batch()
    names, weights = zip(*model.named_parameters(), strict=True)

    def value(*weights: Tensor) -> Tensor:
        given = dict(zip(names, weights, strict=True))
        return gradient_penalty_loss(lambda x: torch.func.functional_call(model, given, (x,)), *data)

    assert torch.autograd.gradcheck(value, weights)


def test_no_gradient_reaches_the_examples() -> None:
    real, fake, share = (x.requires_grad_() for x in batch())
    gradient_penalty_loss(critic(), real, fake, share).sum().backward()
    assert real.grad is None
    assert fake.grad is None
    assert share.grad is None


def test_a_critic_without_a_slope_costs_the_penalty_and_gets_no_nan() -> None:
    model = linear(0.0, 0.0)
    value = GradientPenaltyLoss()(model, torch.ones(2, 2), torch.zeros(2, 2), torch.tensor([0.2, 0.9]))
    assert value.item() == 10.0
    value.backward()
    assert model.weight.grad.tolist() == [[0.0, 0.0]]


def test_it_has_a_value_where_nothing_learns() -> None:
    model, data = critic(), batch()
    with torch.no_grad():
        value = GradientPenaltyLoss()(model, *data)
    assert not value.requires_grad
    torch.testing.assert_close(value, GradientPenaltyLoss()(model, *data).detach())


def test_pictures_are_one_example_each() -> None:
    """The norm is over all of a picture: for the sum of 3·2·2 pixels, √12."""
    values = gradient_penalty_loss(lambda x: x.flatten(1).sum(1), *batch(3, 3, 2, 2), penalty=1.0)
    torch.testing.assert_close(values, torch.full((3,), (12.0**0.5 - 1.0) ** 2, dtype=torch.float64))


def test_masked_examples_do_not_matter() -> None:
    real, fake, share = batch()
    mask = torch.tensor([True, False, True])
    wanted = gradient_penalty_loss(critic(), real, fake, share)[mask].mean()
    spoiled = [x.index_fill(0, torch.tensor([1]), torch.nan) for x in (real, fake, share)]
    model = critic()
    found = GradientPenaltyLoss()(model, *spoiled, mask=mask)
    torch.testing.assert_close(found, wanted)
    found.backward()
    gradients = [weight.grad for weight in model.parameters() if weight.grad is not None]
    assert len(gradients) == 3  # a shift of all scores has no slope
    assert all(gradient.isfinite().all() for gradient in gradients)


def test_shapes_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="should have the same shape"):
        gradient_penalty_loss(critic(), torch.ones(2, 4), torch.ones(3, 4), torch.ones(2))
    with pytest.raises(ValueError, match=r"`share` should have one entry per row, shape \(2,\)"):
        gradient_penalty_loss(critic(), torch.ones(2, 4), torch.ones(2, 4), torch.ones(2, 1))


def test_r1_by_hand() -> None:
    """Slope 5 everywhere: ½·2·25. In the weights: 2·w."""
    model = linear(3.0, 4.0)
    value = R1PenaltyLoss(gamma=2.0)(model, torch.ones(2, 2))
    assert value.item() == pytest.approx(25.0)
    value.backward()
    assert model.weight.grad.tolist()[0] == pytest.approx([6.0, 8.0])


def test_r1_is_taken_at_the_examples_whether_or_not_anything_learns() -> None:
    """Of x² at 3: slope 6."""
    real = torch.tensor([[3.0], [0.0]], requires_grad=True)
    with torch.no_grad():
        assert r1_penalty_loss(torch.square, real, gamma=1.0).tolist() == [18.0, 0.0]
    values = r1_penalty_loss(lambda x: x.square() * torch.ones(1, requires_grad=True), real, gamma=1.0)
    values.sum().backward()
    assert real.grad is None


def test_r1_in_the_weights_agrees_with_finite_differences() -> None:
    model, (real, *_) = critic(), batch()
    names, weights = zip(*model.named_parameters(), strict=True)

    def value(*weights: Tensor) -> Tensor:
        given = dict(zip(names, weights, strict=True))
        return r1_penalty_loss(lambda x: torch.func.functional_call(model, given, (x,)), real)

    assert torch.autograd.gradcheck(value, weights)


def test_perceptual_loss_reaches_the_picture_made_and_not_the_other() -> None:
    made, wanted, _ = batch()
    made.requires_grad_()
    wanted.requires_grad_()
    layers = critic()[:2]
    PerceptualLoss()(lambda x: [layers[0](x), layers(x)], made, wanted).backward()
    assert (made.grad != 0).any()
    assert wanted.grad is None
    assert torch.autograd.gradcheck(lambda x: perceptual_loss(layers, x, wanted.detach()), made)


def test_perceptual_loss_adds_layers_each_its_own_mean() -> None:
    """Off by 2 in both of two values, and by 4 in their sum: 4 + 16."""
    seen = perceptual_loss(lambda x: [x, x.sum(-1, keepdim=True)], torch.full((3, 2), 2.0), torch.zeros(3, 2))
    assert seen.tolist() == [20.0] * 3
