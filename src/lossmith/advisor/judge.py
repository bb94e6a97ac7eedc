"""From trials to a verdict: which candidate, by how much, and how sure that is."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lossmith import registry
from lossmith.advisor import sensitivity, statistics, trust
from lossmith.advisor.diebold_mariano import AtOrigin, over_time
from lossmith.advisor.expectation import expected, scatter
from lossmith.advisor.profile import Profile
from lossmith.advisor.sentence import sentence
from lossmith.advisor.snippet import snippet
from lossmith.advisor.standing import standing
from lossmith.advisor.suspects import suspicion
from lossmith.advisor.trials import Trial, Trials, preferred
from lossmith.advisor.usual import Usual, kind, usual
from lossmith.advisor.verdict import Conclusion, Difference, Gain, Naive, Neighbour, Outcome, Standing, Verdict
from lossmith.metric import ChosenMetric
from lossmith.training.problem import Candidate

SIGNIFICANT = 0.05
FEWEST_FOLDS = 3
"""Finished folds below which nothing is claimed."""
FOLDS_TO_OVERRULE = 5
"""Finished folds below which theory's choice stands: with two degrees of freedom, evenness is mostly luck."""

ODDS = 0.5
"""Two-sided p value below which a rival may overrule theory's choice: three to one that it is better."""
WORTH = 0.25
"""Share of the ROPE that a rival should be expected to bring: for less, theory's choice stays."""

Write = Callable[[Candidate, Profile, Sequence[Trial]], str]
Scores = dict[str, np.ndarray[Any, np.dtype[np.float64]]]


@dataclass(frozen=True)
class _Evidence:
    """Scores of the candidates that finished every complete fold, and their trials."""

    metric: ChosenMetric
    folds: list[tuple[int, int]]
    chosen: dict[str, list[Trial]]
    errors: Scores
    """Lower is better, one entry per complete fold."""
    folds_per_repeat: int
    reference: str
    usual: Mapping[str, Usual]
    """What each candidate's difference from the reference usually is."""
    shortened: bool
    """Whether the budget cut the training short."""
    horizon: int | None = None
    """Of a forecast, whose folds follow one another in time: steps ahead."""

    def compared(self, without: int | None = None) -> dict[str, tuple[statistics.Interval, float]]:
        """Compare each rival with the reference, on all folds but one if asked.

        Returns:
            The interval of the differences, and Holm's p value over all rivals.
        """
        intervals = {rival: self._interval(rival, without) for rival in self.errors if rival != self.reference}
        adjusted = statistics.holm([interval.p for interval in intervals.values()])
        return {rival: (interval, p) for (rival, interval), p in zip(intervals.items(), adjusted, strict=True)}

    def at(self, candidate: str) -> list[AtOrigin]:
        """Return what a candidate's forecasts scored at each origin."""
        return [AtOrigin(row.test_score or 0.0, row.period_errors) for row in self.chosen[candidate]]

    def over_time(
        self, ours: list[AtOrigin], theirs: list[AtOrigin], without: int | None = None
    ) -> statistics.Interval:
        """Compare two forecasts, on all origins but one if asked."""
        return over_time(ours, theirs, self.metric, self.horizon or 1, without)

    def _interval(self, rival: str, without: int | None) -> statistics.Interval:
        if self.horizon is not None:
            return self.over_time(self.at(self.reference), self.at(rival), without)
        run = len(self.errors[rival])  # fewer than the reference's where the race dropped it
        differences = self.errors[self.reference][:run] - self.errors[rival]
        kept = np.delete(differences, without) if without is not None and without < run else differences
        return statistics.corrected(kept.tolist(), self.folds_per_repeat)


def judge(trials: Trials, profile: Profile, *, command: str = "", environment: Mapping[str, str] | None = None,
          budget: str = "", warnings: Sequence[str] = (), write: Write = snippet) -> Verdict:  # fmt: skip
    """Compare every candidate with the reference, and recommend one.

    The reference was declared before training.

    Args:
        trials: all rows; folds that were not finished are left out.
        profile: what the data look like.
        command: the command line that gives this verdict again.
        environment: versions and machine, for the record.
        budget: as the user wrote it, for the record.
        warnings: what the user should know beside the profile's own warnings.
        write: writes the code to paste, from a candidate, the profile and the candidate's preferred trials.
    """
    metric = registry.metric(str(profile.problem.metric))
    evidence = _gather(trials, metric, profile)
    reference, default = _role(trials.candidates, "reference"), _role(trials.candidates, "default")
    enough = len(evidence.folds) >= FEWEST_FOLDS and reference in evidence.errors
    rope = _rope(evidence) if enough else 0.0
    differences = _differences(evidence, rope) if enough else {}
    recommended = _choose(evidence) if enough else reference
    standings = tuple(
        standing(c, trials, evidence.chosen.get(c.id, []), _score(c.id, evidence), differences.get(c.id))
        for c in trials.candidates
    )
    gain = _gain(evidence, default) if enough and recommended != default and default in evidence.errors else None
    naive = _beside_naive(trials, evidence, recommended)
    winner = next(s for s in standings if s.candidate.id == recommended)
    draft = Verdict(
        outcome=_outcome(recommended, evidence, differences) if enough else "too_little_data",
        sentence="",
        recommended=recommended,
        reference=reference,
        default=default,
        gain=gain,
        standings=tuple(sorted(standings, key=lambda s: math.inf if s.score is None else metric.error(s.score))),
        profile=profile,
        metric=_metric_facts(metric, profile),
        rope=rope,
        folds=len(evidence.folds),
        planned_folds=trials.plan.total,
        rows_used=trials.train_rows,
        seconds=trials.seconds,
        warnings=(*warnings, *_doubts(trials, standings, recommended), *_needless(naive, recommended, metric)),
        snippet=write(winner.candidate, profile, evidence.chosen.get(recommended, [])),
        command=command,
        environment=dict(environment or {}),
        settings={**trials.plan.to_json(), "budget": budget},
        rule_gain=_rule_gain(evidence, default) if enough else None,
        neighbours=_neighbours(evidence, recommended, profile, trials.candidates) if enough else (),
        trust=trust.read(),
        naive=naive,
        starts=trials.starts,
        suspicion=suspicion(evidence.chosen.get(reference, []), profile.problem),
    )
    return Verdict(**{**vars(draft), "sentence": sentence(draft)})


def _beside_naive(trials: Trials, evidence: _Evidence, recommended: str) -> Naive | None:
    """Compare the recommended candidate with the best forecast that needs no network."""
    folds = [fold for _, fold in evidence.folds]
    scored = {naive.name: [naive.origins[fold] for fold in folds] for naive in trials.naive}
    if not scored or len(folds) < FEWEST_FOLDS or recommended not in evidence.chosen:
        return None
    scores = {name: float(np.mean([origin.score for origin in found])) for name, found in scored.items()}
    best = min(scores, key=lambda name: evidence.metric.error(scores[name]))
    interval = evidence.over_time(scored[best], evidence.at(recommended))
    error = _as_share(evidence.metric.error(scores[best]), evidence.metric)
    relative = interval.mean / error if error else None
    others = {name: score for name, score in scores.items() if name != best}
    return Naive(best, scores[best], interval.mean, interval.low, interval.high, relative, others)


def _needless(naive: Naive | None, recommended: str, metric: ChosenMetric) -> list[str]:
    """Say so where no network is needed, as far as can be seen."""
    if naive is None or naive.low > 0.0:
        return []
    own = naive.score - metric.error(naive.mean)
    found = "is worse than" if naive.high < 0.0 else "does not measurably beat"
    return [
        f"{recommended} {found} a forecast without any network, the {naive.name}: {metric.label} {own:.4g} against "
        f"{naive.score:.4g}. Better columns, or no network, may bring more than another loss."
    ]


def _doubts(trials: Trials, standings: Sequence[Standing], recommended: str) -> list[str]:
    """Say what in the training itself speaks against trusting it."""
    settings, doubts = trials.plan.settings, []
    if settings.shortened:
        doubts.append(
            f"To fit the budget {settings.shortage}: a larger budget may change the order, and theory's choice is not "
            "overruled before that."
        )
    rates = next(s.learning_rates for s in standings if s.candidate.id == recommended)
    if len(rates) > 1 and len(settings.rates) > 1 and min(rates) == max(settings.rates):
        doubts.append(
            f"Each time {recommended} did best at the highest learning rate tried, {max(rates):.2g}: more training "
            "might still improve it."
        )
    return doubts


def _gather(trials: Trials, metric: ChosenMetric, profile: Profile) -> _Evidence:
    """Keep each candidate's preferred trial in every complete fold."""
    folds = trials.complete_folds()
    chosen: dict[str, list[Trial]] = {}
    for candidate in trials.candidates:
        run = [fold for fold in folds if trials.ran_in(candidate.id, fold)]
        rows = [preferred(trials.rows, candidate.id, fold, metric) for fold in run]
        if rows and all(row is not None for row in rows):
            chosen[candidate.id] = [row for row in rows if row is not None]
    errors = {
        key: np.array([metric.error(row.test_score) for row in rows if row.test_score is not None])
        for key, rows in chosen.items()
    }
    reference = _role(trials.candidates, "reference")
    of = kind(metric, str(profile.problem.task))
    usually = {c.id: usual(c.id, of, consistent="consistent" in c.roles) for c in trials.candidates}
    horizon = profile.problem.horizon if profile.problem.task == "forecast" else None
    shortened = trials.plan.settings.shortened
    return _Evidence(metric, folds, chosen, errors, trials.plan.folds, reference, usually, shortened, horizon)


def _differences(evidence: _Evidence, rope: float) -> dict[str, Difference]:
    """Compare each candidate with the reference, with Holm's correction."""
    scale = _scale(evidence, evidence.reference)
    return {
        rival: Difference(
            mean=interval.mean,
            low=interval.low,
            high=interval.high,
            relative=interval.mean / scale if scale else None,
            p=interval.p,
            p_holm=p_holm,
            detectable=interval.detectable,
            conclusion=_conclude(interval, p_holm, rope),
        )
        for rival, (interval, p_holm) in evidence.compared().items()
    }


def _conclude(interval: statistics.Interval, p_holm: float, rope: float) -> Conclusion:
    if -rope <= interval.low and interval.high <= rope:
        return "practically_equal"  # even where the sign is certain: it is too small to matter
    if p_holm < SIGNIFICANT:
        return "better" if interval.mean > 0.0 else "worse"
    return "no_measurable_difference"


def _choose(evidence: _Evidence, without: int | None = None) -> str:
    """Recommend who is expected to be best; the reference unless it is by enough.

    Few folds, training that the budget cut short, and what is hardly likelier better than worse overrule nothing.
    """
    if evidence.shortened or len(evidence.folds) < FOLDS_TO_OVERRULE:
        return evidence.reference
    scale = _scale(evidence, evidence.reference)
    compared = evidence.compared(without)
    measured = {rival: (interval, evidence.usual[rival]) for rival, (interval, _) in compared.items()}
    here = scatter(list(measured.values()), scale)
    hoped = {
        rival: expected(interval, scale, replace(guess, deviation=max(guess.deviation, here)))
        for rival, (interval, guess) in measured.items()
        if len(evidence.errors[rival]) == len(evidence.folds) and interval.mean > 0.0 and interval.p < ODDS
    }
    best = max(hoped, key=lambda rival: hoped[rival], default=evidence.reference)
    return best if hoped.get(best, 0.0) > WORTH * _rope(evidence) else evidence.reference


def _outcome(recommended: str, evidence: _Evidence, differences: Mapping[str, Difference]) -> Outcome:
    if recommended == evidence.reference:
        return "reference_holds"
    return "clear_winner" if differences[recommended].conclusion == "better" else "likely_best"


def _gain(evidence: _Evidence, default: str) -> Gain | None:
    """Measure what following the advice brings over the default.

    For each fold the advice is chosen on the others and scored on this one.
    """
    if len(evidence.folds) <= FEWEST_FOLDS:
        return None
    picks = [_choose(evidence, without=fold) for fold in range(len(evidence.folds))]
    differences = [
        float(evidence.errors[default][fold] - evidence.errors[pick][fold]) for fold, pick in enumerate(picks)
    ]
    interval = statistics.corrected(differences, evidence.folds_per_repeat)
    if evidence.horizon is not None:
        interval = evidence.over_time(evidence.at(default), [evidence.at(pick)[f] for f, pick in enumerate(picks)])
    scale = _scale(evidence, default)
    relative = interval.mean / scale if scale else None
    return Gain(default, interval.mean, interval.low, interval.high, relative)


def _rule_gain(evidence: _Evidence, default: str) -> Gain | None:
    """Measure what the tuned rule brings to the default, on the test rows."""
    rows = evidence.chosen.get(default, [])
    plain = [evidence.metric.error(row.plain_score) for row in rows if row.plain_score is not None]
    if len(plain) < FEWEST_FOLDS or len(plain) < len(rows):
        return None
    differences = np.array(plain) - evidence.errors[default]
    interval = statistics.corrected(differences.tolist(), evidence.folds_per_repeat)
    scale = _as_share(float(np.mean(plain)), evidence.metric)
    return Gain(default, interval.mean, interval.low, interval.high, interval.mean / scale if scale else None)


def _neighbours(
    evidence: _Evidence, recommended: str, profile: Profile, candidates: Sequence[Candidate]
) -> tuple[Neighbour, ...]:
    """Compare every candidate with the recommended one under each other metric."""
    found = []
    for name in next((rows[0].neighbours for rows in evidence.chosen.values()), {}):
        metric = registry.metric(name)
        errors = sensitivity.errors(metric, evidence.chosen)
        if recommended in errors and len(errors) > 1:
            # By period only the metric that was asked for is kept; of the others there is one score for each origin.
            seen = replace(evidence, metric=metric, errors=errors, reference=recommended, horizon=None)
            differences = _differences(seen, _rope(seen))
            found.append(sensitivity.neighbour(metric, errors, differences, profile, candidates))
    return tuple(found)


def _scale(evidence: _Evidence, candidate: str) -> float:
    """Return the error a difference is a share of: the score, or what it lacks to 1."""
    return _as_share(float(np.mean(evidence.errors[candidate])), evidence.metric)


def _as_share(error: float, metric: ChosenMetric) -> float:
    return 1.0 + error if metric.metric.higher_is_better else abs(error)


def _rope(evidence: _Evidence) -> float:
    return statistics.rope(evidence.errors[evidence.reference], evidence.metric)


def _score(candidate: str, evidence: _Evidence) -> float | None:
    """Return the mean score over all folds.

    For a candidate that the race dropped it is what the folds it ran lead to expect: the reference's mean over all
    folds, and the mean difference over those both ran.
    """
    errors = evidence.errors.get(candidate)
    if errors is None:
        return None
    reference = evidence.errors.get(evidence.reference, errors)
    error = float(np.mean(errors) + np.mean(reference) - np.mean(reference[: len(errors)]))
    return evidence.metric.error(error)  # which undoes itself


def _role(candidates: Sequence[Candidate], role: str) -> str:
    return next(candidate.id for candidate in candidates if role in candidate.roles)


UNITS = {"share": "share of rows", "nats": "nats", "cost": "cost per row", "none": ""}


def _metric_facts(metric: ChosenMetric, profile: Profile) -> dict[str, Any]:
    """Say what the report needs to know of the metric."""
    return {
        "name": str(metric),
        "label": metric.label,
        "higher_is_better": metric.metric.higher_is_better,
        "coverage": metric.levels[-1] - metric.levels[0] if metric.levels else None,
        "unit": "levels"
        if profile.problem.task == "ordinal" and metric.metric.unit == "target"
        else UNITS.get(metric.metric.unit, f"the unit of {profile.problem.target}").replace(
            "row", "row" if profile.columns else "example"
        ),
        "asks_for": str(metric.elicited(str(profile.problem.task))),
        "nearest": "" if metric.metric.nearest is None else str(metric.metric.nearest),
    }
