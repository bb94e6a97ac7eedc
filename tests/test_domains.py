"""What is drawn lies in the domain, edges and safe values included, in the shape its words say."""

import inspect
import math
from importlib import import_module
from pkgutil import iter_modules

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Generator

from lossmith import domains
from lossmith.domains import BinaryTarget, ClassIndex, Domain, Logits, LogMean, NonNegative, Positive, Real

EVERY = [kind for kind in vars(domains).values() if isinstance(kind, type) and issubclass(kind, Domain)]
KINDS = [kind for kind in EVERY if not inspect.isabstract(kind)]
every_domain = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def generator(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def test_every_domain_is_on_the_face() -> None:
    files = [import_module(f"lossmith.domains.{file.name}") for file in iter_modules(domains.__path__)]
    defined = {
        kind for file in files for kind in vars(file).values() if inspect.isclass(kind) and issubclass(kind, Domain)
    }
    assert defined == set(EVERY)


@every_domain
@given(n=st.integers(1, 20), c=st.integers(1, 5), seed=st.integers(0, 10**6))
def test_draws_lie_in_the_range(kind: type[Domain], n: int, c: int, seed: int) -> None:
    sizes = {"n": n, "c": c}
    domain = kind("n c")
    drawn = domain.draw(sizes, generator(seed))
    assert drawn.shape == (n, c)
    assert drawn.is_floating_point() is not domain.integer
    high = max(domain.edges(sizes)) if domain.integer else domain.high
    assert (drawn >= min(domain.low, 0.0)).all()
    assert (drawn <= high).all()
    assert drawn in domain


@every_domain
def test_draws_repeat_with_the_seed_and_differ_without(kind: type[Domain]) -> None:
    sizes = {"n": 50, "c": 3}
    first, again, other = (kind("n").draw(sizes, generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@every_domain
def test_edges_and_safe_value_are_members(kind: type[Domain]) -> None:
    domain = kind("n")
    edges = torch.tensor([float(edge) for edge in domain.edges({"n": 3, "c": 4})])
    assert edges in domain
    assert torch.tensor([domain.safe]) in domain
    assert edges.min() == domain.low
    assert edges.max() == (3 if domain.integer and math.isinf(domain.high) else domain.high)
    if domain.low < 0.0 < domain.high:
        assert 0.0 in edges.tolist()


@every_domain
def test_says_what_it_holds(kind: type[Domain]) -> None:
    assert kind.words
    assert str(kind("n c")) == f"{kind.words}, shape (n, c)"


def test_any_shape_is_drawn_with_two_dimensions() -> None:
    assert Real().draw({"n": 5}, generator()).shape == (5, 2)


def test_dtype_is_kept() -> None:
    assert Real("n").draw({"n": 5}, generator(), torch.float32).dtype == torch.float32
    assert BinaryTarget("n").draw({"n": 5}, generator(), torch.float32).dtype == torch.float32


def test_membership() -> None:
    assert torch.tensor([0.0]) in NonNegative()
    assert torch.tensor([0.0]) not in Positive()
    assert torch.tensor([1.0, -1e-9]) not in NonNegative()
    assert torch.tensor([torch.nan]) not in Real()
    assert torch.tensor([1.0, torch.inf]) not in Positive()
    assert 3.0 not in Positive()


def test_elements_that_are_rows_are_drawn_with_two_dimensions_before() -> None:
    assert Logits("... c").draw({"n": 5, "c": 3}, generator()).shape == (5, 2, 3)


def test_symbols_are_never_the_blank() -> None:
    drawn = domains.Symbols("n s").draw({"n": 200, "s": 2, "c": 4}, generator())
    assert sorted(set(drawn.flatten().tolist())) == [1, 2, 3]


def test_lengths_reach_from_one_to_the_size_of_their_dimension() -> None:
    drawn = domains.Lengths("n", of="t").draw({"n": 200, "t": 4}, generator())
    assert sorted(set(drawn.tolist())) == [1, 2, 3, 4]


def test_corners_are_put_in_order() -> None:
    box = torch.tensor([[3.0, 1.0, 2.0, 5.0]])
    assert domains.Boxes("n 4").closest(box).tolist() == [[2.0, 1.0, 3.0, 5.0]]


def test_decode_gives_the_targets_scale() -> None:
    x = torch.tensor([[0.0, 1.0]])
    torch.testing.assert_close(LogMean().decode(x), torch.tensor([[1.0, 2.7182817]]))
    torch.testing.assert_close(Logits().decode(x), torch.tensor([[0.5, 0.7310586]]))
    torch.testing.assert_close(Logits("n c").decode(x), torch.tensor([[0.2689414, 0.7310586]]))
    assert Real().decode(x) is x


@given(st.integers(1, 10))
def test_class_indices_have_the_first_and_last_class_as_edges(c: int) -> None:
    assert ClassIndex("n").edges({"n": 1, "c": c}) == (0, c - 1)


@pytest.mark.parametrize("family", [domains.NormalParameters("n 2"), domains.LaplaceParameters("n 2")], ids=str)
def test_quantiles_of_a_family_are_scipys(family: domains.LocationScale) -> None:
    from scipy import stats

    peer = {"normal": stats.norm, "Laplace": stats.laplace}[family.family]
    values = torch.tensor([[0.0, 0.0], [3.0, -1.0], [-7.0, 2.0]], dtype=torch.float64)
    levels = torch.tensor([1e-6, 0.025, 0.3, 0.5, 0.9, 1 - 1e-6], dtype=torch.float64)
    wanted = [peer.ppf(levels.numpy(), loc=at, scale=torch.tensor(scale).exp()) for at, scale in values.tolist()]
    torch.testing.assert_close(family.quantiles(values, levels), torch.tensor(wanted), rtol=1e-6, atol=1e-6)
    moved = family.placed_at(torch.tensor([1.0, 2.0, 3.0]).double(), values)
    assert moved.tolist() == [[1.0, 0.0], [2.0, -1.0], [3.0, 2.0]]


def test_quantiles_that_cross_are_put_in_order() -> None:
    crossed = torch.tensor([[2.0, 1.0, 3.0]])
    assert domains.Quantiles("n q").quantiles(crossed, torch.tensor([0.1, 0.5, 0.9])).tolist() == [[1.0, 2.0, 3.0]]


def test_numbers_among_the_words_of_a_shape_are_sizes() -> None:
    assert domains.NormalParameters("n 2").size({"n": 5}) == (5, 2)
