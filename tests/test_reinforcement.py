"""What is held fixed gets no gradient, and descending does what it should."""

import math

import pytest
import torch
from torch import Generator, Tensor

from lossmith.losses import (
    PpoClipLoss,
    huber_temporal_difference_loss,
    policy_gradient_loss,
    ppo_clip_loss,
    temporal_difference_loss,
)

STEP = [temporal_difference_loss, huber_temporal_difference_loss]


def normal(n: int, seed: int = 0) -> Tensor:
    return torch.randn(n, generator=Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("loss", [policy_gradient_loss, ppo_clip_loss, *STEP])
def test_only_the_first_input_is_trained(loss) -> None:
    count = {policy_gradient_loss: 2, ppo_clip_loss: 3}.get(loss, 4)
    data = [normal(6, seed).requires_grad_() for seed in range(count)]
    loss(*data).sum().backward()
    assert (data[0].grad != 0).any()
    assert all(x.grad is None for x in data[1:])


@pytest.mark.parametrize("loss", STEP)
def test_nothing_follows_a_terminal_state(loss) -> None:
    value, reward = normal(3), normal(3, 1)
    over = loss(value, reward, torch.full_like(value, 1e4), torch.ones(3, dtype=torch.bool))
    torch.testing.assert_close(over, loss(value, reward, torch.zeros_like(value), torch.zeros(3).double()))


def test_the_value_of_a_chain_is_found() -> None:
    """Two states, rewards 1 and 2, then the end: with discount 1/2 they are worth 1 + 2/2 and 2."""
    value = torch.zeros(2, requires_grad=True)
    optimiser = torch.optim.SGD([value], lr=0.1)
    for _ in range(300):
        optimiser.zero_grad()
        following = torch.stack([value[1], value[0]])
        terms = (value, torch.tensor([1.0, 2.0]), following, torch.tensor([0.0, 1.0]))
        temporal_difference_loss(*terms, discount=0.5).sum().backward()
        optimiser.step()
    assert value.tolist() == pytest.approx([2.0, 2.0], abs=1e-4)


@pytest.mark.parametrize("of", ["policy gradient", "ppo"])
def test_descending_makes_good_actions_likelier_and_bad_ones_rarer(of: str) -> None:
    for advantage in (2.0, -2.0):
        scores = torch.zeros(3, requires_grad=True)
        taken, gain = scores.log_softmax(-1)[:1], torch.tensor([advantage])
        loss = policy_gradient_loss(taken, gain) if of == "policy gradient" else ppo_clip_loss(taken, taken, gain)
        loss.backward()
        assert (scores - 0.1 * scores.grad).softmax(-1)[0].sub(1.0 / 3.0).sign() == math.copysign(1.0, advantage)


def test_before_the_first_step_ppo_is_the_policy_gradient() -> None:
    gains = normal(8, 1)
    log_prob = normal(8).requires_grad_()
    (clipped,) = torch.autograd.grad(ppo_clip_loss(log_prob, log_prob, gains).sum(), log_prob)
    (plain,) = torch.autograd.grad(policy_gradient_loss(log_prob, gains).sum(), log_prob)
    torch.testing.assert_close(clipped, plain)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_good_actions_ratio_cannot_overflow(dtype: torch.dtype) -> None:
    """exp(500) is infinite; clipping after the exponential gives a gradient of 0·inf."""
    log_prob = torch.zeros(2, dtype=dtype, requires_grad=True)
    values = ppo_clip_loss(log_prob, torch.full((2,), -500.0, dtype=dtype), torch.tensor([3.0, 0.0], dtype=dtype))
    assert values.tolist() == pytest.approx([-3.6, 0.0], rel=1e-2)
    values.sum().backward()
    assert log_prob.grad.tolist() == [0.0, 0.0]


def test_padding_is_left_out_by_the_mask() -> None:
    loss = PpoClipLoss()
    new, old, gains = normal(4), normal(4, 1), normal(4, 2)
    mask = torch.tensor([True, True, False, True])
    wanted = loss(new[mask], old[mask], gains[mask])
    torch.testing.assert_close(loss(new.index_fill(0, torch.tensor([2]), torch.inf), old, gains, mask=mask), wanted)


@pytest.mark.parametrize("loss", [policy_gradient_loss, ppo_clip_loss, *STEP])
def test_a_trailing_dimension_is_refused(loss) -> None:
    count = {policy_gradient_loss: 2, ppo_clip_loss: 3}.get(loss, 4)
    with pytest.raises(ValueError, match=r"squeeze\(-1\)"):
        loss(normal(6)[:, None], *[normal(6)] * (count - 1))
