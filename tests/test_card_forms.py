"""The form of a card, tried on the losses it fits worst; docs/decisions/001-the-card.md says what that settled.

Triplet margin (three inputs, no target), PPO's clip (data that are not a target), the WGAN critic with its gradient
penalty (needs the model), uncertainty weighting (combines losses, and learns), and a gradient that is not the
derivative of the value.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import torch
from jaxtyping import Float
from torch import Generator, Tensor

from lossmith.card import (
    MEDIAN,
    NON_NEGATIVE,
    NOTHING,
    POSITIVE,
    PROPERTIES,
    Card,
    Claim,
    Fails,
    Functional,
    Holds,
    Interval,
    NotApplicable,
)
from lossmith.criterion import Criterion
from lossmith.domains import Domain, NonNegative, Real, Share, Sizes
from lossmith.experiment import Subject, UntestableError
from lossmith.properties import TESTS

NO_TARGET = NotApplicable("there is no target to be compared with")
COMPARISONS = ("zero_at_target", "gradient_growth", "symmetric", "proper", "classification_calibrated", "monotone")


def claims(without: dict[str, Claim], **given: Claim) -> dict[str, Claim]:
    """All properties: those given, those that make no sense here, and Holds for the rest."""
    return {name: Holds() for name in PROPERTIES} | without | given


# --- Inputs in the field's own words; none of them is a target --------------------------------------------------------


def triplet_margin(
    anchor: Float[Tensor, "n d"], positive: Float[Tensor, "n d"], negative: Float[Tensor, "n d"], *, margin: float = 1.0
) -> Float[Tensor, "n"]:
    """Hinge on how much nearer the positive is than the negative."""
    return torch.nn.functional.triplet_margin_loss(anchor, positive, negative, margin=margin, reduction="none")


class TripletMarginLoss(Criterion):
    function = staticmethod(triplet_margin)

    @classmethod
    def card(cls) -> Card:
        return TRIPLET


TRIPLET = Card(
    module=TripletMarginLoss,
    unit="example",
    inputs={"anchor": Real("n d"), "positive": Real("n d"), "negative": Real("n d")},
    formula=r"\max(0, \|a - p\| - \|a - n\| + m)",
    elicits=NOTHING,
    claims=claims(
        dict.fromkeys(COMPARISONS, NO_TARGET),
        non_negative=Holds(wrt="anchor"),
        convex=Fails(wrt="anchor", note="the negative's distance enters with a minus sign"),
        differentiable=Fails(wrt="anchor", note="where the hinge opens"),
        smooth=Fails(wrt="anchor"),
        bounded_gradient=Holds(wrt="anchor", note="by 2"),
        sample_independent=Holds(wrt="anchor", note="mining, which is not, is sampling and no part of the loss"),
        vmap=Holds(wrt="anchor"),
        fullgraph=Holds(wrt="anchor"),
        twice_differentiable=Holds(wrt="anchor"),
    ),
    parameters={"margin": NON_NEGATIVE},
)


# --- Data that are neither prediction nor target, and a domain of the field's own -------------------------------------


class LogProbability(Domain):
    """Logarithm of a probability: 0 or below."""

    low, high, words = -20.0, 0.0, "logarithms of a probability"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return -torch.randn(self.size(sizes), generator=generator, dtype=dtype).abs()


def ppo_clip(
    log_prob: Float[Tensor, "n"], old_log_prob: Float[Tensor, "n"], advantage: Float[Tensor, "n"], *, clip: float = 0.2
) -> Float[Tensor, "n"]:
    """Pessimistic of the probability ratio and its clipped form, times the advantage."""
    ratio = torch.exp(log_prob - old_log_prob)
    return -torch.minimum(ratio * advantage, ratio.clamp(1.0 - clip, 1.0 + clip) * advantage)


class PpoClipLoss(Criterion):
    function = staticmethod(ppo_clip)

    @classmethod
    def card(cls) -> Card:
        return PPO


PPO = Card(
    module=PpoClipLoss,
    unit="example",
    inputs={"log_prob": LogProbability("n"), "old_log_prob": LogProbability("n"), "advantage": Real("n")},
    formula=r"-\min(\rho A, \mathrm{clip}(\rho, 1-\varepsilon, 1+\varepsilon) A)",
    elicits=NOTHING,
    claims=claims(
        dict.fromkeys(COMPARISONS, NO_TARGET),
        non_negative=Fails(wrt="log_prob", note="it is a negative gain"),
        convex=Fails(wrt="log_prob"),
        differentiable=Fails(wrt="log_prob", note="at the clip"),
        smooth=Fails(wrt="log_prob"),
        bounded_gradient=Fails(wrt="log_prob", note="the clip does not hold for a bad action that got likelier"),
        sample_independent=Holds(wrt="log_prob"),
        vmap=Holds(wrt="log_prob"),
        fullgraph=Holds(wrt="log_prob"),
        twice_differentiable=Holds(wrt="log_prob"),
    ),
    parameters={"clip": Interval(0.0, 1.0, low_open=True, high_open=True)},
)


# --- A procedure: needs the model, differentiates inside, and is one number per batch ---------------------------------


def wasserstein_critic(
    model: Callable[[Tensor], Tensor],
    real: Float[Tensor, "n d"],
    fake: Float[Tensor, "n d"],
    share: Float[Tensor, "n"],
    *,
    penalty: float = 10.0,
) -> Float[Tensor, ""]:
    """Critic's gap between fake and real, plus a penalty on its slope in between; `share` says where in between."""
    between = (share[:, None] * real + (1.0 - share[:, None]) * fake).detach().requires_grad_()
    (slope,) = torch.autograd.grad(model(between).sum(), between, create_graph=True)
    return model(fake).mean() - model(real).mean() + penalty * (slope.norm(dim=-1) - 1.0).square().mean()


class WassersteinCriticLoss(Criterion):
    function = staticmethod(wasserstein_critic)

    @classmethod
    def card(cls) -> Card:
        return CRITIC


CRITIC = Card(
    module=WassersteinCriticLoss,
    kind="procedure",
    unit="batch",
    inputs={"real": Real("n d"), "fake": Real("n d"), "share": Share("n")},
    formula=r"\bar f(\tilde x) - \bar f(x) + \lambda\,\overline{(\|\nabla f(\hat x)\| - 1)^2}",
    elicits=NOTHING,
    claims=dict.fromkeys(PROPERTIES, NotApplicable("it depends on the model")),
    parameters={"penalty": NON_NEGATIVE},
)


# --- A combiner: its input are losses, and it learns ------------------------------------------------------------------


def uncertainty_weighting(losses: Float[Tensor, "k"], *, log_variance: Float[Tensor, "k"]) -> Float[Tensor, ""]:
    """Sum of the tasks' losses, each divided by its noise, which is learned and paid for."""
    return (0.5 * torch.exp(-log_variance) * losses + 0.5 * log_variance).sum()


class UncertaintyWeightedLoss(Criterion):
    function = staticmethod(uncertainty_weighting)

    @classmethod
    def card(cls) -> Card:
        return UNCERTAINTY


UNCERTAINTY = Card(
    module=UncertaintyWeightedLoss,
    kind="combiner",
    unit="batch",
    inputs={"losses": NonNegative("k")},
    formula=r"\sum_k \tfrac12 e^{-s_k} L_k + \tfrac12 s_k",
    elicits=NOTHING,
    claims=dict.fromkeys(PROPERTIES, NotApplicable("it has the properties of the losses it combines")),
    parameters={"log_variance": Real("k")},
    learned=("log_variance",),
)


# --- A gradient that is not the derivative of the value ---------------------------------------------------------------


def reweighted_square(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, scale: float = 1.0
) -> Float[Tensor, "..."]:
    """Squared error with weights that fall with the error but are held fixed in the gradient."""
    error = input - target
    return error.square() / (1.0 + (error / scale).square()).detach()


def reweighted_gradient(
    input: Float[Tensor, "..."], target: Float[Tensor, "..."], *, scale: float = 1.0
) -> Float[Tensor, "..."]:
    error = input - target
    return 2.0 * error / (1.0 + (error / scale).square())


class ReweightedSquareLoss(Criterion):
    function = staticmethod(reweighted_square)

    @classmethod
    def card(cls) -> Card:
        return REWEIGHTED


REWEIGHTED = Card(
    module=ReweightedSquareLoss,
    unit="element",
    inputs={"input": Real(), "target": Real()},
    formula=r"w(r)\,r^2,\quad w(r) = \frac{1}{1 + r^2/s^2}\text{ held fixed}",
    elicits=Functional("cauchy_centre"),
    claims=claims(
        {},
        convex=Fails(),
        gradient_growth=Holds("vanishing"),
        proper=Fails(),
        classification_calibrated=Holds(),
        twice_differentiable=Fails(note="the weights' part is missing from the second derivative"),
    ),
    parameters={"scale": POSITIVE},
    surrogate_gradient=reweighted_gradient,
)


@pytest.mark.parametrize("prop", PROPERTIES)
@pytest.mark.parametrize("card", [TRIPLET, PPO, REWEIGHTED], ids=lambda card: card.module.__name__)
def test_claim(card: Card, prop: str) -> None:
    """The generic property functions take these cards as they take any other."""
    claim = card.claims[prop]
    wrt = next(iter(card.inputs))
    subject = Subject(card.module.function, card.inputs, card.module().hyperparameters, wrt, card.unit)
    if isinstance(claim, NotApplicable):
        with pytest.raises(UntestableError):
            TESTS[prop](subject)
        return
    order = {"order": claim.value} if prop == "gradient_growth" and isinstance(claim, Holds) else {}
    violation = TESTS[prop](replace(subject, wrt=claim.wrt), **order)
    assert (violation is None) is isinstance(claim, Holds), str(violation)


def draw(card: Card, n: int = 6, **sizes: int) -> list[Tensor]:
    generator = Generator().manual_seed(0)
    return [domain.draw({"n": n, "d": 4, **sizes}, generator) for domain in card.inputs.values()]


def test_masks_and_weights_work_whatever_the_inputs_are_called() -> None:
    for card in (TRIPLET, PPO):
        data = draw(card)
        mask = torch.tensor([True, False, True, True, False, True])
        spoiled = [x.index_fill(0, torch.tensor([1, 4]), torch.nan) for x in data]
        values = card.module(reduction="none")(*data)
        torch.testing.assert_close(card.module()(*spoiled, mask=mask), values[mask].mean())


def test_triplet_by_hand() -> None:
    anchor, positive, negative = torch.zeros(1, 2), torch.tensor([[3.0, 4.0]]), torch.tensor([[0.0, 2.0]])
    assert TripletMarginLoss(margin=0.5)(anchor, positive, negative).item() == pytest.approx(3.5, rel=1e-5)


def test_ppo_by_hand() -> None:
    """Ratio 2, clip 0.2: a good action counts 1.2 times, a bad one twice."""
    old, new = torch.tensor([0.0, 0.0]) - 1.0, torch.tensor([math.log(2.0)] * 2) - 1.0
    values = PpoClipLoss(reduction="none")(new, old, torch.tensor([3.0, -3.0]))
    assert values.tolist() == pytest.approx([-3.6, 6.0])


def test_a_procedure_takes_the_model_first() -> None:
    """A linear critic of slope 5: gap of the means, plus 10·(5 - 1)²; and the penalty reaches the weights."""
    critic = torch.nn.Linear(2, 1, bias=False)
    critic.weight.data = torch.tensor([[3.0, 4.0]])
    real, fake = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    loss = WassersteinCriticLoss()
    value = loss(critic, real, fake, torch.tensor([0.5]))
    assert value.item() == pytest.approx(4.0 - 3.0 + 160.0)
    value.backward()
    # d/dw: fake - real + 2·10·(5 - 1)·w/|w|.
    assert critic.weight.grad.tolist()[0] == pytest.approx([-1.0 + 48.0, 1.0 + 64.0])
    assert not list(loss.parameters())


def test_a_procedure_without_its_model_says_so() -> None:
    with pytest.raises(TypeError, match=r"WassersteinCriticLoss takes model, real, fake, share\. Found 3 arguments"):
        WassersteinCriticLoss()(*draw(CRITIC))


def test_a_batch_loss_refuses_masks() -> None:
    with pytest.raises(ValueError, match="takes no mask"):
        WassersteinCriticLoss()(torch.nn.Linear(4, 1), *draw(CRITIC), mask=torch.ones(6).bool())


def test_a_combiner_learns_its_weights() -> None:
    """The best log-variance of a task is the logarithm of its loss: where the derivative -L·e^-s/2 + 1/2 is 0."""
    loss = UncertaintyWeightedLoss(log_variance=[0.0, 0.0])
    assert [name for name, _ in loss.named_parameters()] == ["log_variance"]
    optimiser = torch.optim.Adam(loss.parameters(), lr=0.1)
    for _ in range(300):
        optimiser.zero_grad()
        loss(torch.tensor([4.0, 0.25])).backward()
        optimiser.step()
    assert loss.log_variance.tolist() == pytest.approx([math.log(4.0), math.log(0.25)], abs=1e-3)


def test_a_combiners_state_is_saved() -> None:
    saved, loaded = UncertaintyWeightedLoss(log_variance=[1.0, -1.0]), UncertaintyWeightedLoss(log_variance=[0.0, 0.0])
    loaded.load_state_dict(saved.state_dict())
    assert loaded.hyperparameters["log_variance"].tolist() == [1.0, -1.0]


def test_a_combiner_does_not_change_what_it_was_built_from() -> None:
    start = torch.zeros(2)
    loss = UncertaintyWeightedLoss(log_variance=start)
    with torch.no_grad():
        loss.log_variance += 1.0
    assert start.tolist() == [0.0, 0.0]


def test_a_surrogate_gradient_is_what_its_formula_says() -> None:
    data = draw(REWEIGHTED)
    x = data[0].requires_grad_()
    (gradient,) = torch.autograd.grad(reweighted_square(*data, scale=2.0).sum(), x)
    assert REWEIGHTED.surrogate_gradient is not None
    torch.testing.assert_close(gradient, REWEIGHTED.surrogate_gradient(*data, scale=2.0))
    options: dict[str, Any] = {"raise_exception": False}
    assert not torch.autograd.gradcheck(partial(reweighted_square, scale=2.0), data, **options)


def test_nothing_is_elicited_where_there_is_no_target() -> None:
    assert TRIPLET.elicited(margin=1.0) == NOTHING
    assert not NOTHING.implies(MEDIAN)
    assert not MEDIAN.implies(NOTHING)
