"""Edges that nobody promised, gradients held fixed, labels that only group: asked or warned of, not accused."""

import pytest
import torch
from torch.nn import functional as F  # noqa: N812 - as everyone writes it

from lossmith.checker.check import check

REAL = {"pred": "real n d", "target": "real n d"}
CHANCES = {"prob": "probabilities n", "target": "binary01 n"}
SCORES = {"logits": "logits n", "target": "binary01 n"}
GROUPS = {"embeddings": "embeddings n d", "labels": "group_labels n"}


def found(loss, inputs, claims=None):
    report = check(loss, inputs, claims, isolated=False, portrait=False)
    return [(finding.rule, finding.severity) for finding in report.findings]


def root(pred, target):
    return (pred - target).square().mean().sqrt()


def log_loss(prob, target):
    return -(target * prob.log() + (1 - target) * (1 - prob).log()).mean()


def peak_ratio(pred, target):
    return 10 * (pred - target).square().mean().log10()


def entropy(prob, target):
    return (torch.xlogy(prob, prob) + (prob - target).square()).mean()


def held(logits, target):
    chance = torch.sigmoid(logits)
    true = chance * target + (1 - chance) * (1 - target)
    return -((1 - true).detach() ** 2 * true.clamp(min=1e-8).log()).mean()


def together(embeddings, labels):
    distance, same = torch.cdist(embeddings, embeddings), labels[:, None] == labels[None]
    return (distance * same).sum() / same.sum()


def by_count(embeddings, labels):
    return embeddings.square().mean() * len(labels.unique())


def unused(embeddings, labels):
    return embeddings.square().mean()


def percentage(pred, target):
    return ((pred - target) / target).abs().mean()


def percentage_above_zero(pred, target):
    return ((pred - target) / target.abs().clamp(min=1e-8)).abs().mean()


def wing(pred, target, shift=-7.9176):
    error = (pred - target).abs()
    return torch.where(error < 10, 10 * (1 + error / 2).log(), error - shift).mean()


def wing_apart(pred, target):
    return wing(pred, target, shift=27.9176)


def stepped(pred, target):
    return (0.5 * (pred - target).square()).floor().mean() + (pred - target).square().mean()


def softened(logits, target):
    return F.binary_cross_entropy_with_logits(logits.sigmoid(), target)


def chances_as_scores(prob, target):
    return F.binary_cross_entropy_with_logits(prob, target)


@pytest.mark.parametrize(
    ("loss", "inputs", "claims", "expected"),
    [
        (percentage, REAL, {}, [("nan-value", "warning")]),
        (percentage, REAL, {"valid_edges": ["zero_target"]}, [("nan-value", "error")]),
        (percentage_above_zero, REAL, {}, []),
        (wing, REAL, {"continuous": True}, []),
        (wing_apart, REAL, {}, [("discontinuous", "warning")]),
        (wing_apart, REAL, {"continuous": True}, [("discontinuous", "error")]),
        (stepped, REAL, {}, [("discontinuous", "warning")]),
        (stepped, REAL, {"continuous": False}, []),
        (softened, SCORES, {}, [("double-softmax", "note")]),
        (chances_as_scores, CHANCES, {}, [("double-softmax", "note")]),
        (F.binary_cross_entropy_with_logits, SCORES, {}, []),
        (lambda logits, target: (logits.sigmoid() - target).square().mean(), SCORES, {}, []),
        (root, REAL, {}, [("nan-gradient", "warning")]),
        (root, REAL, {"valid_edges": ["pred_eq_target"]}, [("nan-gradient", "error")]),
        (log_loss, CHANCES, {}, [("nan-value", "warning")]),
        (peak_ratio, REAL, {}, [("nan-value", "note")]),
        (entropy, CHANCES, {}, [("nan-gradient", "note")]),
        (held, SCORES, {}, [("wrong-gradient", "warning")]),
        (held, SCORES, {"detached_weight": True}, []),
        (held, SCORES, {"lower_bound": 0.0}, [("wrong-gradient", "warning")]),
        (held, SCORES, {"differentiable": True}, [("wrong-gradient", "error")]),
        (together, GROUPS, {"batch_level_statistics": True}, []),
        (by_count, GROUPS, {"batch_level_statistics": True}, []),
        (unused, GROUPS, {"batch_level_statistics": True}, [("unused-input", "error")]),
    ],
)
def test_severity_is_what_was_promised(loss, inputs, claims, expected):
    assert found(loss, inputs, claims) == expected


def test_scores_certain_under_softmax_and_sigmoid_alike_are_perfect():
    def one_against_the_rest(logits, target):
        return F.binary_cross_entropy_with_logits(logits, F.one_hot(target, logits.shape[1]).to(logits))

    inputs = {"logits": "logits n c", "target": "class_index n"}
    assert found(one_against_the_rest, inputs, {"minimum_at_perfect": True, "minimum_value": 0.0}) == []


def test_a_module_is_cast_as_with_its_model():
    weighted = torch.nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0, 3.0, 4.0], dtype=torch.float64))
    inputs = {"input": "logits n c", "target": "class_index n"}
    assert found(weighted, inputs, {"batch_level_statistics": True}) == []


def test_one_example_may_fail_for_what_it_holds():
    def likelihood(risk, event):
        if not event.any():
            raise ValueError("no event")
        return ((torch.logsumexp(risk, 0) - risk) * event).sum()

    inputs = {"risk": "real n", "event": "event01 n"}
    assert "batch-size-1" not in [rule for rule, _ in found(likelihood, inputs, {"reduction": "mean"})]
