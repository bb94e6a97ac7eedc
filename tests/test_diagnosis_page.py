"""The story of a run as a page: every picture drawn and told, the moment where it is, nothing from elsewhere."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import tiny_runs
from lossmith.cli import cli
from lossmith.doctor.diagnosis import diagnose_run
from lossmith.doctor.moment import moment
from lossmith.doctor.runlog import Curve, RunLog, read
from lossmith.report.diagnosis_page import render_diagnosis


def curve(values):
    return Curve(np.arange(1.0, len(values) + 1), np.array(values, float))


def run_of(train=(), validation=(), **more):
    return RunLog(Path("log.csv"), curve(train), curve(validation), **more)


def drawings(text):
    found = re.findall(r'<svg xmlns="http://www.w3.org/2000/svg" viewBox.*?</svg>\s*</div>', text, re.DOTALL)
    return [ElementTree.fromstring(one.rpartition("</div>")[0]) for one in found]


@pytest.mark.parametrize("fault", [{}, {"nan_at": 40}, {"frozen": True}, {"softmax_twice": True}])
def test_a_page_tells_the_run(tmp_path, fault):
    run = read(tiny_runs.train(tmp_path / "run", **fault))
    report = diagnose_run(run)
    text = render_diagnosis(report, run)
    assert (report.found[0].title if report.found else "No fault found") in text
    assert not re.search(r"https?://(?!www\.w3\.org)", text)
    shown = drawings(text)
    assert len(shown) >= 4
    for drawing in shown:
        named = {child.get("id"): child.text for child in drawing}
        assert named[drawing.get("aria-labelledby")]
        assert named[drawing.get("aria-describedby")]
        assert "nan" not in "".join(element.get("d", "") for element in drawing.iter())
    assert text.count("<summary>Numbers") == len(shown)
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_a_log_of_curves_alone_has_a_page(tmp_path):
    log = tmp_path / "train.log"
    log.write_text("".join(f"epoch {e} loss {'nan' if e > 5 else 2.0 / e}\n" for e in range(1, 11)))
    page = tmp_path / "page.html"
    result = CliRunner().invoke(cli, ["diagnose", str(log), "--html", str(page)], standalone_mode=False)
    assert result.return_value == 1
    text = page.read_text()
    assert "step 6" in text
    assert len(drawings(text)) == 1


def test_moments():
    assert moment(run_of([1, 1, np.nan, np.nan]), "nan_inf").step == 3
    assert moment(run_of([3, 2, 1, 0], [3, 1, 2, 3]), "overfitting").step == 2
    jumped = [1.0 + 0.01 * (-1) ** k for k in range(20)] + [9.0] * 5
    assert moment(run_of(jumped), "lr_too_high").step == 21
    lr = curve([1e-2, 1e-2, 1e-5, 1e-6])
    assert moment(run_of([3, 2, 2, 2], lr=lr), "lr_too_low").step == 3


def test_the_moment_of_a_layer_that_dies():
    shares = [(1, 0.0, 0.1), (2, 0.2, 0.6), (3, 0.1, 0.4), (4, 0.1, 0.7), (5, 0.1, 0.9)]
    records = tuple(
        {"step": step, "acts": {"first": {"dead_frac": first}, "second": {"dead_frac": second}}}
        for step, first, second in shares
    )
    found = moment(run_of([1.0] * 5, records=records), "dead_relu")
    assert (found.step, found.layer) == (4, "second")


def test_a_moment_that_no_step_tells_is_none():
    assert moment(run_of(1 / np.arange(1, 60)), "frozen_params") is None
