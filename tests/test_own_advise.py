"""`advise` with a model and a dataset of the user's own: from question to verdict, and every bad question."""

import json

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import Subset, TensorDataset

import lossmith
import own_data
from lossmith.advisor.own.profile import describe
from lossmith.advisor.verdict import Verdict
from lossmith.report.html import render
from lossmith.training.problem import Problem
from own_data import Pairs
from running import fold_scores

QUICK = {"epochs": 4, "folds": 3, "budget": None, "jobs": 1, "batch_size": 32, "learning_rate": 0.03}


def advise(model, train, **options):
    return lossmith.advise(model=model, train=train, **(QUICK | options))


def margin(input, target):
    return nn.functional.multi_margin_loss(input, target, reduction="none")


@pytest.fixture(scope="module")
def verdict():
    """Images, three classes, a loss of the user's own beside those of the catalogue."""
    return advise(own_data.cnn(), own_data.images(), metric="accuracy", losses=["focal_loss", margin], epochs=12)


def test_images_get_a_verdict_of_the_same_form(verdict):
    assert verdict.profile.problem.task == "multiclass"
    assert "3 numbers per example" in verdict.profile.task_reason
    assert verdict.reference == "cross_entropy_loss"
    assert set(fold_scores(verdict)) == {"cross_entropy_loss", "focal_loss", "margin"}
    assert all(len(s.fold_scores) == 3 and not s.failures for s in verdict.standings)
    assert verdict.standing("cross_entropy_loss").score > 0.6  # a third by chance
    written = json.dumps(verdict.to_json())
    assert json.dumps(Verdict.from_json(json.loads(written)).to_json()) == written
    assert verdict.settings["settings"]["candidates"] == "as one stack (torch.func)"
    assert verdict.profile.columns == ()
    assert verdict.standing("margin").portrait == {}


def test_the_report_speaks_of_examples(verdict):
    from rich.console import Console

    from lossmith.report import print_verdict

    page = render(verdict)
    assert "120 examples" in page
    assert "All columns" not in page
    console = Console(record=True, width=100)
    print_verdict(verdict, console)
    assert "examples to learn from in each fold" in console.export_text()


def test_a_losss_own_candidate_is_what_the_catalogue_has_of_it():
    """The user's cross-entropy is the catalogue's: same weights, batches and rates, so the very same scores."""
    found = advise(own_data.mlp(), own_data.rows(), metric="accuracy", losses=[("theirs", nn.CrossEntropyLoss())])
    scores = fold_scores(found)
    assert scores["theirs"] == pytest.approx(scores["cross_entropy_loss"])
    assert found.standing("theirs").candidate.roles == ("requested",)


def test_values_far_from_zero_train_well_and_own_losses_see_their_unit():
    seen = []

    def squared(input, target):
        seen.append((input.detach().mean().item(), target.mean().item()))
        return (input - target) ** 2

    found = advise(own_data.mlp(1), own_data.rows(classes=0), metric="rmse", losses=[squared], epochs=30)
    assert found.profile.problem.task == "regression"
    spread = float(own_data.rows(classes=0).tensors[1].std())
    for name in ("squared_error_loss", "squared"):
        assert found.standing(name).score < 0.5 * spread
    assert np.mean([target for _, target in seen]) == pytest.approx(50.0, abs=5.0)
    assert np.mean([prediction for prediction, _ in seen]) == pytest.approx(50.0, abs=5.0)


def test_two_classes_as_one_logit_or_two_try_the_same_losses():
    one = advise(own_data.mlp(1), own_data.rows(classes=2), metric="log_loss", epochs=10)
    two = advise(own_data.mlp(2), own_data.rows(classes=2), metric="log_loss", epochs=10)
    assert one.profile.problem.task == two.profile.problem.task == "binary"
    assert set(fold_scores(one)) == set(fold_scores(two))
    assert all(s.score < 0.69 for v in (one, two) for s in v.standings if s.candidate.id == v.reference)
    assert not [s.failures for v in (one, two) for s in v.standings if s.failures]


def test_losses_can_be_all_the_users_own():
    found = advise(own_data.mlp(), own_data.rows(), metric="accuracy", losses=[margin])
    assert set(fold_scores(found)) == {"cross_entropy_loss", "margin"}


def test_jobs_make_no_difference_and_lambdas_are_sent():
    scale = 1.0
    model = lambda: nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 3 * int(scale)))  # noqa: E731
    options = {"metric": "accuracy", "losses": ["brier_loss", ("mine", lambda i, t: margin(i, t) * scale)]}
    data = Pairs([(x, int(y)) for x, y in zip(*own_data.rows().tensors, strict=True)])
    assert fold_scores(advise(model, data, **options, jobs=2)) == fold_scores(advise(model, data, **options))


def test_what_cannot_be_sent_trains_here():
    import threading

    class Locked(Pairs):
        def __init__(self, items):
            super().__init__(items)
            self.lock = threading.Lock()

    data = Locked([(x, int(y)) for x, y in zip(*own_data.rows().tensors, strict=True)])
    found = advise(own_data.mlp(), data, metric="accuracy", losses=["brier_loss"], jobs=2)
    assert found.settings["jobs"] == 1
    assert any("cannot be sent" in warning for warning in found.warnings)


def test_items_and_tensors_give_the_same_verdict():
    tensors = own_data.rows()
    items = Pairs([(x, int(y)) for x, y in zip(*tensors.tensors, strict=True)])
    options = {"metric": "accuracy", "losses": ["brier_loss"]}
    assert fold_scores(advise(own_data.mlp(), items, **options)) == fold_scores(
        advise(own_data.mlp(), tensors, **options)
    )


def test_random_transforms_are_the_same_for_every_candidate():
    class Noisy(Pairs):
        def __getitem__(self, place):
            x, y = self.items[place]
            return x + 0.5 * torch.randn(6) + np.random.normal(), y

    data = Noisy([(x, int(y)) for x, y in zip(*own_data.rows().tensors, strict=True)])
    twin = ("twin", nn.CrossEntropyLoss())
    scores = fold_scores(advise(own_data.mlp(), data, metric="accuracy", losses=[twin]))
    assert scores["twin"] == pytest.approx(scores["cross_entropy_loss"])


def test_a_dict_of_inputs_goes_through():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.Linear(6, 3)

        def forward(self, values, scale):
            return self.head(values) * scale[:, None]

    x, y = own_data.rows().tensors
    data = Pairs([({"values": row, "scale": torch.tensor(1.0)}, int(label)) for row, label in zip(x, y, strict=True)])
    found = advise(Net, data, metric="accuracy", losses=["brier_loss"], epochs=2)
    assert all(len(s.fold_scores) == 3 for s in found.standings)
    assert "net(**x)" in found.snippet


def test_batch_norm_and_recurrent_networks_go_through():
    for model, data in ((own_data.batch_norm(), own_data.images()), (own_data.Sequences, own_data.sequences())):
        found = advise(model, data, metric="accuracy", losses=["brier_loss"], epochs=2)
        assert all(len(s.fold_scores) == 3 for s in found.standings)
    assert found.settings["settings"]["candidates"] == "one after another on each batch"


def test_a_test_set_is_scored_in_parts_and_a_validation_set_chooses():
    train, valid, test = own_data.rows(90), own_data.rows(60, seed=1), own_data.rows(30, seed=2)
    found = advise(own_data.mlp(), train, valid=valid, test=test, metric="accuracy", losses=["brier_loss"])
    assert found.rows_used == 60  # two of three parts, none kept for choosing
    assert all(round(score * 10) == pytest.approx(score * 10) for s in found.standings for score in s.fold_scores)
    swapped = TensorDataset(test.tensors[0], (test.tensors[1] + 1) % 3)  # labels that the training set contradicts
    worse = advise(own_data.mlp(), train, valid=valid, test=swapped, metric="accuracy", losses=["brier_loss"])
    assert worse.standing("brier_loss").score < found.standing("brier_loss").score - 0.2


def test_a_loss_that_raises_amid_training_fails_alone():
    calls = []

    def moody(input, target):
        calls.append(1)
        if len(calls) > 3:
            raise ArithmeticError("not today")
        return margin(input, target)

    found = advise(own_data.mlp(), own_data.rows(), metric="accuracy", losses=[moody, "brier_loss"])
    assert "not today" in found.standing("moody").failures[0]
    assert len(found.standing("brier_loss").fold_scores) == 3


def test_a_budget_cuts_epochs_and_says_so(monkeypatch):
    monkeypatch.setattr("lossmith.advisor.own.pipeline.step_seconds", lambda *_: 0.05)
    data = own_data.rows(400)
    found = lossmith.advise(model=own_data.mlp(), train=data, metric="accuracy", losses=["brier_loss"], budget="60s",
                            folds=3, jobs=1)  # fmt: skip
    assert 3 <= found.settings["settings"]["epochs"] < 80
    assert any("epochs instead of" in warning for warning in found.warnings)


def test_few_examples_are_not_trained_on():
    found = advise(own_data.mlp(), own_data.rows(30), metric="accuracy")
    assert found.outcome == "too_little_data"
    assert "CrossEntropyLoss" in found.snippet


def test_an_activation_at_the_end_is_told():
    found = advise(lambda: nn.Sequential(own_data.mlp()(), nn.Softmax(1)), own_data.rows(), losses=["brier_loss"])
    assert any("a softmax" in notice.message for notice in found.profile.warnings)


@pytest.mark.parametrize(
    ("values", "outputs", "metric", "task"),
    [
        (np.arange(60) % 3, 3, None, "multiclass"),
        (np.arange(60) % 2, 2, None, "binary"),
        (np.arange(60) % 2, 1, "f1", "binary"),
        (np.arange(60) % 3, 3, "mae", "ordinal"),
        (np.arange(60) % 5, 1, None, "regression"),
        (np.arange(300) % 150, 150, None, "multiclass"),
        (np.linspace(0, 1, 60), 1, "mae", "regression"),
        (np.random.default_rng(0).poisson(2.0, 200), 1, "poisson_deviance", "count"),
    ],
)
def test_outputs_and_targets_say_the_task(values, outputs, metric, task):
    assert describe(values, "data", Problem("target", metric=metric), outputs).profile.problem.task == task


@pytest.mark.parametrize(
    ("values", "outputs", "asked", "message"),
    [
        (np.arange(60) % 3 + 1, 3, {}, "class numbers from 0 up.*Found 1, 2, 3. Try numbering"),
        (np.arange(60) % 3 * 2, 3, {}, "every one in some example. Found 0, 2, 4"),
        (np.arange(60) % 2 * 2 - 1, 1, {"task": "binary"}, "Found -1, 1"),
        (np.arange(60) % 3, 5, {}, "3 numbers per example for 3 classes. Found 5"),
        (np.arange(60) % 3, 1, {"task": "multiclass"}, "for 3 classes. Found 1"),
        (np.arange(60) / 7, 3, {}, "class numbers"),
        (np.arange(60) / 7, 3, {"task": "regression"}, "one number per example for regression. Found 3"),
        (np.zeros(60), 1, {}, "take different values"),
        (np.arange(60) % 3, 3, {"metric": "rmse"}, "should judge"),
        (np.arange(60) - 30.5, 1, {"metric": "rmsle"}, "targets from 0 up"),
    ],
)
def test_targets_outputs_task_and_metric_that_do_not_fit_are_refused(values, outputs, asked, message):
    with pytest.raises(ValueError, match=message):
        describe(values, "data", Problem("target", **asked), outputs)


BAD = [
    ({"target": "y"}, ValueError, "`target`, which is about a table, with `model`"),
    ({"data": "table.csv"}, ValueError, "`data`, which is about a table"),
    ({"positive": "1"}, ValueError, "`positive`, which is about a table"),
    ({"train": None}, ValueError, "`model` should come with `train`"),
    ({"model": None}, ValueError, "`train` should come with `model`"),
    ({"model": own_data.mlp()()}, TypeError, "Found a module, Sequential"),
    ({"train": Subset(own_data.rows(), [])}, ValueError, "`train` should hold examples. Found none"),
    ({"train": own_data.images()}, ValueError, r"take the dataset's inputs, \(32, 1, 8, 8\) float32"),
    ({"valid": Subset(own_data.rows(), [])}, ValueError, "`valid` should hold examples"),
    ({"test": 5}, TypeError, "`test` should be a dataset"),
    ({"test": own_data.rows(4)}, ValueError, "an example for each fold. Found [123] of 3"),
    ({"device": "cuda:99"}, ValueError, "`device` should be one that torch can use. Found 'cuda:99'"),
    ({"device": "tpu"}, ValueError, "cpu, cuda or auto. Found 'tpu'"),
    ({"precision": "fp8"}, ValueError, "`precision` should be one of float32, bf16, fp16. Found 'fp8'"),
    ({"epochs": 0}, ValueError, "`epochs` should be a whole number from 1 up. Found 0"),
    ({"batch_size": 1.5}, ValueError, "`batch_size` should be a whole number"),
    ({"learning_rate": -1.0}, ValueError, "`learning_rate` should be above 0"),
    ({"learning_rate": 0.0}, ValueError, "`learning_rate` should be above 0"),
    ({"num_workers": -1}, ValueError, "`num_workers` should be 0 or more"),
    ({"metric": "rmse"}, ValueError, "should judge"),
    ({"metric": "nonsense"}, ValueError, "metric"),
    ({"task": "multilabel"}, ValueError, "one target per example"),
    ({"losses": ["cross_entropy_loss+over"], "metric": "balanced_accuracy"}, ValueError, "sampling 'over'|should fit"),
    ({"losses": ["huber_loss"]}, ValueError, "should fit the task"),
    ({"losses": [5]}, TypeError, "a name or a callable"),
    ({"losses": [lambda i, t: margin(i, t)]}, ValueError, "a name of its own.*<lambda>"),
    ({"losses": [("huber_loss", margin)]}, ValueError, "a name of its own"),
    ({"losses": [margin, margin]}, ValueError, "a name of its own"),
    ({"losses": [nn.CrossEntropyLoss]}, ValueError, "an instance rather than a class|should take"),
    ({"losses": [("one", lambda i, t: i.sum(0))]}, ValueError, r"one per example.*Found shape \(3,\)"),
    ({"losses": [("two", lambda i, t: 1.0)]}, ValueError, "Found a float"),
    ({"losses": [("three", lambda i, t: i.detach().sum())]}, ValueError, "Found no gradient"),
    ({"losses": [("four", lambda i, t: (i * torch.nan).sum())]}, ValueError, "not finite"),
    ({"losses": [nn.MSELoss()]}, ValueError, r"'MSELoss' should take input \(32, 3\) and target \(32,\) int64"),
    ({"metric": "crps", "model": own_data.mlp(1), "train": own_data.rows(classes=0)}, ValueError, "a distribution"),
    ({"folds": 1}, ValueError, "`folds` should be 2 or more"),
    ({"folds": 500}, ValueError, "at most the rows"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "kind", "message"), BAD, ids=lambda value: str(value)[:40])
def test_a_bad_question_is_refused_in_one_line(change, kind, message):
    asked = {"model": own_data.mlp(), "train": own_data.rows(), **QUICK, **change}
    with pytest.raises(kind, match=message) as refused:
        lossmith.advise(**asked)
    assert "\n" not in str(refused.value)


@pytest.mark.skipif(torch.cuda.is_available(), reason="here CUDA is there")
def test_cuda_that_is_not_there_is_refused_and_auto_takes_the_cpu():
    with pytest.raises(ValueError, match="Found 'cuda' and 0 CUDA devices"):
        advise(own_data.mlp(), own_data.rows(), device="cuda")
    found = advise(own_data.mlp(), own_data.rows(), device="auto", losses=["brier_loss"], epochs=1)
    assert found.settings["settings"]["device"] == "cpu"


@pytest.mark.parametrize("name", ["epochs", "device", "num_workers", "train", "valid"])
def test_arguments_of_a_model_are_refused_with_a_table(name):
    import pandas as pd

    table = pd.DataFrame({"x": range(60), "y": range(60)})
    value = {"epochs": 3, "device": "auto", "num_workers": 2, "train": own_data.rows(), "valid": own_data.rows()}[name]
    with pytest.raises(ValueError, match=f"`(target|data)`, which is about a table, with `{name}`"):
        lossmith.advise(table, target="y", **{name: value})
    with pytest.raises(ValueError, match="Found no `data`"):
        lossmith.advise()
    with pytest.raises(ValueError, match="Found no `target`"):
        lossmith.advise(table)
    with pytest.raises(TypeError, match="With a table a loss should be a name"):
        lossmith.advise(table, target="y", losses=[margin])
