"""What `check` hands back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from lossmith.finding import Finding


@dataclass(frozen=True)
class Report:
    """Findings about one loss, causes first."""

    loss: str
    assumed: tuple[str, ...]
    """What was inferred about its arguments, one sentence each."""
    findings: tuple[Finding, ...]
    closest: str = ""
    """The loss of the catalogue that it equals, up to a factor and a constant; empty if there is none."""
    portrait: Mapping[str, Any] | None = None
    """Curves for a picture; see `lossmith.checker.portrait`."""
    skipped: tuple[str, ...] = ()
    """What could not be looked at, and why."""
    tried: Mapping[str, Any] = field(default_factory=dict)
    """How much was tried: `rules`, `calls`, `edges` by name, `claims`."""
    seconds: float = 0.0

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Findings that break a promise or the training."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    def to_json(self) -> dict[str, Any]:
        """Return plain types only."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Report":
        """Read what `to_json` wrote."""
        lists: dict[str, Sequence[Any]] = {
            "findings": tuple(Finding(**finding) for finding in data["findings"]),
            "assumed": tuple(data["assumed"]),
            "skipped": tuple(data["skipped"]),
        }
        return cls(**{**data, **lists})

    def __str__(self) -> str:
        if not self.findings:
            return f"{self.loss}: no fault found."
        return "\n".join([f"{self.loss}:", *(f"  {f.severity} {f.rule}: {f.message}" for f in self.findings)])
