"""Faults by name: each entry is what goes wrong, at three strengths."""

from benchmarks.make_runs.faults import data, loss, network, step
from benchmarks.make_runs.faults.case import Case, Change

FAULTS: dict[str, tuple[Case, ...]] = {**step.FAULTS, **network.FAULTS, **data.FAULTS, **loss.FAULTS}

__all__ = ["FAULTS", "Case", "Change"]
