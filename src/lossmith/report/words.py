"""The verdict in words, the same in the terminal and in the report."""

from lossmith.advisor.verdict import Conclusion, Standing, Verdict
from lossmith.report.numbers import Scale, count, exact, percent
from lossmith.training.problem import Candidate

OUTCOMES = {
    "clear_winner": "A clear winner",
    "likely_best": "Likely the best",
    "reference_holds": "The reference holds",
    "too_little_data": "Too little data to judge",
}
CONCLUSIONS: dict[Conclusion, str] = {
    "reference": "reference",
    "better": "better",
    "worse": "worse",
    "practically_equal": "practically equal",
    "no_measurable_difference": "no measurable difference",
    "not_judged": "not judged",
}
READING = (
    (
        "Difference",
        "The candidate against the reference on the same folds, same initial weights and same batches. Above zero the "
        "candidate is better, whichever way the metric runs.",
    ),
    (
        "95 % interval (Nadeau–Bengio)",
        "Folds share training rows, so their scores are not independent and a plain t interval is too narrow. The "
        "corrected resampled t interval widens it by the share of rows that overlap.",
    ),
    (
        "p (Holm)",
        "Chance of a difference this large if there were none, corrected for having compared several candidates with "
        "the one reference that was declared before training. Below 0.05 counts as measured.",
    ),
    (
        "ROPE",
        "Region of practical equivalence: a difference inside this band is too small to matter. A candidate is "
        "“practically equal” only when its whole interval lies inside.",
    ),
    (
        "Gain over the default",
        "Measured on folds that did not choose: for each fold, the winner is picked on the other folds and scored on "
        "this one. A winner's own cross-validation score flatters it.",
    ),
    (
        "Dropped",
        "A candidate clearly behind the leader at one of the looks runs no further. Its score is what the folds it ran "
        "lead to expect on all of them; its interval is of those folds.",
    ),
    (
        "Could have seen",
        "The smallest true difference that so many folds would have shown in 8 runs of 10. If it is larger than what "
        "matters to you, “no measurable difference” only means: not enough data.",
    ),
)


def scale(verdict: Verdict) -> Scale:
    """Return the decimals of this verdict's numbers."""
    differences = [s.difference for s in verdict.standings if s.difference]
    spans = [(d.low, d.high) for d in differences] + ([(verdict.gain.low, verdict.gain.high)] if verdict.gain else [])
    halves = [(high - low) / 2 for low, high in spans]
    return Scale.of((s.score for s in verdict.standings), halves)


def unit(verdict: Verdict) -> str:
    """Return the metric's unit in words, or nothing where it has none."""
    words = str(verdict.metric.get("unit") or "")
    return {"none": "", "share": "", "cost": "", "target": f"the unit of {verdict.profile.problem.target}"}.get(
        words, words
    )


def thing(verdict: Verdict) -> str:
    """Name what the data consist of: a table has columns, a dataset has none."""
    return "row" if verdict.profile.columns else "example"


def sense(verdict: Verdict) -> str:
    """Say which way the metric runs."""
    return "higher is better" if verdict.metric["higher_is_better"] else "lower is better"


def inside(verdict: Verdict) -> str:
    """Head the shares of targets inside the predicted interval: `in 90 %`."""
    return f"in {100 * float(verdict.metric.get('coverage') or 0.0):.3g} %"


def outcome(verdict: Verdict) -> str:
    """Name the kind of verdict: too little time is not too little data."""
    if verdict.outcome == "too_little_data" and verdict.folds < verdict.planned_folds:
        return "Too little time to judge"
    return OUTCOMES[verdict.outcome]


def metric_line(verdict: Verdict) -> str:
    """Name the metric with its unit and sense: `MAE, in euros (lower is better)`."""
    inside = f", in {unit(verdict)}" if unit(verdict) else ""
    return f"{verdict.metric['label']}{inside} ({sense(verdict)})"


def settings(candidate: Candidate) -> str:
    """Write the loss as a call: `huber_loss(delta=1.35)`."""
    inside = ", ".join(f"{key}={exact(value)}" for key, value in candidate.params.items())
    return f"{candidate.loss}({inside})"


def conclusion(standing: Standing, verdict: Verdict) -> str:
    """Say in words how a candidate did."""
    is_reference = standing.candidate.id == verdict.reference
    if standing.score is None:
        missing = "failed" if standing.failures else "not measured"
        return f"reference, {missing}" if is_reference else missing
    if is_reference:
        return "reference"
    return CONCLUSIONS[standing.difference.conclusion if standing.difference else "not_judged"]


def gain(verdict: Verdict) -> str:
    """Write the gain over the default, or say why there is none."""
    if verdict.gain is None:
        if verdict.recommended == verdict.default:
            return f"none to state: {verdict.default} is the default itself"
        return f"not measured: too few finished {verdict.fold}s"
    numbers = scale(verdict)
    share = f" ({percent(verdict.gain.relative, sign=True)})" if verdict.gain.relative is not None else ""
    return f"{numbers.difference(verdict.gain.mean)}{share}"


def gain_interval(verdict: Verdict) -> str:
    """Write the gain's interval, or nothing."""
    if verdict.gain is None:
        return ""
    return f"95 % interval {scale(verdict).interval(verdict.gain.low, verdict.gain.high)}"


def how_sure(verdict: Verdict) -> str:
    """Say how far the measurement carries the recommendation."""
    if verdict.outcome == "too_little_data":
        return (
            f"{verdict.folds} of {count(verdict.planned_folds, verdict.fold)} finished: too few to judge a difference. "
            "The recommendation rests on what the metric asks for, not on a measurement."
        )
    if verdict.outcome == "clear_winner":
        return f"Measured {verdict.on_folds}: {_won(verdict)}"
    if verdict.outcome == "likely_best":
        return f"Measured {verdict.on_folds}: {_ahead(verdict)}{_seen(verdict)}"
    measured = f"Measured {verdict.on_folds}: "
    return f"{measured}no candidate beat the reference {verdict.reference}.{_seen(verdict)}"


def _won(verdict: Verdict) -> str:
    difference = verdict.standing(verdict.recommended).difference
    if difference is None:
        return f"{verdict.recommended} came out ahead."
    numbers = scale(verdict)
    span = numbers.interval(difference.low, difference.high)
    return (
        f"{verdict.recommended} beat the reference {verdict.reference} by {numbers.difference(difference.mean)} {span}."
    )


def _ahead(verdict: Verdict) -> str:
    difference = verdict.standing(verdict.recommended).difference
    if difference is None:
        return f"{verdict.recommended} is ahead."
    numbers = scale(verdict)
    return (
        f"{verdict.recommended} is ahead of the reference {verdict.reference} by {numbers.difference(difference.mean)} "
        f"{numbers.interval(difference.low, difference.high)}, which may be chance."
    )


def _seen(verdict: Verdict) -> str:
    sizes = [s.difference.detectable for s in verdict.standings if s.difference]
    if not sizes:
        return ""
    low, high = (scale(verdict).score(size) for size in (min(sizes), max(sizes)))
    span = low if low == high else f"{low} to {high}"
    return f" A true difference of {span} would have shown in 8 runs of 10."


def rows(verdict: Verdict) -> str:
    """Say what is special about the rows: how few are positive, weights, groups."""
    problem, held = verdict.profile.problem, verdict.profile.target.get("counts") or {}
    tested = ""
    if problem.task == "binary" and problem.positive in held and verdict.settings.get("folds"):
        tested = f", about {held[problem.positive] / verdict.settings['folds']:.0f} positives to test"
    weighed = f", counting by {problem.weight}" if problem.weight else ""
    return tested + weighed + (f", whole groups of {' and '.join(problem.group)}" if problem.group else "")
