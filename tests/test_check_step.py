"""Faults of a training step are named, with a witness that runs; sound steps are left alone."""

import json

import pytest
import torch

from faulty_steps import FAULTS, SOUND, fixed_rate, sound
from lossmith.checker import examine, examine_step, steps
from lossmith.checker.check import check
from lossmith.cli import _guarded, cli


def look(step, **options):
    return check(step, kind="step", isolated=False, **options)


@pytest.mark.parametrize(("rule", "step"), [pytest.param(r, s, id=s.__name__) for r, s in FAULTS])
def test_a_fault_is_named_and_its_witness_runs(rule, step, capsys):
    found = look(step).findings
    assert [finding.rule for finding in found] == [rule]
    assert found[0].why
    assert found[0].fix
    torch.manual_seed(0)
    try:
        exec(found[0].witness, {step.__name__: step})
    except (NameError, RuntimeError):
        assert rule == "crash"
    finally:
        torch.set_grad_enabled(True)
    if rule == "no-zero-grad":
        kept, cleared = capsys.readouterr().out.split("True", 1)
        assert kept.removeprefix("False").strip() != cleared.strip()
    if rule == "learning-rate-unused":
        first, second = capsys.readouterr().out.split("0.01 ", 1)
        assert first.removeprefix("0.1 ").strip() == second.strip()


@pytest.mark.parametrize("step", SOUND, ids=lambda step: step.__name__)
@pytest.mark.parametrize("seed", [0, 5])
def test_a_sound_step_is_left_alone(step, seed):
    assert look(step, seed=seed).findings == ()


def test_every_rule_is_ranked_documented_and_tested():
    assert set(examine_step.known()) == set(examine_step.ORDER) == {rule for rule, _ in FAULTS}
    for rule in examine_step.known():
        assert {"fault", "What it finds", "Why it matters", "Fix"} <= set(examine.page(rule, steps))


def test_the_report_says_how_the_step_was_called():
    assumed = " ".join(look(sound).assumed)
    assert "sound(model, (x, y), optimizer)" in assumed
    assert "numbers (8, 1)" in assumed


def test_the_same_seed_gives_the_same_report():
    assert look(fixed_rate, seed=3).findings == look(fixed_rate, seed=3).findings


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (lambda model: None, "a model, a batch and an optimizer"),
        (lambda model, batch, optimizer: batch["input"], "a pair"),
    ],
)
def test_what_is_no_step_is_refused_in_words(step, said):
    with pytest.raises(ValueError, match=said):
        look(step)


def test_words_on_a_loss_are_refused_for_a_step():
    with pytest.raises(ValueError, match="without claims"):
        look(sound, claims={"convex": True})
    with pytest.raises(ValueError, match="one of loss, step"):
        check(sound, kind="walk", isolated=False)


def test_the_command(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text(
        "import torch\n"
        "def step(model, batch, optimizer):\n"
        "    x, y = batch\n"
        "    loss = torch.nn.functional.mse_loss(model(x), y)\n"
        "    loss.backward()\n"
        "    optimizer.step()\n"
        "    return loss.item()\n"
    )
    arguments = ["check", "train.py:step", "--kind", "step", "--json", "out.json"]
    assert _guarded(lambda: cli.main(arguments, prog_name="lossmith", standalone_mode=False)) == 1
    assert "no-zero-grad" in capsys.readouterr().out
    assert [f["rule"] for f in json.loads((tmp_path / "out.json").read_text())["findings"]] == ["no-zero-grad"]
