"""What differences usually are: learned from tables, with theory's word where they are few."""

import json

import pytest
from benchmarks.usual import MOST, differences, foretold, learned, learned_without

from lossmith import registry
from lossmith.advisor import usual
from lossmith.advisor.usual import CONSISTENT, OTHER, Usual


def row(name, gain, kind="labels", rival="b"):
    """Return a set on which the rival's error is smaller by a share."""
    scores = {"a": [0.8, 0.8], rival: [0.8 + 0.2 * gain] * 2}
    roles = {"a": ["reference", "consistent"], rival: ["consistent"]}
    return {"name": name, "kind": kind, "higher_is_better": True, "trivial": 0.5, "roles": roles, "scores": scores}


def test_a_difference_is_a_share_of_the_references_error():
    assert differences(row("s", 0.1))["b"] == pytest.approx(0.1)
    assert differences(row("s", 0.9))["b"] == MOST  # one odd table shall not speak for all
    failed = row("s", 0.1)
    failed["scores"]["a"][0] = None
    assert differences(failed) == {}


def test_tables_outvote_theory_as_they_grow_in_number():
    means = [learned([row(str(i), 0.1) for i in range(n)])["labels"]["b"]["mean"] for n in (5, 20, 200)]
    assert means == sorted(means)
    assert CONSISTENT.mean < means[0] < 0.1
    assert means[-1] == pytest.approx(0.1, abs=0.005)
    assert learned([row(str(i), 0.1) for i in range(4)]) == {}  # too few to say


def test_where_tables_agree_they_foretell_better_than_theory():
    ours, theirs = foretold([row(str(i), 0.1 + 0.01 * (i % 3)) for i in range(12)])
    assert ours < 0.2 * theirs


def test_a_set_is_judged_without_its_own_help(tmp_path):
    for i in range(6):
        (tmp_path / f"s{i}.json").write_text(json.dumps(row(f"s{i}", 0.2 if i == 0 else 0.0)))
    without = learned_without(tmp_path, "s0")["labels"]["b"]
    assert without.mean < learned_without(tmp_path, "s1").get("labels", {"b": Usual(0.1, 0.1)})["b"].mean


def test_theory_speaks_where_nothing_is_learned(monkeypatch):
    monkeypatch.setattr(usual, "learned", lambda: {"labels": {"known": Usual(0.5, 0.1)}})
    assert usual.usual("known", "labels", consistent=False) == Usual(0.5, 0.1)
    assert usual.usual("known", "probabilities", consistent=False) == OTHER
    assert usual.usual("unknown", "labels", consistent=True) == CONSISTENT


@pytest.mark.parametrize(
    ("metric", "task", "kind"),
    [("f1", "binary", "labels"), ("log_loss", "binary", "probabilities"), ("rmse", "regression", "mean"),
     ("pinball@0.9", "regression", "0.9-quantile")],
)  # fmt: skip
def test_kinds_of_metrics(metric, task, kind):
    assert usual.kind(registry.metric(metric), task) == kind
