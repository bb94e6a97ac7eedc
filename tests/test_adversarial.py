"""Losses at disturbed inputs: how far, how bad, and that the model is left as it was found."""

import copy
import math

import pytest
import torch
from torch import Tensor

from lossmith.losses import CrossEntropyLoss, FgsmLoss, PgdLoss
from watched import Watched

LOSSES = [FgsmLoss(epsilon=0.1, reduction="none"), PgdLoss(epsilon=0.1, steps=7, step_size=0.03, reduction="none")]
NAMES = ["fgsm", "pgd"]
both = pytest.mark.parametrize("loss", LOSSES, ids=NAMES)


def batch(n: int = 20) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    x = torch.rand(n, 5, generator=generator)
    x[:3] = torch.tensor([0.0, 1.0, 0.05, 0.95, 0.5])  # at the ends of the range too
    return x, torch.arange(n) % 3


@both
def test_no_input_leaves_the_box_or_the_range(loss) -> None:
    model, (x, y) = Watched().eval(), batch()
    loss(model, x, y)
    for seen, _ in model.seen:
        assert (seen - x).abs().max() <= 0.1 + 1e-6
        assert seen.min() >= 0.0
        assert seen.max() <= 1.0
    assert (model.seen[-1][0] - x).abs().max() > 0.09


@both
def test_disturbed_is_worse_than_clean(loss) -> None:
    model, (x, y) = Watched().eval(), batch()
    clean = CrossEntropyLoss(reduction="none")(model(x), y)
    found = loss(model, x, y)
    assert found.mean() > clean.mean() + 0.02
    assert (found >= clean).all()


def test_several_steps_are_never_better_than_none() -> None:
    """Steps far too long overshoot: the worst point met is kept, and the clean one is among them."""
    model, (x, y) = Watched().eval(), batch()
    for parameter in model.parameters():
        parameter.data *= 5.0
    clean = CrossEntropyLoss(reduction="none")(model(x), y)
    loss = PgdLoss(epsilon=0.8, steps=3, step_size=0.8, reduction="none")
    assert (loss(model, x, y) >= clean).all()


def test_several_steps_find_worse_points_than_one() -> None:
    torch.manual_seed(3)
    model = torch.nn.Sequential(torch.nn.Linear(5, 64), torch.nn.Tanh(), torch.nn.Linear(64, 3))
    for parameter in model.parameters():
        parameter.data *= 4.0  # bent enough for one straight step to miss
    x, y = batch(60)
    one, several = FgsmLoss(epsilon=0.3)(model, x, y), PgdLoss(epsilon=0.3, steps=20, step_size=0.05)(model, x, y)
    assert several > one


def test_on_a_linear_model_one_step_is_the_worst_there_is() -> None:
    """Margin 0.4 falls by epsilon times the sum of the sizes of the difference of rows: 0.1·(2 + 4) = 0.6."""
    model = torch.nn.Linear(2, 2, bias=False)
    model.weight.data = torch.tensor([[1.0, -2.0], [-1.0, 2.0]])
    x = torch.tensor([[0.8, 0.3]])
    wanted = math.log1p(math.exp(-(0.4 - 0.6)))
    assert FgsmLoss(epsilon=0.1)(model, x, torch.tensor([0])).item() == pytest.approx(wanted, rel=1e-5)
    several = PgdLoss(epsilon=0.1, steps=5, step_size=0.05)(model, x, torch.tensor([0]))
    assert several.item() == pytest.approx(wanted, rel=1e-5)


@both
def test_the_model_is_left_as_it_was_found(loss) -> None:
    model, (x, y) = Watched(), batch()
    model.layers[4].eval()  # parts may differ
    kept = torch.ones_like(model.layers[0].weight)
    model.layers[0].weight.grad = kept.clone()
    modes = [part.training for part in model.modules()]
    loss(model, x, y)
    assert [part.training for part in model.modules()] == modes
    assert torch.equal(model.layers[0].weight.grad, kept)
    assert model.layers[0].bias.grad is None
    # Attacked in evaluation mode, so that the batch statistics saw one batch: the last, in the mode found.
    assert [mode for _, mode in model.seen] == [False] * (len(model.seen) - 1) + [True]
    assert model.layers[1].num_batches_tracked == 1


@both
def test_the_mode_comes_back_after_an_error(loss) -> None:
    model, (_, y) = Watched(), batch()
    with pytest.raises(RuntimeError):
        loss(model, torch.ones(20, 4), y)
    assert all(part.training for part in model.modules())


@both
def test_parameters_learn_and_the_input_does_not(loss) -> None:
    model, (x, y) = Watched(), batch()
    x.requires_grad_()
    loss(model, x, y).mean().backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
    assert x.grad is None


@both
def test_it_works_where_gradients_are_off(loss) -> None:
    model, (x, y) = Watched().eval(), batch()
    wanted = loss(model, x, y).detach()
    with torch.no_grad():
        torch.testing.assert_close(loss(model, x, y), wanted)


@both
def test_epsilon_zero_is_cross_entropy(loss) -> None:
    model, (x, y) = Watched().eval(), batch()
    still = type(loss)(epsilon=0.0, reduction="none")
    torch.testing.assert_close(still(model, x, y), CrossEntropyLoss(reduction="none")(model(x), y))


@both
def test_masked_examples_do_not_matter(loss) -> None:
    model, (x, y) = Watched().eval(), batch(6)
    mask = torch.tensor([True, False, True, True, False, True])
    spoiled = x.clone()
    spoiled[~mask] = torch.nan
    found = loss(model, spoiled, torch.where(mask, y, -100), mask=mask)
    torch.testing.assert_close(found[mask], loss(model, x, y)[mask])
    assert (found[~mask] == 0).all()


def test_images_and_plain_functions_are_taken() -> None:
    weight = torch.randn(3, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    x = torch.full((2, 1, 4, 4), 0.5)
    for loss in (FgsmLoss(), PgdLoss(steps=2)):
        found = loss(lambda z: torch.einsum("nchw,kchw->nk", z, weight), x, torch.tensor([0, 1]))
        assert found.isfinite()


def test_training_with_it_makes_a_network_bear_more() -> None:
    """Clean training cuts where it likes; with the attack the margin is at least the box."""
    torch.manual_seed(0)
    x = torch.rand(200, 2)
    x[:, 0] = torch.where(x[:, 0] > 0.5, x[:, 0] + 0.3, x[:, 0] - 0.3).clamp(0.0, 1.0)
    y = (x[:, 0] > 0.5).long()
    model = torch.nn.Linear(2, 2)
    torch.nn.init.zeros_(model.weight)
    start = copy.deepcopy(model)
    worst = PgdLoss(epsilon=0.2, steps=5, step_size=0.1)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.1)
    for _ in range(60):
        optimiser.zero_grad()
        worst(model, x, y).backward()
        optimiser.step()
    assert worst(model, x, y) < 0.5 * worst(start, x, y)
