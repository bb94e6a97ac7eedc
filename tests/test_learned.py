"""A loss that is taught by what a step with it leads to, and an optimiser that learns to descend."""

import math

import pytest
import torch
from torch import Generator, Tensor

from lossmith import registry
from lossmith.losses import SquaredErrorLoss
from lossmith.training.learned_optimizer import LearnedOptimizer, UpdateRule, seen_at_every_scale, teach
from lossmith.training.meta_step import after_a_step


def untaught(hidden: int = 16, seed: int = 0) -> torch.nn.Module:
    drawn = Generator().manual_seed(seed)
    return registry.load(
        "meta_learned_loss",
        weight=torch.randn(hidden, 2, generator=drawn),
        bias=torch.zeros(hidden),
        readout=torch.randn(hidden, generator=drawn) / hidden,
    )


def task(generator: Generator) -> tuple[Tensor, Tensor]:
    """A line through the origin, of a slope of its own."""
    x = torch.randn(20, 1, generator=generator)
    return x, torch.randn(1, generator=generator) * x


def test_a_step_is_gradient_descents_own() -> None:
    torch.manual_seed(0)
    model, (x, y) = torch.nn.Linear(1, 1), task(Generator().manual_seed(1))
    moved = after_a_step(model, SquaredErrorLoss(), x, y, rate=0.3)
    twice = after_a_step(model, SquaredErrorLoss(), x, y, rate=0.3, parameters=moved)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.3)
    for wanted in (moved, twice):
        optimiser.zero_grad()
        SquaredErrorLoss()(model(x), y).backward()
        optimiser.step()
        for name, parameter in model.named_parameters():
            torch.testing.assert_close(wanted[name], parameter)


def test_the_gradient_through_a_step_agrees_with_finite_differences() -> None:
    torch.manual_seed(0)
    model, loss = torch.nn.Linear(1, 1).double(), untaught(3).double()
    x, y = (data.double() for data in task(Generator().manual_seed(1)))
    names = [name for name, _ in loss.named_parameters()]

    def outcome(*weights: Tensor) -> Tensor:
        def taught(prediction: Tensor, target: Tensor) -> Tensor:
            return torch.func.functional_call(loss, dict(zip(names, weights, strict=True)), (prediction, target))

        moved = after_a_step(model, taught, x, y)
        return SquaredErrorLoss()(torch.func.functional_call(model, moved, (x,)), y)

    assert torch.autograd.gradcheck(outcome, tuple(loss.parameters()))


def test_a_taught_loss_does_in_one_step_what_squared_error_does_not() -> None:
    """At a rate at which squared error gets a fifth of the way: on slopes that teaching never saw."""
    loss, generator, rate = untaught(), Generator().manual_seed(0), 0.1
    adam = torch.optim.Adam(loss.parameters(), lr=0.02)
    model = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(model.weight)

    def left(by: torch.nn.Module, x: Tensor, y: Tensor) -> Tensor:
        moved = after_a_step(model, by, x, y, rate=rate)
        return SquaredErrorLoss()(torch.func.functional_call(model, moved, (x,)), y)

    for _ in range(300):
        adam.zero_grad()
        sum(left(loss, *task(generator)) for _ in range(4)).backward()
        adam.step()
    new = [task(generator) for _ in range(50)]
    taught, plain = (sum(left(by, *data).item() for data in new) for by in (loss, SquaredErrorLoss()))
    assert taught < 0.3 * plain
    assert model.weight.item() == 0.0


def quadratics(generator: Generator, count: int = 8, d: int = 4) -> tuple[Tensor, object]:
    """The paper's first problems, ‖Wx − y‖², several side by side."""
    w, y = torch.randn(count, d, d, generator=generator), torch.randn(count, d, generator=generator)
    return torch.zeros(count, d), lambda x: (torch.einsum("bij,bj->bi", w, x) - y).square().sum()


def descended(optimizer: torch.optim.Optimizer, point: Tensor, loss, steps: int) -> float:
    for _ in range(steps):
        optimizer.zero_grad()
        loss(point).backward()
        optimizer.step()
    return float(loss(point).detach())


def test_a_taught_optimizer_beats_sgd_at_its_best_rate_on_problems_it_never_saw() -> None:
    torch.manual_seed(0)
    rule, generator = UpdateRule(hidden=8), Generator().manual_seed(0)
    told = teach(rule, lambda: quadratics(generator), rounds=60, steps=15, truncated=15, rate=0.02)
    assert sum(told[-5:]) < 0.7 * sum(told[:5])
    start, loss = quadratics(Generator().manual_seed(99), count=50)
    found = {}
    for lr in (0.003, 0.01, 0.03, 0.1):
        point = start.clone().requires_grad_()
        value = descended(torch.optim.SGD([point], lr=lr), point, loss, 15)
        found[lr] = value if math.isfinite(value) else math.inf
    point = start.clone().requires_grad_()
    assert descended(LearnedOptimizer([point], rule), point, loss, 15) < min(found.values())


def test_its_state_is_saved_and_continues_where_it_was() -> None:
    torch.manual_seed(0)
    rule = UpdateRule(hidden=4)

    def run(steps: int, saved: dict | None = None, at: Tensor | None = None) -> tuple[Tensor, dict]:
        point = (torch.ones(3) if at is None else at).clone().requires_grad_()
        optimizer = LearnedOptimizer([point], rule)
        if saved:
            optimizer.load_state_dict(saved)
        descended(optimizer, point, lambda x: x.square().sum(), steps)
        return point.detach(), optimizer.state_dict()

    whole, _ = run(6)
    half, saved = run(3)
    rest, _ = run(3, saved, half)
    torch.testing.assert_close(rest, whole)


def test_parameters_do_not_meet_and_those_without_a_gradient_stay() -> None:
    torch.manual_seed(0)
    rule = UpdateRule(hidden=4)
    alone, together, idle = (torch.tensor([[1.0, -2.0]], requires_grad=True) for _ in range(3))
    other = torch.ones(5, requires_grad=True)
    first, second = LearnedOptimizer([alone], rule), LearnedOptimizer([together, idle, other], rule)
    for _ in range(3):
        first.zero_grad()
        second.zero_grad()
        alone.square().sum().backward()
        (together.square().sum() + other.exp().sum()).backward()
        first.step()
        second.step()
    torch.testing.assert_close(alone, together)
    assert idle.tolist() == [[1.0, -2.0]]
    assert all(parameter.grad is None for parameter in rule.parameters())


@pytest.mark.parametrize("size", [1e-30, 1e-8, 1e-3, 1.0, 1e6])
def test_gradients_of_every_size_are_seen_as_ordinary_numbers(size: float) -> None:
    seen = seen_at_every_scale(torch.tensor([size, -size, 0.0]))
    assert seen.isfinite().all()
    assert seen.abs().max() < 3.0
    assert seen[0, 1] == -seen[1, 1]
    assert seen[0, 0] == seen[1, 0]
