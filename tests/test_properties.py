"""Each property finds the fault it is there for, and does not cry wolf."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as nn

from lossmith.card import PROPERTIES
from lossmith.domains import BinaryTarget, ClassIndex, Domain, Logits, LogMean, NonNegative, Positive, Real
from lossmith.experiment import Subject, UntestableError, bisect, minimiser
from lossmith.properties import TESTS, gradient_growth, gradient_order

Function = Callable[..., Tensor]

REGRESSION: dict[str, Domain] = {"input": Real(), "target": Real()}
COUNTS: dict[str, Domain] = {"input": LogMean(), "target": NonNegative()}
BINARY: dict[str, Domain] = {"input": Logits(), "target": BinaryTarget()}
CLASSES: dict[str, Domain] = {"input": Logits("n c"), "target": ClassIndex("n")}


def regression(of_residual: Callable[[Tensor], Tensor]) -> Subject:
    return Subject(lambda x, y: of_residual(x - y), REGRESSION)


def binary(function: Function) -> Subject:
    return Subject(function, BINARY)


def classes(function: Function) -> Subject:
    return Subject(function, CLASSES, unit="example")


def cross_entropy(input: Tensor, target: Tensor) -> Tensor:
    return nn.cross_entropy(input, target, reduction="none")


def true_class_only(input: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy against a softmax that the author divided by 2: right classes, wrong probabilities."""
    return cross_entropy(0.5 * input, target)


def crammer_singer(input: Tensor, target: Tensor) -> Tensor:
    truth = nn.one_hot(target, input.shape[-1]).bool()
    best_other = input.masked_fill(truth, -torch.inf).amax(-1)
    return (1.0 + best_other - input[truth]).clamp(min=0.0)


def margin_squared(input: Tensor, target: Tensor) -> Tensor:
    """Punishes being too right: the classic slip of least squares on labels."""
    return (1.0 - (2.0 * target - 1.0) * input).square()


def sigmoid_then_log(input: Tensor, target: Tensor) -> Tensor:
    p = input.sigmoid()
    return -(target * p.log() + (1.0 - target) * (1.0 - p).log())


def steps(r: Tensor) -> Tensor:
    return r.square() + torch.where(r > 1.7, 0.5, 0.0)


def off_centre_kink(r: Tensor) -> Tensor:
    """A kink of 1 % of the slope, at no special place."""
    return r.square() + 0.01 * (r - 1.2345).abs()


def batch_scaled(input: Tensor, target: Tensor) -> Tensor:
    return (input - target).abs() / target.std()


def looks_at_values(input: Tensor, target: Tensor) -> Tensor:
    return (input - target).abs() if input.mean() > 0 else (input - target).square()


def log_huber(input: Tensor, target: Tensor, delta: float) -> Tensor:
    return nn.huber_loss(input.log(), target.log(), delta=delta, reduction="none")


class Detached(torch.autograd.Function):
    """A square whose backward cannot itself be differentiated right."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, r: Tensor) -> Tensor:
        ctx.r = r.detach()  # type: ignore[attr-defined]
        return r.square()

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, *grads: Tensor) -> Tensor:
        return 2.0 * ctx.r * grads[0]  # type: ignore[attr-defined]


BAD = [
    ("non_negative", regression(lambda r: r.square() - 1e-6)),
    ("non_negative", regression(lambda r: torch.log(torch.cosh(r)) - 1e-3)),
    ("non_negative", regression(lambda r: r / r)),
    ("zero_at_target", regression(lambda r: (r.square() + 1e-6).sqrt())),
    ("zero_at_target", classes(cross_entropy)),
    ("convex", regression(lambda r: torch.log1p(r.square()))),
    ("convex", regression(lambda r: (r.abs() + 1e-12).sqrt())),
    ("convex", regression(lambda r: r.square() + 0.2 * torch.sin(4.0 * r))),
    ("convex", classes(lambda x, y: 1.0 - x.softmax(-1).gather(-1, y[:, None])[:, 0])),
    ("differentiable", regression(torch.abs)),
    ("differentiable", regression(lambda r: torch.where(r.abs() < 2.5, r.abs(), 2.5))),
    ("differentiable", regression(off_centre_kink)),
    ("differentiable", regression(steps)),
    ("differentiable", regression(lambda r: r.square().square().sqrt())),
    ("differentiable", classes(crammer_singer)),
    ("differentiable", binary(sigmoid_then_log)),
    ("smooth", regression(lambda r: r.abs().pow(1.5))),
    ("smooth", regression(lambda r: r.pow(4))),
    ("smooth", binary(lambda x, y: (1.0 - (2.0 * y - 1.0) * x).clamp(min=0.0))),
    ("bounded_gradient", regression(torch.square)),
    ("bounded_gradient", regression(lambda r: r.abs() * (1.0 + r.abs()).log())),
    ("bounded_gradient", regression(lambda r: r.abs().sqrt())),
    ("bounded_gradient", Subject(lambda x, y: (x - y).abs() / y, {"input": Real(), "target": Positive()})),
    ("symmetric", regression(lambda r: torch.maximum(0.9 * r, -0.1 * r))),
    ("symmetric", Subject(lambda x, y: (x - y).square() / (1.0 + y.square()), REGRESSION)),
    ("proper", regression(lambda r: nn.smooth_l1_loss(r, torch.zeros_like(r), reduction="none"))),
    ("proper", Subject(lambda x, y: (x - y).abs() / y, {"input": Real(), "target": Positive()})),
    ("proper", binary(lambda x, y: (1.0 - (2.0 * y - 1.0) * x).clamp(min=0.0))),
    ("proper", binary(lambda x, y: (2.0 + y) * nn.binary_cross_entropy_with_logits(x, y, reduction="none"))),
    ("proper", classes(true_class_only)),
    ("proper", Subject(lambda x, y: (x - y).square(), COUNTS)),
    ("classification_calibrated", classes(crammer_singer)),
    ("classification_calibrated", regression(lambda r: torch.maximum(0.1 * r, -0.9 * r))),
    ("classification_calibrated", binary(lambda x, y: (1.0 + 4.0 * y) * nn.softplus(x * (1.0 - 2.0 * y)))),
    ("monotone", binary(margin_squared)),
    ("monotone", regression(lambda r: torch.sin(r).square())),
    ("monotone", classes(lambda x, y: cross_entropy(x, y) + 0.01 * x.square().sum(-1))),
    ("sample_independent", Subject(batch_scaled, REGRESSION)),
    ("sample_independent", Subject(lambda x, y: (x - x.mean() - y).square(), REGRESSION)),
    ("vmap", Subject(lambda x, y: (x - y).square() if x.sum().item() else x, REGRESSION)),
    ("vmap", classes(lambda x, y: cross_entropy(x, y) * (1 if int(y.max()) else 2))),
    ("fullgraph", Subject(looks_at_values, REGRESSION)),
    ("twice_differentiable", regression(Detached.apply)),
]


@pytest.mark.parametrize(("prop", "subject"), BAD, ids=[f"{prop}-{i}" for i, (prop, _) in enumerate(BAD)])
def test_finds_the_fault(prop: str, subject: Subject) -> None:
    for seed in range(3):
        violation = TESTS[prop](subject, seed)
        assert violation is not None
        assert violation.amount > 0
        assert str(violation)


SQUARED = regression(torch.square)
GOOD = [
    *[(prop, SQUARED) for prop in PROPERTIES if prop not in ("bounded_gradient", "gradient_growth")],
    ("differentiable", regression(lambda r: r.abs().pow(1.5))),
    ("differentiable", regression(lambda r: 1e-6 * r.square())),
    ("smooth", regression(lambda r: 1e6 * nn.huber_loss(r, torch.zeros_like(r), delta=0.05, reduction="none"))),
    ("smooth", regression(lambda r: (r.square() + 1e-4).sqrt())),
    ("bounded_gradient", regression(lambda r: nn.huber_loss(r, torch.zeros_like(r), delta=100.0, reduction="none"))),
    ("bounded_gradient", regression(lambda r: torch.log1p(r.square()))),
    ("proper", regression(lambda r: torch.maximum(0.95 * r, -0.05 * r))),
    ("proper", Subject(lambda x, y: x.exp() - x * y, COUNTS)),
    ("proper", binary(lambda x, y: (x.sigmoid() - y).square())),
    ("classification_calibrated", binary(margin_squared)),
    ("classification_calibrated", classes(true_class_only)),
    ("monotone", binary(lambda x, y: (1.0 - (2.0 * y - 1.0) * x).clamp(min=0.0))),
    ("zero_at_target", binary(lambda x, y: (1.0 - (2.0 * y - 1.0) * x).clamp(min=0.0))),
    ("differentiable", Subject(log_huber, {"input": Positive(), "target": Positive()}, {"delta": 0.7})),
    ("twice_differentiable", regression(torch.abs)),
    ("fullgraph", classes(cross_entropy)),
    ("vmap", classes(cross_entropy)),
]


@pytest.mark.parametrize(("prop", "subject"), GOOD, ids=[f"{prop}-{i}" for i, (prop, _) in enumerate(GOOD)])
def test_does_not_cry_wolf(prop: str, subject: Subject) -> None:
    for seed in range(3):
        assert TESTS[prop](subject, seed) is None


def test_every_property_has_a_test_a_fault_and_a_clean_case() -> None:
    assert tuple(TESTS) == PROPERTIES
    assert {prop for prop, _ in BAD} | {"gradient_growth"} == set(PROPERTIES)
    assert {prop for prop, _ in GOOD} | {"gradient_growth"} == set(PROPERTIES)


@pytest.mark.parametrize(
    ("subject", "order"),
    [
        (regression(torch.abs), "constant"),
        (regression(lambda r: torch.log1p(r.square())), "vanishing"),
        (regression(lambda r: (1.0 + r.abs()) * (1.0 + r.abs()).log()), "logarithmic"),
        (regression(lambda r: r.abs().pow(1.5)), "square root"),
        (regression(torch.square), "linear"),
        (regression(lambda r: r.abs().pow(3)), "quadratic"),
        (regression(lambda r: r.exp() - r), "exponential"),
        (Subject(lambda x, y: x.exp() - x * y, COUNTS), "exponential"),
        (Subject(lambda x, y: (x - (1.0 + y).log()).square(), COUNTS), "linear"),
        (binary(lambda x, y: nn.softplus(x * (1.0 - 2.0 * y))), "constant"),
        (binary(lambda x, y: (x.sigmoid() - y).square()), "vanishing"),
        (binary(margin_squared), "linear"),
    ],
)
def test_gradient_order(subject: Subject, order: str) -> None:
    assert gradient_order(subject) == order
    assert gradient_growth(subject, order=order) is None
    wrong = gradient_growth(subject, order="some other word")
    assert wrong is not None
    assert wrong.numbers == {"claimed": "some other word", "found": order}


def test_the_witness_shows_the_fault() -> None:
    loss = regression(lambda r: r.square() - 1e-3)
    violation = TESTS["non_negative"](loss)
    assert violation is not None
    again = loss(violation.witness["input"], violation.witness["target"])
    torch.testing.assert_close(again, violation.numbers["loss"])
    assert again < 0


def test_a_kink_is_located() -> None:
    violation = TESTS["differentiable"](regression(off_centre_kink))
    assert violation is not None
    assert float(violation.witness["input"] - violation.witness["target"]) == pytest.approx(1.2345, abs=1e-7)
    assert float(violation.numbers["slope_after"] - violation.numbers["slope_before"]).__abs__() == pytest.approx(0.02)


@given(place=st.floats(-5.0, 5.0), height=st.floats(0.01, 100.0))
def test_bisect_finds_a_jump_anywhere(place: float, height: float) -> None:
    left, right = torch.tensor([-7.0], dtype=torch.float64), torch.tensor([6.0], dtype=torch.float64)
    gap = bisect(lambda x: torch.where(x > place, height, 0.0) + 1e-3 * x, left, right)
    assert float(gap.jump) == pytest.approx(height, rel=1e-6)
    assert float(gap.left) <= place <= float(gap.right)
    assert float(gap.width) < 1e-8


@given(st.lists(st.floats(-50.0, 50.0), min_size=2, max_size=5, unique=True), st.integers(0, 1000))
def test_the_minimiser_of_squared_error_is_the_mean(atoms: list[float], seed: int) -> None:
    values = torch.tensor(sorted(atoms), dtype=torch.float64)
    p = torch.rand(len(atoms), generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + 0.01
    p = p / p.sum()
    torch.testing.assert_close(minimiser(SQUARED, values, p), (p * values).sum(), atol=1e-5, rtol=1e-5)


def test_a_loss_of_the_batch_is_tested_batch_by_batch() -> None:
    loss = Subject(lambda x, y: (x - y).square().mean() / (1.0 + y.var()), REGRESSION, unit="batch")
    for prop in ("non_negative", "convex", "differentiable"):
        assert TESTS[prop](loss) is None
    worse = Subject(lambda x, y: (x - y).square().mean() - y.var(), REGRESSION, unit="batch")
    assert TESTS["non_negative"](worse) is not None


@pytest.mark.parametrize(
    ("prop", "subject"),
    [
        ("symmetric", classes(cross_entropy)),
        ("classification_calibrated", Subject(lambda x, y: x.exp() - x * y, COUNTS)),
        ("sample_independent", Subject(lambda x, y: (x - y).mean(), REGRESSION, unit="batch")),
        ("proper", Subject(lambda a, b, c: a, {"a": Real(), "b": Real(), "c": Real()}, wrt="a")),
    ],
)
def test_senseless_questions_are_refused(prop: str, subject: Subject) -> None:
    with pytest.raises(UntestableError, match=r"\w+ .*\."):
        TESTS[prop](subject)


def test_a_reduced_loss_is_pointed_out() -> None:
    with pytest.raises(ValueError, match="reduction='none'"):
        TESTS["non_negative"](Subject(lambda x, y: (x - y).square().mean(), REGRESSION))
