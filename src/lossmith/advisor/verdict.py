"""What the trials say: differences, a recommendation, and how sure it is."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from lossmith.advisor.profile import Profile
from lossmith.advisor.suspicion import Suspicion
from lossmith.advisor.trust import Trust
from lossmith.training.problem import Candidate

Conclusion = Literal["reference", "better", "worse", "practically_equal", "no_measurable_difference", "not_judged"]
Outcome = Literal["clear_winner", "likely_best", "reference_holds", "too_little_data"]
"""Measurably better than the reference; expected to be better, but not measurably; the reference itself; no verdict."""
LEAST_SHARE = 0.25
"""A run without a finished fold has mostly done this much of its plan, in folds begun side by side."""


@dataclass(frozen=True)
class Difference:
    """A candidate against the reference, in the metric's unit; above 0 is better."""

    mean: float
    low: float
    high: float
    relative: float | None
    """`mean` as a share of the reference's error (1 − score where higher is better)."""
    p: float
    p_holm: float
    detectable: float
    """The smallest true difference that this many folds would have shown in 8 runs of 10."""
    conclusion: Conclusion


@dataclass(frozen=True)
class Standing:
    """One candidate and all that was measured of it."""

    candidate: Candidate
    score: float | None
    """Mean of the metric over the folds, as expected from those it ran if the race dropped it; None when it was never
    measured."""
    fold_scores: tuple[float, ...]
    difference: Difference | None
    """None for the reference, and when too few folds were finished."""
    learning_rates: tuple[float, ...]
    """The rate chosen in each fold."""
    epochs: float | None
    """Mean epoch at which the best validation score was reached."""
    seconds: float
    """Training seconds, all folds and learning rates together."""
    rule_params: Mapping[str, Any]
    """The tuned decision rule, median over folds."""
    failures: tuple[str, ...]
    curve: Mapping[str, tuple[float, ...]]
    """`epoch`, `train` (the candidate's own loss, relative to its first epoch), `valid` (the metric), `valid_low`,
    `valid_high` over folds."""
    portrait: Mapping[str, Any]
    """`x`, `value`, `gradient`, `x_label`: the loss against the residual or against the true class's logit."""
    plain_score: float | None = None
    """The same mean under the rule that nobody tuned (likeliest class, cut at 0.5); None where no rule is tuned."""
    best_epochs: tuple[int, ...] = ()
    """The epoch in which each fold reached its best validation score."""
    seconds_to_best: float | None = None
    """Mean training seconds up to that epoch, in one fold at the learning rate chosen there."""
    covered: float | None = None
    """Mean share of test targets between the outermost predicted quantiles; None where no quantiles are asked for."""
    dropped_after: int | None = None
    """Folds after which the candidate was out of the race; `fold_scores` then ends there."""


@dataclass(frozen=True)
class Neighbour:
    """How the same networks stand under a metric that was not asked for.

    Each has that metric's own decision rule; epoch and learning rate were chosen for the metric that was asked for.
    """

    name: str
    label: str
    higher_is_better: bool
    asks_for: str
    scores: Mapping[str, float]
    """Mean over the folds, by candidate; those that ran every fold and could be scored."""
    ranks: Mapping[str, float]
    """Mean rank over the folds, 1 the best."""
    best: str
    """The candidate with the best mean."""
    theory: str
    """The candidate that theory would name for this metric; empty where it names none."""
    listed: bool
    """Whether that one was among those trained."""
    differences: Mapping[str, Difference]
    """From the recommended candidate, under this metric; Holm's correction is within it."""

    @property
    def beaten(self) -> bool:
        """Whether the best is measurably better than the recommended candidate."""
        found = self.differences.get(self.best)
        return found is not None and found.conclusion == "better"

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Neighbour":
        """Read what `asdict` wrote."""
        return cls(**{**data, "differences": {key: Difference(**found) for key, found in data["differences"].items()}})


@dataclass(frozen=True)
class Gain:
    """What the advice brings over the default, on folds that did not choose it."""

    over: str
    """Id of the default candidate."""
    mean: float
    low: float
    high: float
    relative: float | None


@dataclass(frozen=True)
class Naive:
    """The best forecast without a network, against the recommended candidate.

    Above 0 the network is better.
    """

    name: str
    score: float
    mean: float
    low: float
    high: float
    relative: float | None
    others: Mapping[str, float]
    """Scores of the other ones."""


@dataclass(frozen=True)
class Verdict:
    """The answer, with everything the terminal and the report print."""

    outcome: Outcome
    sentence: str
    """The verdict in one sentence."""
    recommended: str
    reference: str
    default: str
    gain: Gain | None
    """None when the advice is the default itself, or when folds are too few to tell."""
    standings: tuple[Standing, ...]
    """Best mean score first; failures last."""
    profile: Profile
    metric: Mapping[str, Any]
    """`name`, `label`, `higher_is_better`, `unit` (as words), `asks_for` (the functional), `nearest` (what a loss can
    elicit instead, where none elicits that; else empty)."""
    rope: float
    """Differences smaller than this (metric's unit) count as practically equal."""
    folds: int
    """Folds that every judged candidate finished."""
    planned_folds: int
    rows_used: int
    seconds: float
    warnings: tuple[str, ...]
    snippet: str
    """Code to paste: imports, loss with its parameters, output layer and link, decision rule."""
    command: str
    """The exact command that makes this verdict again."""
    environment: Mapping[str, str]
    """`lossmith`, `python`, `torch`, `numpy`, `pandas`, `scikit-learn`, `machine`, `date`."""
    settings: Mapping[str, Any]
    """Network, learning rates, batch size, epochs, folds, repeats, seed, budget."""
    rule_gain: Gain | None = None
    """What the tuned decision rule brings to the default over the plain one; None where no rule is tuned."""
    neighbours: tuple[Neighbour, ...] = ()
    """The candidates under other metrics."""
    trust: Trust | None = None
    """How far lossmith itself was right on other tables; None where that was not shipped with it."""
    suspicion: Suspicion | None = None
    """Targets that look wrong; None with fewer than three folds."""
    naive: Naive | None = None
    """Of a forecast: the best one without a network. None elsewhere, and where too few origins were finished."""
    starts: tuple[int, ...] = ()
    """Of a forecast: the first period of each test block, and the end of the last."""

    @property
    def over_time(self) -> bool:
        """Whether the folds are origins, one after another."""
        return self.profile.problem.task == "forecast"

    @property
    def fold(self) -> str:
        """What one fold is called: "fold", or "origin" of a forecast."""
        return "origin" if self.over_time else "fold"

    @property
    def on_folds(self) -> str:
        """Where it was measured: "on 10 folds", "at 10 origins"."""
        return f"{'at' if self.over_time else 'on'} {self.folds} {self.fold}{'' if self.folds == 1 else 's'}"

    @property
    def enough_budget(self) -> str:
        """A budget that would have sufficed at the pace seen, rounded up to minutes."""
        share = self.folds / self.planned_folds or LEAST_SHARE
        return f"{math.ceil(self.seconds / share / 60.0)}m"

    def standing(self, candidate_id: str) -> Standing:
        """Return the standing of one candidate.

        Raises:
            KeyError: no candidate has that id.
        """
        found = {s.candidate.id: s for s in self.standings}
        if candidate_id not in found:
            raise KeyError(f"A candidate should be one of {', '.join(found)}. Found {candidate_id!r}.")
        return found[candidate_id]

    def __str__(self) -> str:
        return self.sentence

    def to_json(self) -> dict[str, Any]:
        """Return plain types only, as in `verdict.json`."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Verdict":
        """Read what `to_json` wrote."""
        standings = tuple(_standing(s) for s in data["standings"])
        gain = Gain(**data["gain"]) if data["gain"] else None
        rest = {
            "standings": standings,
            "gain": gain,
            "profile": Profile.from_json(data["profile"]),
            "warnings": tuple(data["warnings"]),
            "rule_gain": Gain(**data["rule_gain"]) if data.get("rule_gain") else None,
            "trust": Trust(**data["trust"]) if data.get("trust") else None,
            "naive": Naive(**data["naive"]) if data.get("naive") else None,
            "starts": tuple(data.get("starts", ())),
            "suspicion": Suspicion.from_json(data["suspicion"]) if data.get("suspicion") else None,
            "neighbours": tuple(Neighbour.from_json(found) for found in data.get("neighbours", ())),
        }
        return cls(**{**data, **rest})


def _standing(data: Mapping[str, Any]) -> Standing:
    difference = Difference(**data["difference"]) if data["difference"] else None
    lists = {key: tuple(data.get(key, ())) for key in ("fold_scores", "learning_rates", "failures", "best_epochs")}
    return Standing(**{**data, **lists, "candidate": Candidate.from_json(data["candidate"]), "difference": difference})
