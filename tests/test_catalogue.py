"""Every card of the catalogue, held to what it says: a loss file is all it takes to be tested here."""

import doctest
import inspect
import itertools
import math
import re
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import pytest
import torch
from torch import Generator, Tensor

from lossmith import losses, registry
from lossmith.card import (
    CLASS_PROBABILITIES,
    DISTRIBUTION,
    LEAST_COST_CLASS,
    MAJORITY_CLASS,
    MEAN,
    MOST_LIKELY_CLASS,
    PROPERTIES,
    RANKING,
    RATIO_MEDIAN,
    WEIGHTED_CLASS,
    WEIGHTED_PROBABILITIES,
    Card,
    Fails,
    Functional,
    Holds,
    Interval,
    NotApplicable,
)
from lossmith.domains import ClassIndex, Domain, Family, LocationScale, Logits, Probability
from lossmith.experiment import Subject, distribution, drawn_from, member_of, minimiser
from lossmith.properties import TESTS

SIZES = {"c": 3, "d": 4, "q": 3, "k": 2, "h": 2, "w": 3, "p": 3, "t": 4, "s": 2}
CARDS = dict(registry.catalogue())
EVERY = sorted(CARDS)
# Penalties and procedures need a model, combiners other losses: their values are tested in files of their own.
PLAIN = [name for name in EVERY if CARDS[name].kind == "loss"]
MASKED = [name for name in PLAIN if CARDS[name].unit != "batch"]

every_card = pytest.mark.parametrize("name", EVERY)
all_losses = pytest.mark.parametrize("name", PLAIN)
RANGED = [name for name in PLAIN if any(isinstance(where, Interval) for where in CARDS[name].parameters.values())]
TABULAR = [name for name in PLAIN if set(CARDS[name].inputs) == {"input", "target"}]
INDEXED = [name for name in TABULAR if isinstance(CARDS[name].inputs["target"], ClassIndex)]
maskable = pytest.mark.parametrize("name", MASKED)


def keyword_only(card: Card) -> dict[str, inspect.Parameter]:
    parameters = inspect.signature(card.module.function).parameters
    return {key: p for key, p in parameters.items() if p.kind is p.KEYWORD_ONLY}


def complete(card: Card, given: dict[str, object], seed: int = 0) -> dict[str, object]:
    """Fill in defaults; a tensor hyperparameter is drawn from its domain."""
    filled: dict[str, object] = {}
    for key, parameter in keyword_only(card).items():
        value = given.get(key, parameter.default)
        where = card.parameters.get(key)
        if value is inspect.Parameter.empty:
            assert isinstance(where, Domain), f"`{key}` has no default and no domain to draw it from"
            value = where.draw(SIZES, Generator().manual_seed(seed))
        filled[key] = torch.tensor(value, dtype=torch.float64) if isinstance(value, tuple) else value
    return filled


def settings(card: Card) -> list[dict[str, object]]:
    """Hyperparameters to test at: defaults, both ends of each searched range, and three points inside it."""
    generator = Generator().manual_seed(0)
    points: list[dict[str, object]] = [{}]
    points += [{key: end} for key, interval in card.search.items() for end in (interval.low, interval.high)]
    for _ in range(3 if card.search else 0):
        share = {key: float(torch.rand((), generator=generator)) for key in card.search}
        points.append({key: inside(interval, share[key]) for key, interval in card.search.items()})
    points += [{}] * any(isinstance(where, Domain) for where in card.parameters.values())
    points += [{key: drawn} for key, drawn in optional_tensors(card).items()]
    return [complete(card, point, seed) for seed, point in enumerate(points)]


def optional_tensors(card: Card) -> dict[str, Tensor]:
    """Tensor hyperparameters that are None unless given, drawn from their domains."""
    given = {key: p for key, p in keyword_only(card).items() if p.default is None}
    domains = {key: card.parameters.get(key) for key in given}
    drawn = Generator().manual_seed(0)
    return {key: where.draw(SIZES, drawn) for key, where in domains.items() if isinstance(where, Domain)}


def inside(interval: Interval, share: float) -> float:
    if interval.log:
        return interval.low * (interval.high / interval.low) ** share
    return interval.low + share * (interval.high - interval.low)


def subject(card: Card, hyperparameters: dict[str, object], wrt: str = "") -> Subject:
    wrt = wrt or next(iter(card.inputs))
    return Subject(card.module.function, card.inputs, hyperparameters, wrt, card.unit, SIZES)


def default(name: str) -> Subject:
    return subject(CARDS[name], complete(CARDS[name], {}))


@pytest.mark.parametrize("prop", PROPERTIES)
@all_losses
def test_claim(name: str, prop: str) -> None:
    card, claim = CARDS[name], CARDS[name].claims[prop]
    if isinstance(claim, NotApplicable):
        assert claim.why
        return
    order = {"order": claim.value} if prop == "gradient_growth" and isinstance(claim, Holds) else {}
    if isinstance(claim, Fails):
        violation = TESTS[prop](subject(card, complete(card, dict(claim.at)), claim.wrt))
        assert violation is not None, f"{name} is said not to be {prop} at {dict(claim.at)}, but no violation was found"
        return
    at = settings(card)
    for seed, hyperparameters in enumerate(at[:1] + at[-1:] if prop == "fullgraph" else at):
        violation = TESTS[prop](subject(card, hyperparameters, claim.wrt), seed, **order)
        assert violation is None, f"{name} is not {prop} at {hyperparameters}: {violation}"


@all_losses
def test_elicits_what_the_card_says(name: str) -> None:
    card = CARDS[name]
    for hyperparameters in settings(card):
        functional = card.elicited(**hyperparameters)
        loss = subject(card, hyperparameters)
        if functional.name in CHECKS:
            assert CHECKS[functional.name](loss, functional), (
                f"{name} does not elicit {functional} at {hyperparameters}"
            )
        else:
            assert not isinstance(card.claims["proper"], Holds), f"no test knows the functional {functional} of {name}"


def fits(loss: Subject, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """A distribution of the target and what the loss predicts for it, on the target's scale."""
    atoms, p = distribution(loss, seed)
    best = loss.prediction.decode(minimiser(loss, atoms, p))
    if isinstance(loss.prediction, Logits | Probability) and best.ndim == 0:
        best = torch.stack([1.0 - best, best])
    return atoms, p, best


def all_fits(loss: Subject) -> list[tuple[Tensor, Tensor, Tensor]]:
    return [fits(loss, seed) for seed in range(4)]


def near(a: Tensor, b: Tensor) -> bool:
    return torch.allclose(a, b, atol=1e-3, rtol=1e-3)


def is_mean(loss: Subject, functional: Functional) -> bool:
    seen = torch.log1p if functional.of == "log1p" else torch.Tensor.double
    return all(near(seen(best), (p * seen(atoms)).sum()) for atoms, p, best in all_fits(loss))


def is_expectile(loss: Subject, functional: Functional) -> bool:
    """What lies above, by its distance and the level, balances what lies below."""
    assert functional.level is not None
    fits = all_fits(loss)
    above = torch.stack([(p * (atoms - best).clamp(min=0.0)).sum() for atoms, p, best in fits])
    below = torch.stack([(p * (best - atoms).clamp(min=0.0)).sum() for atoms, p, best in fits])
    return near(functional.level * above, (1.0 - functional.level) * below)


def is_exponential_mean(loss: Subject, functional: Functional) -> bool:
    a = functional.level
    assert a is not None
    return all(near(best, -(p.log() - a * atoms).logsumexp(0) / a) for atoms, p, best in all_fits(loss))


def is_quantile(loss: Subject, functional: Functional) -> bool:
    assert functional.level is not None
    return all(near(best, cut(atoms, p, functional.level)) for atoms, p, best in all_fits(loss))


def is_ratio_median(loss: Subject, functional: Functional) -> bool:
    return all(near(best, cut(atoms, p / atoms, 0.5)) for atoms, p, best in all_fits(loss))


def is_distribution(loss: Subject, functional: Functional) -> bool:
    """Every column is its level's quantile; or, where the target belongs to the family, it is found again."""
    if isinstance(loss.prediction, Family):
        drawn = [member_of(loss.prediction, seed) for seed in range(4)]
        return all(torch.allclose(minimiser(loss, atoms, p), truth, atol=0.02) for truth, atoms, p in drawn)
    if not isinstance(loss.prediction, LocationScale):
        levels = levels_of(loss, functional)
        each = [[near(best[k], cut(a, p, level)) for k, level in enumerate(levels)] for a, p, best in all_fits(loss)]
        return all(map(all, each))
    for seed in range(4):
        truth, atoms = drawn_from(loss.prediction, seed)
        best = minimiser(loss, atoms, torch.full((len(atoms),), 1.0 / len(atoms), dtype=torch.float64))
        if not torch.allclose(best, truth, atol=0.02):
            return False
    return True


def levels_of(loss: Subject, functional: Functional) -> Sequence[float]:
    """Return the levels a loss is given, else an interval's, else the middles of even parts."""
    if "levels" in loss.hyperparameters:
        return loss.hyperparameters["levels"]
    if functional.level is not None:
        return [0.5 - 0.5 * functional.level, 0.5 + 0.5 * functional.level]
    columns = loss.prediction.size({**SIZES, "n": 1})[-1]
    return [(k + 0.5) / columns for k in range(columns)]


def cut(atoms: Tensor, weight: Tensor, level: float) -> Tensor:
    share = weight.cumsum(0) / weight.sum()
    return atoms[int((share < level).sum())]


def is_probabilities(loss: Subject, functional: Functional) -> bool:
    return all(near(best, p) for _, p, best in all_fits(loss))


def is_weighted(loss: Subject, functional: Functional) -> bool:
    """The odds are off by the same factors whatever the distribution."""
    factors = [(best / p) / (best / p).sum() for _, p, best in all_fits(loss)]
    return all(near(factor, factors[0]) for factor in factors)


def is_most_likely(loss: Subject, functional: Functional) -> bool:
    return TESTS["classification_calibrated"](loss) is None


def is_most_likely_once_weighted(loss: Subject, functional: Functional) -> bool:
    weighted = [(p * loss.hyperparameters["alpha"], best) for _, p, best in all_fits(loss)]
    return all(best.argmax() == p.argmax() for p, best in weighted)


def is_majority(loss: Subject, functional: Functional) -> bool:
    """The most likely class, made to have more than half of the probability."""
    for seed in range(4):
        atoms, p = distribution(loss, seed)
        p = 0.4 * p + 0.6 * (p == p.max())
        best = minimiser(loss, atoms, p)
        if best.argmax() != p.argmax() or best.topk(2).values.diff().abs() < 1e-3:
            return False
    return True


def is_least_cost(loss: Subject, functional: Functional) -> bool:
    cost = loss.hyperparameters["cost"]
    return all(best.argmax() == (p @ cost).argmin() for _, p, best in all_fits(loss))


def is_nearest_level(loss: Subject, functional: Functional) -> bool:
    """The level with the least mean distance, raised to the power `level`, from the others."""
    away = (torch.arange(3)[:, None] - torch.arange(3)).abs().double() ** functional.level
    return all(best.argmax() == (p @ away).argmin() for _, p, best in all_fits(loss))


def is_ranking(loss: Subject, functional: Functional) -> bool:
    """Of a yes or no: the likelier the yes, the higher the score."""
    pairs = sorted((float(p[1]), float(best[1])) for _, p, best in all_fits(loss))
    return all(lower[1] < higher[1] for lower, higher in itertools.pairwise(pairs))


CHECKS = {
    MEAN.name: is_mean,
    "quantile": is_quantile,
    "expectile": is_expectile,
    "exponential_mean": is_exponential_mean,
    RATIO_MEDIAN.name: is_ratio_median,
    DISTRIBUTION.name: is_distribution,
    "interval": is_distribution,
    CLASS_PROBABILITIES.name: is_probabilities,
    WEIGHTED_PROBABILITIES.name: is_weighted,
    MOST_LIKELY_CLASS.name: is_most_likely,
    MAJORITY_CLASS.name: is_majority,
    WEIGHTED_CLASS.name: is_most_likely_once_weighted,
    RANKING.name: is_ranking,
    LEAST_COST_CLASS.name: is_least_cost,
    "level_nearest_on_average": is_nearest_level,
    # Probabilities too, by another way than a sigmoid or a softmax: the domain knows which.
    "half_log_odds": is_probabilities,
    "tangent_of_the_probability_less_a_half": is_probabilities,
    "class_probabilities_by_sparsemax": is_probabilities,
    "class_probabilities_by_entmax": is_probabilities,
    "class_probabilities_one_by_one": is_probabilities,
}


@all_losses
def test_gradient_agrees_with_finite_differences(name: str) -> None:
    for seed, hyperparameters in enumerate(settings(CARDS[name])):
        loss = subject(CARDS[name], hyperparameters)
        data = loss.natural(4, seed)
        inputs = tuple(x.requires_grad_(x.is_floating_point()) for x in data.values())
        if CARDS[name].surrogate_gradient is None:
            assert torch.autograd.gradcheck(loss, inputs, atol=1e-4)
        else:
            (gradient,) = torch.autograd.grad(loss(*inputs).sum(), inputs[0])
            torch.testing.assert_close(gradient, CARDS[name].surrogate_gradient(*inputs, **hyperparameters))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@all_losses
def test_value_and_gradient_are_finite_over_the_domain(name: str, dtype: torch.dtype) -> None:
    for seed, hyperparameters in enumerate(settings(CARDS[name])):
        loss = subject(CARDS[name], hyperparameters)
        data = {k: x.to(dtype) if x.is_floating_point() else x for k, x in loss.draw(256, seed, edges=True).items()}
        inputs = [x.requires_grad_(x.is_floating_point()) for x in data.values()]
        values = loss.values(data)
        assert values.isfinite().all(), hyperparameters
        gradients = torch.autograd.grad(values.sum(), [x for x in inputs if x.requires_grad], allow_unused=True)
        assert all(g is None or g.isfinite().all() for g in gradients), hyperparameters


@all_losses
def test_module_is_the_function_reduced(name: str) -> None:
    loss = default(name)
    data = loss.natural(6, 1)
    values = loss(*data.values())
    assert values.numel() > 1 or CARDS[name].unit == "batch"
    for reduction, wanted in (("none", values), ("sum", values.sum()), ("mean", values.mean())):
        module = CARDS[name].module(**loss.hyperparameters, reduction=reduction)
        torch.testing.assert_close(module(*data.values()), wanted)


@maskable
def test_masked_units_do_not_matter(name: str) -> None:
    loss = default(name)
    data = loss.natural(6, 2)
    values = loss(*data.values())
    mask = torch.arange(values.numel()).reshape(values.shape) % 3 != 1
    module = CARDS[name].module(**loss.hyperparameters)
    wanted = values[mask].mean()
    spoiled = {}
    for key, x in data.items():
        whole = mask.reshape(mask.shape + (1,) * (x.ndim - mask.ndim))
        bad = torch.nan if x.is_floating_point() else -100
        spoiled[key] = torch.where(whole, x, torch.full_like(x, bad)).requires_grad_(x.is_floating_point())
    found = module(*spoiled.values(), mask=mask)
    torch.testing.assert_close(found, wanted)
    (gradient,) = torch.autograd.grad(found, spoiled[loss.wrt])
    assert gradient.isfinite().all()
    assert (gradient[~mask] == 0).all()
    assert (gradient[mask] != 0).any()


@maskable
def test_sample_weight_counts_like_repetition(name: str) -> None:
    loss = default(name)
    data = loss.natural(5, 3)
    repeats = torch.tensor([1, 3, 0, 2, 1])
    shape = loss(*data.values()).shape
    weight = repeats.double().reshape(-1, *[1] * (len(shape) - 1)).expand(shape)
    module = CARDS[name].module(**loss.hyperparameters)
    repeated = [x.repeat_interleave(repeats, dim=0) for x in data.values()]
    torch.testing.assert_close(module(*data.values(), sample_weight=weight), module(*repeated))


@maskable
def test_mean_over_nothing_is_zero_with_zero_gradient(name: str) -> None:
    loss = default(name)
    module = CARDS[name].module(**loss.hyperparameters)
    for n in (0, 4):
        data = loss.natural(n, 4)
        mask = torch.zeros(loss(*data.values()).shape, dtype=torch.bool)
        x = data[loss.wrt].requires_grad_()
        value = module(*data.values(), mask=mask)
        (gradient,) = torch.autograd.grad(value, x)
        assert value == 0
        assert (gradient == 0).all()


@maskable
def test_shuffling_the_batch_shuffles_the_values(name: str) -> None:
    loss = default(name)
    data = loss.natural(7, 5)
    order = torch.randperm(7, generator=Generator().manual_seed(0))
    torch.testing.assert_close(loss(*[x[order] for x in data.values()]), loss(*data.values())[order])


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32, torch.float64], ids=str)
@all_losses
def test_dtype_and_device_are_kept(name: str, dtype: torch.dtype) -> None:
    for hyperparameters in settings(CARDS[name])[:2]:
        loss = subject(CARDS[name], {k: h.float() if isinstance(h, Tensor) else h for k, h in hyperparameters.items()})
        data = [x.to(dtype) if x.is_floating_point() else x for x in loss.natural(4, 6).values()]
        assert loss(*data).dtype == dtype
        elsewhere = {k: h.to("meta") if isinstance(h, Tensor) else h for k, h in loss.hyperparameters.items()}
        assert CARDS[name].module.function(*[x.to("meta") for x in data], **elsewhere).device.type == "meta"


def another(card: Card, key: str, value: Tensor) -> Tensor:
    """Another tensor for this hyperparameter: from its domain, where it has one."""
    where = card.parameters.get(key)
    return where.draw(SIZES, Generator().manual_seed(9)) if isinstance(where, Domain) else torch.full_like(value, 0.5)


@all_losses
def test_state_dict_round_trip(name: str) -> None:
    loss = default(name)
    data = loss.natural(4, 7).values()
    saved = CARDS[name].module(**loss.hyperparameters)
    other = {k: another(CARDS[name], k, h) if isinstance(h, Tensor) else h for k, h in loss.hyperparameters.items()}
    loaded = CARDS[name].module(**other)
    loaded.load_state_dict(saved.state_dict())
    torch.testing.assert_close(loaded(*data), saved(*data))


@every_card
def test_docstring_example_runs(name: str) -> None:
    result = doctest.testmod(import_module(losses.modules()[name]))
    assert result.attempted > 0
    assert result.failed == 0


@every_card
def test_docstring_says_everything(name: str) -> None:
    card, module = CARDS[name], sys.modules[CARDS[name].module.__module__]
    doc = inspect.getdoc(card.module.function) or ""
    assert "Reach for it" in (module.__doc__ or "")
    assert "Avoid" in (module.__doc__ or "")
    assert len(doc.splitlines()[0]) <= 79
    for heading in ("Args:", "Returns:", "Source:", "Example:"):
        assert heading in doc
    for argument in inspect.signature(card.module.function).parameters:
        assert f"    {argument}:" in doc, f"`{argument}` is not described"
    assert card.references


@every_card
def test_names_follow_the_convention(name: str) -> None:
    card = CARDS[name]
    function = card.module.function
    assert name.endswith("_loss")
    assert function.__name__ == name == card.name
    assert card.module.__name__.lower() == name.replace("_", "")
    assert card.module.__name__.endswith("Loss")
    assert getattr(losses, name) is function
    assert getattr(losses, card.module.__name__) is card.module
    positional = [p.name for p in inspect.signature(function).parameters.values() if p.kind is not p.KEYWORD_ONLY]
    model = ["model"] if card.kind in ("penalty", "procedure") else []
    assert positional == [*model, *card.inputs]
    assert set(card.parameters) <= set(keyword_only(card))
    claims = [claim for claim in card.claims.values() if not isinstance(claim, NotApplicable)]
    assert {claim.wrt for claim in claims} <= set(card.inputs)


@every_card
def test_hyperparameters_lie_in_their_ranges(name: str) -> None:
    card = CARDS[name]
    for key, parameter in keyword_only(card).items():
        assert key in card.parameters or isinstance(parameter.default, bool | str), f"`{key}` has no range on the card"
        if key in card.parameters and parameter.default is not parameter.empty and parameter.default is not None:
            assert parameter.default in card.parameters[key]
    for key, interval in card.search.items():
        assert interval.low in card.parameters[key]
        assert interval.high in card.parameters[key]


@pytest.mark.parametrize(
    "name", [n for n in PLAIN if any(isinstance(p, Interval) for p in CARDS[n].parameters.values())]
)
def test_a_value_out_of_range_is_refused(name: str) -> None:
    card = CARDS[name]
    for key, where in card.parameters.items():
        if isinstance(where, Interval) and not where.low == -where.high == -math.inf:
            beyond = where.low - 1.0 if math.isfinite(where.low) else where.high + 1.0
            with pytest.raises(ValueError, match=rf"`{key}` should lie in {re.escape(str(where))}"):
                card.module(**{**complete(card, {}), key: beyond})


@pytest.mark.parametrize("name", TABULAR)
def test_wrong_shapes_are_refused_in_words(name: str) -> None:
    loss = default(name)
    data = loss.natural(4, 8)
    target = data["target"].flatten()[:3]
    with pytest.raises(ValueError, match=r"should have .*shape.* Found"):
        loss(data["input"], target)


@pytest.mark.parametrize("name", INDEXED)
def test_class_indices_as_floats_are_refused(name: str) -> None:
    loss = default(name)
    data = loss.natural(4, 9)
    with pytest.raises(TypeError, match=r"Try `target.long\(\)`"):
        loss(data["input"], data["target"].double())


def test_no_two_losses_share_a_name() -> None:
    names = [re.sub(r"[^a-z0-9]", "", n.lower()) for name, card in CARDS.items() for n in (name, *card.also_known_as)]
    assert len(names) == len(set(names))


def test_signatures_keep_their_promise_of_shapes() -> None:
    """Jaxtyping and beartype on every call, in a process of its own: the import hook breaks `torch.compile`."""
    script = Path(__file__).parent / "enforce_shapes.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.split() == PLAIN
