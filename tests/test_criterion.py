"""The one place that masks, weights and reduces; hand numbers throughout."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from lossmith.card import POSITIVE, PROPERTIES, Card, Holds, Interval, NotApplicable
from lossmith.criterion import Criterion
from lossmith.domains import Real
from lossmith.losses import (
    BinaryCrossEntropyLoss,
    ClassWeightedCrossEntropyLoss,
    CrossEntropyLoss,
    HuberLoss,
    LogitAdjustedCrossEntropyLoss,
    SigmoidFocalLoss,
    SquaredErrorLoss,
)

INPUT = torch.tensor([1.0, 2.0, 4.0])
ZERO = torch.zeros(3)


def test_reductions() -> None:
    assert SquaredErrorLoss()(INPUT, ZERO) == 7.0
    assert SquaredErrorLoss(reduction="sum")(INPUT, ZERO) == 21.0
    assert SquaredErrorLoss(reduction="none")(INPUT, ZERO).tolist() == [1.0, 4.0, 16.0]


def test_mask_leaves_units_out() -> None:
    mask = torch.tensor([True, True, False])
    assert SquaredErrorLoss()(INPUT, ZERO, mask=mask) == 2.5
    assert SquaredErrorLoss(reduction="sum")(INPUT, ZERO, mask=mask) == 5.0
    assert SquaredErrorLoss(reduction="none")(INPUT, ZERO, mask=mask).tolist() == [1.0, 4.0, 0.0]


def test_weighted_mean_divides_by_the_weights() -> None:
    weight = torch.tensor([1.0, 2.0, 0.0])
    assert SquaredErrorLoss()(INPUT, ZERO, sample_weight=weight) == 3.0
    assert SquaredErrorLoss(reduction="sum")(INPUT, ZERO, sample_weight=weight) == 9.0


def test_mask_and_weight_together() -> None:
    weight, mask = torch.tensor([3.0, 1.0, 5.0]), torch.tensor([True, True, False])
    assert SquaredErrorLoss()(INPUT, ZERO, mask=mask, sample_weight=weight) == 7.0 / 4.0


def test_ignored_labels_and_nan_logits_never_reach_the_loss() -> None:
    logits = torch.tensor([[2.0, 0.0], [torch.nan, torch.inf]], requires_grad=True)
    value = CrossEntropyLoss()(logits, torch.tensor([0, -100]), mask=torch.tensor([True, False]))
    value.backward()
    assert value.item() == pytest.approx(0.126928)
    assert logits.grad is not None
    assert logits.grad[1].tolist() == [0.0, 0.0]
    assert logits.grad[0].tolist() == pytest.approx([-0.1192029, 0.1192029])


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(0, 5), st.booleans()), min_size=1, max_size=8))
def test_mean_is_the_weighted_mean_of_what_is_kept(rows: list[tuple[float, float, bool]]) -> None:
    x, weight, mask = (torch.tensor(column) for column in zip(*rows, strict=True))
    kept = [(a * a, w) for a, w, m in rows if m]
    total = sum(w for _, w in kept)
    wanted = sum(loss * w for loss, w in kept) / total if total > 0 else 0.0
    found = SquaredErrorLoss()(x.double(), torch.zeros(len(rows)).double(), mask=mask, sample_weight=weight.double())
    assert found.item() == pytest.approx(wanted, rel=1e-5, abs=1e-12)


def test_a_mean_over_nothing_is_zero_and_pulls_nowhere() -> None:
    x = torch.tensor([1.0, torch.nan], requires_grad=True)
    value = SquaredErrorLoss()(x, torch.zeros(2), mask=torch.tensor([False, False]))
    value.backward()
    assert value == 0.0
    assert x.grad is not None
    assert x.grad.tolist() == [0.0, 0.0]


def test_hyperparameters_reach_the_function() -> None:
    assert HuberLoss(delta=2.0)(torch.tensor([4.0]), torch.tensor([0.0])) == 6.0
    assert HuberLoss(delta=2.0).hyperparameters == {"delta": 2.0}


def test_sequences_become_buffers_that_move_and_are_saved() -> None:
    loss = ClassWeightedCrossEntropyLoss(weight=[1.0, 2.0])
    assert set(loss.state_dict()) == {"weight"}
    assert loss.double().hyperparameters["weight"].dtype == torch.float64
    other = ClassWeightedCrossEntropyLoss(weight=[1.0, 1.0])
    other.load_state_dict(loss.state_dict())
    assert other.hyperparameters["weight"].tolist() == [1.0, 2.0]


def test_none_switches_a_hyperparameter_off() -> None:
    assert SigmoidFocalLoss(alpha=None).hyperparameters == {"gamma": 2.0, "alpha": None}


REFUSALS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: HuberLoss(delta=0.0), ValueError, r"`delta` should lie in \(0, inf\)\. Found 0\.0"),
    (lambda: HuberLoss(gamma=1.0), TypeError, r"HuberLoss takes delta\. Found `gamma`"),
    (lambda: SquaredErrorLoss(delta=1.0), TypeError, r"takes no hyperparameters\. Found `delta`"),
    (lambda: HuberLoss(reduction="average"), ValueError, r'"mean", "sum" or "none"\. Found \'average\''),
    (lambda: ClassWeightedCrossEntropyLoss(), TypeError, r"needs `weight`\. Found no value\. Try `weight=\.\.\.`"),
    (lambda: ClassWeightedCrossEntropyLoss(weight=[1.0, 0.0]), ValueError, r"`weight` should lie in numbers above 0"),
    (lambda: ClassWeightedCrossEntropyLoss(weight=2.0), ValueError, r"numbers above 0, shape \(c\)\. Found 2\.0"),
    (lambda: LogitAdjustedCrossEntropyLoss(class_prior=[0.5, float("nan")]), ValueError, r"`class_prior` should"),
    (lambda: SigmoidFocalLoss(alpha=1.5), ValueError, r"`alpha` should lie in \(0, 1\)\. Found 1\.5"),
    (lambda: SquaredErrorLoss()(INPUT), TypeError, r"SquaredErrorLoss takes input, target\. Found 1 arguments"),
    (lambda: SquaredErrorLoss()(INPUT[:, None], ZERO), ValueError, r"Try `input\.squeeze\(-1\)`"),
    (lambda: SquaredErrorLoss()(INPUT, ZERO[:, None]), ValueError, r"Try `target\.squeeze\(-1\)`"),
    (lambda: SquaredErrorLoss()(INPUT, ZERO, mask=ZERO), TypeError, r"Try `mask\.bool\(\)`"),
    (lambda: SquaredErrorLoss()(INPUT, ZERO, mask=ZERO.bool()[:2]), ValueError, r"`mask` should have one entry per"),
    (lambda: SquaredErrorLoss()(INPUT, ZERO, sample_weight=ZERO[:2]), ValueError, r"`sample_weight` should have one"),
    (
        lambda: ClassWeightedCrossEntropyLoss(weight=[1.0, 2.0])(torch.zeros(1, 3), torch.zeros(1).long()),
        ValueError,
        r"`weight` should have one entry per class, shape \(3,\)\. Found \(2,\)",
    ),
    (lambda: BinaryCrossEntropyLoss()(INPUT, ZERO.long()), TypeError, r"Try `target\.float\(\)`"),
]


@pytest.mark.parametrize(("attempt", "error", "words"), REFUSALS)
def test_refusals_say_what_should_hold_and_what_was_found(
    attempt: Callable[[], Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        attempt()


def test_shows_its_hyperparameters() -> None:
    assert repr(HuberLoss(delta=2.0)) == "HuberLoss(delta=2.0, reduction='mean')"
    assert repr(ClassWeightedCrossEntropyLoss(weight=[1.0, 2.0])).endswith("(weight=tensor of 2, reduction='mean')")
    assert list(inspect.signature(HuberLoss).parameters) == ["delta", "reduction"]


def test_compiles_with_mask_and_weight_as_one_graph() -> None:
    loss = HuberLoss()
    mask, weight = torch.tensor([True, False, True]), torch.tensor([1.0, 2.0, 3.0])
    compiled = torch.compile(loss, backend="aot_eager", fullgraph=True)
    wanted = loss(INPUT, ZERO, mask=mask, sample_weight=weight)
    torch.testing.assert_close(compiled(INPUT, ZERO, mask=mask, sample_weight=weight), wanted)


def spread(input: Tensor, *, share: float = 1.0) -> Tensor:
    return share * input.var().unsqueeze(0)


class SpreadLoss(Criterion):
    """A loss of the whole batch."""

    function = staticmethod(spread)


CARD = Card(
    module=SpreadLoss,
    unit="batch",
    inputs={"input": Real("n")},
    formula="s^2",
    elicits=lambda share: NotImplemented,
    claims={name: NotApplicable("an example") for name in PROPERTIES},
    parameters={"share": POSITIVE},
)


def test_a_loss_of_the_batch_refuses_mask_and_weights() -> None:
    loss = SpreadLoss()
    assert loss(INPUT) == pytest.approx(7.0 / 3.0)
    for argument in ({"mask": ZERO.bool()}, {"sample_weight": ZERO}):
        with pytest.raises(ValueError, match="a loss of the whole batch: it takes no mask and no weights"):
            loss(INPUT, **argument)


def test_a_card_that_forgets_or_invents_a_claim_is_refused() -> None:
    claims = {name: Holds() for name in PROPERTIES}
    del claims["convex"]
    with pytest.raises(ValueError, match="Missing: convex; unknown: handsome"):
        Card(SpreadLoss, "batch", {}, "", lambda: NotImplemented, {**claims, "handsome": Holds()})


def test_intervals() -> None:
    assert 0.0 not in POSITIVE
    assert 1e-300 in POSITIVE
    assert float("inf") not in POSITIVE
    assert float("nan") not in POSITIVE
    assert 1.0 in Interval(0.0, 1.0)
    assert 1.0 not in Interval(0.0, 1.0, high_open=True)
    assert str(Interval(0.0, 1.0, low_open=True)) == "(0, 1]"
