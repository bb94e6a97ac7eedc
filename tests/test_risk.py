"""Numbers made of many losses: against their definitions as minima, and at the ends of their dials."""

import pytest
import torch
from torch import Generator, Tensor

from lossmith.losses import CrossEntropyLoss, cvar_loss, group_dro_loss, tilted_loss, trimmed_loss
from lossmith.losses.risk.group_dro_loss import next_group_weights


def drawn(n: int = 37) -> Tensor:
    return torch.randn(n, generator=Generator().manual_seed(0), dtype=torch.float64).exp()


@pytest.mark.parametrize("share", [0.02, 0.1, 0.33, 0.5, 1.0])
def test_cvar_is_the_minimum_over_thresholds(share: float) -> None:
    """Rockafellar and Uryasev's other form; a minimum lies at one of the losses."""
    losses = drawn()
    minima = [eta + (losses - eta).clamp(min=0.0).mean() / share for eta in losses]
    torch.testing.assert_close(cvar_loss(losses, share=share), torch.stack(minima).min())


def test_the_worst_share_and_the_rest_make_up_the_mean() -> None:
    losses = drawn()
    for share in (0.1, 0.25, 0.6):
        both = share * cvar_loss(losses, share=share) + (1.0 - share) * trimmed_loss(losses, trim=share)
        torch.testing.assert_close(both, losses.mean())


def test_a_tilt_runs_from_the_least_to_the_largest() -> None:
    losses = drawn()
    values = [tilted_loss(losses, tilt=tilt) for tilt in (-1e4, -3.0, -0.1, 0.0, 0.1, 3.0, 1e4)]
    assert values == sorted(values)
    assert values[0].item() == pytest.approx(losses.min().item(), abs=1e-3)
    assert values[-1].item() == pytest.approx(losses.max().item(), abs=1e-3)


def test_a_small_tilt_is_the_mean_and_half_the_variance_in_float32() -> None:
    """The usual logsumexp less log n, over the tilt, has no digits left at 1e-6."""
    losses = drawn()
    for tilt in (1e-3, -1e-3, 1e-6):
        wanted = losses.mean() + 0.5 * tilt * losses.var(correction=0)
        assert tilted_loss(losses.float(), tilt=tilt).item() == pytest.approx(wanted.item(), rel=3e-6)


def test_an_empty_batch_costs_nothing() -> None:
    for loss in (cvar_loss, trimmed_loss, tilted_loss):
        assert loss(torch.zeros(0)) == 0.0


def test_they_take_what_a_loss_gives_unreduced() -> None:
    scores = torch.randn(8, 3, generator=Generator().manual_seed(0), requires_grad=True)
    each = CrossEntropyLoss(reduction="none")(scores, torch.arange(8) % 3)
    (gradient,) = torch.autograd.grad(cvar_loss(each, share=0.25), scores)
    assert int((gradient.abs().sum(-1) > 0).sum()) == 2


def test_group_weights_go_to_the_group_that_stays_worst() -> None:
    losses, groups = torch.tensor([1.0, 3.0, 2.0, 2.5]), torch.tensor([0, 0, 1, 2])
    weights = torch.full((3,), 1.0 / 3.0)
    for _ in range(200):
        weights = next_group_weights(losses, groups, group_weights=weights, step_size=0.1)
    assert weights.sum().item() == pytest.approx(1.0)
    assert weights[2] > 0.99
    assert group_dro_loss(losses, groups, group_weights=weights).item() == pytest.approx(2.5, abs=0.01)


def test_groups_of_another_shape_or_kind_are_refused() -> None:
    weights = torch.ones(2)
    with pytest.raises(ValueError, match="one entry per row"):
        group_dro_loss(torch.ones(3), torch.zeros(2).long(), group_weights=weights)
    with pytest.raises(TypeError, match=r"Try `groups.long\(\)`"):
        group_dro_loss(torch.ones(3), torch.zeros(3), group_weights=weights)
