"""A check's portrait, its page and its documents; closest in the catalogue."""

import dataclasses
import json
import math
import time
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F  # noqa: N812 - as everyone writes it

from lossmith import losses
from lossmith.checker.case import Case
from lossmith.checker.check import check
from lossmith.checker.look import given_signature
from lossmith.checker.portrait import portrait
from lossmith.checker.promises import KNOWN
from lossmith.finding import Finding
from lossmith.progress import Late
from lossmith.report import gallery_page, rules_page
from lossmith.report.check_page import render_check
from test_report_loss import Tree

ROOT = Path(__file__).parent.parent
REAL = {"pred": "real n d", "target": "real n d"}
BINARY = {"logits": "logits n", "target": "binary01 n"}


def drawn(loss, inputs, claims=None):
    found = check(loss, inputs, claims, isolated=False)
    json.dumps(found.to_json(), allow_nan=False)
    assert type(found).from_json(json.loads(json.dumps(found.to_json()))) == found
    return found


@pytest.mark.parametrize(
    ("loss", "inputs", "name"),
    [
        (lambda pred, target: 0.5 * (pred - target).square().sum(), REAL, "15 × squared_error_loss"),
        (lambda pred, target: 2 - 3 * (pred - target).abs().mean(), REAL, "−3 × absolute_error_loss + 2"),
        (torch.nn.HuberLoss(delta=2.0), REAL, "huber_loss(delta=2)"),
        (F.binary_cross_entropy_with_logits, BINARY, "binary_cross_entropy_loss"),
        (F.cross_entropy, {"logits": "logits n c", "target": "class_index n"}, "cross_entropy_loss"),
        (lambda pred, target: (pred - target).abs().pow(1.37).mean(), REAL, ""),
        (lambda pred, target: (pred - target).square().mean() + 1e-4 * pred.mean(), REAL, ""),
    ],
)
def test_the_closest_loss_is_named_and_no_other(loss, inputs, name):
    assert drawn(loss, inputs).closest == name


@pytest.mark.parametrize(("loss", "name"), [(F.mse_loss, "mean"), (F.l1_loss, "median")])
def test_the_minimiser_is_the_samples_statistic(loss, name):
    found = drawn(lambda pred, target: loss(pred, target), REAL).portrait["minimiser"]
    # The sample: quantiles of an exponential at (i + 1/2) / 21.
    sample = sorted(-math.log(1 - (i + 0.5) / 21) for i in range(21))
    wanted = sum(sample) / 21 if name == "mean" else sample[10]
    assert found["found"] == pytest.approx(wanted, abs=2e-3)
    assert found["said"].endswith(f"the {name}.")


def test_the_minimiser_of_a_weighted_loss_is_not_the_share():
    def weighted(logits, target):
        return F.binary_cross_entropy_with_logits(logits, target, pos_weight=torch.tensor(7.0))

    # p / (1 - p) = 7 * 0.3 / 0.7
    assert drawn(weighted, BINARY).portrait["minimiser"]["found"] == pytest.approx(0.75, abs=0.005)
    assert drawn(F.binary_cross_entropy_with_logits, BINARY).portrait["minimiser"]["found"] == pytest.approx(
        0.3, abs=0.005
    )


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        # p·e^−x + (1 − p)·e^x is lowest where e^2x = p/(1 − p); p·σ(−2x)² + (1 − p)·σ(2x)² where σ(2x) = p.
        (losses.exponential_loss, "the sigmoid of twice the score is 0.30 at the best constant: the true share."),
        (losses.savage_loss, "the sigmoid of twice the score is 0.30 at the best constant: the true share."),
        (
            losses.tangent_loss,
            "the arc tangent of the score, plus a half, is 0.30 at the best constant: the true share.",
        ),
        (losses.sigmoid_brier_loss, "the best constant probability is 0.30: the true share."),
        # 2p − 1, which is no probability.
        (losses.squared_hinge_loss, "the best constant probability is 0.40: not the true share."),
    ],
)
def test_a_score_is_read_as_its_loss_means_it(loss, said):
    assert drawn(loss, BINARY).portrait["minimiser"]["said"] == f"Where 30 % of the examples are positive, {said}"


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        (lambda pred, target: (pred - target).square().mean(), "still grows there"),
        (lambda pred, target: (pred - target).abs().mean(), "grows no more"),
        (lambda pred, target: (1 + (pred - target).square()).log().mean(), "given up"),
    ],
)
def test_an_outliers_influence_is_told(loss, said):
    assert said in drawn(loss, REAL).portrait["outlier"]["said"]


def test_nothing_is_claimed_of_one_example_where_examples_act_on_each_other():
    def over_the_batch(logits, target):
        return F.nll_loss(logits.softmax(0).log(), target)

    found = drawn(over_the_batch, {"logits": "logits n c", "target": "class_index n"}).portrait
    assert found["outlier"] is None
    assert found["curve"]["said"].startswith("With all examples alike the value does not change")


def test_convexity_is_found_where_it_is():
    def welsch(pred, target):  # exp(-r²/2) is concave up to |r| = 1: 1 - exp is convex there
        return (1 - (-(pred - target).square() / 2).exp()).mean()

    lines = drawn(welsch, REAL).portrait["curve"]["lines"]
    assert all(span == [pytest.approx([-1.0, 1.0], abs=0.41)] for span in (line["convex"] for line in lines))


@pytest.mark.parametrize(
    "loss",
    [
        lambda pred, target: pred - missing,
        lambda pred, target: torch.tensor(float("nan")) * pred.sum(),
        lambda pred, target: torch.tensor(float((pred - target).square().mean())),
        lambda pred, target: (pred - target).square().mean() if len(pred) == 6 else pred[99],
        lambda pred, target: "no number",
    ],
)
def test_a_loss_that_fails_is_reported_without_a_picture_or_with_holes(loss):
    found = drawn(loss, REAL)
    assert found.findings
    Tree(render_check(found))


def test_the_portrait_can_be_turned_off():
    found = check(F.mse_loss, {"input": "real n", "target": "real n"}, isolated=False, portrait=False)
    assert found.portrait is None
    assert found.closest == ""


def test_the_page_is_whole_offline_and_says_everything():
    found = drawn(lambda pred, target: (pred - target).square().mean() - 1, REAL, {"lower_bound": 0.0, "robust": True})
    page = render_check(found)
    tree = Tree(page)
    assert len(tree.ids) == len(set(tree.ids))
    assert {link[1:] for link in tree.links if link.startswith("#")} <= set(tree.ids)
    assert not [link for link in tree.links if not link.startswith("#")]
    assert "http" not in page.replace("http://www.w3.org", "").replace("http-equiv", "")
    for finding in found.findings:
        assert finding.rule in page
        assert f"rules.md#{finding.rule}" in page
    assert page.count("<svg xmlns") == 3
    assert "squared_error_loss − 1" in page


def test_a_slow_loss_has_no_portrait():
    def slow(pred, target):
        time.sleep(0.02)
        return (pred - target).square().mean()

    case = Case(lambda: slow, given_signature(REAL))
    assert portrait(case) is None


@pytest.mark.parametrize(("after", "shown"), [(0.0, True), (60.0, False)])
def test_the_bar_shows_itself_late(monkeypatch, after, shown):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with Late(3, after=after) as progress:
        time.sleep(0.2)
        progress.begun("broadcast")
        assert progress.bars.live.is_started is shown
        assert progress.bars.tasks[0].completed == 1
    assert not progress.bars.live.is_started


def test_what_a_loss_says_of_itself_is_escaped():
    def bad(pred, target):
        raise ValueError("<script>alert(1)</script>")

    assert "<script>" not in render_check(drawn(bad, REAL))


def test_what_a_finding_says_is_escaped_once():
    def squared(pred, target):
        return (pred - target).square().mean()

    finding = Finding("broadcast", "error", "wrong", why="it's 0·NaN where x < 0", fix="don't: 0 · x")
    text = render_check(dataclasses.replace(drawn(squared, REAL), findings=(finding,)))
    assert "<dd>It&#39;s 0·NaN where x &lt; 0</dd>" in text
    assert "<dd>Don&#39;t: 0 · x</dd>" in text


def test_rules_and_gallery_are_in_step():
    again = "run `make rules`"
    assert (ROOT / "docs/rules.md").read_text() == rules_page.text(), again
    assert (ROOT / "docs/gallery.md").read_text() == gallery_page.text(ROOT / "examples/gallery.py"), again


def test_every_claim_is_explained():
    text = (ROOT / "docs/check.md").read_text()
    for name, said in KNOWN.items():
        assert f"| `{name}` | {said} |" in text


def test_the_documents_example_runs(capsys):
    from test_docs import blocks

    exec("\n".join(blocks(ROOT / "docs/check.md", "python")), {"__name__": "example"})
    assert capsys.readouterr().out.startswith("class-weight-swapped\n")
