"""What losses for wrong labels promise: corrections that undo known mistakes, and the ends of their dials."""

import pytest
import torch
from torch import Generator, Tensor

from lossmith.kernels.class_sums import log_others
from lossmith.kernels.tempered import log_tempered_softmax
from lossmith.losses import (
    backward_correction_loss,
    bi_tempered_loss,
    early_learning_regularization_loss,
    forward_correction_loss,
    normalized_focal_loss,
    taylor_cross_entropy_loss,
    unbiased_pu_loss,
)

FLIPS = torch.tensor([[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.0, 0.3, 0.7]], dtype=torch.float64)
CLEAN = torch.tensor([0.5, 0.2, 0.3], dtype=torch.float64)


def scores(n: int = 20, c: int = 3) -> Tensor:
    return 2.0 * torch.randn(n, c, generator=Generator().manual_seed(0), dtype=torch.float64)


def cross_entropy(x: Tensor, target: Tensor) -> Tensor:
    return torch.nn.functional.cross_entropy(x, target, reduction="none")


def test_backward_correction_is_the_clean_loss_on_average_over_mistakes() -> None:
    x = scores()
    for true in range(3):
        each = [backward_correction_loss(x, torch.full((20,), j), transition=FLIPS) for j in range(3)]
        mean = sum(FLIPS[true, j] * each[j] for j in range(3))
        torch.testing.assert_close(mean, cross_entropy(x, torch.full((20,), true)))


@pytest.mark.parametrize("loss", [forward_correction_loss, backward_correction_loss], ids=lambda f: f.__name__)
def test_the_minimiser_on_spoiled_labels_is_the_clean_distribution(loss) -> None:
    """Its gradient is nothing there: labels come with FLIPS' shares of CLEAN."""
    x = CLEAN.log().unsqueeze(0).requires_grad_()
    expected = sum((CLEAN @ FLIPS)[j] * loss(x, torch.tensor([j]), transition=FLIPS) for j in range(3))
    torch.testing.assert_close(torch.autograd.grad(expected.sum(), x)[0], torch.zeros(1, 3, dtype=torch.float64))
    moved = CLEAN.log() + torch.tensor([0.3, -0.2, 0.1], dtype=torch.float64)
    elsewhere = sum((CLEAN @ FLIPS)[j] * loss(moved[None], torch.tensor([j]), transition=FLIPS) for j in range(3))
    assert elsewhere > expected


@pytest.mark.parametrize("loss", [forward_correction_loss, backward_correction_loss], ids=lambda f: f.__name__)
def test_without_mistakes_they_are_cross_entropy(loss) -> None:
    x, target = scores(), torch.arange(20) % 3
    torch.testing.assert_close(loss(x, target, transition=torch.eye(3)), cross_entropy(x, target))
    with pytest.raises(ValueError, match="a row and a column per class"):
        loss(x, target, transition=torch.eye(2))


@pytest.mark.parametrize("classes", [2, 10, 1000])
@pytest.mark.parametrize("t", [1.0 + 1e-9, 1.1, 2.0, 4.0])
def test_tempered_probabilities_sum_to_one(classes: int, t: float) -> None:
    for spread in (0.0, 1.0, 1e4):
        log_p = log_tempered_softmax(spread * scores(5, classes), t)
        torch.testing.assert_close(log_p.exp().sum(-1), torch.ones(5, dtype=torch.float64))


def test_bi_tempered_comes_from_cross_entropy_without_a_jump() -> None:
    x, target = scores(), torch.arange(20) % 3
    torch.testing.assert_close(bi_tempered_loss(x, target, t1=1.0, t2=1.0), cross_entropy(x, target))
    near = bi_tempered_loss(x, target, t1=1.0 - 1e-9, t2=1.0 + 1e-9)
    torch.testing.assert_close(near, cross_entropy(x, target), rtol=1e-6, atol=1e-6)


def test_bi_tempered_costs_no_more_than_its_bound() -> None:
    far = torch.tensor([[-1e4, 1e4, 0.0]], dtype=torch.float64)
    for t1 in (0.0, 0.5, 0.8):
        assert bi_tempered_loss(far, torch.tensor([0]), t1=t1, t2=1.3) <= 1.0 / (1.0 - t1)


def test_log_others_is_the_sum_over_the_others_however_sure() -> None:
    x = torch.tensor([[0.3, -1.0, 2.0], [50.0, 0.0, 0.0], [0.0, 0.0, 0.0]], dtype=torch.float64)
    log_p = x.log_softmax(-1)
    wanted = [[torch.logsumexp(row[torch.arange(3) != k], 0) for k in range(3)] for row in log_p]
    torch.testing.assert_close(log_others(x), torch.tensor(wanted, dtype=torch.float64))


def test_normalized_losses_sum_to_one_over_the_labels() -> None:
    x = scores()
    for gamma in (0.0, 0.5, 2.0):
        each = [normalized_focal_loss(x, torch.full((20,), k), gamma=gamma) for k in range(3)]
        torch.testing.assert_close(sum(each), torch.ones(20, dtype=torch.float64))


def test_taylors_series_ends_at_cross_entropy() -> None:
    x, target = 0.5 * scores(), torch.zeros(20).long()
    near = taylor_cross_entropy_loss(x, target, order=3000)
    torch.testing.assert_close(near, cross_entropy(x, target), rtol=1e-5, atol=1e-5)


def test_early_learning_holds_to_the_average_and_stays_finite() -> None:
    """Labelled 1 where the average is sure of 0: more of class 0 may cost less, and a sure answer has a gradient."""
    average = torch.tensor([[1.0, 0.0]])
    losses = [
        early_learning_regularization_loss(torch.tensor([[logit, 0.0]]), torch.tensor([1]), average, strength=7.0)
        for logit in (1.0, 2.0)
    ]
    assert losses[1] < losses[0]
    sure = torch.tensor([[80.0, 0.0]], requires_grad=True)
    (gradient,) = torch.autograd.grad(early_learning_regularization_loss(sure, torch.tensor([1]), average).sum(), sure)
    torch.testing.assert_close(gradient, torch.tensor([[1.0, -1.0]]))


def test_the_unbiased_risk_is_that_of_known_labels_on_average() -> None:
    """Positives drawn like the yeses among the unlabelled: the error of all, with the sigmoid loss."""
    yes, no = scores(1, 4000)[0] + 1.0, scores(1, 6000)[0] - 1.0
    both = torch.cat([yes, yes, no])
    labelled = torch.cat([torch.ones(4000), torch.zeros(10000)]).double()
    wanted = (torch.sigmoid(-yes).sum() + torch.sigmoid(no).sum()) / 10000
    torch.testing.assert_close(unbiased_pu_loss(both, labelled, prior=0.4), wanted)
