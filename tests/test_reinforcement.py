"""What is held fixed gets no gradient, and descending does what it should."""

import math

import pytest
import torch
from torch import Generator, Tensor

from lossmith.losses import (
    PpoClipLoss,
    a2c_loss,
    advantage_weighted_regression_loss,
    bpr_loss,
    c51_loss,
    double_dqn_loss,
    dpo_loss,
    dqn_loss,
    grpo_loss,
    huber_temporal_difference_loss,
    policy_gradient_loss,
    ppo_clip_loss,
    qr_dqn_loss,
    quantile_huber_loss,
    sac_actor_loss,
    sac_critic_loss,
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


def steps(n: int = 5, c: int = 3) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Values, actions, rewards, next values and who ended."""
    values, following = normal(n * c).reshape(n, c), normal(n * c, 1).reshape(n, c)
    ended = torch.arange(n) % 3 == 1
    return values, torch.arange(n) % c, normal(n, 2), following, ended


def test_q_learning_is_the_huber_temporal_difference_of_what_was_taken() -> None:
    values, action, reward, following, ended = steps()
    values.requires_grad_()
    loss = dqn_loss(values, action, reward, following, ended)
    taken, best = values[torch.arange(5), action], following.max(-1).values
    torch.testing.assert_close(loss, huber_temporal_difference_loss(taken, reward, best, ended.double()))
    loss.sum().backward()
    assert ((values.grad != 0).sum(-1) == 1).all()


def test_the_second_network_only_values_what_the_first_one_chose() -> None:
    values, action, reward, following, ended = steps()
    torch.testing.assert_close(
        double_dqn_loss(values, action, reward, following, following, ended),
        dqn_loss(values, action, reward, following, ended),
    )
    never = torch.where(torch.arange(3) == 0, 9.0, values)  # the first action is always chosen
    worth = following.clone()
    worth[:, 1:] = 1e4
    torch.testing.assert_close(
        double_dqn_loss(values, action, reward, never, worth, ended),
        double_dqn_loss(values, action, reward, never, following, ended),
    )


def test_actions_that_are_none_are_refused() -> None:
    values, action, reward, following, ended = steps()
    with pytest.raises(TypeError, match=r"Try `action.long\(\)`"):
        dqn_loss(values, action.double(), reward, following, ended)
    with pytest.raises(ValueError, match="one entry per row"):
        dqn_loss(values, action, reward[:, None], following, ended)


def test_the_projection_keeps_all_probability_and_the_mean() -> None:
    """Read off a student of even odds but for one atom: inside of the grid nothing is lost, on it nothing is split."""
    generator = Generator().manual_seed(0)
    following = torch.randn(4, 11, generator=generator, dtype=torch.float64).softmax(-1)
    reward, none = torch.tensor([0.0, 1.0, 0.4, -0.7], dtype=torch.float64), torch.zeros(4).double()
    at = {"lowest": -5.0, "highest": 5.0, "discount": 0.3}
    weights = []
    for k in range(11):
        logits = torch.zeros(11, dtype=torch.float64).index_fill(0, torch.tensor(k), -1.0).expand(4, 11)
        weights.append(c51_loss(logits, following, reward, none, **at) - math.log(10.0 + math.exp(-1.0)))
    found, atoms = torch.stack(weights, -1), torch.linspace(-5.0, 5.0, 11, dtype=torch.float64)
    torch.testing.assert_close(found.sum(-1), torch.ones(4).double())
    torch.testing.assert_close(found @ atoms, reward + 0.3 * following @ atoms)
    assert (found > -1e-12).all()


def test_an_atom_on_the_grid_is_not_split() -> None:
    """By floor and ceiling both of its halves would be 0."""
    following = torch.eye(3, dtype=torch.float64)
    value = c51_loss(3.0 * following, following, torch.zeros(3).double(), torch.zeros(3), discount=1.0)
    torch.testing.assert_close(value, -(3.0 * following).log_softmax(-1).diagonal())


def test_an_empty_grid_is_refused() -> None:
    rows = torch.full((2, 3), 1.0 / 3.0)
    with pytest.raises(ValueError, match="two atoms or more"):
        c51_loss(rows, rows, torch.zeros(2), torch.zeros(2), lowest=1.0, highest=1.0)


def test_quantiles_meet_every_target_as_the_quantile_huber_loss_has_it() -> None:
    quantiles, following, reward = normal(8).reshape(2, 4), normal(6, 1).reshape(2, 3), normal(2, 2)
    wanted = torch.zeros(2).double()
    for i, level in enumerate((0.125, 0.375, 0.625, 0.875)):
        for j in range(3):
            target = reward + 0.9 * following[:, j]
            wanted += quantile_huber_loss(quantiles[:, i], target, level=level, delta=0.5) / 3.0
    found = qr_dqn_loss(quantiles, following, reward, torch.zeros(2), discount=0.9, delta=0.5)
    torch.testing.assert_close(found, wanted)


def test_soft_targets_take_the_smaller_critic_and_pay_for_entropy() -> None:
    value, reward, first, second, ended = normal(5), normal(5, 1), normal(5, 2), normal(5, 3), torch.zeros(5).double()
    surprise = normal(5, 4).abs().neg()
    soft = torch.minimum(first, second) - 0.2 * surprise
    found = sac_critic_loss(value, reward, first, second, surprise, ended)
    torch.testing.assert_close(found, temporal_difference_loss(value, reward, soft, ended))


def test_the_soft_actor_learns_the_softmax_of_the_values() -> None:
    """Of a bandit with three arms at alpha 1/2: exp(2·value), by the expectation over arms."""
    scores, values = torch.zeros(3, requires_grad=True), torch.tensor([1.0, 0.0, -0.5])
    optimiser = torch.optim.Adam([scores], lr=0.05)
    for _ in range(500):
        optimiser.zero_grad()
        log_prob = scores.log_softmax(-1)
        (log_prob.exp() * sac_actor_loss(log_prob, values, alpha=0.5)).sum().backward()
        optimiser.step()
    torch.testing.assert_close(scores.softmax(-1).detach(), (values / 0.5).softmax(-1), atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_huge_advantage_is_cut_off_before_it_overflows(dtype: torch.dtype) -> None:
    log_prob = torch.full((2,), -1.0, dtype=dtype, requires_grad=True)
    values = advantage_weighted_regression_loss(log_prob, torch.tensor([1e4, -1e4], dtype=dtype))
    values.sum().backward()
    assert values.tolist() == pytest.approx([100.0, 0.0], rel=1e-2)
    assert log_prob.grad.tolist() == pytest.approx([-100.0, 0.0], rel=1e-2)


def test_a2c_is_the_sum_of_its_parts_and_keeps_the_critic_out_of_the_policy() -> None:
    log_prob, gain, value, seen, entropy = (normal(4, seed).requires_grad_() for seed in range(5))
    found = a2c_loss(log_prob, gain, value, seen, entropy, value_weight=0.3, entropy_weight=0.2)
    parts = policy_gradient_loss(log_prob, gain) + 0.3 * (value - seen).square() - 0.2 * entropy
    torch.testing.assert_close(found, parts)
    found.sum().backward()
    assert gain.grad is None
    assert seen.grad is None
    assert (entropy.grad == -0.2).all()


def test_preferences_are_those_of_scores_against_the_reference() -> None:
    chosen, rejected, first, second = (normal(5, seed) for seed in range(4))
    found = dpo_loss(chosen, rejected, first, second, beta=0.3)
    torch.testing.assert_close(found, bpr_loss(0.3 * (chosen - first), 0.3 * (rejected - second)))
    torch.testing.assert_close(dpo_loss(chosen, rejected, chosen, rejected), torch.full_like(found, math.log(2.0)))


def test_grpo_is_ppo_averaged_over_an_answers_own_tokens() -> None:
    new, old, base = (0.3 * normal(12, seed).reshape(3, 4) for seed in range(3))
    gain, length = normal(3, 4), torch.tensor([4, 2, 1])
    found = grpo_loss(new, old, base, gain, length, beta=0.0)
    for i, count in enumerate(length):
        wanted = ppo_clip_loss(new[i, :count], old[i, :count], gain[i].expand(count)).mean()
        torch.testing.assert_close(found[i], wanted)


def test_grpos_divergence_is_least_at_the_reference_and_padding_adds_nothing() -> None:
    base = normal(8).reshape(2, 4)
    new = base.clone().requires_grad_()
    length = torch.tensor([3, 2])
    loss = grpo_loss(new, base, base, torch.zeros(2).double(), length, beta=1.0)
    loss.sum().backward()
    assert (loss == 0).all()
    assert (new.grad == 0).all()
    spoiled = torch.where(torch.arange(4) < length[:, None], base + 0.1, torch.nan).requires_grad_()
    value = grpo_loss(spoiled, base, base, torch.ones(2).double(), length, beta=1.0)
    value.sum().backward()
    assert value.isfinite().all()
    assert spoiled.grad.isfinite().all()
