"""A finished set judged again: the trials that its advice left, with the judge of this version."""

import json
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from unittest import mock

from lossmith.advisor import usual
from lossmith.advisor.judge import judge
from lossmith.advisor.pipeline import in_order
from lossmith.advisor.trials import BESIDE, Plan, Trial, Trials
from lossmith.advisor.usual import Usual
from lossmith.advisor.verdict import Verdict
from lossmith.training.problem import Candidate
from lossmith.training.settings import Settings


def judged(folder: Path, learned: Mapping[str, Mapping[str, Usual]] | None = None) -> Verdict:
    """Return the verdict on kept trials as this version gives it; a forecast's is read as it was.

    Args:
        folder: what `advise` left.
        learned: what differences usually are, in place of what this version says.
    """
    kept = Verdict.from_json(json.loads((folder / "verdict.json").read_text()))
    described = kept.profile
    if described.problem.task == "forecast" or not (folder / "trials.jsonl").exists():
        return kept  # naive forecasts are not among the trials
    lines = (folder / "trials.jsonl").read_text().splitlines()
    asked = json.loads(lines[0])["question"]
    rows = tuple(Trial.from_json({k: v for k, v in json.loads(x).items() if k not in BESIDE}) for x in lines[1:])
    plan = Plan(**{**asked["plan"], "settings": Settings.from_json(asked["plan"]["settings"])})
    candidates = tuple(Candidate.from_json(candidate) for candidate in asked["candidates"])
    dropped = {s.candidate.id: s.dropped_after for s in kept.standings if s.dropped_after is not None}
    trials = Trials(rows, plan, candidates, kept.rows_used, kept.seconds, dropped)
    told = mock.patch.object(usual, "learned", return_value=learned) if learned is not None else nullcontext()
    with told:
        return judge(replace(trials, rows=in_order(trials)), described, budget=str(kept.settings.get("budget", "")))
