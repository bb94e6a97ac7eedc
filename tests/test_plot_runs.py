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
