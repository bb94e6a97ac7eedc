"""A forecast in terminal and report: origins where folds are said elsewhere, and the series as a picture."""

import io
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from rich.console import Console

import lossmith
from lossmith.report import forecasts, print_verdict
from lossmith.report.figures import series
from lossmith.report.html import render
from running import lighten
from test_forecast import monthly, shops


@pytest.fixture(scope="module")
def verdict():
    with pytest.MonkeyPatch.context() as patch:
        lighten(patch)
        return lossmith.advise(
            shops(), target="sold", time="day", series=["shop"], horizon=2, metric="mae", budget=None, jobs=1
        )


def printed(verdict, width=100):
    console = Console(file=io.StringIO(), width=width)
    print_verdict(verdict, console)
    return console.file.getvalue()


def test_the_terminal_says_origins_and_names_the_naive_forecast(verdict):
    text = " ".join(printed(verdict).split())
    assert "at 9 origins" in text
    assert f"Naive the {verdict.naive.name} scores" in text
    assert "at each origin" in text
    assert not re.search(r"\bfolds?\b", text)


def test_the_report_says_origins(verdict):
    page = re.sub(r"<style>.*?</style>", "", render(verdict), flags=re.DOTALL)
    words = re.sub(r"<[^>]+>", " ", page)
    for wanted in (
        "The series and its origins",
        "Diebold–Mariano",
        "9 paired origins",
        "each from what was known 2 days",
    ):
        assert wanted in words, wanted
    assert "Nadeau" not in words
    assert forecasts.origins(verdict) in words


def test_the_picture_shows_every_origin_and_is_the_same_in_its_table(verdict):
    drawn = series.figure(verdict)
    for drawing in drawn.drawings:
        root = ElementTree.fromstring(str(drawing.svg))
        lines = [node for node in root.iter() if node.get("class") == "zero faint"]
        assert len(lines) == len(verdict.starts) - 1
        assert len([node for node in root.iter() if node.get("class") == "rope"]) == 5
    history = verdict.profile.history
    assert drawn.table.rows[0][0] == history["time"][0] == "2023-01-03"
    assert history["low"][5] <= history["mean"][5] <= history["high"][5]


def test_a_table_has_no_series_to_show(verdict):
    bare = replace(verdict, profile=replace(verdict.profile, history={}))
    assert series.figure(bare) is None


def test_a_series_too_short_to_train_on_is_drawn_without_origins():
    found = lossmith.advise(monthly(20), target="sales", time="month", metric="mae", budget=None, jobs=1)
    assert found.starts == ()
    assert "The series and its origins" in render(found)
    assert forecasts.origins(found) == ""
