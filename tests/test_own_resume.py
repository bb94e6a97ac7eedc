"""A run on a user's own model that is really killed: what was finished is kept."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import lossmith
import own_data
from running import fold_scores, trials, wait_for

FOLDS = 12
QUESTION = {"metric": "accuracy", "losses": ["brier_loss"], "epochs": 8, "folds": FOLDS, "budget": None, "jobs": 1}
SCRIPT = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import torch, lossmith, own_data
torch.set_num_threads(1)
lossmith.advise(model=own_data.mlp(), train=own_data.rows(), out=sys.argv[1], **{QUESTION!r})
"""


def test_a_killed_run_goes_on_where_it_was(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(tmp_path / "o")], stderr=subprocess.PIPE, text=True)
    try:
        wait_for(lambda: trials(tmp_path / "o") >= 6 or process.poll() is not None, 120, "the first trials")
        assert process.poll() is None, process.stderr.read()
        os.kill(process.pid, signal.SIGKILL)
    finally:
        process.kill()
        process.communicate()
    store = tmp_path / "o" / "trials.jsonl"
    kept = store.read_text().splitlines()
    assert 6 <= len(kept) - 1 < FOLDS * 3 * 2
    assert not (tmp_path / "o" / "verdict.json").exists()
    with store.open("a") as file:
        file.write('{"repeat": 0, "fold": 5, "rate": 0.0')  # the kill struck amid a line
    data = own_data.rows()
    found = lossmith.advise(model=own_data.mlp(), train=data, out=tmp_path / "o", resume=True, **QUESTION)
    whole = lossmith.advise(model=own_data.mlp(), train=data, **QUESTION)
    assert fold_scores(found) == fold_scores(whole)
    assert set(kept[:-2]) <= set(store.read_text().splitlines())  # but for half of what two candidates had begun


CHANGES = [
    ({"model": own_data.mlp(3), "train": own_data.rows(seed=1)}, "data"),
    ({"model": own_data.dropout(3), "train": own_data.rows()}, "model"),
    ({"epochs": 2}, "plan"),
    ({"losses": ["focal_loss"]}, "candidates"),
]


@pytest.mark.parametrize(("change", "told"), CHANGES, ids=[told for _, told in CHANGES])
def test_another_question_is_not_resumed(tmp_path, change, told):
    asked = {"model": own_data.mlp(), "train": own_data.rows(), "out": tmp_path, **QUESTION, "folds": 3, "epochs": 1}
    lossmith.advise(**asked)
    if told == "plan":  # the schedule a run began with is kept, so only what is not part of it can differ
        change = {"folds": 4}
    with pytest.raises(ValueError, match=f"Found other .*{told}"):
        lossmith.advise(**{**asked, **change, "resume": True})
