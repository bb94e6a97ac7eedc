"""How numbers, names and limits are written, by hand-computed cases."""

import math

import pytest

from lossmith.report import numbers
from lossmith.report.figures.forest import limits
from lossmith.report.numbers import Scale
from lossmith.report.svg import Axis
from lossmith.report.text import ascii_only, clean, shorten


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1.00"),
        (0.00012345, "0.000123"),
        (0.99999, "1.000"),
        (12.345, "12.3"),
        (1234567.8, "1,234,568"),
        (-5.5, "−5.50"),
        (1.5e-9, "1.50e−9"),
        (2.5e12, "2.50e12"),
        (math.nan, "–"),
        (None, "–"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_number(value: float | None, text: str) -> None:
    assert numbers.number(value) == text


def test_signs_and_shares() -> None:
    assert numbers.signed(0.0004, 3) == "0.000"
    assert numbers.signed(-0.0004, 3) == "0.000"
    assert numbers.signed(1.25, 1) == "+1.2"
    assert numbers.percent(0.1564, sign=True) == "+15.6\u00a0%"
    assert numbers.percent(-1.92) == "−192\u00a0%"
    assert numbers.p_value(0.0004) == "<0.001"
    assert numbers.p_value(0.0312) == "0.031"


def test_exact_settings() -> None:
    assert numbers.exact(1e-05) == "0.00001"
    assert numbers.exact((0.1, 2, True, None)) == "0.1, 2, yes, none"
    assert numbers.exact({"delta": 1.345}) == "delta=1.345"
    assert numbers.tally([0.001, 0.003, 0.001]) == "0.001\u00a0×2, 0.003"


def test_times() -> None:
    spans = {4.26: "4.3 s", 59.4: "59 s", 61.0: "1 min 01 s", 7500.0: "2 h 05 min"}
    assert {span: numbers.seconds(span).replace("\u00a0", " ") for span in spans} == spans


def test_one_scale_for_scores_and_differences() -> None:
    scale = Scale.of([0.8721, 0.8698, None], [0.0021])
    assert scale.score(0.8721) == "0.8721"
    assert scale.interval(-0.0021, 0.0019) == "[−0.0021,\u00a0+0.0019]"
    assert Scale.of([52312.0], [290.0]).score(52312.4) == "52,312"
    assert Scale.of([], []).score(math.nan) == "–"


def test_clean_and_plain_text() -> None:
    assert clean("a\x1b[31m\ud800\u202e") == "a\ufffd[31m\ufffd\ufffd"
    assert ascii_only("größe −1 → 2") == "gro?e -1 -> 2"
    assert shorten("abcdefghij", 7) == "abcd…ij"
    assert shorten("abc", 7) == "abc"


def test_ticks_are_round_and_inside() -> None:
    assert Axis(-41.0, 15.2, 0, 1).tick_labels(6, sign=True)[0] == (-40.0, "−40")
    assert [text for _, text in Axis(0.0, 0.3, 0, 1).tick_labels(4)] == ["0.0", "0.1", "0.2", "0.3"]
    assert Axis(2.0, 2.0, 0, 1).ticks(4) == [2.0]


def test_one_hopeless_candidate_does_not_stretch_the_plot() -> None:
    low, high = limits([(1.0, 2.0, 3.0), (-3.0, -2.0, -1.0), (-9000.0, -8000.0, -7000.0)], 0.5)
    assert -40 < low < -3
    assert 3 < high < 40
