"""Losses of several tasks into one number, by hand."""

import math

import pytest
import torch

from lossmith.compose import MultiTask
from lossmith.losses import (
    AbsoluteErrorLoss,
    CrossEntropyLoss,
    DynamicWeightAverageLoss,
    GeometricMeanLoss,
    GradnormLoss,
    HuberLoss,
    SquaredErrorLoss,
    UncertaintyWeightingLoss,
    WeightedSumLoss,
)


def test_weighted_sum_by_hand() -> None:
    assert WeightedSumLoss(weight=[1.0, 4.0])(torch.tensor([2.0, 0.5])) == 4.0


def test_uncertainty_by_hand() -> None:
    """Regression: 4/(2·2) + ½log 2; classification: 3/½ + ½log ½. The logarithms cancel."""
    loss = UncertaintyWeightingLoss(log_variance=[math.log(2.0), -math.log(2.0)], factor=[0.5, 1.0])
    assert loss(torch.tensor([4.0, 3.0])).item() == pytest.approx(1.0 + 6.0)


def test_uncertainty_without_a_factor_is_one_for_all() -> None:
    values = torch.tensor([4.0, 3.0])
    with_ones = UncertaintyWeightingLoss(log_variance=[0.3, -1.0], factor=[1.0, 1.0])
    assert UncertaintyWeightingLoss(log_variance=[0.3, -1.0])(values) == with_ones(values)


def test_the_weights_that_are_learned_make_every_task_contribute_a_half() -> None:
    """Where the derivative -f·L·e^-s + ½ is 0: e^-s = 1/(2·f·L)."""
    loss = UncertaintyWeightingLoss(log_variance=[0.0, 0.0], factor=[0.5, 1.0])
    assert [name for name, _ in loss.named_parameters()] == ["log_variance"]
    optimiser = torch.optim.Adam(loss.parameters(), lr=0.1)
    for _ in range(400):
        optimiser.zero_grad()
        loss(torch.tensor([4.0, 0.25])).backward()
        optimiser.step()
    assert loss.log_variance.tolist() == pytest.approx([math.log(4.0), math.log(0.5)], abs=1e-3)


@pytest.mark.parametrize(
    "combiner", [WeightedSumLoss(weight=[1.0, 2.0]), UncertaintyWeightingLoss(log_variance=[0, 1])]
)
def test_a_combiner_of_another_length_is_refused(combiner) -> None:
    with pytest.raises(ValueError, match="should have the same shape"):
        combiner(torch.ones(3))
    with pytest.raises(ValueError, match="one entry per task, 1"):
        MultiTask({"age": SquaredErrorLoss()}, combine=combiner)


OUTPUTS = {"age": torch.tensor([3.0, 5.0]), "sex": torch.zeros(2, 2)}
TARGETS = {"age": torch.tensor([1.0, 1.0]), "sex": torch.tensor([0, 1])}


def tasks() -> dict:
    return {"age": SquaredErrorLoss(), "sex": CrossEntropyLoss()}


def test_tasks_by_name() -> None:
    """(4 + 16)/2 = 10, and log 2."""
    value, parts = MultiTask(tasks(), weights={"sex": 2.0, "age": 0.5}).forward_parts(OUTPUTS, TARGETS)
    assert list(parts) == ["age", "sex"]
    assert parts["age"].item() == 10.0
    assert value.item() == pytest.approx(5.0 + 2.0 * math.log(2.0))


def test_masks_and_weights_by_task() -> None:
    loss = MultiTask(tasks())
    mask = {"age": torch.tensor([True, False])}
    value, parts = loss.forward_parts(OUTPUTS, TARGETS, mask=mask, sample_weight={"sex": torch.tensor([1.0, 0.0])})
    assert parts["age"].item() == 4.0
    assert value.item() == pytest.approx(4.0 + math.log(2.0))


def test_learned_weights_are_parameters_and_saved() -> None:
    loss = MultiTask(tasks(), combine=UncertaintyWeightingLoss(log_variance=[0.0, 0.0], factor=[0.5, 1.0]))
    assert [name for name, _ in loss.named_parameters()] == ["combine.log_variance"]
    loss(OUTPUTS, TARGETS).backward()
    # -f·L + ½ at s = 0.
    assert loss.combine.log_variance.grad.tolist() == pytest.approx([-5.0 + 0.5, -math.log(2.0) + 0.5])
    other = MultiTask(tasks(), combine=UncertaintyWeightingLoss(log_variance=[1.0, 1.0], factor=[0.5, 1.0]))
    other.load_state_dict(loss.state_dict())
    assert other(OUTPUTS, TARGETS) == loss(OUTPUTS, TARGETS)


def test_a_task_of_any_composed_loss() -> None:
    loss = MultiTask({"age": 0.5 * SquaredErrorLoss() + AbsoluteErrorLoss()})
    assert loss({"age": torch.tensor([2.0])}, {"age": torch.tensor([0.0])}) == 4.0


REFUSED = [
    (lambda: MultiTask({}), ValueError, "Found none"),
    (lambda: MultiTask({"age": torch.nn.MSELoss()}), TypeError, "Found MSELoss"),
    (lambda: MultiTask(tasks(), weights={"age": 1.0}), ValueError, "`weights` should be about age, sex. Found age"),
    (lambda: MultiTask(tasks(), weights={}, combine=HuberLoss()), ValueError, "Found both"),
    (lambda: MultiTask(tasks(), combine=HuberLoss()), TypeError, "`combine` should be a combiner"),
    (lambda: MultiTask({"age": HuberLoss(reduction="none")}), ValueError, "should be one number"),
    (lambda: MultiTask({"a b": HuberLoss()}), ValueError, "letters, digits and _"),
    (lambda: MultiTask({"keys": HuberLoss()}), ValueError, "no word of torch's"),
    (lambda: MultiTask(tasks())({"age": OUTPUTS["age"]}, TARGETS), ValueError, "Missing: sex"),
    (lambda: MultiTask(tasks())(OUTPUTS["age"], TARGETS), TypeError, "dictionaries by task. Found Tensor"),
    (lambda: MultiTask(tasks())(OUTPUTS, TARGETS, mask={"x": 1}), ValueError, "should be of a task. Found x"),
    (lambda: 2.0 * MultiTask(tasks()), TypeError, "It takes dictionaries"),
    (lambda: MultiTask(tasks()).card().measured(), ValueError, "Only a loss of tensors can be measured"),
]


@pytest.mark.parametrize(("wrong", "error", "words"), REFUSED)
def test_mistakes_are_refused_in_words(wrong, error, words) -> None:
    with pytest.raises(error, match=words):
        wrong()


def test_geometric_mean_by_hand() -> None:
    losses = torch.tensor([2.0, 0.5, 8.0], requires_grad=True)
    value = GeometricMeanLoss()(losses)
    assert value.item() == pytest.approx(2.0)
    value.backward()
    assert losses.grad.tolist() == pytest.approx([2.0 / 6.0, 2.0 / 1.5, 2.0 / 24.0])


def test_a_product_does_not_overflow() -> None:
    assert GeometricMeanLoss()(torch.full((50,), 1e4)).item() == pytest.approx(1e4, rel=1e-4)


def test_a_task_that_fell_less_weighs_more() -> None:
    """Ratios 1 and 1/2 at temperature 1/2: odds of e^2 to e^1, summing to 2."""
    loss = DynamicWeightAverageLoss(latest=[3.0, 1.0], before=[3.0, 2.0], temperature=0.5)
    share = math.e**2 / (math.e**2 + math.e)
    assert loss(torch.tensor([1.0, 0.0])).item() == pytest.approx(2.0 * share)
    assert loss(torch.tensor([1.0, 1.0])).item() == pytest.approx(2.0)
    loss.before.copy_(loss.latest)
    assert loss(torch.tensor([1.0, 0.0])).item() == pytest.approx(1.0)
    assert set(loss.state_dict()) == {"latest", "before"}


@pytest.mark.parametrize(
    "combiner", [GeometricMeanLoss(), DynamicWeightAverageLoss(latest=[1.0, 1.0], before=[1.0, 1.0])]
)
def test_combiners_of_losses_alone_serve_several_tasks(combiner) -> None:
    value = MultiTask({"age": SquaredErrorLoss(), "sex": CrossEntropyLoss()}, combine=combiner)(OUTPUTS, TARGETS)
    assert value.isfinite()


def test_gradnorm_by_hand() -> None:
    """Mean pull (4 + 3·2)/2 = 5; left 1 and 1/2 of the first losses, over their mean 4/3 and 2/3, squared."""
    loss = GradnormLoss(weight=[1.0, 3.0], first_losses=[2.0, 2.0], alpha=2.0)
    losses, norms = torch.tensor([2.0, 1.0], requires_grad=True), torch.tensor([4.0, 2.0], requires_grad=True)
    value = loss(losses, norms)
    assert value.item() == pytest.approx(5.0 + abs(4.0 - 5.0 * 16.0 / 9.0) + abs(6.0 - 5.0 * 4.0 / 9.0))
    value.backward()
    assert losses.grad.tolist() == [1.0, 3.0]  # the network: the weighted sum alone
    assert loss.weight.grad.tolist() == [-4.0, 2.0]  # the weights: the first is to pull more, the second less
    assert norms.grad is None


def test_gradnorm_evens_out_gradients_of_different_size() -> None:
    """Two tasks of one number each, nine times apart in slope: at alpha 0 the pulls become alike."""
    loss = GradnormLoss(weight=[1.0, 1.0], first_losses=[1.0, 1.0], alpha=0.0)
    optimiser = torch.optim.SGD(loss.parameters(), lr=0.001)
    norms = torch.tensor([1.0, 9.0])
    for _ in range(500):
        optimiser.zero_grad()
        loss(torch.ones(2), norms).backward()
        optimiser.step()
        loss.weight.data *= 2.0 / loss.weight.data.sum()
    pull = loss.weight.detach() * norms
    assert (pull[0] / pull[1]).item() == pytest.approx(1.0, abs=0.1)
