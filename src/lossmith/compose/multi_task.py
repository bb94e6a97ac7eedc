"""Several tasks by name: dictionaries of predictions and targets, one number."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lossmith.card import PROPERTIES, Functional
from lossmith.compose.composed import Composed, Parts, describe, expression, plain
from lossmith.compose.derived import Derived, Unknown, traits_of
from lossmith.compose.rules import of_sum
from lossmith.criterion import Criterion
from lossmith.losses.multitask.weighted_sum_loss import WeightedSumLoss

EACH = Functional("for_each_task_its_own")


class MultiTask(Composed):
    """The losses of several tasks, combined into one.

    Args:
        tasks: the loss of each task by name. Names are letters, digits and _, and no attribute of a module.
        weights: a factor from 0 up per task; 1 for all if neither this nor `combine` is given.
        combine: a combiner in place of weights, with one entry per task in the order of `tasks`:
            `UncertaintyWeightingLoss(log_variance=[0.0, 0.0], factor=[0.5, 1.0])` learns the weights.

    Raises:
        TypeError: a task's loss or the combiner is of another kind.
        ValueError: names do not fit, a loss is not reduced, or both weights and combiner are given.

    Example:
        >>> from lossmith.losses import CrossEntropyLoss, SquaredErrorLoss
        >>> loss = MultiTask({"age": SquaredErrorLoss(), "sex": CrossEntropyLoss()}, weights={"age": 0.5, "sex": 2.0})
        >>> outputs = {"age": torch.tensor([3.0]), "sex": torch.zeros(1, 2)}
        >>> value, parts = loss.forward_parts(outputs, {"age": torch.tensor([1.0]), "sex": torch.tensor([0])})
        >>> value, parts
        (tensor(3.3863), {'age': tensor(4.), 'sex': tensor(0.6931)})
    """

    def __init__(
        self,
        tasks: Mapping[str, Criterion],
        *,
        weights: Mapping[str, float] | None = None,
        combine: Criterion | None = None,
    ) -> None:
        super().__init__("mean")
        if not tasks:
            raise ValueError("`tasks` should name a loss for each task. Found none.")
        if weights is not None and combine is not None:
            raise ValueError("`MultiTask` should have `weights` or `combine`. Found both. Try one of them.")
        given = weights or dict.fromkeys(tasks, 1.0)
        if set(given) != set(tasks):
            raise ValueError(f"`weights` should be about {', '.join(tasks)}. Found {', '.join(given)}.")
        self.tasks = torch.nn.ModuleDict({_name(name): _reduced(name, loss) for name, loss in tasks.items()})
        self.combine = combine or WeightedSumLoss(weight=[float(given[name]) for name in tasks])
        _check_combiner(self.combine, len(tasks))

    def unreduced(self, *data: Any) -> Tensor:
        """Refuse: tasks have no common value per example."""
        raise ValueError(
            "Several tasks should be the outermost loss. Found them inside another. Try to wrap a task's own."
        )

    def forward(self, *data: Any, mask: Any = None, sample_weight: Any = None) -> Tensor:
        """Return the combined loss.

        Args:
            *data: dictionaries by task, one for each input of the losses: usually predictions, then targets.
            mask: a mask for each task that has one, by task.
            sample_weight: weights for each task that has them, by task.
        """
        return self.forward_parts(*data, mask=mask, sample_weight=sample_weight)[0]

    def forward_parts(self, *data: Any, mask: Any = None, sample_weight: Any = None) -> tuple[Tensor, Parts]:
        """Return the combined loss, and each task's own loss before weighting, detached."""
        self._check_names(data, mask, sample_weight)
        masks, weights = mask or {}, sample_weight or {}
        values = {
            name: loss(*(part[name] for part in data), mask=masks.get(name), sample_weight=weights.get(name))
            for name, loss in self.tasks.items()
        }
        total: Tensor = self.combine(torch.stack(list(values.values())))
        return total, {name: value.detach() for name, value in values.items()}

    def card(self) -> Derived:  # type: ignore[override]
        """Return what follows about the predictions of all tasks together."""
        formulas = [rf"\left[{loss.card().formula}\right]_{{\text{{{name}}}}}" for name, loss in self._losses()]
        fixed = isinstance(self.combine, WeightedSumLoss) and bool((self.combine.hyperparameters["weight"] > 0).all())
        if fixed:
            # Of which input is no question here: all predictions together are one long vector.
            claims = of_sum([traits_of(loss) for _, loss in self._losses()], alike=False)
        else:
            claims = dict.fromkeys(PROPERTIES, Unknown("the weights are learned, or not above 0"))
        return Derived(self, "multi_task", "batch", {}, " + ".join(formulas), EACH, claims, kind="multi_task")

    def described(self) -> dict[str, Any]:
        tasks = {name: describe(loss) for name, loss in self._losses()}
        if isinstance(self.combine, WeightedSumLoss):
            weights = self.combine.hyperparameters["weight"].tolist()
            return {"loss": "multi_task", "weights": dict(zip(tasks, weights, strict=True)), "tasks": tasks}
        return {"loss": "multi_task", "combine": describe(self.combine), "tasks": tasks}

    @property
    def formula(self) -> str:
        """The loss as the expression that builds it."""
        tasks = ", ".join(f'"{name}": {expression(loss)}' for name, loss in self._losses())
        return f"MultiTask({{{tasks}}}, combine={expression(self.combine)})"

    def _losses(self) -> list[tuple[str, Criterion]]:
        return [(name, loss) for name, loss in self.tasks.items() if isinstance(loss, Criterion)]

    def _check_names(self, data: tuple[Any, ...], *optional: Any) -> None:
        wanted = set(self.tasks)
        for part in (*data, *(extra for extra in optional if extra is not None)):
            if not isinstance(part, Mapping):
                raise TypeError(f"`MultiTask` should get dictionaries by task. Found {type(part).__name__}.")
        for part in data:
            if not wanted <= set(part):
                missing = ", ".join(sorted(wanted - set(part)))
                raise ValueError(f"Every task should be in every dictionary. Missing: {missing}.")
        for extra in optional:
            if extra is not None and not set(extra) <= wanted:
                names = ", ".join(sorted(set(extra) - wanted))
                raise ValueError(f"A mask or weight should be of a task. Found {names}.")


def _name(name: str) -> str:
    if not isinstance(name, str) or not name.replace("_", "").isalnum() or hasattr(torch.nn.ModuleDict, name):
        raise ValueError(f"A task's name should be letters, digits and _, and no word of torch's. Found {name!r}.")
    return name


def _reduced(name: str, loss: Criterion) -> Criterion:
    if plain(loss).reduction == "none":
        raise ValueError(f"The loss of task {name!r} should be one number. Found reduction 'none'. Try 'mean'.")
    return loss


def _check_combiner(combine: Criterion, tasks: int) -> None:
    if not isinstance(combine, Criterion) or combine.card().kind != "combiner":
        raise TypeError(f"`combine` should be a combiner. Found {combine}. Try `UncertaintyWeightingLoss(...)`.")
    for name, value in combine.hyperparameters.items():
        if isinstance(value, Tensor) and value.shape != (tasks,):
            raise ValueError(f"`{name}` should have one entry per task, {tasks}. Found {tuple(value.shape)}.")
