"""A diagnosis as one offline HTML file: the story of the run in pictures."""

import inspect
import os
import re
from pathlib import Path

from markupsafe import Markup

from lossmith.doctor.diagnosis import SYMPTOMS, Diagnosis, Report
from lossmith.doctor.evidence import Evidence, telling
from lossmith.doctor.moment import moment
from lossmith.doctor.runlog import RunLog
from lossmith.files import write_atomically
from lossmith.rehearsal.retry import Retry
from lossmith.report.diagnosis import LITTLE
from lossmith.report.environment import environment
from lossmith.report.figures import diagnosed
from lossmith.report.numbers import percent, signed
from lossmith.report.retry import outcome, told
from lossmith.report.svg import tag

OTHERS, WIDE = 5, 120


def write_diagnosis(
    report: Report, run: RunLog, path: str | os.PathLike[str], tried: Retry | None = None
) -> Path:  # fmt: skip
    """Write the story of a run to `path`, whole or not at all.

    Raises:
        OSError: the folder is missing, full or not writable; a file that was there before is left as it was.
    """
    return write_atomically(path, render_diagnosis(report, run, tried))


def render_diagnosis(report: Report, run: RunLog, tried: Retry | None = None) -> str:
    """Return the story of a run as a page.

    Args:
        report: what `lossmith.diagnose` says of it.
        run: the run itself.
        tried: what remedies brought, if they were tried.
    """
    first = report.found[0] if report.found else None
    others = [one for one in report.ranked if one is not first]
    at = moment(run, first.fault) if first else None
    return (
        environment()
        .get_template("diagnosis.html")
        .render(
            r=report,
            first=first,
            little=LITTLE if report.unsure else "",
            second=others[0] if others else None,
            others=others[:OTHERS],
            moment=at,
            about={one.fault: _about(one.fault) for one in [*([first] if first else []), *others[:1]]},
            weighed=_weighed,
            share=percent,
            drawings=diagnosed.figures(run, at),
            tried=tried,
            told=told(tried) if tried else [],
            outcome=outcome,
        )
    )


def _about(fault: str) -> dict[str, list[str]]:
    """Return why a fault matters and where it comes from, out of its own file."""
    text = inspect.getdoc(SYMPTOMS[fault]) or ""
    why = re.search(r"^Why it matters: (.+?)(?:\n\n|\Z)", text, re.MULTILINE | re.DOTALL)
    causes = re.search(r"^Causes:\n((?:\* .+\n?)+)", text, re.MULTILINE)
    return {
        "why": [" ".join(why[1].split())] if why else [],
        "causes": re.findall(r"^\* (.+?)\.?$", causes[1], re.MULTILINE) if causes else [],
    }


def _weighed(one: Diagnosis) -> list[tuple[str, str, str, Markup]]:
    """Return each argument: text, for or against, weight, bar; weak ones as one."""
    most = max((abs(evidence.weight) for evidence in one.evidence), default=1.0) or 1.0
    rows = []
    kept = telling(one.evidence)
    rest = [evidence for evidence in one.evidence if evidence not in kept]
    weak = [Evidence(f"{len(rest)} weaker arguments together", sum(evidence.weight for evidence in rest))]
    for evidence in [*kept, *(weak if rest else [])]:
        side, tone = ("for", "tone-bad") if evidence.weight > 0 else ("against", "tone-good")
        rows.append((evidence.text, side, signed(evidence.weight, 1), _bar(evidence.weight / most, tone)))
    return rows


def _bar(share: float, tone: str) -> Markup:
    """Draw a bar, to the right for what argues for, to the left for against."""
    half = WIDE / 2
    long = abs(share) * (half - 2)
    parts = [
        tag("line", x1=half, y1=0, x2=half, y2=16, class_="base"),
        tag(
            "rect",
            x=half if share > 0 else half - long,
            y=3,
            width=max(long, 1.0),
            height=10,
            class_=f"mark full {tone}",
        ),
    ]
    return tag("svg", *parts, viewBox=Markup(f"0 0 {WIDE} 16"), width=WIDE, height=16, aria_hidden="true")
