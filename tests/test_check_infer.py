"""What a loss takes is read from names, options and trial calls; asked for only where that leaves it open."""

import re

import pytest
import torch
from torch.nn import functional as F  # noqa: N812 - as everyone writes it

from lossmith.checker.check import check
from lossmith.checker.infer import signature
from lossmith.checker.readings import READINGS, TASKS


def classes(logits, target):
    return F.cross_entropy(logits, target)


def yes_no(logits, target):
    return F.binary_cross_entropy_with_logits(logits, target)


def squares(pred, target):
    return ((pred - target) ** 2).mean()


def turned(y_true, y_pred):
    return (y_true - y_pred).abs().mean()


def chances(pred, target):
    return F.binary_cross_entropy(pred, target)


def scores(pred, target):
    return F.binary_cross_entropy_with_logits(pred, target)


def index(output, labels):
    return F.cross_entropy(output, labels)


def logs(pred, target):
    return F.nll_loss(pred, target)


def masked(pred, target, mask):
    return (((pred - target) ** 2) * mask).sum() / mask.sum()


def overlap(pred, target):
    return 1 - 2 * (pred * target).sum() / (pred.sum() + target.sum())


def of_pairs(embeddings, labels):
    distance, same = torch.cdist(embeddings, embeddings), labels[:, None] == labels[None]
    return (distance * same).mean() + ((1 - distance).clamp(min=0) * ~same).mean()


def unplain(pred, target):
    return -((pred - target) ** 2).mean()


def broken(logits, target):
    return -(target * logits.log() + (1 - target) * (1 - logits).log()).mean()


def nothing(pred, target):
    return None


@pytest.mark.parametrize(
    ("loss", "options", "held"),
    [
        (classes, {}, ["logits", "class_index"]),
        (yes_no, {}, ["logits", "binary01"]),
        (squares, {}, ["real", "real"]),
        (turned, {}, ["real", "real"]),
        (lambda pred, target: (pred.log() - target.log()).square().mean(), {}, ["positive", "positive"]),
        (chances, {}, ["probabilities", "binary01"]),
        (scores, {}, ["logits", "binary01"]),
        (scores, {"task": "multilabel"}, ["logits", "binary01"]),
        (index, {}, ["logits", "class_index"]),
        (logs, {}, ["log_probabilities", "class_index"]),
        (masked, {}, ["real", "real", "mask01"]),
        (overlap, {}, ["probabilities", "binary01"]),
        (of_pairs, {}, ["embeddings", "group_labels"]),
        (unplain, {"task": "Regression"}, ["real", "real"]),
        (unplain, {"input": "logits"}, ["logits", "binary01"]),
        (broken, {}, ["logits", "binary01"]),
    ],
)
def test_what_it_takes_is_read(loss, options, held):
    found = signature(loss, **options)
    assert [argument.holds for argument in found.arguments] == held
    assert found.assumed


def test_the_prediction_may_come_second():
    assert [argument.role for argument in signature(turned).arguments] == ["target", "prediction"]


def test_a_shape_is_the_predictions_and_the_target_follows():
    found = signature(classes, shape="n c h w")
    assert [argument.shape for argument in found.arguments] == [("N", "C", "H", "W"), ("N", "H", "W")]
    assert [argument.shape for argument in signature(squares, shape="n").arguments] == [("N",), ("N",)]


def test_what_cannot_be_known_is_asked_with_the_options_that_settle_it():
    with pytest.raises(ValueError, match=r"Try --input real --target real or --input logits --target binary01") as e:
        signature(unplain)
    assert "\n" not in str(e.value)


def test_a_sequence_beside_its_lengths_is_read():
    held = [(a.holds, " ".join(a.shape)) for a in signature(torch.nn.CTCLoss()).arguments]
    assert held == [("log_probabilities", "T N C"), ("padded_index", "N S"), ("lengths", "N"), ("lengths", "N")]


def test_of_many_arguments_the_call_that_names_them_is_said():
    said = {
        "logits": "logits n c",
        "labels": "class_index n",
        "step": "real n d",
        "size": "real n d",
        "lengths": "lengths n",
    }
    with pytest.raises(ValueError, match=re.escape(f"lossmith.check(loss, {said})")):
        signature(lambda logits, labels, step, size, lengths: logits)


@pytest.mark.parametrize(
    ("loss", "way"),
    [
        (lambda pred, target: (squares(pred, target), {"n": 1}), r"<lambda>\(pred, target\)\[0\]"),
        (lambda pred, target: {"mae": pred.mean(), "loss": squares(pred, target)}, r"\['loss'\]"),
    ],
)
@pytest.mark.parametrize("words", [{}, {"input": "real", "target": "real"}])
def test_a_tuple_or_dictionary_is_refused_with_the_function_that_takes_the_loss_out(loss, way, words):
    with pytest.raises(ValueError, match=f"should return one tensor.*{way}") as e:
        check(loss, isolated=False, portrait=False, **words)
    assert "\n" not in str(e.value)


def test_a_list_is_passed_as_a_tensor_where_only_that_runs():
    report = check(torch.nn.CrossEntropyLoss, settings={"weight": [1, 2, 3]}, isolated=False, portrait=False)
    assert not report.errors
    assert "`weight` is passed as a tensor: as a list it does not run." in report.assumed


def test_no_reading_that_runs_is_said_with_the_reason():
    with pytest.raises(ValueError, match="it returns None, not a tensor"):
        signature(nothing)


@pytest.mark.parametrize("loss", [lambda pred, target: float(squares(pred, target)),
                                  lambda pred, target: squares(pred, target).item()])  # fmt: skip
def test_a_float_is_named_as_one(loss):
    (finding,) = check(loss, task="regression", isolated=False, portrait=False).findings
    assert (finding.rule, finding.severity) == ("gradient-cut", "error")
    assert "returns a float" in finding.message


def test_every_task_has_a_reading():
    for name, fits in TASKS.items():
        assert any(fits(reading) for reading in READINGS), name
