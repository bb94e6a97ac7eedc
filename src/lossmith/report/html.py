"""The report: one HTML file that needs no network, no script and no second file."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lossmith.advisor.verdict import Verdict
from lossmith.files import write_atomically
from lossmith.report import asides, forecasts, numbers, tables, words
from lossmith.report.environment import environment
from lossmith.report.figures import cost, curves, forest, portrait, race, rule, sensitivity, series, target

SHOWN_WARNINGS = 8
"""More than this many would push the verdict out of sight; the rest folds away."""


def write_html(verdict: Verdict, path: str | os.PathLike[str]) -> Path:
    """Write the report of `verdict` to `path`, whole or not at all.

    Raises:
        OSError: the folder is missing, full or not writable; a file that was there before is left as it was.
    """
    return write_atomically(path, render(verdict))


def render(verdict: Verdict) -> str:
    """Return the report as text."""
    rows = tables.rows(verdict)
    figures = {
        "forest": forest.figure(verdict),
        "race": race.figure(verdict),
        "rule": rule.figure(verdict),
        "sensitivity": sensitivity.figure(verdict),
        "cost": cost.figure(verdict),
        "series": series.figure(verdict),
        "target": target.figure(verdict),
        "portraits": portrait.figures(verdict),
        "curves": curves.figures(verdict),
    }
    return (
        environment()
        .get_template("report.html")
        .render(
            v=verdict,
            rows=rows,
            folds=_folds(verdict),
            answers=sensitivity.answers(verdict),
            words=words,
            forecasts=forecasts,
            asides=asides,
            figures=figures,
            target_note=target.describe(verdict.profile.histogram) if figures["target"] else "",
            facts=_facts(verdict.profile.target),
            dropped=any(row.dropped for row in rows),
            failures=[standing for standing in verdict.standings if standing.failures],
            shown_warnings=SHOWN_WARNINGS,
            numbers=words.scale(verdict),
        )
    )


def _folds(verdict: Verdict) -> list[tuple[str, list[str]]]:
    """Return the scores fold by fold, for those who want to judge themselves."""
    scale, most = words.scale(verdict), max((len(s.fold_scores) for s in verdict.standings), default=0)
    measured = [s for s in verdict.standings if s.fold_scores]
    return [
        (
            s.candidate.id,
            [scale.score(score) for score in s.fold_scores] + [numbers.NOTHING] * (most - len(s.fold_scores)),
        )
        for s in measured
    ]


def _facts(statistics: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Write the target's statistics, shares as per cent."""
    written = []
    for key, value in statistics.items():
        if isinstance(value, Mapping | list | tuple) or value is None:
            continue
        share = key.endswith("_share") and isinstance(value, int | float)
        written.append((key.replace("_", " "), numbers.percent(value) if share else _fact(value)))
    return written


def _fact(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return numbers.exact(value)
