"""Who minimises what in a game of two networks, and the parts of the others against torch's."""

import math

import pytest
import torch
from torch import Generator, Tensor
from torch.distributions import Bernoulli, Normal, kl_divergence

from lossmith.losses import (
    bpr_loss,
    content_loss,
    epsilon_prediction_loss,
    flow_matching_loss,
    gan_discriminator_loss,
    gan_generator_loss,
    gaussian_vae_elbo_loss,
    hinge_discriminator_loss,
    least_squares_discriminator_loss,
    least_squares_generator_loss,
    non_saturating_generator_loss,
    relativistic_average_loss,
    style_loss,
    v_prediction_loss,
    vae_elbo_loss,
    wasserstein_critic_loss,
    wasserstein_generator_loss,
)

GENERATORS = [
    gan_generator_loss,
    non_saturating_generator_loss,
    least_squares_generator_loss,
    wasserstein_generator_loss,
]
DISCRIMINATORS = [
    gan_discriminator_loss,
    hinge_discriminator_loss,
    least_squares_discriminator_loss,
    relativistic_average_loss,
    wasserstein_critic_loss,
    bpr_loss,
]


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("loss", GENERATORS)
def test_descending_it_makes_the_generator_taken_for_real(loss) -> None:
    score = torch.tensor([-3.0, 0.0, 0.9], requires_grad=True)
    loss(score).sum().backward()
    assert (score.grad < 0).all()


@pytest.mark.parametrize("loss", DISCRIMINATORS)
def test_descending_it_raises_real_scores_and_lowers_made_ones(loss) -> None:
    real, fake = torch.tensor([-3.0, 0.5], requires_grad=True), torch.tensor([3.0, 0.5], requires_grad=True)
    loss(real, fake).sum().backward()
    assert (real.grad < 0).all()
    assert (fake.grad > 0).all()


def test_the_game_of_the_paper_is_zero_sum_in_the_made_examples() -> None:
    """What the generator minimises is what the discriminator maximises, up to the real examples' part."""
    real, fake = normal(9), normal(9, seed=1)
    both = gan_discriminator_loss(real, fake) + gan_generator_loss(fake)
    torch.testing.assert_close(both, gan_discriminator_loss(real, torch.full_like(fake, -1e4)))


def test_logarithms_are_cross_entropies_against_the_flipped_label() -> None:
    cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits
    real, fake = 3.0 * normal(9), 3.0 * normal(9, seed=1)
    one, zero = torch.ones(9).double(), torch.zeros(9).double()
    torch.testing.assert_close(
        gan_discriminator_loss(real, fake).mean(), cross_entropy(real, one) + cross_entropy(fake, zero)
    )
    torch.testing.assert_close(non_saturating_generator_loss(fake).mean(), cross_entropy(fake, one))
    torch.testing.assert_close(gan_generator_loss(fake).mean(), -cross_entropy(fake, zero))


def test_where_the_discriminator_wins_only_one_of_the_two_learns() -> None:
    for loss, slope in ((gan_generator_loss, 0.0), (non_saturating_generator_loss, -1.0)):
        logit = torch.tensor([-30.0], requires_grad=True)
        loss(logit).backward()
        assert logit.grad.item() == pytest.approx(slope, abs=1e-6)


@pytest.mark.parametrize("beta", [0.0, 1.0, 4.0])
def test_elbo_is_torchs_likelihood_and_divergence(beta: float) -> None:
    made, mean, log_variance = 2.0 * normal(5, 7), normal(5, 3, seed=1), normal(5, 3, seed=2)
    code = Normal(mean, (0.5 * log_variance).exp())
    divergence = beta * kl_divergence(code, Normal(torch.zeros_like(mean), torch.ones_like(mean))).sum(-1)
    x = torch.rand(5, 7, generator=Generator().manual_seed(3)).double().round()
    wanted = divergence - Bernoulli(logits=made).log_prob(x).sum(-1)
    torch.testing.assert_close(vae_elbo_loss(made, x, mean, log_variance, beta=beta), wanted)
    x = normal(5, 7, seed=4)
    constant = 3.5 * math.log(2.0 * math.pi)
    wanted = divergence - Normal(made, torch.ones_like(made)).log_prob(x).sum(-1) - constant
    torch.testing.assert_close(gaussian_vae_elbo_loss(made, x, mean, log_variance, beta=beta), wanted)


def test_beta_is_the_decoders_variance() -> None:
    """β times the bound of a decoder with variance β, less its constant."""
    made, x, mean, log_variance, beta = normal(5, 7), normal(5, 7, seed=4), normal(5, 3, seed=1), normal(5, 3), 0.3
    code = Normal(mean, (0.5 * log_variance).exp())
    divergence = kl_divergence(code, Normal(torch.zeros_like(mean), torch.ones_like(mean))).sum(-1)
    bound = divergence - Normal(made, torch.tensor(beta).double().sqrt()).log_prob(x).sum(-1)
    constant = 3.5 * math.log(2.0 * math.pi * beta)
    torch.testing.assert_close(
        gaussian_vae_elbo_loss(made, x, mean, log_variance, beta=beta), beta * (bound - constant)
    )


@pytest.mark.parametrize("loss", [vae_elbo_loss, gaussian_vae_elbo_loss])
def test_pictures_are_summed_over_all_their_pixels(loss) -> None:
    made, x, code = normal(2, 3, 4, 5), torch.rand(2, 3, 4, 5).double(), (normal(2, 6), normal(2, 6, seed=1))
    torch.testing.assert_close(loss(made, x, *code), loss(made.flatten(1), x.flatten(1), *code))


def test_a_small_divergence_keeps_its_digits_in_float32() -> None:
    """(e^s - 1 - s)/2 is s²/4 near 0; with exp(s) - 1 - s it is 0 or negative."""
    s, nothing = torch.tensor([[1e-2], [-1e-3]]), torch.zeros(2, 1)
    values = gaussian_vae_elbo_loss(nothing, nothing, nothing, s)
    torch.testing.assert_close(values, s[:, 0].square() / 4.0, rtol=1e-2, atol=0.0)


def test_pictures_with_the_same_patches_in_another_order_have_the_same_style() -> None:
    features = normal(2, 3, 4, 5)
    shuffled = features.flatten(2)[..., torch.randperm(20, generator=Generator().manual_seed(0))].view_as(features)
    assert style_loss(shuffled, features).tolist() == pytest.approx([0.0, 0.0], abs=1e-20)
    assert (content_loss(shuffled, features) > 0.1).all()
    torch.testing.assert_close(style_loss(features.repeat(1, 1, 2, 1), features), torch.zeros(2).double())


def test_style_is_four_times_gatys() -> None:
    """Their equation: the sum of squared differences of plain products, over 4·c²·(h·w)²."""
    features, style = normal(2, 3, 4, 5), normal(2, 3, 4, 5, seed=1)
    plain = [torch.einsum("nipq,njpq->nij", x, x) for x in (features, style)]
    gatys = (plain[0] - plain[1]).square().sum((1, 2)) / (4.0 * 3.0**2 * 20.0**2)
    torch.testing.assert_close(style_loss(features, style), 4.0 * gatys)


def test_style_of_half_precision_does_not_overflow() -> None:
    features = torch.full((1, 2, 64, 64), 8.0, dtype=torch.float16)
    assert style_loss(features, torch.zeros_like(features)).item() == pytest.approx(4.0 * 32.0**2, rel=1e-2)


def test_feature_maps_of_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"`features` should have shape \(n, c, h, w\)\. Found \(2, 3\)"):
        style_loss(normal(2, 3), normal(2, 3))
    with pytest.raises(ValueError, match="should have the same n and c"):
        style_loss(normal(2, 3, 4, 4), normal(2, 4, 4, 4))
    with pytest.raises(ValueError, match="should have the same shape"):
        content_loss(normal(2, 3, 4, 4), normal(2, 3, 4, 5))


def test_beyond_the_hinge_nothing_pulls() -> None:
    real, fake = torch.tensor([1.5], requires_grad=True), torch.tensor([-1.5], requires_grad=True)
    hinge_discriminator_loss(real, fake).sum().backward()
    assert real.grad == fake.grad == 0.0


def test_relativistic_players_swap_and_shift_together() -> None:
    real, fake = normal(9), normal(9, seed=1)
    torch.testing.assert_close(relativistic_average_loss(real + 5.0, fake + 5.0), relativistic_average_loss(real, fake))
    one = relativistic_average_loss(real[:1], fake[:1])
    torch.testing.assert_close(one, 2.0 * bpr_loss(real[:1], fake[:1]).sum())  # an average of one is that one
    fake.requires_grad_()
    relativistic_average_loss(fake, real).backward()
    assert (fake.grad < 0).all()


@pytest.mark.parametrize("signal", [0.0, 0.3, 1.0])
def test_v_is_the_noise_and_the_example_by_share(signal: float) -> None:
    """The network that knows both is right; from v and the noisy example either is had back."""
    clean, noise, share = normal(4, 3), normal(4, 3, seed=1), torch.full((4,), signal, dtype=torch.float64)
    root, rest = math.sqrt(signal), math.sqrt(1.0 - signal)
    noisy, v = root * clean + rest * noise, root * noise - rest * clean
    assert v_prediction_loss(v, clean, noise, share).max() < 1e-30
    torch.testing.assert_close(root * noisy - rest * v, clean)
    torch.testing.assert_close(rest * noisy + root * v, noise)


def test_an_error_in_v_is_that_in_the_noise_over_the_signals_share() -> None:
    """That is times 1 + 1/SNR."""
    clean, noise, share = normal(4, 3), normal(4, 3, seed=1), torch.rand(4, dtype=torch.float64) * 0.8 + 0.1
    guess = normal(4, 3, seed=2)
    root, rest = share.sqrt()[:, None], (1.0 - share).sqrt()[:, None]
    noisy = root * clean + rest * noise
    v = (guess - rest * noisy) / root
    torch.testing.assert_close(
        v_prediction_loss(v, clean, noise, share) * share, epsilon_prediction_loss(guess, noise, share)
    )


def test_steps_with_little_noise_count_less_at_a_small_gamma() -> None:
    share = torch.tensor([0.0, 0.5, 0.75, 0.9, 1.0])
    weights = epsilon_prediction_loss(torch.ones(5, 2), torch.zeros(5, 2), share, gamma=1.0)
    assert weights.tolist() == pytest.approx([1.0, 1.0, 1.0 / 3.0, 1.0 / 9.0, 0.0])


def test_the_straight_flow_carries_noise_to_the_example() -> None:
    clean, noise = normal(4, 3), normal(4, 3, seed=1)
    velocity = clean - noise
    assert flow_matching_loss(velocity, clean, noise).max() == 0.0
    torch.testing.assert_close(noise + velocity, clean)
