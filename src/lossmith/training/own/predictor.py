"""What a person takes home: their module, trained with the recommended candidate."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset

from lossmith import registry
from lossmith.training import decision, folds
from lossmith.training.arm import OwnLoss
from lossmith.training.engine import single_thread
from lossmith.training.fitted import Array, Split
from lossmith.training.own.engine import Sources, Trained, alone, column, train_modules
from lossmith.training.own.examples import Examples, Inputs, check_dataset, targets
from lossmith.training.own.factory import Factory, check_factory, fresh
from lossmith.training.own.losses import own_losses
from lossmith.training.own.settings import OwnSettings
from lossmith.training.own.stacks import worth_stacking
from lossmith.training.problem import VALUE_TASKS, Candidate, Problem

FEWEST_EXAMPLES = 10


@dataclass(frozen=True)
class ModelPredictor:
    """A trained module with its link and decision rule."""

    problem: Problem
    candidate: Candidate
    module: nn.Module
    """Trained, in evaluation mode; its outputs are raw, as the loss saw them."""
    trained: Trained

    def predict(self, examples: "Dataset[Any] | Sequence[Any]") -> Array:
        """Predict the targets of (input, target) pairs: values or class numbers.

        Args:
            examples: as in training; their targets are not looked at.
        """
        raw = self._raw(examples)
        rule = self.candidate.rule
        if self.problem.task not in VALUE_TASKS and rule == "probability":
            rule = "argmax"  # a metric that scores probabilities leaves the class open: the likeliest, then
        return decision.decide(rule, raw, self.trained.rule_params)

    def predict_proba(self, examples: "Dataset[Any] | Sequence[Any]") -> Array:
        """Return class probabilities (n, classes), before any decision rule.

        Raises:
            ValueError: the task is not one of classes.
        """
        if self.problem.task in VALUE_TASKS:
            raise ValueError(f"`predict_proba` needs a task of classes. Found {self.problem.task}. Try `predict`.")
        return self._raw(examples)

    def _raw(self, examples: Any) -> Array:
        check_dataset(examples, "examples")
        read = replace(self.trained, examples=Examples((examples,)))
        return read.predict(column(np.arange(len(examples))))


def fit_model(
    model: Callable[[], nn.Module],
    train: "Dataset[Any]",
    problem: Problem,
    candidate: Candidate,
    seed: int = 0,
    settings: OwnSettings | None = None,
    own_loss: OwnLoss | None = None,
) -> ModelPredictor:
    """Train a module of the user's own with one candidate.

    A fifth of the examples chooses learning rate, epoch and decision rule; the rest is learned from. Small modules
    train on one thread: more would only wait for each other.

    Args:
        model: builds a new module.
        train: examples of (input, target).
        problem: settled, as in `verdict.profile.problem`.
        candidate: as in `verdict.standing(verdict.recommended).candidate`.
        seed: split, initial weights and batch order.
        settings: `OwnSettings(rounds=12, batch=64, device="cuda")` and the like; by default those of `advise` without a
            budget.
        own_loss: the callable, where the candidate is a loss of the user's own.

    Raises:
        TypeError: `model` or `train` is none.
        ValueError: the problem is not settled, the loss is not known, or training gave no finite score.
    """
    if problem.task is None or problem.metric is None:
        raise ValueError("The problem should be settled. Found no task or metric. Try `verdict.profile.problem`.")
    if own_loss is None and candidate.loss not in registry.index()["losses"]:
        raise ValueError(
            f"A loss of your own should come with the candidate. Found none. Try own_loss={candidate.loss}."
        )
    check_factory(model)
    check_dataset(train, "train")
    settings = settings or OwnSettings()
    device = torch.device(settings.device)
    y, classes = targets(train, "train", settings.num_workers), len(problem.levels)
    if len(y) < FEWEST_EXAMPLES:
        raise ValueError(f"There should be at least {FEWEST_EXAMPLES} examples. Found {len(y)}.")
    y = y.astype(np.int64 if classes else np.float64)
    learn, choose = folds.inner(y, classes, settings.valid_share, seed)
    split = Split(column(learn), y[learn], column(choose), y[choose], classes)
    _, own = own_losses([] if own_loss is None else [(candidate.loss, own_loss)])
    sources, metric = Sources(model, Examples((train,), settings.num_workers), own), registry.metric(problem.metric)
    first = next(sources.examples.batches([learn[: settings.batch_size(len(learn))]]))
    with single_thread() if _small(model, first, device, settings.batch_size(len(learn))) else nullcontext():
        tried = [
            train_modules([candidate], split, metric, sources, settings, rate, seed, float("inf"))[0]
            for rate in settings.rates
        ]
    ran = [trained for trained in tried if not trained.error]
    if not ran:
        raise ValueError(f"{candidate.id} should train to a finite score. Found: {tried[0].error}.")
    best = min(ran, key=lambda trained: metric.error(trained.valid_score))
    return ModelPredictor(problem, candidate, alone(best.module, dict(best.weights)), best)


def _small(model: Factory, first: Inputs, device: torch.device, batch: int) -> bool:
    return worth_stacking(fresh(model, 0, device, first), first.to(device), device, batch)
