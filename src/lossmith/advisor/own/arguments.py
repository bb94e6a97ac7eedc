"""Tells a question about a table from one about a model of the user's own."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

ABOUT_BOTH = (
    "task", "metric", "losses", "budget", "folds", "repeats", "seed", "out", "resume", "jobs", "command",
)  # fmt: skip
ABOUT_MODELS = (
    "model", "train", "valid", "test", "device", "precision", "num_workers", "batch_size", "epochs", "learning_rate",
)  # fmt: skip


def about_model(given: Mapping[str, Any], function: Callable[..., Any]) -> dict[str, Any] | None:
    """Return the arguments for a model, or None where a table is meant.

    Args:
        given: every argument of `function`, by name.
        function: its signature says what was left as it is.

    Raises:
        ValueError: arguments for a table and for a model come together, or half of either is missing.
    """
    parameters = inspect.signature(function).parameters
    said = [name for name, value in given.items() if name != "watcher" and _changed(value, parameters[name].default)]
    of_model = [name for name in said if name in ABOUT_MODELS]
    of_table = [name for name in said if name not in (*ABOUT_MODELS, *ABOUT_BOTH)]
    if not of_model:
        if given["data"] is None or given["target"] is None:
            missing = "`data`" if given["data"] is None else "`target`"
            raise ValueError(
                f"There should be a table and its target, or a model and its dataset. Found no {missing}. Try "
                "`advise(table, target=...)` or `advise(model=..., train=...)`."
            )
        return None
    if of_table:
        raise ValueError(
            f"Arguments should be about a table or about a model of your own. Found `{of_table[0]}`, which is about a "
            f"table, with `{of_model[0]}`. Try leaving one of them out."
        )
    for name in ("model", "train"):
        if given[name] is None:
            other = "a model of your own" if name == "model" else "the dataset to train on"
            raise ValueError(
                f"`{of_model[0]}` should come with `{name}`, {other}. Found none. Try `advise(model=..., train=...)`."
            )
    return {name: given[name] for name in (*ABOUT_MODELS, *ABOUT_BOTH)}


def _changed(value: Any, default: Any) -> bool:
    plain = (str, int, float, bool, tuple, type(None))
    return value is not default and not (isinstance(value, plain) and isinstance(default, plain) and value == default)
