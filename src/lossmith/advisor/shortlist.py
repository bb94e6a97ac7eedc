"""Which losses are worth training: what they elicit meets what the metric asks.

Every loss of the catalogue is read through every output link it fits. It is on the list when what it elicits answers
the metric (consistent), when the data argue for it, or when it is the default everyone uses. The reference, against
which all others are judged, is declared here, before any training.
"""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from lossmith import registry
from lossmith.advisor.arguments import DEFAULTS, argue
from lossmith.advisor.parameters import SETTERS, set_parameters
from lossmith.advisor.profile import Profile
from lossmith.advisor.resampling import resampled
from lossmith.card import CLASS_PROBABILITIES, LOG1P_MEAN, MEAN, MEDIAN, Card, Functional
from lossmith.domains import (
    BinaryTarget,
    ClassIndex,
    LocationScale,
    Logits,
    LogMean,
    LogProbabilities,
    NonNegative,
    Positive,
    Probability,
    Real,
    Spread,
    StepLogits,
)
from lossmith.metric import ChosenMetric
from lossmith.training.problem import VALUE_TASKS, Candidate, Problem

ENOUGH = 5.0
"""Strength of a case from which a loss may be the reference: theory must speak for it, not custom alone."""
RESAMPLED = ("binary", "multiclass")
"""Tasks whose classes may be drawn equally often."""
_TARGETS = (Real, NonNegative, Positive, BinaryTarget, ClassIndex)
"""What a column of a table can be."""
_NORMALISED = (LogProbabilities, Probability)
"""Predictions that a network would have to normalise itself."""
LONGEST = 8
"""Candidates at most, unless the user names more: evidence is spent better on few."""


def shortlist(profile: Profile, problem: Problem, losses: tuple[str, ...] = ()) -> list[Candidate]:
    """List the candidates, the reference first.

    Args:
        profile: what the data look like.
        problem: settled task and metric.
        losses: train only these, beside the reference and the default; `name`, `name@link` or `name+sampling`.

    Raises:
        ValueError: a loss that lossmith does not have, or that does not fit the task.
    """
    order = ranked(profile, problem)
    candidates = [candidate for candidate, strength in order if strength > 0]
    everything = {candidate.id: candidate for candidate, _ in order}
    chosen = candidates[:LONGEST] if not losses else _requested(losses, everything)
    return _with_roles(chosen, *yardsticks(order, problem))


def yardsticks(order: list[tuple[Candidate, float]], problem: Problem) -> tuple[Candidate, Candidate]:
    """Return the reference and the default of what `ranked` found."""
    metric = registry.metric(problem.metric or "")
    default = next(candidate for candidate, _ in order if candidate.id == DEFAULTS[str(problem.task)])
    reference, strength = order[0]
    if strength < ENOUGH:  # nothing answers the metric, not even nearly: then what everyone uses is the yardstick
        told = f"No loss elicits the {metric.elicited(str(problem.task))}, which {metric.label} asks for."
        reference = default = replace(default, reasons=(told, *default.reasons))
    return reference, default


def fitting(profile: Profile, problem: Problem) -> dict[str, Candidate]:
    """Return every candidate that fits the task and the target, by id.

    The strongest come first; also those that nothing speaks for.
    """
    return {candidate.id: candidate for candidate, _ in ranked(profile, problem)}


def ranked(profile: Profile, problem: Problem) -> list[tuple[Candidate, float]]:
    """Return every candidate and the strength of its case, strongest first."""
    metric = registry.metric(problem.metric or "")
    found = [_candidate(name, card, link, profile, metric) for name, card, link in _pairs(profile, problem)]
    if problem.task in RESAMPLED:
        default = next(candidate for candidate, _ in found if candidate.id == DEFAULTS[str(problem.task)])
        found += resampled(default, profile, metric)
    return sorted(found, key=lambda pair: -pair[1])


def _pairs(profile: Profile, problem: Problem) -> Iterator[tuple[str, Card, str]]:
    """Yield every loss with every link it fits for this task, and the pair's name.

    A loss's natural link needs no mention in it.
    """
    for card in registry.catalogue().values():
        if card.kind == "loss" and tuple(card.inputs) == ("input", "target") and not barred(card):
            for place, link in enumerate(_links(card, profile, problem)):
                yield f"{card.name}@{link}" if place else card.name, card, link


def barred(card: Card) -> str:
    """Say why trials cannot train a loss; empty where they can."""
    if card.unit not in ("element", "example"):
        return "has no value for each row, by which rows could be weighted and compared"
    if isinstance(card.inputs.get("input"), _NORMALISED):
        return "takes what the network has normalised; there is a loss of logits that says the same"
    if isinstance(card.inputs.get("input"), StepLogits):
        return "takes a step between levels from each output; `binary_cross_entropy_loss` is trained on such steps"
    if isinstance(scores := card.inputs.get("input"), Logits) and not scores.usual:
        return "makes probabilities of its scores in a way of its own, which trials do not know"
    if isinstance(card.inputs.get("input"), Real) and len(card.inputs["input"].shape.split()) > 1:
        return "takes several numbers for each target, for which there is no output layer"
    target = card.inputs["target"].shape if "target" in card.inputs else "n"
    if target not in ("...", "n", "n c") or any(domain.shape.startswith("... ") for domain in card.inputs.values()):
        return "takes a mask, a series, a box or a text where a table has one target a row"
    if card.learned:
        return f"learns {', '.join(card.learned)}, and trials learn the network alone"
    unset = [name for name, p in inspect.signature(card.module.function).parameters.items() if _required(p)]
    if unset and card.name not in SETTERS:
        return f"needs {', '.join(unset)}, which nothing here sets"
    if card.elicits == LOG1P_MEAN:  # a link shows the loss the target over its scale, and log1p minds the unit
        return "is trained as `squared_error_loss@log1p`"
    return ""


def _required(parameter: inspect.Parameter) -> bool:
    return parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty


def _links(card: Card, profile: Profile, problem: Problem) -> tuple[str, ...]:
    """Return the output links a loss can be trained under here, natural one first."""
    prediction, target = card.inputs["input"], card.inputs["target"]
    if not isinstance(target, _TARGETS) or (card.family == "ordinal" and problem.task != "ordinal"):
        return ()
    if problem.task == "ordinal" and _counts_levels(card, problem):
        return ("identity",)
    if problem.task == "ordinal" and isinstance(target, BinaryTarget):
        decided = registry.metric(str(problem.metric)).takes("ordinal") == "labels"
        # steps that cross give a level no probability at all: enough to decide by, not to be scored
        return ("cumulative",) if decided and card.elicits == CLASS_PROBABILITIES else ()
    if problem.task not in VALUE_TASKS:
        if isinstance(target, ClassIndex):
            return ("softmax",) if problem.task != "multilabel" else ()
        if problem.task == "multilabel":
            return ("sigmoids",) if isinstance(target, BinaryTarget) else ()
        return ("sigmoid",) if isinstance(target, BinaryTarget) and problem.task == "binary" else ()
    if isinstance(target, (ClassIndex, BinaryTarget)):
        return ()
    if isinstance(prediction, Spread) and not _serves(prediction, card, problem):
        return ()
    lowest = profile.target["min"]
    if isinstance(prediction, LogMean):
        return ("log",) if lowest > 0 or (lowest == 0 and not isinstance(target, Positive)) else ()
    if isinstance(target, Positive):
        return ("softplus", "exp") if lowest > 0 else ()
    if isinstance(prediction, Spread):
        return ("identity", "log1p") if lowest >= 0 else ("identity",)
    return ("identity", "log1p", "softplus") if lowest >= 0 else ("identity",)


def _counts_levels(card: Card, problem: Problem) -> bool:
    """Whether a loss of values can be trained on the numbers of ordered levels.

    It gives a number, no probabilities, from which a level is decided.
    """
    prediction, metric = card.inputs["input"], registry.metric(str(problem.metric))
    return type(prediction) is Real and card.elicits in (MEAN, MEDIAN) and metric.takes("ordinal") == "labels"


def _serves(prediction: Spread, card: Card, problem: Problem) -> bool:
    """Whether a predicted distribution holds what the metric asks for.

    Quantiles at fixed levels do where the metric is made of those.
    """
    metric = registry.metric(str(problem.metric))
    if not isinstance(prediction, LocationScale):
        return bool(metric.levels)
    return card.elicited().implies(metric.elicits)


def _rule(card: Card, link: str, profile: Profile, metric: ChosenMetric) -> str:
    """Return the decision rule, which gives a point prediction a spread if need be.

    It is that of its residuals, even on the scale of the link.
    """
    rule = metric.rule(str(profile.problem.task))
    if profile.problem.task == "ordinal" and link == "identity":
        return "cuts"
    if rule != "quantiles" or isinstance(card.inputs["input"], Spread):
        return rule
    return "log_residual_quantiles" if link == "log1p" else "residual_quantiles"


def _candidate(
    candidate_id: str, card: Card, link: str, profile: Profile, metric: ChosenMetric
) -> tuple[Candidate, float]:
    """Describe one loss under one link, and say how strong its case is.

    A loss that nothing speaks for, at 0 or below, is not on the list.
    """
    params, source = set_parameters(card, link, profile, metric)
    elicited = _elicited(card, params, link)
    arguments = list(argue(card, candidate_id, link, elicited, profile, metric))
    reasons = tuple(argument.text for argument in arguments) + source
    candidate = Candidate(
        id=candidate_id,
        loss=card.name,
        params=params,
        link=link,
        rule=_rule(card, link, profile, metric),
        reasons=reasons,
        roles=("consistent",) if elicited.implies(metric.elicited(str(profile.problem.task))) else (),
    )
    return candidate, sum(argument.weight for argument in arguments)


def _elicited(card: Card, params: Mapping[str, Any], link: str) -> Functional:
    defaults = {name: p["default"] for name, p in registry.find(card.name)["parameters"].items()}
    return card.elicited(**{**defaults, **params}).through(link)


def _requested(losses: tuple[str, ...], everything: Mapping[str, Candidate]) -> list[Candidate]:
    """Find what the user named: every link of a loss, or one, under one sampling."""
    chosen = []
    for text in losses:
        rest, _, sampling = text.partition("+")
        name, _, link = rest.partition("@")
        loss, sampling = registry.find(name)["name"], sampling or "none"
        fitting = [c for c in everything.values() if c.loss == loss and link in ("", c.link) and c.sampling == sampling]
        if not fitting and barred(registry.card(loss)):
            raise ValueError(
                f"A loss should be one that trials can train. Found {text!r}: it {barred(registry.card(loss))}."
            )
        if not fitting:
            fits = sorted({c.id for c in everything.values()})
            raise ValueError(
                f"A loss should fit the task and the target. Found {text!r}. Try one of {', '.join(fits)}."
            )
        chosen += [replace(c, roles=(*c.roles, "requested")) for c in fitting]
    return chosen


def _with_roles(chosen: list[Candidate], reference: Candidate, default: Candidate) -> list[Candidate]:
    """Add reference and default where missing, mark them, put the reference first."""
    listed = {candidate.id: candidate for candidate in (*chosen, reference, default)}
    listed |= {candidate.id: candidate for candidate in chosen}
    for role, candidate in (("reference", reference), ("default", default)):
        listed[candidate.id] = replace(listed[candidate.id], roles=(role, *listed[candidate.id].roles))
    rest = [candidate for key, candidate in listed.items() if key != reference.id]
    return [listed[reference.id], *rest]
