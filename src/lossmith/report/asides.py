"""What the trials say beside the verdict: of rules, metrics and lossmith itself."""

from collections.abc import Sequence

from lossmith.advisor.verdict import Verdict
from lossmith.report import words
from lossmith.report.numbers import TIED, count, number

RULES = {
    "threshold": ("a cut at 0.5", "the tuned threshold"),
    "thresholds": ("a cut at 0.5", "a tuned threshold for each label"),
    "shared_threshold": ("a cut at 0.5", "the tuned threshold"),
    "least_cost": ("the likeliest class", "deciding for the least cost"),
    "prior": ("the likeliest class", "dividing by the class priors"),
    "cuts": ("the nearest level", "tuned cuts between the levels"),
    "median_level": ("the likeliest level", "the median level"),
    "quantiles": ("the spread as predicted", "the stretched spread"),
    "positive": ("predictions cut at 0", "the floor under the predictions"),
}
"""What each rule is without tuning, and what tuning makes of it."""


def rule(verdict: Verdict) -> str:
    """Say what the tuned decision rule brings to the default, and what a loss adds.

    Nothing where no rule is tuned.
    """
    found, default = verdict.rule_gain, verdict.standing(verdict.default)
    if found is None or default.score is None or default.plain_score is None:
        return ""
    numbers, kind = words.scale(verdict), default.candidate.rule
    name = RULES.get(kind, ("", "the tuned decision rule"))[1]
    moved = f"{numbers.score(default.plain_score)} to {numbers.score(default.score)}"
    span = numbers.interval(found.low, found.high)
    if found.mean > 0.0:
        start = f"{name} alone takes {verdict.default} from {moved}"
        start += "" if found.low > 0.0 else f", no measurable difference {span}"
    else:
        start = f"{name} brings {verdict.default} nothing ({moved})"
    rivals = any(s.score is not None for s in verdict.standings if s is not default)
    added = f"; {_adds(verdict, default.score)}" if rivals else ""
    return f"{start[0].upper()}{start[1:]}{added}."


def plain_rule(verdict: Verdict) -> str:
    """Name the rule that nobody tuned: `a cut at 0.5`."""
    rules = (standing.candidate.rule for standing in verdict.standings if standing.plain_score is not None)
    return RULES.get(next(rules, ""), ("the plain rule", ""))[0]


def _adds(verdict: Verdict, start: float) -> str:
    """Say what the best of the other losses adds to the default, rule and all."""
    sign = 1.0 if verdict.metric["higher_is_better"] else -1.0
    added = {s.candidate.id: sign * (s.score - start) for s in verdict.standings if s.score is not None}
    best = max(added, key=lambda key: added[key])
    if added[best] <= 0.0:
        return "no other loss adds to that"
    return f"no other loss adds more than {words.scale(verdict).score(added[best])} ({best}, picked in hindsight)"


def neighbours(verdict: Verdict) -> str:
    """Say under which other metrics another candidate would win; nothing if unknown."""
    winners: dict[str, list[str]] = {}
    for found in verdict.neighbours:
        winners.setdefault(found.best if found.beaten else "", []).append(found.label)
    held = winners.pop("", [])
    told = [f"under {_listed(labels)} {winner} would win" for winner, labels in winners.items()]
    told += [f"under {_listed(held)} nothing is measurably better than {verdict.recommended}"] if held else []
    text = "; ".join(told)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def trust(verdict: Verdict) -> str:
    """Say how far lossmith itself was right on other tables; nothing if unknown."""
    known = verdict.trust
    if known is None:
        return ""
    worse = known.worse_than_default_5pct
    return (
        f"On {count(known.sets, 'real table')} the advice ({known.policy}) was {number(known.mean_regret, 2)}{TIED}% "
        f"worse than the best loss in hindsight (median {number(known.median_regret, 2)}{TIED}%), and on "
        f"{worse if worse else 'none'} of them more than 5{TIED}% worse than the default. Measured {known.date} "
        f"with lossmith {known.version}, by python -m benchmarks.regret."
    )


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
