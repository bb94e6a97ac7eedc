"""The guide: every combination answered or refused in one line, and answers argued by hand."""

import itertools
import json
import re
from pathlib import Path

import pytest
import torch

import lossmith
from lossmith import cli, registry
from lossmith.advisor.guide.asking import ask
from lossmith.advisor.guide.costs import parsed, priced
from lossmith.advisor.guide.examples import metrics_of
from lossmith.advisor.guide.fields import fields
from lossmith.advisor.guide.guide import guide
from lossmith.advisor.guide.pull import pull
from lossmith.advisor.guide.question import NEEDS, every_task
from lossmith.advisor.guide.thumb import MEASURED
from lossmith.card import Functional
from lossmith.report import guide_page
from lossmith.report.guidance import LINKS, RULES, print_guide
from lossmith.training.problem import TASKS

ROOT = Path(__file__).parents[1]
FLAGS = (
    {},
    {"imbalance": 0.02},
    {"outliers": True},
    {"heavy_tail": True},
    {"label_noise": 0.2},
    {"lowest": 0.0},
    {"classes": 4},
    {"outliers": True, "heavy_tail": True, "lowest": 0.0},
    {"imbalance": 0.02, "label_noise": 0.3},
    {"costs": "over=1,under=3"},
    {"costs": "FN=10,FP=1"},
    {"costs": "cat=1,dog=5,cow=2"},
    *({"needs": [need]} for need in NEEDS),
    {"needs": ["probabilities", "robustness"]},
    {"needs": ["robustness"], "label_noise": 0.2},
)


def metrics(task):
    return (None, *(metrics_of(task) if task in TASKS else fields()[task].metrics))


def answered(task, metric, flags):
    """Return the guide, or the one line with which it refuses."""
    try:
        return guide(task, metric, **flags)
    except ValueError as refusal:
        return str(refusal)


@pytest.mark.parametrize("task", every_task())
def test_every_combination_is_answered_or_refused_in_one_line(task):
    for metric, flags in itertools.product(metrics(task), FLAGS):
        found = answered(task, metric, flags)
        if isinstance(found, str):
            assert flags, (task, metric, found)
            assert re.fullmatch(r".+( should | is about | needs ).+ Found .+", found), found
            continue
        assert found.answers or found.missing, (task, metric, flags)
        json.dumps(found.to_json(), allow_nan=False)
        for answer in found.answers:
            assert answer.reasons, (task, metric, flags, answer.id)
            compile(answer.code, answer.id, "exec")
            if task in TASKS:
                assert answer.link in LINKS
                assert answer.rule in RULES


@pytest.mark.parametrize("task", TASKS)
def test_the_plain_question_is_never_refused_for_any_metric(task):
    for metric in metrics(task):
        assert guide(task, metric).first is not None


@pytest.mark.parametrize(
    ("said", "loss"),
    [
        # The mean minimises squared error; the median absolute error; outliers change neither.
        ({"task": "regression"}, "squared_error_loss"),
        ({"task": "regression", "metric": "rmse", "outliers": True}, "squared_error_loss"),
        ({"task": "regression", "metric": "mae"}, "absolute_error_loss"),
        # Who asks for robustness and names no metric gets the median; who insists on RMSE a compromise.
        ({"task": "regression", "needs": ["robustness"]}, "absolute_error_loss"),
        ({"task": "regression", "metric": "rmse", "needs": ["robustness"], "outliers": True}, "huber_loss"),
        # RMSLE is the RMSE of log(1 + y).
        ({"metric": "rmsle"}, "squared_error_loss@log1p"),
        ({"metric": "pinball@0.9"}, "pinball_loss"),
        ({"costs": "over=1,under=3"}, "pinball_loss"),
        ({"task": "count", "metric": "poisson_deviance"}, "poisson_loss"),
        ({"task": "regression", "needs": ["probabilities"]}, "multi_quantile_loss"),
        # A rare class changes the decision, not the loss: probabilities and a threshold.
        ({"task": "binary", "metric": "f1", "imbalance": 0.02}, "binary_cross_entropy_loss"),
        ({"costs": "FN=10,FP=1"}, "binary_cross_entropy_loss"),
        ({"task": "multiclass", "metric": "balanced_accuracy", "imbalance": 0.01}, "cross_entropy_loss"),
        ({"task": "multilabel"}, "binary_cross_entropy_loss"),
        ({"task": "ordinal", "metric": "quadratic_weighted_kappa"}, "cross_entropy_loss"),
        ({"task": "forecast"}, "absolute_error_loss"),
    ],
)
def test_answers_argued_by_hand(said, loss):
    assert guide(**said).first.id == loss


def test_no_answer_to_an_outer_quantile_aims_at_the_middle():
    for answer in guide("regression", "pinball@0.9", outliers=True, heavy_tail=True).answers:
        card = registry.card(answer.loss)
        assert card.elicited(quantile=0.9) == Functional("quantile", 0.9)


def test_noise_brings_a_loss_that_gives_mislabelled_rows_up():
    quiet, noisy = (guide("binary", "accuracy", label_noise=noise).first.loss for noise in (0.0, 0.3))
    assert quiet == "binary_cross_entropy_loss"
    assert pull(registry.card(noisy), {}, 2) < 1.0


def test_pull_of_a_mislabelled_row_by_hand():
    """Cross-entropy's gradient in the logit is p − y: 1/2 when undecided, 1 when sure and wrong; Brier's is 0 there."""
    assert pull(registry.card("binary_cross_entropy_loss"), {}, 2) == pytest.approx(2.0, abs=1e-3)
    assert pull(registry.card("cross_entropy_loss"), {}, 2) == pytest.approx(2.0, abs=1e-3)
    assert pull(registry.card("brier_loss"), {}, 2) < 0.01
    assert pull(registry.card("squared_error_loss"), {}, 2) is None


def test_prices_become_quantile_threshold_and_table():
    # Newsvendor: under/(over + under) = 3/4. Elkan: FP/(FP + FN) = 1/11.
    assert priced({"over": 1.0, "under": 3.0}, "regression").metric == "pinball@0.75"
    assert priced({"FN": 10.0, "FP": 1.0}, "binary").threshold == pytest.approx(1 / 11, abs=1e-4)
    assert priced({"no": 1.0, "yes": 10.0}, "binary").metric == "cost: FN=10,FP=1"
    assert priced(parsed("a=1, b=5, c=2"), "multiclass").metric == "cost_matrix: 0,1,1;5,0,5;2,2,0"


def test_the_threshold_of_the_costs_is_in_the_code():
    said = {}
    exec(guide(costs="FN=4,FP=1").first.code, said)
    assert said["decide"](torch.tensor([0.19, 0.21])).tolist() == [False, True]


@pytest.mark.parametrize("task", ["regression", "count", "binary", "multiclass", "multilabel"])
def test_the_code_trains(task):
    y = {
        "multiclass": torch.tensor([0, 1, 2, 1]), "binary": torch.tensor([0, 1, 1, 0]),
        "multilabel": torch.tensor([[0, 1, 1], [1, 0, 0], [0, 0, 1], [1, 1, 0]]),
    }.get(task, torch.tensor([1.0, 2.0, 4.0, 7.0]))  # fmt: skip
    for metric in metrics(task):
        for answer in guide(task, metric).answers:
            said = {}
            exec(answer.code, said)
            output = said["head"](torch.randn(4, 5))
            said["training_loss"](output, y).mean().backward()
            assert torch.isfinite(said["head"].weight.grad).all(), answer.id
            assert len(said["decide"](said["predict"](output))) == 4


def test_a_field_says_what_the_catalogue_lacks():
    for name, facts in fields().items():
        found = guide(name)
        known = registry.index()["losses"]
        assert all(loss not in known for loss in found.missing)
        assert {loss for loss in facts.usual if loss in known} == set(facts.usual) - set(found.missing)
        assert all(Functional(asked).name for asked in facts.metrics.values())


def test_a_rule_of_thumb_misleads_only_where_it_predicts_something_else():
    (told,) = (text for text in guide("regression", "rmse", outliers=True).misleads if "MAE or Huber" in text)
    assert "predicts the median; RMSE asks for the mean" in told
    (told,) = (text for text in guide("regression", "mae", outliers=True).misleads if "MAE or Huber" in text)
    assert "Right here" in told


def test_the_figures_it_quotes_are_those_of_the_benchmarks_page():
    page = (ROOT / "docs/benchmarks.md").read_text()
    rows = {
        line.split("|")[1].strip(): line.split("|")[6].strip() for line in page.splitlines() if line.count("|") == 10
    }
    for policy in ("thumb_huber_weights", "thumb_mae_focal", "consistent"):
        assert f"{rows[policy]} %" in MEASURED, policy


@pytest.mark.parametrize("file", ["guide.md", "guide.svg"])
def test_page_and_picture_are_in_step(file):
    """Else run `make guide`."""
    made = guide_page.page() if file == "guide.md" else guide_page.drawing()
    assert (ROOT / "docs" / file).read_text() == made


def test_it_asks_one_question_at_a_time_and_again_where_an_answer_does_not_fit():
    answers = iter(["binary", "rmse", "f1", "0.7", "0.02", "", "probabilities"])
    asked = []

    def put(question, choices):
        asked.append(question)
        return next(answers)

    assert ask(put) == {"task": "binary", "metric": "f1", "imbalance": 0.02, "needs": ["probabilities"]}
    assert "should fit the task" in asked[2]
    assert "at most 0.5" in asked[4]


def test_it_asks_for_costs_where_no_metric_is_said():
    answers = iter(["regression", "", "over=1", "over=1,under=3", "no", "no", "", ""])
    said = ask(lambda question, choices: next(answers))
    assert guide(**said).question.metric == "pinball@0.75"


@pytest.mark.parametrize("task", every_task())
def test_every_task_can_be_asked_for(task):
    said = ask(lambda question, choices: task if "predict" in question else choices[0] if choices else "")
    assert guide(**said).question.task == task


REFUSED = (
    "",
    "--task chess",
    "--costs over=0,under=1",
    "--costs over",
    "--task binary --outliers",
    "--task regression --imbalance 0.1",
    "--metric nope",
    "--task binary --need luck",
    "--task binary --label-noise 0.7",
    "--metric rmsle --lowest -1",
    "--metric rmse --need probabilities",
    "--task forecast --need probabilities",
    "--task speech --costs FN=1,FP=2",
    "--metric mae --costs over=1,under=3",
)


@pytest.mark.parametrize("words", REFUSED)
def test_refusals_on_the_command_line(monkeypatch, capfd, words):
    code, out, err = _call(monkeypatch, capfd, words.split())
    assert (code, out, err.count("\n")) == (2, "", 1), err


def test_the_command_line_answers(monkeypatch, capfd, tmp_path):
    file = tmp_path / "guide.json"
    code, out, _ = _call(monkeypatch, capfd, ["--metric", "f1", "--imbalance", "0.02", "--json", str(file)])
    assert code == 0
    assert "train with binary_cross_entropy_loss" in out
    assert "lossmith advise FILE --target COLUMN --task binary" in out
    assert json.loads(file.read_text())["answers"][0]["loss"] == "binary_cross_entropy_loss"
    code, out, _ = _call(monkeypatch, capfd, ["--task", "speech", "--json", "-"])
    assert json.loads(out)["question"]["task"] == "speech"


def _call(monkeypatch, capfd, words):
    monkeypatch.setattr("sys.argv", ["lossmith", "guide", *words])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    out, err = capfd.readouterr()
    return int(stop.value.code or 0), out, err


def test_a_misspelt_task_is_answered_with_the_likeliest(monkeypatch, capfd):
    code, _, err = _call(monkeypatch, capfd, ["--task", "clasification"])
    assert code == 2
    assert "Found 'clasification'. Did you mean binary or multiclass?" in err


@pytest.mark.parametrize("width", [30, 100])
def test_it_prints_in_ascii_and_on_narrow_terminals(width):
    import io

    from rich.console import Console

    for name in ("segmentation", "speech", "binary"):
        stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        print_guide(lossmith.guide(name), Console(file=stream, width=width))
        stream.flush()
        assert name in stream.buffer.getvalue().decode("ascii")


def test_a_metric_of_two_classes_names_its_relatives_of_many():
    with pytest.raises(ValueError, match=r"two classes. Found --classes 5. Try f1_macro or f1_micro."):
        guide(metric="f1", classes=5)
    with pytest.raises(ValueError, match=r"Try one of accuracy, .*or with several labels a row roc_auc"):
        guide(metric="roc_auc", classes=4)
    assert guide(metric="accuracy", classes=5).question.task == "multiclass"
    assert guide(metric="f1", classes=2).asks_for == "probability cut at a threshold"
