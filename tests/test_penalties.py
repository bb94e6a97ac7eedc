"""Penalties on a model's weights, by hand; and which parameters they are about."""

import pytest
import torch

from lossmith import registry
from lossmith.criterion import Criterion
from lossmith.losses import (
    ElasticNetPenaltyLoss,
    GroupLassoPenaltyLoss,
    L1PenaltyLoss,
    L2PenaltyLoss,
    OrthogonalityPenaltyLoss,
)

PENALTIES = [name for name, card in registry.catalogue().items() if card.kind == "penalty"]


def network() -> torch.nn.Module:
    """Weights 3, -4 and 2; a bias of 10; a scale and a shift of a normalisation."""
    model = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.BatchNorm1d(1), torch.nn.Linear(1, 1, bias=False))
    model[0].weight.data = torch.tensor([[3.0, -4.0]])
    model[0].bias.data = torch.tensor([10.0])
    model[2].weight.data = torch.tensor([[2.0]])
    return model


@pytest.mark.parametrize(
    ("penalty", "wanted", "of_everything"),
    [
        (L1PenaltyLoss, 9.0, 20.0),  # 3 + 4 + 2; and 10 + 1 + 0
        (L2PenaltyLoss, 29.0, 130.0),  # 9 + 16 + 4; and 100 + 1 + 0
        (ElasticNetPenaltyLoss, 19.0, 75.0),  # half of each
        (GroupLassoPenaltyLoss, 5.0 * 2.0**0.5 + 2.0, 5.0 * 2.0**0.5 + 13.0),  # a unit with two weights
    ],
)
def test_by_hand(penalty: type[Criterion], wanted: float, of_everything: float) -> None:
    assert penalty()(network()).item() == pytest.approx(wanted)
    assert penalty(everything=True)(network()).item() == pytest.approx(of_everything)


def test_groups_by_input_of_one_weight_each_are_the_lasso() -> None:
    assert GroupLassoPenaltyLoss(by_input=True)(network()) == L1PenaltyLoss()(network())


def test_groups_of_a_kernel_are_its_units_or_its_channels() -> None:
    model = torch.nn.Conv2d(2, 3, kernel_size=2, bias=False)
    model.weight.data = torch.ones_like(model.weight)
    assert GroupLassoPenaltyLoss()(model).item() == pytest.approx(3 * 8)  # 3 units of 8 ones: √8·√8
    assert GroupLassoPenaltyLoss(by_input=True)(model).item() == pytest.approx(2 * 12)


def test_an_empty_group_is_pulled_nowhere() -> None:
    model = torch.nn.Linear(2, 2)
    torch.nn.init.zeros_(model.weight)
    GroupLassoPenaltyLoss()(model).backward()
    assert model.weight.grad.tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_orthogonality_by_hand() -> None:
    assert OrthogonalityPenaltyLoss()(network()).item() == (25.0 - 1.0) ** 2 + (4.0 - 1.0) ** 2


@pytest.mark.parametrize(("rows", "columns"), [(3, 5), (5, 3), (4, 4)])
def test_an_orthonormal_set_costs_nothing_tall_or_wide(rows: int, columns: int) -> None:
    model = torch.nn.Linear(columns, rows)
    torch.nn.init.orthogonal_(model.weight, generator=torch.Generator().manual_seed(0))
    assert OrthogonalityPenaltyLoss()(model).item() == pytest.approx(0.0, abs=1e-10)
    model.weight.data *= 2.0
    assert OrthogonalityPenaltyLoss()(model).item() == pytest.approx(9.0 * min(rows, columns), rel=1e-5)


def test_elastic_net_has_the_others_at_its_ends() -> None:
    model = network()
    assert ElasticNetPenaltyLoss(l1_share=1.0)(model) == L1PenaltyLoss()(model)
    assert ElasticNetPenaltyLoss(l1_share=0.0)(model) == L2PenaltyLoss()(model)


@pytest.mark.parametrize("name", PENALTIES)
def test_only_weights_that_learn_are_pulled(name: str) -> None:
    model = network()
    model[2].weight.requires_grad_(False)
    registry.load(name)(model).backward()
    pulled = {key for key, parameter in model.named_parameters() if parameter.grad is not None}
    assert pulled == {"0.weight"}


def test_the_pull_of_each() -> None:
    """Sign of the weight; twice the weight; and half of both."""
    pulls = {L1PenaltyLoss: [1.0, -1.0], L2PenaltyLoss: [6.0, -8.0], ElasticNetPenaltyLoss: [3.5, -4.5]}
    for penalty, wanted in pulls.items():
        model = network()
        penalty()(model).backward()
        assert model[0].weight.grad.tolist() == [wanted]


def test_a_weight_of_zero_is_pulled_nowhere() -> None:
    model = torch.nn.Linear(2, 1)
    torch.nn.init.zeros_(model.weight)
    L1PenaltyLoss()(model).backward()
    assert model.weight.grad.tolist() == [[0.0, 0.0]]


def test_under_sgd_the_squared_penalty_is_weight_decay_of_twice_its_factor() -> None:
    """What the card says of torch: its λ is a factor λ/2 here."""
    after = []
    for decay, factor in ((0.2, 0.0), (0.0, 0.1)):
        model = torch.nn.Linear(3, 2, bias=False)
        model.weight.data = torch.arange(6.0).reshape(2, 3)
        optimiser = torch.optim.SGD(model.parameters(), lr=0.5, weight_decay=decay)
        (model(torch.ones(4, 3)).square().mean() + factor * L2PenaltyLoss()(model)).backward()
        optimiser.step()
        after.append(model.weight.detach())
    torch.testing.assert_close(after[0], after[1])


def test_a_shared_weight_counts_once() -> None:
    layer = torch.nn.Linear(2, 2)
    twice = torch.nn.Sequential(layer, layer)
    assert L1PenaltyLoss()(twice) == L1PenaltyLoss()(layer)


@pytest.mark.parametrize("name", PENALTIES)
def test_what_is_no_model_is_refused_in_words(name: str) -> None:
    with pytest.raises(TypeError, match=r"`model` should be a torch\.nn\.Module\. Found Tensor"):
        registry.load(name)(torch.ones(2))
    with pytest.raises(ValueError, match=r"Found none\. Try "):
        registry.load(name)(torch.nn.BatchNorm1d(3))
    with pytest.raises(TypeError, match=r"takes model\. Found 0 arguments"):
        registry.load(name)()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("name", PENALTIES)
def test_dtype_is_kept_and_compiled_it_is_the_same(name: str, dtype: torch.dtype) -> None:
    model, penalty = network().to(dtype), registry.load(name)
    value = penalty(model)
    assert value.dtype == dtype
    torch.compiler.reset()
    compiled = torch.compile(lambda: penalty(model), backend="aot_eager", fullgraph=True)
    assert compiled() == value
