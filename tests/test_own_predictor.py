"""What a person takes home: a trained module, code that trains one, and the example that shows both."""

import runpy
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import lossmith
import own_data
from lossmith import registry
from lossmith.advisor.own.profile import describe
from lossmith.advisor.own.snippet import Form, own_snippet
from lossmith.advisor.trials import Trial
from lossmith.training.problem import Candidate, Problem

SETTINGS = lossmith.OwnSettings(rounds=15, batch=16, learning_rate=0.03)
EXAMPLE = Path(__file__).parent.parent / "examples/own_model.py"


def problem(dataset, outputs, metric):
    return describe(dataset.tensors[1].numpy(), "data", Problem("target", metric=metric), outputs).profile


def squared(input, target):
    return (input - target) ** 2


CASES = {
    "classes": (own_data.mlp(), own_data.rows(), 3, "accuracy",
                Candidate("f", "focal_loss", link="softmax", rule="argmax"), None),
    "one logit": (own_data.mlp(1), own_data.rows(classes=2), 1, "f1",
                  Candidate("b", "binary_cross_entropy_loss", link="sigmoid", rule="threshold"), None),
    "two logits, sigmoid": (own_data.mlp(2), own_data.rows(classes=2), 2, "accuracy",
                            Candidate("b", "binary_cross_entropy_loss", link="sigmoid", rule="argmax"), None),
    "one logit, softmax": (own_data.mlp(1), own_data.rows(classes=2), 1, "accuracy",
                           Candidate("b", "brier_loss", link="softmax", rule="argmax"), None),
    "values": (own_data.mlp(1), own_data.rows(classes=0), 1, "mae", Candidate("m", "absolute_error_loss"), None),
    "log": (own_data.mlp(1), own_data.rows(classes=0), 1, "mae", Candidate("p", "poisson_loss", link="log"), None),
    "own": (own_data.mlp(1), own_data.rows(classes=0), 1, "rmse", Candidate("squared", "squared", link="raw"), squared),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_candidate_is_trained_for_keeps(name):
    model, data, outputs, metric, candidate, own_loss = CASES[name]
    found = problem(data, outputs, metric)
    predictor = lossmith.fit_model(model, data, found.problem, candidate, 0, SETTINGS, own_loss)
    again = lossmith.fit_model(model, data, found.problem, candidate, 0, SETTINGS, own_loss)
    fresh = own_data.rows(200, seed=9, classes={"accuracy": 3, "f1": 2}.get(metric, 0) if outputs != 2 else 2)
    if name == "one logit, softmax":
        fresh = own_data.rows(200, seed=9, classes=2)
    predicted, y = predictor.predict(fresh), fresh.tensors[1].numpy()
    assert np.array_equal(predicted, again.predict(fresh))
    if found.problem.levels:
        assert np.mean(predicted == y) > 0.05 + np.bincount(y).max() / len(y)
        assert predictor.predict_proba(fresh).sum(1) == pytest.approx(1.0)
    else:
        assert np.mean(np.abs(predicted - y)) < 0.5 * np.mean(np.abs(y - np.median(y)))
        with pytest.raises(ValueError, match="needs a task of classes"):
            predictor.predict_proba(fresh)
    assert isinstance(predictor.module, nn.Module)
    with torch.no_grad():  # the module alone gives the outputs that the link reads
        output = predictor.module(fresh.tensors[0]).reshape(200, -1)
    if candidate.link in ("identity", "raw"):
        link = predictor.trained.link
        assert link.centre + link.scale * output[:, 0].double().numpy() == pytest.approx(predicted, rel=1e-5)


@pytest.mark.parametrize("name", CASES)
def test_the_code_to_paste_trains_the_users_module(name):
    model, data, outputs, metric, candidate, own_loss = CASES[name]
    found = problem(data, outputs, metric)
    y = data.tensors[1].numpy()
    link = {
        "centre": float(y.mean()),
        "scale": float(np.abs(y - y.mean()).mean() if candidate.link != "log" else y.mean()),
    }
    trial = Trial(candidate.id, 0, 0, 0.03, 0, 1.0, 1.0, 1, 1.0, {"threshold": 0.5}, link, (), (), ())
    code = own_snippet(candidate, found, [trial], SETTINGS, 100, Form(outputs))
    torch.manual_seed(0)
    names = {"model": model, "train": data, "squared": own_loss}
    exec(code, names)
    with torch.no_grad():
        decided = names["decide"](names["predict"](names["columns"](names["net"].eval()(data.tensors[0]))))
    chosen = registry.metric(metric)
    constant = np.full(len(y), np.bincount(y).argmax()) if found.problem.levels else np.full(len(y), np.median(y))
    assert chosen.error(chosen(y, decided.numpy().astype(y.dtype))) < chosen.error(chosen(y, constant))


def test_forms_of_input_are_called_as_the_module_takes_them():
    class Two(nn.Linear):
        def forward(self, values, scale):
            return super().forward(values) * scale[:, None]

    x, y = own_data.rows().tensors
    data = torch.utils.data.TensorDataset(x, torch.ones(len(x)), y)
    found = lossmith.advise(model=lambda: Two(6, 3), train=data, metric="accuracy", losses=["brier_loss"], epochs=2,
                            folds=3, budget=None, jobs=1)  # fmt: skip
    exec(found.snippet, names := {"model": lambda: Two(6, 3), "train": data})
    assert names["net"](x, torch.ones(len(x))).shape == (len(x), 3)


def test_what_cannot_be_trained_is_refused():
    data, found = own_data.rows(), problem(own_data.rows(), 3, "accuracy")
    own = Candidate("mine", "mine", link="softmax", rule="argmax")
    with pytest.raises(ValueError, match=r"own should come with the candidate\. Found none\. Try own_loss=mine"):
        lossmith.fit_model(own_data.mlp(), data, found.problem, own)
    with pytest.raises(ValueError, match="should be settled"):
        lossmith.fit_model(own_data.mlp(), data, Problem("target"), CASES["classes"][4])
    with pytest.raises(TypeError, match="Found a module"):
        lossmith.fit_model(own_data.mlp()(), data, found.problem, CASES["classes"][4])
    few = torch.utils.data.Subset(data, range(5))
    with pytest.raises(ValueError, match=r"at least 10 examples\. Found 5"):
        lossmith.fit_model(own_data.mlp(), few, found.problem, CASES["classes"][4])


def test_the_example_runs(capsys):
    runpy.run_path(str(EXAMPLE))["main"](count=80, epochs=1, folds=3)
    assert "absolute_error_loss" in capsys.readouterr().out
