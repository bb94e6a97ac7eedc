"""Copies in a stack through torch.func train as each would alone, and what cannot be stacked is left alone."""

import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import TensorDataset

import own_data
from lossmith import registry
from lossmith.training.fitted import Split
from lossmith.training.own.engine import Sources, column, train_modules
from lossmith.training.own.examples import Examples, Inputs
from lossmith.training.own.settings import OwnSettings
from lossmith.training.own.stacks import Apart, Course, Together, stackable, worth_stacking
from lossmith.training.problem import Candidate

CPU = torch.device("cpu")
TWO_EPOCHS = OwnSettings(batch=16, rounds=2)
CANDIDATES = [
    Candidate("ce", "cross_entropy_loss", link="softmax", rule="probability"),
    Candidate("focal", "focal_loss", {"gamma": 2.0}, link="softmax", rule="probability"),
    Candidate("brier", "brier_loss", link="softmax", rule="probability"),
]
STACKED = {
    "mlp": (own_data.mlp(), own_data.rows()),
    "cnn": (own_data.cnn(), own_data.images()),
    "transformer": (own_data.Attention, own_data.sequences()),
    "batch norm": (own_data.batch_norm(), own_data.images()),
}
ALONE = {"gru": (own_data.Sequences, own_data.sequences()), "branching": (own_data.Branching, own_data.rows())}


def first(dataset, rows=16):
    return Inputs((dataset.tensors[0][:rows],))


def trained(factory, dataset, settings, candidates=CANDIDATES, double=True):
    x, y = dataset.tensors
    if double:
        x = x.double()
    split = Split(column(np.arange(80)), y[:80].numpy(), column(np.arange(80, 120)), y[80:].numpy(), 3)
    sources = Sources(lambda: factory().double() if double else factory(), Examples((TensorDataset(x, y),)))
    return train_modules(candidates, split, registry.metric("log_loss"), sources, settings, 0.01, 5, float("inf"))


@pytest.mark.parametrize("name", STACKED)
def test_stacked_is_one_after_another(name):
    """In float64, so that nothing but a mistake can tell them apart."""
    factory, dataset = STACKED[name]
    stacked = trained(factory, dataset, OwnSettings(batch=16, rounds=2, together=True))
    apart = trained(factory, dataset, TWO_EPOCHS)
    for one, other in zip(stacked, apart, strict=True):
        assert one.train_curve == pytest.approx(other.train_curve, rel=1e-9), one.candidate.id
        assert one.valid_curve == pytest.approx(other.valid_curve, rel=1e-9), one.candidate.id
        for key, value in other.weights.items():
            torch.testing.assert_close(one.weights[key], value, rtol=1e-9, atol=1e-9)
    assert len({f.valid_curve[-1] for f in stacked}) == len(CANDIDATES)  # else the losses were one


@pytest.mark.parametrize("name", STACKED | ALONE)
def test_one_after_another_is_a_textbook_loop(name):
    factory, dataset = (STACKED | ALONE)[name]
    (found,) = trained(factory, dataset, TWO_EPOCHS, CANDIDATES[1:2])
    x, y = dataset.tensors[0].double(), dataset.tensors[1]
    torch.manual_seed(5)
    module = factory().double()
    loss = registry.load("focal_loss", gamma=2.0)
    decayed = [p for p in module.parameters() if p.ndim > 1]
    rest = [p for p in module.parameters() if p.ndim <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0}], lr=0.01
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.01, total_steps=10, cycle_momentum=False)
    generator, curve, scores = torch.Generator().manual_seed(5 + 2**32), [], []
    for _ in range(2):
        total = 0.0
        for places in torch.randperm(80, generator=generator).split(16):
            value = loss(module.train()(x[places]), y[places])
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
            schedule.step()
            total += value.item()
        curve.append(total / 5)
        with torch.no_grad():
            p = torch.softmax(module.eval()(x[80:]), 1)
        scores.append(-p[torch.arange(40), y[80:]].log().mean().item())
    assert found.train_curve == pytest.approx(curve, rel=1e-9)
    assert found.valid_curve == pytest.approx(scores, rel=1e-9)


@pytest.mark.parametrize("name", ALONE)
def test_what_vmap_cannot_follow_is_not_stacked(name):
    factory, dataset = ALONE[name]
    assert not stackable(factory(), first(dataset), CPU)


@pytest.mark.parametrize("name", ["mlp", "cnn", "batch norm"])
def test_what_vmap_follows_is_stacked(name):
    factory, dataset = STACKED[name]
    module = factory()
    before = copy.deepcopy(module.state_dict())
    assert stackable(module, first(dataset), CPU)
    for key, value in module.state_dict().items():  # the trial leaves the module as it was
        assert torch.equal(value, before[key])


def test_a_stack_that_computes_something_else_is_found_out():
    class Odd(torch.autograd.Function):
        """Right alone, wrong in a stack."""

        @staticmethod
        def forward(x):
            return 2 * x

        @staticmethod
        def setup_context(ctx, inputs, output): ...

        @staticmethod
        def backward(ctx, gradient):
            return 2 * gradient

        @staticmethod
        def vmap(info, dims, x):
            return 3 * x, dims[0]

    class Module(nn.Linear):
        def forward(self, x):
            return Odd.apply(super().forward(x))

    assert not stackable(Module(6, 3), first(own_data.rows()), CPU)


@pytest.mark.parametrize("kind", [Together, Apart])
def test_copies_share_their_dropout_masks(kind):
    """With the same loss, and the same masks, copies stay the same to the end."""
    module = own_data.dropout()().train()
    copies = kind(module, 3, Course(0.01, 4, TWO_EPOCHS, CPU))
    x, y = own_data.rows().tensors
    for step in range(4):
        copies.step(Inputs((x[:40],)), lambda _, out: nn.functional.cross_entropy(out, y[:40]), seed=step)
    for number in (1, 2):
        for key, value in copies.state(0).items():
            torch.testing.assert_close(copies.state(number)[key], value)
    assert not torch.equal(copies.state(0)["0.weight"], module.state_dict()["0.weight"])


def test_dropout_is_stacked_and_draws_at_every_step():
    module = own_data.dropout()()
    assert stackable(module, first(own_data.rows()), CPU)
    stack = Together(module.train(), 2, Course(0.01, 4, TWO_EPOCHS, CPU))
    one, same, other = (stack.outputs(first(own_data.rows()), seed) for seed in (0, 0, 1))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


@pytest.mark.parametrize("kind", [Together, Apart])
def test_frozen_weights_stay_and_are_not_repeated(kind):
    module = own_data.mlp()()
    module[0].requires_grad_(False)
    before = copy.deepcopy(module.state_dict())
    copies = kind(module, 2, Course(0.1, 2, TWO_EPOCHS, CPU))
    x, y = own_data.rows().tensors
    copies.step(Inputs((x,)), lambda _, out: nn.functional.cross_entropy(out, y), seed=0)
    state = copies.state(1)
    assert torch.equal(state["0.weight"], before["0.weight"])
    assert not torch.equal(state["2.weight"], before["2.weight"])
    assert state.keys() == before.keys()


def test_only_small_steps_are_stacked():
    x = torch.zeros(64, 512)
    assert worth_stacking(nn.Linear(512, 10), Inputs((x,)), CPU, 64)
    large = nn.Sequential(nn.Linear(512, 2048), nn.Linear(2048, 2048), nn.Linear(2048, 10))
    assert not worth_stacking(large, Inputs((x,)), CPU, 64)
    assert worth_stacking(large, Inputs((x[:4],)), CPU, 1)
    assert not worth_stacking(large, Inputs((x[:4],)), CPU, 64)


def test_a_diverging_candidate_ends_alone_in_a_stack():
    x, y = own_data.rows().tensors
    module = own_data.mlp()()
    calm = Together(module, 1, Course(0.01, 2, TWO_EPOCHS, CPU))
    both = Together(module, 2, Course(0.01, 2, TWO_EPOCHS, CPU))

    def loss(number, output):
        return nn.functional.cross_entropy(output, y) * (torch.nan if number == 1 else 1.0)

    for stack in (calm, both):
        for step in range(2):
            stack.step(Inputs((x,)), loss, seed=step)
    for key, value in calm.state(0).items():
        torch.testing.assert_close(both.state(0)[key], value)
    assert not torch.isfinite(both.state(1)["0.weight"]).any()


def test_bf16_trains_through_autocast():
    x, y = own_data.rows(classes=2).tensors
    seen = []

    class Watching(nn.Linear):
        def forward(self, x):
            output = super().forward(x)
            seen.append(output.dtype)
            return output

    settings = OwnSettings(batch=16, rounds=3, precision="bf16")
    candidate = Candidate("bce", "binary_cross_entropy_loss", link="sigmoid", rule="probability")
    split = Split(column(np.arange(80)), y[:80].numpy(), column(np.arange(80, 120)), y[80:].numpy(), 2)
    sources = Sources(lambda: Watching(6, 1), Examples((TensorDataset(x, y),)))
    (found,) = train_modules([candidate], split, registry.metric("log_loss"), sources, settings, 0.05, 0, float("inf"))
    assert seen.count(torch.bfloat16) == 3 * 5
    assert found.valid_curve[-1] < found.valid_curve[0]
    assert all(value.dtype == torch.float32 for value in found.weights.values())


def test_fp16_scales_each_copy_by_itself():
    x, y = own_data.rows().tensors
    module = own_data.mlp()()
    copies = Apart(module, 2, Course(0.01, 3, OwnSettings(precision="fp16"), CPU))

    def loss(number, output):  # the second overflows when scaled
        return nn.functional.cross_entropy(output.float(), y) * (1e36 if number else 1.0)

    copies.step(Inputs((x,)), loss, seed=0)
    moved = [not torch.equal(copies.state(n)["0.weight"], module.state_dict()["0.weight"]) for n in (0, 1)]
    assert moved == [True, False]
