"""The user's factory: fresh modules from a seed, and what is refused before any training."""

import random

import numpy as np
import pytest
import torch
from torch import nn

import own_data
from lossmith.training.links import Link
from lossmith.training.own.examples import Inputs
from lossmith.training.own.factory import activation, check_factory, fingerprint, fresh, seeded, shaped, width

CPU = torch.device("cpu")
X = Inputs((torch.randn(8, 6),))
NET = own_data.mlp()()


def test_a_seed_gives_the_same_weights_and_leaves_the_random_numbers_alone():
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()
    one, same, other = (fresh(own_data.mlp(), seed, CPU, X).state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(one[key], same[key]) for key in one)
    assert not torch.equal(one["0.weight"], other["0.weight"])
    assert torch.equal(before[0], torch.get_rng_state())
    assert before[1] == random.getstate()
    assert before[2] == np.random.get_state()[1].tolist()


def test_every_source_of_random_numbers_is_seeded():
    def drawn():
        with seeded(5):
            return torch.rand(1).item(), random.random(), np.random.rand()

    assert drawn() == drawn()


def test_lazy_layers_get_their_shapes():
    module = fresh(lambda: nn.Sequential(nn.LazyLinear(4), nn.ReLU(), nn.LazyLinear(1)), 0, CPU, X)
    assert module[0].weight.shape == (4, 6)
    assert width(module, X) == 1


@pytest.mark.parametrize(
    ("factory", "kind", "message"),
    [
        (NET, TypeError, r"Found a module, Sequential. Try `model=lambda: Sequential"),
        ("resnet18", TypeError, "function without arguments.*Found str"),
        (lambda: None, TypeError, "return a torch module. Found a NoneType"),
        (lambda size: own_data.mlp()(), TypeError, "without arguments. Found: .*size"),
        (lambda: nn.Linear, TypeError, "return a torch module. Found a type"),
        (lambda: NET, ValueError, "new module each time. Found the same Sequential"),
        (lambda: nn.Sequential(NET), ValueError, "the same Sequential"),
        (lambda: nn.Flatten(), ValueError, "weights to train. Found none in Flatten"),
        (lambda: nn.Linear(6, 1).requires_grad_(False), ValueError, "weights to train"),
    ],
)
def test_what_builds_no_new_module_is_refused(factory, kind, message):
    with pytest.raises(kind, match=message):
        check_factory(factory)


class Giving(nn.Module):
    def __init__(self, give):
        super().__init__()
        self.give = give

    def forward(self, x):
        return self.give(x)


@pytest.mark.parametrize(
    ("give", "message"),
    [
        (lambda x: x[:, None, :], r"Found \(8, 1, 6\)"),
        (lambda x: x[:4], r"Found \(4, 6\) float32 for 8 examples"),
        (lambda x: x.sum(), r"Found \(\) float32"),
        (lambda x: x.long(), "int64"),
        (lambda x: (x, x), "one tensor. Found a tuple"),
        (lambda x: {"logits": x}, "one tensor. Found a dict"),
        (lambda x: x / 0, "finite"),
        (lambda x: x @ torch.zeros(5, 2), r"take the dataset's inputs, \(8, 6\) float32. Found RuntimeError: mat1"),
        (lambda x: x["ids"], "take the dataset's inputs"),
    ],
)
def test_outputs_that_no_loss_could_take_are_refused(give, message):
    with pytest.raises(ValueError, match=message):
        width(Giving(give), X)


@pytest.mark.parametrize("inputs", [Inputs((torch.full((8, 6), torch.nan),)), Inputs((["a", "b"],))])
def test_inputs_that_are_no_finite_tensors_are_refused(inputs):
    with pytest.raises(ValueError, match="inputs should be tensors of finite numbers"):
        width(NET, inputs)


@pytest.mark.parametrize(
    ("last", "outputs", "found"),
    [
        (nn.Identity(), 3, ""), (nn.Softmax(dim=1), 3, "a softmax"), (nn.LogSoftmax(dim=1), 3, ""),
        (nn.ReLU(), 3, "a ReLU"), (nn.Sigmoid(), 1, "a sigmoid"), (nn.Identity(), 1, ""), (nn.Tanh(), 1, ""),
    ],
)  # fmt: skip
def test_an_activation_at_the_end_is_noticed(last, outputs, found):
    torch.manual_seed(0)
    inputs = Inputs((torch.randn(32, 6),))
    assert activation(nn.Sequential(nn.Linear(6, outputs), last), inputs) == found


def test_one_logit_and_two_say_the_same_of_two_classes():
    z = torch.randn(5)
    as_two = Link("softmax", classes=2).inverse(shaped(z, Link("softmax", classes=2)))
    as_one = Link("sigmoid", classes=2).inverse(shaped(z[:, None], Link("sigmoid", classes=2)))
    assert as_two == pytest.approx(as_one)
    two = torch.randn(5, 2)
    as_one = Link("sigmoid", classes=2).inverse(shaped(two, Link("sigmoid", classes=2)))
    assert as_one == pytest.approx(torch.softmax(two.double(), 1).numpy())


def test_the_fingerprint_knows_code_shapes_and_settings():
    class Net(nn.Linear):
        def forward(self, x):
            return super().forward(x) * 2.0

    first = fingerprint(Net(3, 1))
    assert first == fingerprint(Net(3, 1))  # other weights, same model

    class Net(nn.Linear):
        def forward(self, x):
            return super().forward(x) * 3.0

    assert first != fingerprint(Net(3, 1))
    assert fingerprint(nn.Linear(3, 1)) != fingerprint(nn.Linear(4, 1))
    assert fingerprint(nn.Dropout(0.1)) != fingerprint(nn.Dropout(0.2))
