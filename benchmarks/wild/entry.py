"""A loss of a public library: how it is built, what it takes, what its own documentation says of it."""

import importlib.util
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from lossmith.checker.argument import Argument, Role, Signature

ROLES: Mapping[str, Role] = {"P": "prediction", "T": "target", "M": "mask", "W": "weight", "A": "aux"}
REDUCED: Mapping[str, Any] = {"reduction": "mean", "sample_independent": True}
"""The mean over examples, each by itself."""
DISTANCE: Mapping[str, Any] = {"lower_bound": 0.0, "minimum_at_perfect": True, "minimum_value": 0.0}
"""0 where prediction and target agree, never below."""
BEST: Mapping[str, Any] = {"minimum_at_perfect": True}
"""Nothing beats the right answer, whatever it costs."""
BATCH: Mapping[str, Any] = {"batch_level_statistics": True}
"""Examples of a batch belong together."""


@dataclass(frozen=True)
class Wild:
    """A loss as its library documents it."""

    name: str
    make: Callable[[], Callable[..., Any]]
    inputs: Signature
    claims: Mapping[str, Any] = field(default_factory=dict)


def takes(**arguments: str) -> Signature:
    """Return a signature from words such as `input="P logits N C"`.

    The first letter is the role: Prediction, Target, Mask, Weight, Auxiliary.
    """
    found = []
    for name, words in arguments.items():
        role, holds, *shape = words.split()
        found.append(Argument(name, ROLES[role], holds, tuple(shape)))
    return Signature(tuple(found))


NUMBERS = takes(input="P real N D", target="T real N D")
CLASSES = takes(input="P logits N C", target="T class_index N")
CLASS_MAP = takes(input="P logits N C H W", target="T class_index N H W")
LABELS = takes(input="P logits N C", target="T binary01 N C")
BINARY = takes(input="P logits N", target="T binary01 N")
CHANCE = takes(input="P probabilities N", target="T binary01 N")
MASKS = takes(input="P logits N 1 H W", target="T binary01 N 1 H W")
SOFT_MASKS = takes(input="P probabilities N 1 H W", target="T binary01 N 1 H W")
HOT_MAP = takes(input="P logits N C H W", target="T one_hot N C H W")
SIGNS = takes(input="P logits N", target="T sign N")
TRIPLET = takes(anchor="P embeddings N D", positive="P embeddings N D", negative="P embeddings N D")
GROUPS = takes(embeddings="P embeddings N D", labels="A group_labels N")
BOXES = takes(input="P boxes N 4", target="T boxes N 4")
WAVES = takes(input="P real N 1 256", target="T real N 1 256")


def bare(package: str) -> None:
    """Let a package's parts be imported without its front door, which asks for torchvision."""
    found = importlib.util.find_spec(package)
    if package not in sys.modules and found is not None and found.submodule_search_locations is not None:
        sys.modules[package] = ModuleType(package)
        sys.modules[package].__path__ = list(found.submodule_search_locations)
        sys.modules[package].__spec__ = found


def expected(inputs: Signature) -> dict[str, Any]:
    """Return what may be expected of any loss: it takes one example, keeps no memory, changes nothing outside."""
    edges = ["batch_size_1"] if any("N" in a.shape for a in inputs.arguments) else []
    return {"deterministic": True, "stateless": True, "pure": True, "valid_edges": edges}
