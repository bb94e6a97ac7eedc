"""Symptoms and signals, weighed together and ranked; too little is no fault."""

import inspect
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from lossmith.doctor.combination import HEALTHY, learned
from lossmith.doctor.evidence import Evidence
from lossmith.doctor.runlog import RunLog, read
from lossmith.doctor.signals import signals
from lossmith.doctor.symptoms import (
    bad_labels,
    batch_too_small,
    class_imbalance,
    dead_relu,
    double_activation,
    exploding_gradient,
    frozen_params,
    label_noise,
    lr_too_high,
    lr_too_low,
    missing_output_activation,
    nan_inf,
    no_zero_grad,
    not_shuffled,
    overfitting,
    saturated_activation,
    shape_broadcast,
    underfitting,
    unnormalized_inputs,
    vanishing_gradient,
    wrong_loss,
)
from lossmith.doctor.words import told

TINY = 1e-12
BY_PATTERN = ("bad_labels", "label_noise")  # told by how many signals go together, by no one of them
ENOUGH = 5.0  # log-odds that a symptom must bring by itself where there is no single objective
HEARD = 2.0  # the same where a log says little: 90 sound runs cut down to their losses then raise no alarm
SYMPTOMS: Mapping[str, ModuleType] = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        nan_inf, frozen_params, missing_output_activation, double_activation, wrong_loss, shape_broadcast,
        unnormalized_inputs, not_shuffled, no_zero_grad, dead_relu, saturated_activation, vanishing_gradient,
        exploding_gradient, lr_too_high, lr_too_low, batch_too_small, class_imbalance, overfitting, label_noise,
        bad_labels, underfitting,
    )
}  # fmt: skip
SHOWN = 0.15  # beside the first, faults of at least this probability are named


@dataclass(frozen=True)
class Diagnosis:
    """One fault and what argues for it.

    Attributes:
        fault: its name, a module of `lossmith.doctor.symptoms`.
        title: one line for people.
        score: log-odds against a run without fault.
        confidence: probability, between 0 and 1, calibrated on tasks that were left out.
        evidence: every argument, the strongest first; negative weights argue against.
        remedies: what to try, in order.
    """

    fault: str
    title: str
    score: float
    confidence: float
    evidence: tuple[Evidence, ...]
    remedies: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it for a JSON file."""
        return {
            "fault": self.fault,
            "title": self.title,
            "score": round(self.score, 3),
            "confidence": round(self.confidence, 3),
            "evidence": [{"text": one.text, "weight": round(one.weight, 3)} for one in self.evidence],
            "remedies": list(self.remedies),
        }


@dataclass(frozen=True)
class Report:
    """What was found in one run.

    Attributes:
        source: the log.
        live: whether a recorder had watched from inside.
        ranked: every fault, most likely first, also those that are not named.
        healthy: probability that there is no fault.
        threshold: probability of some fault above which one is named; high, since a false alarm costs trust.
        bare: whether the log tells so little that only what a symptom itself sees was looked for.
    """

    source: Path
    live: bool
    ranked: tuple[Diagnosis, ...]
    healthy: float
    threshold: float = 0.5
    bare: bool = False

    @property
    def found(self) -> tuple[Diagnosis, ...]:
        """Return the faults that are named, most likely first."""
        if 1 - self.healthy <= self.threshold:
            return ()
        return self.ranked[:1] + tuple(one for one in self.ranked[1:] if one.confidence >= SHOWN)

    @property
    def unsure(self) -> bool:
        """Return whether nothing was found, in a log that tells too little."""
        return self.bare and not self.found

    def to_json(self) -> dict[str, Any]:
        """Return it for a JSON file."""
        return {
            "source": str(self.source),
            "mode": "live" if self.live else "curves",
            "healthy": None if self.unsure else round(self.healthy, 3),
            "diagnoses": [one.to_json() for one in self.found],
            "runner_up": next((one.to_json() for one in self.ranked if one not in self.found[:1]), None),
        }


def diagnose(path: str | Path) -> Report:
    r"""Say why a run does not learn, or that nothing is wrong.

    Args:
        path: a folder or a file with the run's log: CSV, JSONL, Lightning's metrics.csv, a Keras history,
            trainer_state.json, TensorBoard events, or text with `epoch 3 loss 0.12`. With `live.jsonl` in the folder,
            gradients, activations and outputs are looked at too.

    Returns:
        the report; `report.found` holds the diagnoses, most likely first.

    Raises:
        ValueError: the log holds no loss.
        FileNotFoundError: there is no such log.

    Example:
        >>> import pathlib, tempfile
        >>> log = pathlib.Path(tempfile.mkdtemp()) / "log.txt"
        >>> _ = log.write_text("".join(f"epoch {e} loss {'nan' if e > 5 else 2.0 / e}\n" for e in range(1, 11)))
        >>> diagnose(log).found[0].fault
        'nan_inf'
    """
    return diagnose_run(read(path))


def diagnose_run(run: RunLog) -> Report:
    """Say why a run that was read does not learn."""
    return judge(signals(run), run.source, live=run.live)


def judge(numbers: Mapping[str, float], source: Path, *, live: bool) -> Report:
    """Weigh all symptoms and signals of a run and rank the faults."""
    weights = learned("live" if live else "curves")
    own = {name: module.weigh(numbers) for name, module in SYMPTOMS.items()}
    sums = {name: sum(one.weight for one in evidence) for name, evidence in own.items()}
    shares = weights.probabilities(numbers, sums, impossible(numbers, sums) | unspoken(numbers, sums))
    factors = dict(zip(weights.faults, weights.own.tolist(), strict=True))
    ranked = sorted(SYMPTOMS, key=lambda name: -shares[name])
    return Report(
        source=source,
        live=live,
        ranked=tuple(
            Diagnosis(
                fault=name,
                title=title(name),
                score=math.log(max(shares[name], TINY)) - math.log(max(shares[HEALTHY], TINY)),
                confidence=shares[name],
                evidence=_evidence(own[name], factors[name], weights.contributions(numbers, name), numbers),
                remedies=remedies(name),
            )
            for name in ranked
        ),
        healthy=shares[HEALTHY],
        threshold=weights.threshold,
        bare=not live and _bare(numbers),
    )


def impossible(numbers: Mapping[str, float], own: Mapping[str, float]) -> frozenset[str]:
    """Return the faults that the task cannot have.

    Where there is no single objective (GANs, rewards), losses and gradients of sound runs move in ways of their own:
    only what a symptom itself sees can speak for it.

    Args:
        numbers: the run's signals.
        own: each symptom's summed evidence.
    """
    players = numbers.get("objective") == 0
    lacks = {
        "targets": players,
        "classes": players or numbers.get("regression") == 1,
        "numbers": players or numbers.get("classification") == 1,
    }
    return frozenset(
        name
        for name, module in SYMPTOMS.items()
        if lacks.get(getattr(module, "NEEDS", ""), False) or (players and own.get(name, 0.0) < ENOUGH)
    )


def unspoken(numbers: Mapping[str, float], own: Mapping[str, float]) -> frozenset[str]:
    """Return what nothing but a likeness to other runs speaks for.

    A recorder would have seen it. And a log without a validation metric, or without a word about the task, is like none
    of the runs that the weights were learned from: there only what a symptom itself sees can speak for it.
    """
    if "nonfinite_live" not in numbers:
        return frozenset(name for name in SYMPTOMS if _bare(numbers) and own.get(name, 0.0) < HEARD)
    return frozenset(name for name in SYMPTOMS if own.get(name, 0.0) <= 0 and name not in BY_PATTERN)


def _bare(numbers: Mapping[str, float]) -> bool:
    return "skill" not in numbers or numbers.get("classification") == 0 == numbers.get("regression")


def _evidence(
    own: Sequence[Evidence], factor: float, learned_from: Mapping[str, float], numbers: Mapping[str, float]
) -> tuple[Evidence, ...]:
    """Put own arguments and learned signals in one order, the strongest first.

    Two that say the same are one.
    """
    weights: dict[str, float] = {}
    arguments = [(one.text, factor * one.weight) for one in own]
    for text, weight in [*arguments, *((told(name, numbers[name]), learned_from[name]) for name in learned_from)]:
        weights[text] = weights.get(text, 0.0) + weight
    found = [Evidence(text, weight) for text, weight in weights.items() if abs(weight) >= 0.05]
    return tuple(sorted(found, key=lambda one: -abs(one.weight)))


def title(fault: str) -> str:
    """Return a fault's first line."""
    return (inspect.getdoc(SYMPTOMS[fault]) or fault).splitlines()[0].rstrip(".")


def remedies(fault: str) -> tuple[str, ...]:
    """Return a fault's remedies, in the order in which to try them."""
    return tuple(re.findall(r"^\d+\. (.+)\.$", inspect.getdoc(SYMPTOMS[fault]) or "", re.MULTILINE))
