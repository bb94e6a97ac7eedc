"""The verdict in a terminal: the same numbers as the report, at any width, in any encoding."""

import io
import re

import pytest
from rich.console import Console

import sample_verdict as sample
from lossmith.report import print_verdict
from lossmith.report.numbers import NOTHING
from lossmith.report.tables import rows

NAMES = list(sample.everything())


def shown(name: str, width: int = 80, encoding: str = "utf-8", terminal: bool = False, **options: bool) -> str:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    console = Console(file=file, width=width, force_terminal=terminal, legacy_windows=False)
    print_verdict(sample.everything()[name], console, files=["out/report.html"], **options)
    file.flush()
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
@pytest.mark.parametrize("width", [30, 50, 80, 120, 200])
def test_fits_any_width_and_encoding(name: str, width: int, encoding: str) -> None:
    text = shown(name, width, encoding)
    verdict = sample.everything()[name]
    # Code, paths and the command are printed as they are: a broken line could not be pasted.
    whole = {"  " + line for line in (*verdict.snippet.splitlines(), verdict.command)} | {"Wrote out/report.html"}
    assert not [line for line in text.splitlines() if len(line) > width and line.rstrip() not in whole]
    assert encoding == "utf-8" or text.isascii()


@pytest.mark.parametrize("name", ["regression", "binary", "multiclass", "too_little_data"])
def test_prints_the_numbers_of_the_verdict(name: str) -> None:
    text = shown(name, 140).replace("\n", " ")
    for row in rows(sample.everything()[name]):
        for number in (row.score, row.difference, row.interval, row.p, row.seconds):
            assert number == NOTHING or number.replace("\u00a0", " ") in text
    assert sample.everything()[name].sentence in text


def test_headline_by_hand() -> None:
    text = " ".join(shown("regression").split())
    assert "A clear winner. Train with Cauchy loss (scale 0.62)" in text
    assert "over mse: +38.4 (+15.6 %), 95 % interval [+27.1, +49.7], on folds that did not choose it." in text
    assert "MAE, in euros a month (lower is better); it asks for the median." in text
    assert "Wrote out/report.html" in text


def test_piped_output_has_no_colours_and_no_frame() -> None:
    text = shown("regression")
    assert "\x1b" not in text
    assert not set(text) & set("╭╮╰╯┃━")


def test_the_text_plot_points_the_right_way() -> None:
    lines = shown("regression").split("right is better")[1].splitlines()
    plot = {line.split()[0]: line for line in lines if line.strip()}
    zero = plot["mae"].index("◆")
    assert plot["cauchy"].index("▶") > zero
    assert plot["tukey"].index("◀") < zero
    assert "<" in plot["mse_log_link_with…rrection"]
    assert plot["huber"].index("│") == zero


def test_nothing_judged_draws_no_plot() -> None:
    text = shown("too_little_data")
    assert "right is better" not in text
    assert "Too little time to judge" in text  # folds were left: it was the budget
    assert "not judged" in text


def test_failed_candidate_says_why() -> None:
    text = " ".join(shown("multiclass").split())
    assert "exponential failed: Fold 1: the loss became NaN in epoch 3" in text


def test_long_code_waits_to_be_asked_for() -> None:
    assert "value.backward()" in shown("regression", snippet=True)
    assert "yyyy" in shown("hostile", snippet=True)


def test_hostile_names_send_no_escape_sequence() -> None:
    plain = shown("hostile", terminal=False)
    assert "\x1b" not in plain
    assert "\x07" not in plain
    coloured = re.sub(r"\x1b\[[0-9;]*m", "", shown("hostile", terminal=True))
    assert "\x1b" not in coloured
    assert "[bold]mse[/bold]" in shown("hostile", 140)


def test_rows_whose_target_looks_wrong_are_named() -> None:
    text = " ".join(shown("binary", 120).split())
    assert "2 labels look wrong (0.0% of the rows). (rows 1,002, 6, counted from 0)" in text
