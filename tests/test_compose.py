"""Losses made of losses: numbers by hand, derived cards against the property tests, files there and back."""

import copy
import math
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

import lossmith
import own_data
from lossmith.card import (
    CLASS_PROBABILITIES,
    MEAN,
    PROPERTIES,
    WEIGHTED_PROBABILITIES,
    Fails,
    Functional,
    Holds,
    NotApplicable,
    quantile,
)
from lossmith.compose import (
    Asymmetric,
    ClassWeighted,
    Clipped,
    Density,
    MultiTask,
    Schedule,
    Scheduled,
    Sum,
    TailWeighted,
    Term,
    TimeDecay,
    Unknown,
    WithPenalty,
)
from lossmith.compose.build import build
from lossmith.compose.derived import UNKNOWN, subject_of
from lossmith.losses import (
    AbsoluteErrorLoss,
    AbsolutePercentageErrorLoss,
    AdaptiveBarronLoss,
    BinaryCrossEntropyLoss,
    BrierLoss,
    ClassWeightedCrossEntropyLoss,
    CrossEntropyLoss,
    FgsmLoss,
    FocalLoss,
    GaussianCrpsLoss,
    GaussianNllLoss,
    HuberLoss,
    L2PenaltyLoss,
    LogCoshLoss,
    PoissonLoss,
    SigmoidFocalLoss,
    SquaredErrorLoss,
    UncertaintyWeightingLoss,
)
from lossmith.properties import TESTS
from running import fold_scores

X, ZERO = torch.tensor([1.0, -2.0, 4.0]), torch.zeros(3)
SCORES = torch.tensor([[2.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
LABELS = torch.tensor([0, 2, 1])
DENSITY = Density(at=(-4.0, 0.0, 1.0, 6.0), value=(0.0, 1.0, 0.5, 0.0))
FALLING = Schedule("linear", start=1.0, end=0.0, steps=4)


# --- Sums ----------------------------------------------------------------------------------------------------------


def test_a_sum_by_hand() -> None:
    """0.5·(1 + 4 + 16)/3 + 2·(1 + 2 + 4)/3."""
    loss = 0.5 * SquaredErrorLoss() + 2.0 * AbsoluteErrorLoss()
    value, parts = loss.forward_parts(X, ZERO)
    assert loss(X, ZERO) == value
    assert value.item() == pytest.approx(3.5 + 14.0 / 3.0)
    assert list(parts) == ["squared_error_loss", "absolute_error_loss"]
    assert parts["squared_error_loss"] == 3.5
    assert sum(parts.values()) == value


def test_parts_are_detached_and_the_whole_is_not() -> None:
    x = X.clone().requires_grad_()
    value, parts = (SquaredErrorLoss() + AbsoluteErrorLoss()).forward_parts(x, ZERO)
    assert value.requires_grad
    assert not any(part.requires_grad for part in parts.values())


def test_masks_weights_and_reductions_reach_every_term() -> None:
    mask, weight = torch.tensor([True, True, False]), torch.tensor([3.0, 1.0, 9.0])
    loss = SquaredErrorLoss() + AbsoluteErrorLoss()
    spoiled = torch.tensor([1.0, -2.0, math.nan])
    assert loss(spoiled, ZERO, mask=mask) == (2.0 + 6.0) / 2.0
    assert loss(spoiled, ZERO, mask=mask, sample_weight=weight) == (3.0 * 2.0 + 6.0) / 4.0
    values = (SquaredErrorLoss(reduction="none") + AbsoluteErrorLoss(reduction="none"))(X, ZERO)
    assert values.tolist() == [2.0, 6.0, 20.0]
    assert (SquaredErrorLoss(reduction="sum") + AbsoluteErrorLoss(reduction="sum"))(X, ZERO) == 28.0


def test_algebra() -> None:
    one, two = SquaredErrorLoss(), AbsoluteErrorLoss()
    loss = sum([one, 2 * (one + 0.5 * two), two / 4])
    assert isinstance(loss, Sum)
    assert [term.weight for term in loss.terms] == [1.0, 2.0, 1.0, 0.25]
    assert list(loss.forward_parts(X, ZERO)[1]) == [
        "squared_error_loss", "squared_error_loss_2", "absolute_error_loss", "absolute_error_loss_2",
    ]  # fmt: skip
    assert loss(X, ZERO).item() == pytest.approx(3.0 * 7.0 + 1.25 * 7.0 / 3.0)
    assert str(0.5 * one + HuberLoss(delta=2.0)) == "0.5 * SquaredErrorLoss() + HuberLoss(delta=2.0)"


def own(prediction, target, scale):
    return (scale * (prediction - target)).abs().mean()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: HuberLoss() * "a", "should be multiplied by a number. Found str"),
        (lambda: True * HuberLoss(), "Found bool"),
        (lambda: HuberLoss() / torch.tensor(2.0), r"Found Tensor. Try `float\(weight\) \* loss`"),
        (lambda: HuberLoss() + 1, "Found int. Try an instance such as"),
        (lambda: HuberLoss() + torch.nn.MSELoss(), "Found MSELoss. Try lossmith's own of that name, `SquaredErrorLoss"),
        (lambda: torch.nn.functional.cross_entropy + HuberLoss(), "Found cross_entropy. Try .* `CrossEntropyLoss"),
        (lambda: HuberLoss() + HuberLoss, r"Found HuberLoss. Try an instance, `HuberLoss\(\)`"),
        (lambda: sum([HuberLoss(), own]), r"Found own. .*`loss\(input, target\) \+ own\(...\)`"),
        (lambda: Sum([HuberLoss(), own]), "Found own"),
    ],
)
def test_what_is_no_number_or_loss_is_said_with_what_to_try(wrong, said) -> None:
    with pytest.raises(TypeError, match=said):
        wrong()


def test_names_can_be_given() -> None:
    loss = Sum([Term(SquaredErrorLoss(), 0.5, "shape"), Term(SquaredErrorLoss(), 2.0)])
    assert list(loss.forward_parts(X, ZERO)[1]) == ["shape", "squared_error_loss"]


def test_terms_of_different_units_are_added_after_reduction(batch_loss) -> None:
    loss = 0.5 * CrossEntropyLoss() + 2.0 * batch_loss
    wanted = 0.5 * CrossEntropyLoss()(SCORES, LABELS) + 2.0 * batch_loss(SCORES, LABELS)
    torch.testing.assert_close(loss(SCORES, LABELS), wanted)
    assert loss.card().unit == "batch"
    assert isinstance(loss.card().claims["sample_independent"], NotApplicable)
    with pytest.raises(ValueError, match=r"Found example \(cross_entropy_loss\), batch \(test_compose\)"):
        loss(SCORES, LABELS, mask=torch.ones(3).bool())
    with pytest.raises(ValueError, match="of the whole batch"):
        Clipped(loss, at=1.0)


@pytest.fixture
def batch_loss():
    """A loss of the whole batch, as the F-measure and Dice are: one minus the mean probability of the truth."""
    from lossmith.card import NOTHING, Card
    from lossmith.criterion import Criterion
    from lossmith.domains import ClassIndex, Logits

    def test_compose(input: Tensor, target: Tensor) -> Tensor:
        return 1.0 - input.softmax(-1).gather(-1, target[:, None]).mean()

    class OverlapLoss(Criterion):
        function = staticmethod(test_compose)

        @classmethod
        def card(cls):
            return Card(
                module=cls, unit="batch", inputs={"input": Logits("n c"), "target": ClassIndex("n")}, formula="1-p",
                elicits=NOTHING, claims=dict.fromkeys(PROPERTIES, NotApplicable("for this test")),
            )  # fmt: skip

    return OverlapLoss()


REFUSED = [
    (lambda: Sum([]), ValueError, "Found none"),
    (lambda: HuberLoss() + HuberLoss(reduction="sum"), ValueError, "reduced alike. Found mean, sum"),
    (lambda: HuberLoss() + CrossEntropyLoss(), ValueError, r"`input` alike\. Found real numbers.*logits"),
    (lambda: HuberLoss() + PoissonLoss(), ValueError, "`input` alike"),
    (lambda: BinaryCrossEntropyLoss() + CrossEntropyLoss(), ValueError, "`(input|target)` alike"),
    (lambda: HuberLoss() + L2PenaltyLoss(), TypeError, "Found the penalty l2_penalty_loss. Try `WithPenalty"),
    (lambda: CrossEntropyLoss() + FgsmLoss(), TypeError, "Found the procedure fgsm_loss. It needs the model"),
    (lambda: math.inf * HuberLoss(), ValueError, "finite number"),
    (lambda: Clipped(torch.nn.MSELoss(), at=1.0), TypeError, "Found MSELoss. Try lossmith's own of that name"),
    (lambda: Clipped(HuberLoss(), at=0.0), ValueError, "`at` should be a number above 0. Found 0.0"),
    (lambda: Asymmetric(CrossEntropyLoss(), over=1, under=3), ValueError, "Found cross_entropy_loss"),
    (lambda: Asymmetric(PoissonLoss(), over=1, under=3), ValueError, "0 where prediction and target agree"),
    (lambda: Asymmetric(HuberLoss(), over=0, under=3), ValueError, "`over` should be a price above 0"),
    (lambda: ClassWeighted(CrossEntropyLoss()), ValueError, "either `counts` or `weight`"),
    (lambda: ClassWeighted(CrossEntropyLoss(), counts=[3, 0]), ValueError, "a number above 0"),
    (lambda: ClassWeighted(HuberLoss(), counts=[3, 1]), ValueError, "Found huber_loss"),
    (lambda: ClassWeighted(BinaryCrossEntropyLoss(), weight=[3, 1, 1]), ValueError, "two weights. Found 3"),
    (
        lambda: ClassWeighted(CrossEntropyLoss(), weight=[3, 1])(SCORES, LABELS),
        ValueError,
        r"shape \(3,\)\. Found \(2,\)",
    ),
    (lambda: TailWeighted(HuberLoss(), [1.0, 2.0]), TypeError, r"Try `Density.of\(targets\)`"),
    (lambda: TailWeighted(HuberLoss(), DENSITY, alpha=1.0), ValueError, r"\[0, 1\)"),
    (lambda: TailWeighted(CrossEntropyLoss(), DENSITY), ValueError, "Try `ClassWeighted`"),
    (lambda: Density((0.0, 0.0), (1.0, 1.0)), ValueError, "increasing order"),
    (lambda: Density((0.0, 1.0), (-1.0, 1.0)), ValueError, "from 0 up"),
    (lambda: Density.of([1.0, 1.0]), ValueError, "that differ"),
    (lambda: TimeDecay(CrossEntropyLoss(), half_life=2.0), ValueError, r"Found cross_entropy_loss \(unit example\)"),
    (lambda: TimeDecay(HuberLoss(), half_life=2.0)(X, ZERO), ValueError, "Try `sample_weight"),
    (lambda: TimeDecay(HuberLoss(), half_life=2.0, heaviest="newest"), ValueError, "Found 'newest'"),
    (lambda: Scheduled(HuberLoss(), weight=lambda step: 1.0), TypeError, "Found function"),
    (lambda: Schedule("sine", 0.0, 1.0, 5), ValueError, "linear, cosine, step. Found 'sine'"),
    (lambda: Schedule("linear", 0.0, math.nan, 5), ValueError, "`end` should be a finite number"),
    (lambda: Schedule("linear", 0.0, 1.0, 0), ValueError, "`steps` should be a whole number from 1 up"),
    (lambda: WithPenalty(HuberLoss(), torch.nn.Linear(1, 1), HuberLoss(), 0.1), TypeError, "Try `L2PenaltyLoss"),
    (lambda: WithPenalty(HuberLoss(), "net", L2PenaltyLoss(), 0.1), TypeError, "Found str"),
    (lambda: WithPenalty(HuberLoss(), torch.nn.Linear(1, 1), L2PenaltyLoss(), -1), ValueError, "from 0 up"),
]


@pytest.mark.parametrize(("wrong", "error", "words"), REFUSED)
def test_mistakes_are_refused_in_words(wrong, error, words) -> None:
    with pytest.raises(error, match=words):
        wrong()


# --- One loss around another ------------------------------------------------------------------------------------------


def none(loss_class, **settings):
    return loss_class(reduction="none", **settings)


def test_asymmetric_by_hand() -> None:
    loss = Asymmetric(none(SquaredErrorLoss), over=1, under=3)
    assert loss(X, ZERO).tolist() == [1.0, 12.0, 16.0]


def test_asymmetric_absolute_error_is_the_pinball_loss() -> None:
    """Prices 1 and 3 are four times the pinball loss at 3/4, and its minimiser is that quantile."""
    pinball = lossmith.load("pinball_loss", quantile=0.75)
    loss = Asymmetric(AbsoluteErrorLoss(), over=1, under=3)
    torch.testing.assert_close(loss(X, ZERO), 4.0 * pinball(X, ZERO))
    assert loss.card().elicits == quantile(0.75)


def test_asymmetric_squared_error_has_an_expectile() -> None:
    """Targets 0 and 1 at even odds: 1·(1/2)·x = 3·(1/2)·(1 - x) at x = 3/4."""
    loss = Asymmetric(SquaredErrorLoss(), over=1, under=3)
    assert loss.card().elicits == Functional("expectile", 0.75)
    x = torch.full((2,), 0.75, requires_grad=True)
    loss(x, torch.tensor([0.0, 1.0])).backward()
    assert x.grad.sum().item() == pytest.approx(0.0, abs=1e-7)


def test_class_weights_by_hand_and_by_the_catalogue() -> None:
    loss = ClassWeighted(CrossEntropyLoss(), counts=[6, 3, 1])
    assert loss.weight.tolist() == pytest.approx([10 / 18, 10 / 9, 10 / 3])
    theirs = ClassWeightedCrossEntropyLoss(weight=loss.weight)
    torch.testing.assert_close(loss(SCORES, LABELS), theirs(SCORES, LABELS))
    assert loss.card().elicits == WEIGHTED_PROBABILITIES


def test_class_weights_of_yes_and_no() -> None:
    """The second weight is that of a yes; a target of 1/2 has the mean."""
    loss = ClassWeighted(none(BinaryCrossEntropyLoss), weight=[1, 5])
    found = loss(torch.zeros(3), torch.tensor([0.0, 1.0, 0.5])) / math.log(2.0)
    assert found.tolist() == pytest.approx([1.0, 5.0, 3.0])


def test_ignored_labels_never_index_the_weights() -> None:
    loss = ClassWeighted(CrossEntropyLoss(), weight=[1.0, 2.0, 3.0])
    mask = torch.tensor([True, False, True])
    found = loss(SCORES, torch.tensor([0, -100, 1]), mask=mask)
    wanted = (CrossEntropyLoss(reduction="none")(SCORES, LABELS) * torch.tensor([1.0, 0.0, 2.0])).sum() / 2.0
    torch.testing.assert_close(found, wanted)


def test_clipped_values_stop_and_so_does_their_gradient() -> None:
    x = X.clone().requires_grad_()
    loss = Clipped(SquaredErrorLoss(reduction="sum"), at=5.0)
    value = loss(x, ZERO)
    value.backward()
    assert value == 1.0 + 4.0 + 5.0
    assert x.grad.tolist() == [2.0, -4.0, 0.0]


def test_clipping_gradients_keeps_the_direction_that_clipping_the_loss_gives_up() -> None:
    """What the docstring says: the outlier at 4 keeps its pull, scaled."""
    x = X.clone().requires_grad_()
    SquaredErrorLoss(reduction="sum")(x, ZERO).backward()
    torch.nn.utils.clip_grad_norm_([x], 1.0)
    assert x.grad.norm().item() == pytest.approx(1.0, abs=1e-5)
    assert x.grad[2] > 0.8


def test_tail_weights_by_hand() -> None:
    """Density 1 at 0, 0 at 10, weight 1 - y-density/2; its mean under the density is 2/3, so 3/4 and 3/2."""
    loss = TailWeighted(none(AbsoluteErrorLoss), Density((0.0, 10.0), (1.0, 0.0)), alpha=0.5)
    target = torch.tensor([0.0, 5.0, 10.0, 99.0, -99.0])
    assert loss(target + 1.0, target).tolist() == pytest.approx([0.75, 1.125, 1.5, 1.5, 0.75], rel=1e-4)


def test_a_density_is_that_of_the_targets() -> None:
    y = torch.randn(4000, generator=torch.Generator().manual_seed(0)) * 2.0 + 5.0
    density = Density.of(y)
    at, value = torch.tensor(density.at), torch.tensor(density.value)
    share = torch.trapezoid(torch.where(at < 5.0, value, 0.0), at) / torch.trapezoid(value, at)
    assert share.item() == pytest.approx(0.5, abs=0.05)
    assert at[value.argmax()].item() == pytest.approx(5.0, abs=0.8)
    # The weights have mean 1 over the targets: the loss keeps its size.
    loss = TailWeighted(AbsoluteErrorLoss(), density)
    assert loss(y + 1.0, y).item() == pytest.approx(1.0, abs=0.05)


def test_time_decay_by_hand() -> None:
    """Halves each step: 4/7, 2/7, 1/7 of the whole, times 3 steps."""
    values = TimeDecay(none(AbsoluteErrorLoss), half_life=1.0, heaviest="first")(torch.ones(2, 3), torch.zeros(2, 3))
    assert values[1].tolist() == pytest.approx([12 / 7, 6 / 7, 3 / 7])
    last = TimeDecay(none(AbsoluteErrorLoss), half_life=2.0)(torch.ones(1, 3), torch.zeros(1, 3))
    assert (last[0, 2] / last[0, 0]).item() == pytest.approx(2.0)


# --- Schedules --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schedule", "wanted"),
    [
        (Schedule("linear", 0.0, 1.0, 4), [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]),
        (Schedule("linear", 2.0, 1.0, 2), [2.0, 1.5, 1.0, 1.0, 1.0, 1.0]),
        (Schedule("cosine", 1.0, 0.0, 2), [1.0, 0.5, 0.0, 0.0, 0.0, 0.0]),
        (Schedule("step", 1.0, 0.1, 3), [1.0, 1.0, 1.0, 0.1, 0.1, 0.1]),
        (Schedule("linear", 1.0, 0.0, 2, warm_up=2), [0.5, 1.0, 1.0, 0.5, 0.0, 0.0]),
    ],
)
def test_schedules_by_hand(schedule: Schedule, wanted: list[float]) -> None:
    loss = Scheduled(SquaredErrorLoss(), weight=schedule)
    assert [loss(torch.ones(1), torch.zeros(1)).item() for _ in range(6)] == pytest.approx(wanted)


def test_the_step_is_saved_and_stands_still_in_evaluation() -> None:
    loss = Scheduled(SquaredErrorLoss(), weight=FALLING)
    one, nothing = torch.ones(1), torch.zeros(1)
    loss(one, nothing)
    with torch.no_grad():
        loss(one, nothing)
    loss.eval()(one, nothing)
    assert loss.step == 1
    resumed = Scheduled(SquaredErrorLoss(), weight=FALLING)
    resumed.load_state_dict(loss.state_dict())
    assert resumed(one, nothing) == 0.75
    assert resumed(one, nothing) == 0.5


def test_a_schedule_within_a_sum_counts_its_own_steps() -> None:
    loss = SquaredErrorLoss() + Scheduled(AbsoluteErrorLoss(), weight=FALLING)
    values = [loss(torch.ones(1), torch.zeros(1)).item() for _ in range(3)]
    assert values == [2.0, 1.75, 1.5]
    assert set(loss.state_dict()) == {"term1.step"}


# --- Penalties --------------------------------------------------------------------------------------------------------


def test_with_penalty_by_hand() -> None:
    model = torch.nn.Linear(2, 1)
    model.weight.data = torch.tensor([[3.0, -4.0]])
    loss = WithPenalty(0.5 * SquaredErrorLoss() + AbsoluteErrorLoss(), model, L2PenaltyLoss(), weight=0.1)
    value, parts = loss.forward_parts(X[:1], ZERO[:1])
    assert value == 4.0
    assert {name: round(part.item(), 5) for name, part in parts.items()} == {
        "squared_error_loss": 0.5, "absolute_error_loss": 1.0, "l2_penalty_loss": 2.5,
    }  # fmt: skip
    value.backward()
    torch.testing.assert_close(model.weight.grad, torch.tensor([[0.6, -0.8]]))
    assert loss(X, ZERO, mask=torch.tensor([True, False, False])) == 4.0


def test_the_model_is_not_the_losses_own() -> None:
    loss = WithPenalty(HuberLoss(), torch.nn.Linear(2, 1), L2PenaltyLoss(), weight=0.1)
    assert not list(loss.parameters())
    assert not loss.state_dict()
    with pytest.raises(ValueError, match="should be the outermost"):
        Scheduled(loss, weight=FALLING)(X, ZERO)


# --- Derived cards ----------------------------------------------------------------------------------------------------

COMPOSED = [
    0.5 * CrossEntropyLoss() + 0.3 * BrierLoss(),
    0.5 * SquaredErrorLoss() + 2.0 * AbsoluteErrorLoss(),
    HuberLoss(delta=2.0) + 0.1 * LogCoshLoss(),
    0.3 * SquaredErrorLoss() + 0.3 * AbsolutePercentageErrorLoss(),
    0.7 * SquaredErrorLoss() + 0.1 * SquaredErrorLoss(),
    0.5 * GaussianNllLoss() + GaussianCrpsLoss(),
    FocalLoss(gamma=1.0) + CrossEntropyLoss(),
    SquaredErrorLoss() + -0.5 * AbsoluteErrorLoss(),
    Asymmetric(AbsoluteErrorLoss(), over=1, under=3),
    Asymmetric(SquaredErrorLoss(), over=1, under=3),
    Asymmetric(HuberLoss(), over=2, under=1),
    ClassWeighted(CrossEntropyLoss(), counts=[5, 3, 1]),
    ClassWeighted(BinaryCrossEntropyLoss(), weight=[1, 4]),
    ClassWeighted(FocalLoss(), weight=[1, 2, 3, 4]),
    TailWeighted(SquaredErrorLoss(), DENSITY),
    TailWeighted(AbsoluteErrorLoss(), DENSITY),
    Clipped(SquaredErrorLoss(), at=4.0),
    Clipped(AbsoluteErrorLoss(), at=2.0),
    Clipped(CrossEntropyLoss(), at=2.0),
    Scheduled(HuberLoss(), weight=Schedule("linear", 1.0, 2.0, 10)),
    Scheduled(SquaredErrorLoss(), weight=FALLING),
    0.5 * Clipped(SquaredErrorLoss(), at=4.0) + SquaredErrorLoss(),
]


@pytest.mark.parametrize("loss", COMPOSED, ids=str)
def test_derived_claims_are_true(loss) -> None:
    """Every claim that follows from the parts, held to the tests that the catalogue's cards pass."""
    card = loss.card()
    assert set(card.claims) == set(PROPERTIES)
    subject = subject_of(copy.deepcopy(loss).eval(), card)
    for prop, claim in card.claims.items():
        if isinstance(claim, Holds | Fails):
            order = {"order": claim.value} if prop == "gradient_growth" else {}
            assert (TESTS[prop](subject, **order) is None) is isinstance(claim, Holds), prop


def claims(loss, kind: type) -> set[str]:
    return {name for name, claim in loss.card().claims.items() if isinstance(claim, kind)}


def test_what_mathematics_allows_is_derived() -> None:
    two = 0.5 * CrossEntropyLoss() + 0.3 * BrierLoss()
    assert two.card().elicits == CLASS_PROBABILITIES
    assert {"proper", "non_negative", "differentiable", "bounded_gradient", "sample_independent"} <= claims(two, Holds)
    assert claims(two, Unknown) == {"convex", "monotone"}  # which the Brier loss of logits has not
    mixed = 0.5 * SquaredErrorLoss() + AbsoluteErrorLoss()
    assert {"convex", "zero_at_target", "symmetric", "monotone"} <= claims(mixed, Holds)
    assert {"differentiable", "smooth", "bounded_gradient"} <= claims(mixed, Fails)
    assert mixed.card().claims["gradient_growth"] == Holds("linear")
    assert mixed.card().elicits == UNKNOWN
    assert {"proper"} <= claims(mixed, Unknown)
    assert (2.0 * SquaredErrorLoss()).card().elicits == MEAN


def test_a_weight_below_0_takes_claims_away() -> None:
    loss = SquaredErrorLoss() + -0.5 * AbsoluteErrorLoss()
    assert {"convex", "non_negative", "monotone"} <= claims(loss, Unknown)
    assert loss.card().elicits == UNKNOWN


def test_a_counterexample_at_other_settings_says_nothing() -> None:
    """Huber's card refutes properness at delta 0.5; at another delta that is not known from the card."""
    assert isinstance((1.0 * HuberLoss(delta=0.5)).card().claims["proper"], Fails)
    assert isinstance((1.0 * HuberLoss(delta=2.0)).card().claims["proper"], Unknown)


def test_the_unknown_is_measured_on_request() -> None:
    """x² - ½|x| dips below 0 beside the target; a capped square is not convex, though the card can tell by itself."""
    loss = SquaredErrorLoss() + -0.5 * AbsoluteErrorLoss()
    card = loss.card().measured()
    assert not any(isinstance(claim, Unknown) for claim in card.claims.values())
    assert isinstance(card.claims["convex"], Fails)
    assert isinstance(card.claims["non_negative"], Fails)
    assert isinstance(card.claims["zero_at_target"], Holds)
    assert card.claims["gradient_growth"] == Holds("linear", "input", "measured")
    assert isinstance(loss.card().claims["convex"], Unknown)


def test_measuring_moves_no_step() -> None:
    loss = Scheduled(SquaredErrorLoss(), weight=FALLING)
    loss.card().measured()
    assert loss.step == 0


def test_tasks_derive_what_all_have() -> None:
    loss = MultiTask({"age": SquaredErrorLoss(), "sex": CrossEntropyLoss()})
    assert {"convex", "non_negative", "differentiable"} <= claims(loss, Holds)
    learned = MultiTask({"age": SquaredErrorLoss()}, combine=UncertaintyWeightingLoss(log_variance=[0.0]))
    assert claims(learned, Unknown) == set(PROPERTIES)


PENALISED = WithPenalty(AbsoluteErrorLoss(), torch.nn.Linear(2, 1), L2PenaltyLoss(), weight=0.1)


# --- Compiled, copied, sent -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "loss", [*COMPOSED[:2], COMPOSED[8], COMPOSED[11], COMPOSED[14], COMPOSED[16], PENALISED], ids=str
)
def test_compiled_it_is_one_graph_with_the_same_parts(loss) -> None:
    target = LABELS if loss.card().inputs["target"].integer else ZERO
    data = SCORES if target is LABELS else X
    torch.compiler.reset()
    compiled = torch.compile(lambda *d: loss.forward_parts(*d), backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(data, target), loss.forward_parts(data, target))


def test_a_compiled_schedule_goes_on() -> None:
    loss = Scheduled(SquaredErrorLoss(), weight=FALLING)
    torch.compiler.reset()
    compiled = torch.compile(loss, backend="aot_eager", fullgraph=True)
    assert [compiled(torch.ones(1), torch.zeros(1)).item() for _ in range(4)] == [1.0, 0.75, 0.5, 0.25]
    assert loss.step == 4


@pytest.mark.parametrize("loss", COMPOSED, ids=str)
def test_pickled_and_copied_it_is_the_same(loss) -> None:
    for other in (copy.deepcopy(loss), pickle.loads(pickle.dumps(loss))):
        assert str(other) == str(loss)
        assert other.to_toml() == loss.to_toml()


def test_dtype_is_kept() -> None:
    for loss in (COMPOSED[1], COMPOSED[8], COMPOSED[14], COMPOSED[16], COMPOSED[19]):
        for dtype in (torch.bfloat16, torch.float64):
            assert loss(X.to(dtype), ZERO.to(dtype)).dtype == dtype
    assert COMPOSED[11](SCORES.bfloat16(), LABELS).dtype == torch.bfloat16


# --- There and back ---------------------------------------------------------------------------------------------------

TASKS = MultiTask({"age": HuberLoss(delta=0.3), "sex": 2.0 * CrossEntropyLoss()}, weights={"age": 0.1, "sex": 1.0})
LEARNED = MultiTask(
    {"age": SquaredErrorLoss(), "sex": CrossEntropyLoss()},
    combine=UncertaintyWeightingLoss(log_variance=[0.5, -0.25], factor=[0.5, 1.0]),
)
NESTED = 0.5 * Clipped(Asymmetric(HuberLoss(delta=0.1), over=1, under=3), at=2.0) + Sum(
    [Term(Scheduled(TailWeighted(LogCoshLoss(), DENSITY), weight=FALLING), 0.1, "tail")]
)
OFF = SigmoidFocalLoss(alpha=None) + BinaryCrossEntropyLoss()
SHAPED = 2.0 * AdaptiveBarronLoss()
HALF = ClassWeighted(CrossEntropyLoss(), weight=[0.5, 0.1]).bfloat16()
DECAY = TimeDecay(AbsoluteErrorLoss(reduction="sum"), half_life=3.0, heaviest="first")


@pytest.mark.parametrize("loss", [*COMPOSED, TASKS, LEARNED, NESTED, OFF, DECAY, SHAPED, HALF], ids=str)
def test_round_trip(loss, tmp_path) -> None:
    path = tmp_path / "my-loss.toml"
    text = loss.to_toml(path)
    back = lossmith.load(str(path))
    assert path.read_text(encoding="utf-8") == text == back.to_toml()
    assert str(back) == str(loss)
    assert back.card().claims == loss.card().claims
    for name, value in loss.state_dict().items():
        assert torch.equal(back.state_dict()[name], value) or name.endswith("step")


def test_what_is_read_back_gives_the_same_numbers(tmp_path) -> None:
    path = tmp_path / "my-loss.toml"
    NESTED.to_toml(path)
    back = lossmith.load(path)
    torch.testing.assert_close(back(X, ZERO), copy.deepcopy(NESTED)(X, ZERO))
    assert lossmith.load(path, reduction="sum")(X, ZERO).item() == pytest.approx(
        3.0 * float(back.eval()(X, ZERO)), rel=0.1
    )


def test_a_penalty_needs_its_model_again(tmp_path) -> None:
    model, path = torch.nn.Linear(2, 1), tmp_path / "my-loss.toml"
    loss = WithPenalty(HuberLoss(delta=2.0), model, L2PenaltyLoss(everything=True), weight=0.1)
    loss.to_toml(path)
    assert lossmith.load(path, model=model)(X, ZERO) == loss(X, ZERO)
    with pytest.raises(ValueError, match=r"Try `lossmith\.load\(path, model=network\)`"):
        lossmith.load(path)


def test_the_expression_builds_the_loss() -> None:
    names = {**vars(lossmith.compose), "SquaredErrorLoss": SquaredErrorLoss, "CrossEntropyLoss": CrossEntropyLoss}
    names |= {"HuberLoss": HuberLoss, "UncertaintyWeightingLoss": UncertaintyWeightingLoss}
    for loss in (COMPOSED[10], COMPOSED[19], LEARNED, 2.0 * Sum([Term(Clipped(HuberLoss(), at=0.5), 0.1)])):
        assert eval(str(loss), names).to_toml() == loss.to_toml()


WRONG = [
    ('loss = "hubber_loss"', r"Did you mean `huber_loss`"),
    ("at = 2.0", "should have its name. Found None"),
    ("loss = [1]", r"should have its name. Found \[1\]"),
    ('loss = "huber"\ndelta = -1.0', r"`delta` should lie in \(0, inf\)"),
    ('loss = "huber"\ngamma = 1.0', "HuberLoss takes delta. Found `gamma`"),
    ('loss = "huber"\ndelta = "a"', "settings that its losses have"),
    ('loss = "clipped"\nat = 1.0', "a loss should be a table. Found None"),
    ('loss = "clipped"\nat = 1.0\nabove = 2\nof = {loss = "mse"}', "unexpected keyword argument 'above'"),
    ('loss = "sum"\nterms = [3]', "a term should be a table. Found 3"),
    ('loss = "sum"\nterms = [{loss = "mse", times = "big"}]', "should be a number. Found 'big'"),
    ('loss = "scheduled"\nweight = 0.5\nof = {loss = "mse"}', "`weight` should be a table. Found 0.5"),
    ('loss = "os.system"', "A loss should be one that lossmith has"),
    ('loss = "mse"\nreduction = "average"', "Found 'average'"),
    ('loss = "mse', "should be TOML. Found"),
    ("", "should have its name"),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_a_wrong_description_is_refused_in_words_with_its_file(tmp_path, text, words) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=words) as found:
        lossmith.load(path)
    assert "wrong.toml" in str(found.value)


def test_a_wrong_path_is_refused_in_words(tmp_path) -> None:
    with pytest.raises(ValueError, match=r"Found none at .*missing\.toml"):
        lossmith.load(tmp_path / "missing.toml")
    with pytest.raises(ValueError, match=r"should end in \.toml\. Found 'loss\.py'"):
        lossmith.load(tmp_path / "loss.py")
    with pytest.raises(ValueError, match=r"should end in \.toml"):
        (2.0 * HuberLoss()).to_toml(tmp_path / "loss.txt")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="UTF-8"):
        lossmith.load(tmp_path / "bytes.toml")
    (tmp_path / "large.toml").write_text("#" * 2_000_000)
    with pytest.raises(ValueError, match="small file"):
        lossmith.load(tmp_path / "large.toml")
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(ValueError, match="Found none"):
        lossmith.load(tmp_path / "folder.toml")


def test_a_plain_loss_can_be_described_too() -> None:
    assert str(build({"loss": "huber", "delta": 2})) == "HuberLoss(delta=2, reduction='mean')"


def test_the_smithy_is_imported_when_it_is_first_used() -> None:
    code = "import sys, lossmith; print('torch' in sys.modules); print(lossmith.compose.Sum.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "Sum"]


# --- The page, and advise ---------------------------------------------------------------------------------------------

PAGE = Path(__file__).parents[1] / "docs/compose.md"


def test_the_page_runs(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    exec("\n".join(blocks), {})


def test_the_pages_file_is_a_loss(tmp_path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    path = tmp_path / "page.toml"
    path.write_text(text, encoding="utf-8")
    loss = lossmith.load(path)
    assert str(loss) == "0.5 * CrossEntropyLoss() + 0.3 * Clipped(BrierLoss(), at=1.5)"
    assert list(loss.forward_parts(SCORES, LABELS)[1]) == ["cross_entropy_loss", "capped"]
    assert loss.to_toml() == text


QUICK = {"metric": "accuracy", "epochs": 3, "folds": 3, "budget": None, "jobs": 1, "batch_size": 32}


def test_advise_takes_a_composed_loss_and_leaves_it_as_it_was() -> None:
    loss = CrossEntropyLoss() + Scheduled(BrierLoss(), weight=FALLING)
    found = lossmith.advise(model=own_data.mlp(), train=own_data.rows(), losses=[("mine", loss)], **QUICK)
    scores = fold_scores(found)
    assert set(scores) == {"cross_entropy_loss", "mine"}
    assert all(0.0 <= score <= 1.0 for score in scores["mine"])
    assert not found.standing("mine").failures
    assert loss.state_dict()["term1.step"] == 0  # every training had a copy


def test_advise_refuses_a_penalty_in_words() -> None:
    loss = WithPenalty(CrossEntropyLoss(), torch.nn.Linear(6, 3), L2PenaltyLoss(), weight=0.1)
    with pytest.raises(ValueError, match="Found a penalty of one model"):
        lossmith.advise(model=own_data.mlp(), train=own_data.rows(), losses=[("mine", loss)], **QUICK)
