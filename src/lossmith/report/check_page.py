"""A check's report as one offline HTML file."""

import os
from pathlib import Path

from lossmith.checker.report import Report
from lossmith.files import write_atomically
from lossmith.report.check import MARKS, rule_link, same, summary
from lossmith.report.environment import environment
from lossmith.report.figures import checked

TONES = {"error": "tone-bad", "warning": "tone-even", "note": "tone-off"}


def write_check(report: Report, path: str | os.PathLike[str]) -> Path:
    """Write the report of a check to `path`, whole or not at all.

    Raises:
        OSError: the folder is missing, full or not writable; a file that was there before is left as it was.
    """
    return write_atomically(path, render_check(report))


def render_check(report: Report) -> str:
    """Return the report of a check as a page."""
    return (
        environment()
        .get_template("check.html")
        .render(
            r=report,
            summary=summary(report),
            marks=MARKS,
            tones=TONES,
            same=same(report),
            link=rule_link,
            drawings=checked.figures(report.portrait or {}),
        )
    )
