"""Loss curves of recorded runs: in letters, as a drawing, as a page; half-written files too."""

import xml.etree.ElementTree as ElementTree

import pytest
from click.testing import CliRunner

from lossmith.cli import cli
from lossmith.report import curves

HEAD = "step,epoch,lr,train_loss,train_metric,val_loss,val_metric\n"


@pytest.fixture
def runs(tmp_path):
    for name, scale in (("one", 1.0), ("two", 2.0)):
        (tmp_path / name).mkdir()
        steps = [
            f"{i + 1},{i / 10},0.1,{scale / (i + 1):.5g},," + ("0.5,\n" if i % 10 == 9 else ",\n") for i in range(40)
        ]
        (tmp_path / name / "log.csv").write_text(HEAD + "".join(steps) + "41,4,0.1,0.0")
    return [tmp_path / "one", tmp_path / "two"]


def test_a_run_is_read_as_it_was_written(runs):
    run = curves.read(runs[1])
    assert run.name == "two"
    assert run.train[:2] == ((0.0, 2.0), (0.1, 1.0))
    assert run.valid == ((0.9, 0.5), (1.9, 0.5), (2.9, 0.5), (3.9, 0.5))


def test_the_terminal_shows_every_run(runs):
    result = CliRunner().invoke(cli, ["plot", *map(str, runs)])
    assert result.exit_code == 0
    assert "one: training loss" in result.output
    assert "two: validation loss" in result.output


@pytest.mark.parametrize("suffix", ["svg", "html"])
def test_a_file_holds_a_line_for_each_curve(runs, tmp_path, suffix):
    out = tmp_path / f"curves.{suffix}"
    assert CliRunner().invoke(cli, ["plot", *map(str, runs), "--out", str(out)]).exit_code == 0
    text = out.read_text()
    drawing = ElementTree.fromstring(text[text.index("<svg") : text.rindex("</svg>") + 6])
    paths = [element.get("class") for element in drawing.iter("{http://www.w3.org/2000/svg}path")]
    assert paths == ["curve solid run0", "curve valid run0", "curve solid run1", "curve valid run1"]
    assert ("<!doctype html>" in text) == (suffix == "html")


@pytest.mark.parametrize(
    ("file", "content", "axis"),
    [
        ("train.log", "epoch 1 loss 1.0 val_loss 0.9\nepoch 2 loss 0.5 val_loss 0.6\n", "epoch"),
        ("history.json", '{"loss": [1.0, 0.5], "val_loss": [0.9, 0.6]}', "epoch"),
        ("steps.jsonl", '{"step": 1, "loss": 1, "val_loss": 0.9}\n{"step": 2, "loss": 0.5, "val_loss": 0.6}\n', "step"),
        ("metrics.csv", "epoch,step,train_loss,val_loss\n1,10,1.0,\n1,10,,0.9\n2,20,0.5,\n2,20,,0.6\n", "epoch"),
        ("trainer_state.json", '{"log_history": [{"epoch": 1, "step": 9, "loss": 1.0}, {"epoch": 1, "step": 9, '
         '"eval_loss": 0.9}, {"epoch": 2, "step": 18, "loss": 0.5}, {"epoch": 2, "step": 18, "eval_loss": 0.6}]}',
         "epoch"),
    ],
)  # fmt: skip
def test_every_kind_of_log_is_drawn(tmp_path, file, content, axis):
    (tmp_path / file).write_text(content)
    run = curves.read(tmp_path / file)
    assert (run.train, run.valid, run.axis) == (((1, 1.0), (2, 0.5)), ((1, 0.9), (2, 0.6)), axis)
    result = CliRunner().invoke(cli, ["plot", str(tmp_path / file)])
    assert result.exit_code == 0
    assert axis in result.output


def test_what_is_no_run_is_said(tmp_path):
    with pytest.raises(ValueError, match=r"log\.csv"):
        curves.read(tmp_path)
    (tmp_path / "log.csv").write_text(HEAD)
    with pytest.raises(ValueError, match="train_loss"):
        curves.read(tmp_path)


def test_a_run_of_nothing_but_nan_is_drawn(tmp_path):
    (tmp_path / "log.csv").write_text(HEAD + "".join(f"{i},{i},0.1,nan,,,\n" for i in range(5)))
    run = curves.read(tmp_path)
    assert curves.text([run])
    assert str(curves.figure([run])).startswith("<svg")
