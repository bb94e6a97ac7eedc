"""The ranked table as text; terminal and report choose among its columns."""

from dataclasses import dataclass

from lossmith.advisor.verdict import Standing, Verdict
from lossmith.report import words
from lossmith.report.numbers import NOTHING, count, number, p_value, percent, seconds, tally


@dataclass(frozen=True)
class Row:
    """One candidate, every number already written."""

    rank: str
    id: str
    roles: tuple[str, ...]
    score: str
    inside: str
    """Share of targets inside the predicted interval; empty where none is predicted."""
    difference: str
    share: str
    interval: str
    p: str
    detectable: str
    conclusion: str
    tone: str
    """`good`, `bad`, `even` or `off`: how the conclusion is coloured, always beside its words."""
    dropped: str
    """When it left the race, in words; empty for those that ran to the end."""
    rates: str
    epochs: str
    to_best: str
    """Training time up to the best epoch, in one fold."""
    seconds: str
    recommended: bool


def rows(verdict: Verdict) -> list[Row]:
    """Write the standings in their own order."""
    return [_row(verdict, rank, standing) for rank, standing in enumerate(verdict.standings, start=1)]


def tone(standing: Standing) -> str:
    """Return how a candidate's conclusion is coloured."""
    if standing.score is None:
        return "bad"
    judged = standing.difference.conclusion if standing.difference else "not_judged"
    return {"better": "good", "worse": "bad", "not_judged": "off"}.get(judged, "even")


def _row(verdict: Verdict, rank: int, standing: Standing) -> Row:
    numbers, seen = words.scale(verdict), standing.difference
    recommended = standing.candidate.id == verdict.recommended
    return Row(
        rank=str(rank) if standing.score is not None else NOTHING,
        id=standing.candidate.id,
        roles=(*(["recommended"] if recommended else []), *standing.candidate.roles),
        score=numbers.score(standing.score),
        inside=percent(standing.covered) if standing.covered is not None else "",
        difference=numbers.difference(seen.mean) if seen else NOTHING,
        share=percent(seen.relative, sign=True) if seen and seen.relative is not None else "",
        interval=numbers.interval(seen.low, seen.high) if seen else NOTHING,
        p=p_value(seen.p_holm) if seen else NOTHING,
        detectable=numbers.score(seen.detectable) if seen else NOTHING,
        conclusion=words.conclusion(standing, verdict),
        tone="even" if standing.candidate.id == verdict.reference and standing.score is not None else tone(standing),
        dropped=""
        if standing.dropped_after is None
        else f"dropped after {count(standing.dropped_after, verdict.fold)}",
        rates=tally(standing.learning_rates),
        epochs=number(standing.epochs, 2) if standing.epochs is not None else NOTHING,
        to_best=seconds(standing.seconds_to_best) if standing.seconds_to_best is not None else "",
        seconds=seconds(standing.seconds),
        recommended=recommended,
    )
