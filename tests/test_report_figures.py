"""What the figures of race, rule, other metrics and cost show: the verdict's own numbers, at their places."""

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from rich.console import Console

import sample_verdict as sample
from lossmith.advisor import trust
from lossmith.advisor.verdict import Gain, Verdict
from lossmith.metric import Rule
from lossmith.report import asides, print_verdict
from lossmith.report.figures import cost, race, rule, sensitivity
from lossmith.report.html import render
from lossmith.training import decision

RACED, BINARY = sample.regression(), sample.binary()


def wide(figure) -> str:
    return next(drawing.svg for drawing in figure.drawings if drawing.screen == "wide")


def terminal(verdict: Verdict) -> str:
    console = Console(file=io.StringIO(), width=100)
    print_verdict(verdict, console)
    return " ".join(console.file.getvalue().split())


def tuned(default: str = "bce_threshold", low: float = 0.03, **changes) -> Verdict:
    """The binary sample where the default has a rule to tune, as in real runs."""
    return replace(BINARY, default=default, rule_gain=Gain(default, 0.05, low, 0.07, 0.3), **changes)


def test_the_race_shows_running_means_and_ends_where_a_candidate_was_dropped():
    data = race.race(RACED)
    runners = {runner.row.id: runner for runner in data.runners}
    assert "mae" not in runners  # the reference is the line at zero
    base = RACED.standing("mae").fold_scores
    for key, length in {"cauchy": 10, "tukey": 6, "mse_log_link_without_correction": 3}.items():
        scores = RACED.standing(key).fold_scores
        expected = [sum(b - s for b, s in zip(base[:k], scores[:k], strict=True)) / k for k in range(1, length + 1)]
        assert list(runners[key].means) == pytest.approx(expected)
    assert runners["cauchy"].means[-1] == pytest.approx(RACED.standing("cauchy").difference.mean)
    assert runners["tukey"].span is None
    assert runners["tukey"].told == "dropped after 6 folds"
    drawing = wide(race.figure(RACED))
    assert drawing.count("<title>tukey: dropped after 6 folds</title>") == 1
    assert "<title>cauchy: +9.4 [+4.3,\u00a0+14.5], better</title>" in drawing
    assert "A cross marks" in render(RACED)
    assert "out of the race: tukey (dropped after 6 folds), mse_log_link_without_correction (dropped" in terminal(RACED)


def test_the_race_without_any_drop_and_with_one_fold():
    assert not [runner for runner in race.race(BINARY).runners if runner.row.dropped]
    assert "dropped after" not in render(BINARY)
    assert "A cross marks" not in render(BINARY)
    assert race.figure(sample.too_little_data()) is None
    higher = race.race(sample.multiclass())
    assert higher.runners[0].means[-1] == pytest.approx(-0.003)


def test_a_shorter_reference_ends_every_line():
    cut = [replace(s, fold_scores=s.fold_scores[:4]) if s.candidate.id == "mae" else s for s in RACED.standings]
    assert max(len(runner.means) for runner in race.race(replace(RACED, standings=tuple(cut))).runners) == 4


def test_the_rule_is_told_from_the_loss():
    verdict = tuned()
    assert asides.rule(verdict) == (
        "The tuned threshold alone takes bce_threshold from 0.168 to 0.118; no other loss adds to that."
    )
    assert asides.rule(verdict) in terminal(verdict)
    assert asides.rule(verdict) in " ".join(re.sub("<[^>]*>", "", render(verdict)).split())
    rows = {row[0]: row[1:] for row in rule.figure(verdict).table.rows}
    assert rows["bce_threshold"] == ("0.168", "0.118", "+0.050")
    assert set(rows) == {"bce_threshold", "focal_threshold", "hinge"}  # the others' rules are not tuned


def test_what_the_rule_brings_is_not_oversold():
    assert "no measurable difference [−0.020,\u00a0+0.070]" in asides.rule(tuned(low=-0.02))
    assert "no other loss adds more than 0.024 (bce_threshold, picked in hindsight)" in asides.rule(tuned("hinge"))
    alone = replace(tuned(), standings=BINARY.standings[:1])
    assert asides.rule(alone) == "The tuned threshold alone takes bce_threshold from 0.168 to 0.118."
    nothing = replace(tuned(), rule_gain=Gain("bce_threshold", -0.01, -0.03, 0.01, None))
    assert asides.rule(nothing).startswith("The tuned threshold brings bce_threshold nothing (0.168 to 0.118)")
    assert asides.rule(RACED) == ""
    assert rule.figure(RACED) is None
    assert "Is it the loss" not in render(RACED)


@pytest.mark.parametrize("verdict", [RACED, BINARY], ids=["regression", "binary"])
def test_every_metric_has_its_best_marked_once(verdict):
    found = sensitivity.columns(verdict)
    assert [column.label for column in found] == [verdict.metric["label"], *(n.label for n in verdict.neighbours)]
    for other, column in zip(verdict.neighbours, found[1:], strict=True):
        assert column.best == other.best
        assert column.behind[column.best] == 0.0
        assert column.better == {k for k, found in other.differences.items() if found.conclusion == "better"}
        assert sorted(column.ranks.values()) == list(range(1, len(other.scores) + 1))
    for drawing in sensitivity.figure(verdict).drawings:
        assert drawing.svg.count('class="ring"') == len(found)
        assert drawing.svg.count("▲") == sum(len(column.better) for column in found)
    table = sensitivity.figure(verdict).table
    assert all(len(row) == len(table.head) for row in table.rows)


def test_shade_is_the_share_behind_the_best():
    found = {column.label: column for column in sensitivity.columns(BINARY)}
    scores = BINARY.neighbours[0].scores  # balanced accuracy: shares of what lacks to 1
    best = max(scores.values())
    assert found["balanced accuracy"].behind["hinge"] == pytest.approx((best - scores["hinge"]) / (1 - best))
    assert found["log loss"].behind["focal_threshold"] == pytest.approx(0.02 / 0.301)


def test_the_advice_under_other_metrics_in_words():
    told = "Under RMSE mse would win; under MAPE nothing is measurably better than cauchy."
    assert asides.neighbours(RACED) == told
    assert told in terminal(RACED)
    answers = {row[0]: row[1:] for row in sensitivity.answers(RACED)}
    assert answers["RMSE"] == ("mean", "mse", "mse", "+54 [+29,\u00a0+79]", "better")
    assert answers["MAPE"][1:] == ("absolute_percentage_error_loss (not trained)", "cauchy", "–", "the recommended one")
    several = replace(RACED, neighbours=(*RACED.neighbours, replace(RACED.neighbours[0], label="R²")))
    assert asides.neighbours(several).startswith("Under RMSE and R² mse would win")


def test_a_verdict_without_other_metrics_shows_none():
    verdict = sample.multiclass()
    assert verdict.neighbours == ()
    assert asides.neighbours(verdict) == ""
    assert sensitivity.figure(verdict) is None
    assert "Had you asked" not in render(verdict)
    assert "Else " not in terminal(verdict)


def test_the_cost_is_the_verdicts():
    rows = {row[0]: row[1:] for row in cost.figure(RACED).table.rows}
    standing = RACED.standing("huber")
    assert rows["huber"] == (
        "32", str(min(standing.best_epochs)), str(max(standing.best_epochs)), "0.4\u00a0s", "20\u00a0s",
    )  # fmt: skip
    drawing = wide(cost.figure(RACED))
    assert drawing.count("<circle") == sum(len(s.best_epochs) for s in RACED.standings)
    assert cost.figure(replace(RACED, standings=tuple(replace(s, best_epochs=()) for s in RACED.standings))) is None


def test_the_footnote_of_trust_is_read_and_shown(tmp_path: Path):
    assert trust.read(tmp_path / "trust.json") is None
    known = {
        "policy": "theory", "sets": 57, "mean_regret": 1.8, "median_regret": 0.42, "worse_than_default_5pct": 0,
        "date": "2026-11-21", "version": "0.1.0",
    }  # fmt: skip
    (tmp_path / "trust.json").write_text(json.dumps(known), encoding="utf-8")
    verdict = replace(BINARY, trust=trust.read(tmp_path / "trust.json"))
    told = asides.trust(verdict)
    assert "On 57 real tables the advice (theory) was 1.8\u00a0% worse than the best loss in hindsight" in told
    assert "(median 0.42\u00a0%), and on none of them more than 5\u00a0% worse than the default" in told
    assert "How far to trust this" in render(verdict)
    assert "How far to trust this" not in render(BINARY)
    assert Verdict.from_json(json.loads(json.dumps(verdict.to_json()))).trust == verdict.trust


def test_what_is_shipped_can_be_read():
    shipped = trust.read()
    assert shipped is None or shipped.sets > 0


def test_reports_of_verdicts_written_before_these_fields():
    written = json.loads(json.dumps(RACED.to_json()))
    for field in ("rule_gain", "neighbours", "trust"):
        del written[field]
    for standing in written["standings"]:
        for field in ("plain_score", "best_epochs", "seconds_to_best", "dropped_after"):
            del standing[field]
    page = render(Verdict.from_json(written))
    for heading in ("What training cost", "Had you asked", "Is it the loss", "How far to trust this"):
        assert heading not in page
    assert "The race over the folds" in page  # from the scores alone


def test_every_rule_with_a_plain_form_has_its_name():
    params = {"threshold": 0.2, "floor": 0.1, "prior": [0.5, 0.5], "power": 1.0, "stretch": 1.2, "cuts": [0.4, 1.7]}
    ruled = {name for name in get_args(Rule) if decision.plain(name, params) is not None}
    assert ruled == set(asides.RULES)
