# ruff: noqa: E501
"""What a real run can hand over at its worst: the report and the terminal still say what there is."""

import io
import json
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.console import Console

import sample_verdict as sample
from lossmith.advisor.verdict import Gain, Verdict
from lossmith.report import print_verdict
from lossmith.report.html import render

BASE = sample.regression()
FIRST = BASE.standings[0].difference
NOTHING: Mapping[str, Any] = {
    "score": None,
    "difference": None,
    "fold_scores": (),
    "curve": {},
    "portrait": {},
    "epochs": None,
}
NAN, INF = math.nan, math.inf


def first(**changes: Any) -> Verdict:
    return replace(BASE, standings=(replace(BASE.standings[0], **changes), *BASE.standings[1:]))


def every(**changes: Any) -> Verdict:
    return replace(BASE, standings=tuple(replace(standing, **changes) for standing in BASE.standings))


def histogram(**shown: Any) -> Verdict:
    plain = {"outlier_low": None, "outlier_high": None, "outliers": 0, "scale": "linear"}
    return replace(BASE, profile=replace(BASE.profile, histogram={**plain, **shown} if shown else {}))


ODD = {
    "all failed": replace(every(**NOTHING, failures=("boom",)), gain=None, folds=0, outcome="too_little_data"),
    "reference failed": replace(BASE, standings=tuple(replace(s, **NOTHING) if s.candidate.id == "mae" else s for s in BASE.standings)),
    "only the reference": replace(BASE, standings=BASE.standings[3:4], recommended="mae", default="mae", gain=None),
    "nan difference": first(difference=replace(FIRST, mean=NAN, low=NAN, high=NAN, p=NAN, p_holm=NAN, detectable=NAN)),
    "infinite interval": first(difference=replace(FIRST, low=-INF, high=INF, detectable=INF)),
    "infinite score": first(score=INF, fold_scores=(INF, NAN)),
    "no difference at all": replace(every(difference=replace(FIRST, mean=0.0, low=0.0, high=0.0, detectable=0.0)), rope=0.0),
    "from json": Verdict.from_json(json.loads(json.dumps(BASE.to_json()))),
    "diverged curve": first(curve={"epoch": [1, 2, 3], "train": [None, NAN, 1], "valid": [None, 1.0, INF], "valid_low": [None] * 3}),
    "one epoch": every(curve={"epoch": (1.0,), "train": (1.0,), "valid": (3.0,), "valid_low": (3.0,), "valid_high": (3.0,)}),
    "no training curve": first(curve={"epoch": (1.0, 2.0), "valid": (3.0, 4.0)}),
    "portrait with holes": first(portrait={"x": [0, 1, 2], "value": [INF, 1, NAN], "gradient": [NAN] * 3, "x_label": "x"}),
    "flat portrait": first(portrait={"x": [0, 0], "value": [0, 0], "gradient": [0, 0], "x_label": ""}),
    "constant target": histogram(edges=[5.0, 5.0], counts=[10]),
    "no histogram": histogram(),
    "log histogram": histogram(edges=[math.expm1(i / 2) for i in range(30)], counts=[3] * 29, outlier_high=2e4, outliers=9, scale="log1p"),
    "tiny target": histogram(edges=[1e-7 * i for i in range(11)], counts=[3] * 10, outlier_low=1e-7, outliers=2),
    "huge target": histogram(edges=[1e12 * i for i in range(11)], counts=[3] * 10),
    "hundred classes": histogram(labels=[f"class {i}" for i in range(100)], counts=[1000 - i for i in range(100)]),
    "no unit": replace(BASE, metric={**BASE.metric, "unit": None}),
    "other metrics without differences": replace(BASE, neighbours=tuple(replace(n, differences={}) for n in BASE.neighbours)),
    "other metrics that know two": replace(BASE, neighbours=(replace(BASE.neighbours[0], scores={"mse": 0.0, "mae": 0.0}, ranks={}, best="mse"),)),
    "one other metric without scores": replace(BASE, neighbours=(replace(BASE.neighbours[0], scores={}),)),
    "plain scores that are no number": every(plain_score=NAN),
    "plain equals tuned": replace(every(plain_score=214.6, score=214.6), rule_gain=Gain("mse", 0.0, 0.0, 0.0, None)),
    "plain without a gain": every(plain_score=1e9),
    "best in the first epoch": every(best_epochs=(1,), curve={}, seconds_to_best=0.0),
    "all dropped at once": every(dropped_after=2, fold_scores=(1.0, 2.0)),
    "folds of every length": replace(BASE, standings=tuple(replace(s, fold_scores=s.fold_scores[:place]) for place, s in enumerate(BASE.standings))),
    "nested settings": replace(BASE, settings={"a": {"b": [1, 2.5, None]}, "c": None}),
}  # fmt: skip


@pytest.mark.parametrize("verdict", ODD.values(), ids=ODD.keys())
def test_report_is_drawn(verdict: Verdict) -> None:
    page = render(verdict)
    for drawing in re.findall(r"<svg xmlns.*?</svg>(?=</div>)", page, re.DOTALL):
        ElementTree.fromstring(drawing)
        assert not re.search(r"\b(nan|inf)\b", re.sub(r">[^<]*<", "><", drawing))


@pytest.mark.parametrize("verdict", ODD.values(), ids=ODD.keys())
def test_terminal_is_printed(verdict: Verdict) -> None:
    console = Console(file=io.StringIO(), width=80)
    print_verdict(verdict, console)
    text = console.file.getvalue()
    assert "nan" not in text
    assert all(len(line) <= 80 for line in text.splitlines() if not line.startswith("  "))
