"""The stacked network: its written-out backward pass against autograd, and its copies as strangers."""

import pytest
import torch

import lossmith
from lossmith.training import folds
from lossmith.training.network import StackedMLP
from lossmith.training.problem import Candidate, Problem
from lossmith.training.settings import NETWORKS, Settings
from running import lighten, numbers, run

SHAPES = [((), False), ((7,), False), ((7,), True), ((6, 5, 4), False), ((6, 6), True), ((6, 6, 6, 6), True)]


def network(hidden, residual, outputs, copies=3, features=4):
    made = StackedMLP(copies, features, hidden, outputs, torch.float64, residual=residual)
    for copy in range(copies):
        made.initialise([copy], features, torch.Generator().manual_seed(copy))
    for bias in made.biases:
        bias.value.normal_(generator=torch.Generator().manual_seed(9))
    return made


def plain(weights, biases, x, residual):
    """A copy as a tutorial would write it."""
    for layer, (weight, bias) in enumerate(zip(weights[:-1], biases[:-1], strict=True)):
        active = torch.relu(x @ weight + bias)
        x = x + active if residual and layer else active
    return x @ weights[-1].T + biases[-1].T


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize(("hidden", "residual"), SHAPES)
def test_forward_and_backward_are_those_of_autograd(hidden, residual, outputs):
    made = network(hidden, residual, outputs)
    x = torch.randn(3, 11, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    gradient = torch.randn(3, outputs, 11, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    found = made(x).clone()
    made.backward(gradient)
    for copy in range(3):
        weights, biases = (
            [parameter.value[copy].clone().requires_grad_() for parameter in parameters]
            for parameters in (made.weights, made.biases)
        )
        output = plain(weights, biases, x[copy], residual)
        torch.testing.assert_close(found[copy], output.detach().T, rtol=1e-12, atol=1e-12)
        torch.testing.assert_close(made.output(copy, x[copy]), output.detach(), rtol=1e-12, atol=1e-12)
        wanted = torch.autograd.grad((output * gradient[copy].T).sum(), [*weights, *biases])
        for parameter, value in zip([*made.weights, *made.biases], wanted, strict=True):
            torch.testing.assert_close(parameter.gradient[copy], value, rtol=1e-12, atol=1e-12)


def test_a_copy_taken_out_and_put_in_elsewhere_predicts_the_same():
    made, x = network((6, 6), True, 2), torch.randn(5, 4, dtype=torch.float64)
    other = StackedMLP(1, 4, (6, 6), 2, torch.float64, residual=True)
    other.load_copy(0, made.copy_state(1, 4))
    assert torch.equal(other.output(0, x), made.output(1, x))


def test_what_is_kept_goes_on_as_before():
    made, x = network((6, 6), True, 2), torch.randn(5, 4, dtype=torch.float64)
    before = [made.output(copy, x) for copy in range(3)]
    made.keep([0, 2])
    assert made.copies == 2
    assert torch.equal(made.output(1, x), before[2])
    torch.testing.assert_close(made(x.expand(2, -1, -1))[0].T, before[0])


def test_residual_layers_of_two_widths_are_refused():
    with pytest.raises(ValueError, match="of one width"):
        StackedMLP(1, 4, (6, 5), 1, residual=True)


@pytest.mark.parametrize("name", NETWORKS)
def test_activations_begin_at_the_scale_of_the_input(name):
    settings = Settings().for_network(name)
    made = StackedMLP(1, 20, settings.hidden, 1, residual=settings.residual)
    made.initialise([0], 20, torch.Generator().manual_seed(0))
    made(torch.randn(1, 500, 20, generator=torch.Generator().manual_seed(1)))
    for values in made._memory.forward[:-1]:
        assert 0.3 < values.square().mean().sqrt() < 4.0


def test_an_unknown_network_is_refused():
    with pytest.raises(ValueError, match=r"one of small, wide, deep, resnet\. Found 'huge'"):
        Settings().for_network("huge")


@pytest.mark.parametrize("name", ["wide", "resnet"])
def test_advise_asks_another_network(monkeypatch, tmp_path, name):
    lighten(monkeypatch)
    question = {"target": "y", "metric": "mae", "folds": 2, "jobs": 1, "losses": ["huber_loss"], "budget": None}
    verdict = lossmith.advise(numbers(), network=name, out=tmp_path, **question)
    assert tuple(verdict.to_json()["settings"]["settings"]["hidden"]) == NETWORKS[name]["hidden"]
    with pytest.raises(ValueError, match="Found other plan"):
        lossmith.advise(numbers(), network="small", out=tmp_path, resume=True, **question)
    assert lossmith.advise(numbers(), network=name, out=tmp_path, resume=True, **question).outcome == verdict.outcome


def test_a_residual_predictor_predicts_what_was_scored():
    frame = numbers()
    problem = Problem("y", task="regression", metric="mae")
    settings = Settings(steps=60, rate_factors=(1.0,)).for_network("resnet")
    predictor = lossmith.fit(frame, problem, Candidate("mae", "absolute_error_loss"), seed=0, settings=settings)
    assert predictor.fitted.residual
    _, choose = folds.inner(frame["y"].to_numpy(), 0, settings.valid_share, 0)
    rows = frame.iloc[choose]
    error = abs(predictor.predict(rows) - rows["y"]).mean()
    assert error == pytest.approx(predictor.fitted.valid_score, rel=1e-5)


def test_the_command_line_refuses_an_unknown_network(tmp_path):
    numbers().to_csv(tmp_path / "t.csv")
    code, _, err = run("advise", tmp_path / "t.csv", "--target", "y", "--network", "huge", cwd=tmp_path)
    assert code == 2
    assert err.startswith("lossmith: A network should be one of small, wide, deep, resnet. Found 'huge'.")
