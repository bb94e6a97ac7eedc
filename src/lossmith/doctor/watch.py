"""What to say of a run that is still going on, and when.

A diagnosis of a young run comes and goes. It is said once it is likely, was there already some steps before, and
several validations are behind it; once it has gone for as long, that is said too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from lossmith.doctor.diagnosis import Report, diagnose_run
from lossmith.doctor.prefix import until
from lossmith.doctor.runlog import Curve, RunLog

SURE = 0.6
"""Least confidence of a diagnosis that is said."""
LASTING = 1.3
"""A diagnosis is said if it was there when the log was shorter by this factor."""
VALIDATIONS, STEPS = 4, 40
"""Before so many validations, or steps where there are none, nothing is said of the run."""
AT_ONCE = ("nan_inf",)
"""Faults that no further step can take back."""

Kind = Literal["found", "replaced", "resolved", "restarted"]


@dataclass(frozen=True)
class Event:
    """One thing to say.

    Attributes:
        kind: what happened.
        step: the log's last step.
        fault: the diagnosis it is about, the new one where it replaces another.
        before: the diagnosis that it replaces, or that is resolved.
        report: all that was found.
    """

    kind: Kind
    step: float
    fault: str
    before: str
    report: Report


class Watch:
    """Remembers what was said of one run."""

    def __init__(self, diagnose: Callable[[RunLog], Report] = diagnose_run) -> None:
        self.standing = ""
        """The fault that was said and not taken back."""
        self._diagnose = diagnose

    def look(self, run: RunLog, *, restarted: bool = False) -> list[Event]:
        """Return what is to be said now that the run has come so far."""
        report, curve = self._diagnose(run), run.train if len(run.train) else run.validation
        events, step = [], float(curve.steps[-1])
        if restarted:
            events = [Event("restarted", step, "", self.standing, report)]
            self.standing = ""
        fault = self._named(report)
        if fault != self.standing and (fault in AT_ONCE or self._lasts(run, curve, fault)):
            kind: Kind = "resolved" if not fault else "replaced" if self.standing else "found"
            events.append(Event(kind, step, fault, self.standing, report))
            self.standing = fault
        return events

    def _named(self, report: Report) -> str:
        """Return the fault that is likely enough to be said, less so if it was."""
        first = report.found[0] if report.found else None
        return first.fault if first and (first.confidence >= SURE or first.fault == self.standing) else ""

    def _lasts(self, run: RunLog, curve: Curve, fault: str) -> bool:
        """Whether the same was to be said some steps before."""
        earlier = until(run, float(curve.steps[max(0, int(len(curve) / LASTING) - 1)]))
        return _grown(run) and _grown(earlier) and self._named(self._diagnose(earlier)) == fault


def _grown(run: RunLog) -> bool:
    """Whether there is enough of a run to speak of it."""
    return len(run.validation) >= VALIDATIONS if len(run.validation) else len(run.train) >= STEPS
