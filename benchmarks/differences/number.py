"""One number of one library, and the topics that numbers are gathered under."""

import importlib.metadata
import importlib.util
import os
from collections.abc import Callable
from dataclasses import dataclass

from lossmith import registry

os.environ.setdefault("KERAS_BACKEND", "torch")  # before keras is imported by whoever computes

MODULES = {"pytorch-metric-learning": "pytorch_metric_learning", "scikit-learn": "sklearn"}
OURS = "lossmith"


@dataclass(frozen=True)
class Number:
    """What a library gives, and the call that gives it."""

    library: str
    call: str
    compute: Callable[[], float]
    loss: str = ""
    """For ours: the name in the catalogue."""

    @property
    def there(self) -> bool:
        """Whether it can be computed here."""
        if self.library == OURS:
            return self.loss in registry.index()["losses"]
        module = MODULES.get(self.library, self.library)
        return all(importlib.util.find_spec(name) for name in _needs(module))

    @property
    def version(self) -> str:
        """Version of the library that is installed; ours is the one you read this in."""
        return "" if self.library == OURS else importlib.metadata.version(self.library)


@dataclass(frozen=True)
class Topic:
    """A name that several libraries share, an input, and what differs."""

    name: str
    given: str
    differs: str
    numbers: tuple[Number, ...]


def ours(name: str, *data: object, call: str = "", **settings: object) -> Number:
    """Return our number: the loss of the catalogue, reduced as it is by default."""

    def compute() -> float:
        import torch

        tensors = [x if isinstance(x, torch.Tensor) else torch.tensor(x) for x in data]
        return float(registry.load(name, **settings)(*tensors))

    said = ", ".join(f"{key}={value}" for key, value in settings.items())
    return Number(OURS, call or f"{registry_class(name)}({said})", compute, name)


def registry_class(name: str) -> str:
    """Return `HuberLoss` for `huber_loss`, whether it is in the catalogue or not."""
    known = registry.index()["losses"]
    return known[name]["class"] if name in known else "".join(part.capitalize() for part in name.split("_"))


def _needs(module: str) -> tuple[str, ...]:
    return (module, "jax") if module == "optax" else (module,)
