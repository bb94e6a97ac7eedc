"""Trials on disk: nothing finished is lost, nothing half done counts, nobody's file is overwritten."""

import errno
import json

import pytest

from lossmith.advisor import store as store_module
from lossmith.advisor.store import Store, count

QUESTION = {"data": "abc", "plan": {"folds": 3, "seed": 0}, "candidates": [{"id": "p"}, {"id": "q"}]}


def row(candidate: str, fold: int, rate: float = 0.1) -> dict[str, object]:
    return {"repeat": 0, "fold": fold, "rate": rate, "candidate": candidate, "company": 2, "test_score": fold / 3}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / "trials.jsonl"


def filled(path, *rows):
    store = Store(path, QUESTION)
    for each in rows:
        store.append(each)
    return path


def test_rows_come_back_as_they_were(path):
    rows = [row("p", 0), row("q", 0), row("p", 1), row("q", 1)]
    before = filled(path, *rows).read_bytes()
    assert Store(path, QUESTION, resume=True).rows == rows
    assert path.read_bytes() == before


def test_each_row_is_on_disk_as_it_ends(path):
    store = Store(path, QUESTION)
    assert count(path) == 0
    store.append(row("p", 0))
    assert count(path) == 1
    assert json.loads(path.read_text().splitlines()[-1]) == row("p", 0)


@pytest.mark.parametrize("torn", ['{"repeat": 0, "fold": 1, "ra', "\0\0\0", '{"repeat": 0}\n', "[1, 2]\n", "x\n"])
def test_a_torn_line_is_cut_off(path, torn):
    rows = [row("p", 0), row("q", 0)]
    with filled(path, *rows).open("a") as file:
        file.write(torn)
    store = Store(path, QUESTION, resume=True)
    assert store.rows == rows
    store.append(row("p", 1))
    store.append(row("q", 1))
    assert [json.loads(line) for line in path.read_text().splitlines()[1:]] == [*rows, row("p", 1), row("q", 1)]


def test_a_part_of_what_is_trained_side_by_side_does_not_count(path):
    """Else the fold would count as done, and its other candidates would be missing for ever."""
    filled(path, row("p", 0), row("q", 0), row("p", 1))
    assert Store(path, QUESTION, resume=True).rows == [row("p", 0), row("q", 0)]
    assert count(path) == 2


def test_the_same_trial_counts_once(path):
    filled(path, row("p", 0), row("q", 0), row("p", 0), row("q", 0))
    assert Store(path, QUESTION, resume=True).rows == [row("p", 0), row("q", 0)]


def test_trials_are_not_overwritten_unasked(path):
    before = filled(path, row("p", 0)).read_bytes()
    with pytest.raises(ValueError, match=r"should be new\. Found trials .* Try `--resume`"):
        Store(path, QUESTION)
    assert path.read_bytes() == before


def test_a_question_without_trials_is_nobodys_loss(path):
    filled(path)
    Store(path, {**QUESTION, "data": "other"})
    assert json.loads(path.read_text())["question"]["data"] == "other"


def test_a_header_torn_by_a_full_disk_is_begun_anew(path):
    filled(path)
    path.write_bytes(path.read_bytes()[:30])
    Store(path, QUESTION)
    assert Store(path, QUESTION, resume=True).rows == []


@pytest.mark.parametrize("key", ["data", "plan", "candidates", "problem"])
def test_another_question_is_refused_and_named(path, key):
    before = filled(path, row("p", 0), row("q", 0)).read_bytes()
    with pytest.raises(ValueError, match=f"Found other {key} in"):
        Store(path, {**QUESTION, key: "other"}, resume=True)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", ["hello", "a,b\n1,2\n", "{}\n", "\n\n"])
@pytest.mark.parametrize("resume", [True, False])
def test_a_file_that_is_not_ours_is_left_alone(path, content, resume):
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(ValueError, match="Try"):
        Store(path, QUESTION, resume=resume)
    assert path.read_text() == content


def test_resuming_nothing_begins(path):
    assert Store(path, QUESTION, resume=True).rows == []
    assert count(path) == 0
    assert path.exists()


def test_a_question_is_compared_as_json(path):
    Store(path, {**QUESTION, "levels": ("a", "b")}).append(row("p", 0))
    Store(path, {**QUESTION, "levels": ["a", "b"]}, resume=True)


def test_what_is_no_number_is_refused_before_it_is_written(path):
    store = Store(path, QUESTION)
    with pytest.raises(ValueError, match="JSON"):
        store.append({**row("p", 0), "test_score": float("nan")})
    assert count(path) == 0


def test_a_full_disk_is_told_with_the_file(path, monkeypatch):
    store = Store(path, QUESTION)

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store_module.os, "fsync", full)
    with pytest.raises(OSError, match="No space") as caught:
        store.append(row("p", 0))
    assert caught.value.filename == str(path)
    assert store.rows == []


def test_where_the_race_dropped_one_its_company_is_whole_without_it(path):
    alone = {**row("p", 1), "company": 1}
    filled(path, row("p", 0), row("q", 0), alone)
    assert Store(path, QUESTION, resume=True).rows == [row("p", 0), row("q", 0), alone]
