"""A preflight's report as one offline HTML file."""

import os
from pathlib import Path

from lossmith.files import write_atomically
from lossmith.rehearsal.preflight import Preflight
from lossmith.report.check_page import TONES
from lossmith.report.environment import environment
from lossmith.report.figures import rehearsed
from lossmith.report.preflight import MARKS, measured, summary


def write_preflight(report: Preflight, path: str | os.PathLike[str]) -> Path:
    """Write the report to `path`, whole or not at all.

    Raises:
        OSError: the folder is missing, full or not writable; a file that was there before is left as it was.
    """
    return write_atomically(path, render_preflight(report))


def render_preflight(report: Preflight) -> str:
    """Return the report as a page."""
    return (
        environment()
        .get_template("preflight.html")
        .render(
            r=report,
            summary=summary(report),
            measured=measured(report),
            marks=MARKS,
            tones=TONES,
            drawings=rehearsed.figures(report.pictures),
        )
    )
