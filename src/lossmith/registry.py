"""Finds losses and metrics by walking the folders, and answers without torch.

The first call imports every file once and writes what the cards say to an index in the user's cache directory. The
index is keyed by version, paths, times and sizes of the files, so that it never lies and never needs a hand.
"""

import difflib
import hashlib
import inspect
import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lossmith._version import __version__
from lossmith.files import write_atomically

if TYPE_CHECKING:
    from lossmith.card import Card
    from lossmith.criterion import Criterion
    from lossmith.metric import ChosenMetric

Entry = dict[str, Any]


def load(name: str | os.PathLike[str], **hyperparameters: Any) -> "Criterion":
    """Build the loss called `name`, or the one a TOML file describes.

    Args:
        name: as in `lossmith list`, or another name the loss is known by; or the path of a description, which ends in
            .toml (see `lossmith.compose`).
        **hyperparameters: those of the loss, and `reduction`; with a description `reduction`, and the `model` that a
            penalty is about.

    Raises:
        ValueError: no such loss, and the message names the nearest; no such file, or no description of a loss.

    Example:
        >>> load("huber_loss", delta=2.0)
        HuberLoss(delta=2.0, reduction='mean')
    """
    if isinstance(name, os.PathLike) or name.endswith(".toml"):
        from lossmith.compose.toml import read

        return read(name, **hyperparameters)
    module: type[Criterion] = card(name).module
    return module(**hyperparameters)


def card(name: str) -> "Card":
    """Return the card of the loss called `name`, or known by that name."""
    found: Card = import_module(find(name)["module"]).CARD
    return found


def catalogue() -> Mapping[str, "Card"]:
    """Map the name of every loss to its card, imported when it is looked at.

    Example:
        >>> str(catalogue()["pinball_loss"].elicited(quantile=0.9))
        '0.9-quantile'
    """
    return _Catalogue()


def find(name: str) -> Entry:
    """Return what the index knows of one loss.

    Raises:
        ValueError: no such loss; the message names the nearest.
    """
    return _lookup(name, index()["losses"], "loss", "one of `lossmith list`")


def metric(text: str) -> "ChosenMetric":
    """Read a metric from one string: `mae`, `pinball@0.9`, `cost: FN=5,FP=1`.

    Raises:
        ValueError: no such metric, or its parameters do not fit; the message says what would.
    """
    from lossmith.metric import choose

    name, separator, rest = text.strip().partition("@" if "@" in text else ":")
    entry = _lookup(name.strip(), index()["metrics"], "metric", f"one of {', '.join(index()['metrics'])}")
    del separator
    return choose(entry["name"], import_module(entry["module"]).METRIC, rest.strip())


def metrics() -> dict[str, Entry]:
    """Return what the index knows of every metric, by name."""
    found: dict[str, Entry] = index()["metrics"]
    return found


@cache
def index() -> dict[str, dict[str, Entry]]:
    """Return everything `list` and `show` need, read from the cache or built anew."""
    path = _cache_path()
    try:
        cached: dict[str, dict[str, Entry]] = json.loads(path.read_text(encoding="utf-8"))
        return cached
    except (OSError, ValueError):
        # Through JSON at once, so that the first answer is the same as every later one: lists, never tuples.
        built: dict[str, dict[str, Entry]] = json.loads(json.dumps(_build()))
        _keep(path, built)
        return built


class _Catalogue(Mapping[str, "Card"]):
    """Cards by name, imported one at a time."""

    def __getitem__(self, name: str) -> "Card":
        if name not in index()["losses"]:
            raise KeyError(name)
        return card(name)

    def __iter__(self) -> Iterator[str]:
        return iter(index()["losses"])

    def __len__(self) -> int:
        return len(index()["losses"])


def _lookup(name: str, entries: dict[str, Entry], what: str, where: str) -> Entry:
    """Find an entry by any name it is known by, forgiving case, spaces and dashes."""
    if name in entries:  # by far the commonest, and free of walking every other name
        return entries[name]
    wanted = _plain(name)
    known = {_plain(alias): entry for entry in entries.values() for alias in entry["also_known_as"]}
    known |= {_plain(key): entry for key, entry in entries.items()}
    for key in (wanted, wanted + "loss", wanted.removesuffix("loss")):
        if key in known:
            return known[key]
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
    names = list(dict.fromkeys(known[key]["name"] for key in near))
    hint = f"Did you mean {' or '.join(f'`{n}`' for n in names)}?" if names else f"Try {where}."
    raise ValueError(f"A {what} should be one that lossmith has. Found {name!r}. {hint}")


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _modules() -> dict[str, dict[str, str]]:
    from lossmith import losses, metrics

    return {"losses": losses.modules(), "metrics": metrics.modules()}


def _cache_path() -> Path:
    import platformdirs

    here = Path(__file__).parent
    files = sorted(path for folder in ("losses", "metrics", "domains") for path in here.glob(f"{folder}/**/*.py"))
    stamp = [__version__, str(here)] + [f"{p.name} {p.stat().st_mtime_ns} {p.stat().st_size}" for p in files]
    stamp += [str((here / name).stat().st_mtime_ns) for name in ("card.py", "metric.py", "registry.py")]
    key, install = (hashlib.sha256(text.encode()).hexdigest()[:16] for text in ("\n".join(stamp), str(here)))
    return Path(platformdirs.user_cache_dir("lossmith", appauthor=False)) / f"index-{install}-{key}.json"


def _keep(path: Path, built: dict[str, dict[str, Entry]]) -> None:
    """Write the index whole or not at all; a cache that refuses is no error."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for stale in path.parent.glob(f"{path.stem.rpartition('-')[0]}-*.json"):
            stale.unlink(missing_ok=True)
        write_atomically(path, json.dumps(built))
    except OSError:
        return


def _build() -> dict[str, dict[str, Entry]]:
    found = _modules()
    return {
        "losses": {name: _describe_loss(name, module) for name, module in found["losses"].items()},
        "metrics": {name: _describe_metric(name, module) for name, module in found["metrics"].items()},
    }


def _describe_loss(name: str, module_name: str) -> Entry:
    from lossmith.card import Fails, Functional, Holds

    module = import_module(module_name)
    card: Card = module.CARD
    signature = inspect.signature(card.module.function)
    claims: dict[str, Entry] = {}
    for key, claim in card.claims.items():
        if isinstance(claim, Holds):
            claims[key] = {"claim": "holds", "value": claim.value, "wrt": claim.wrt, "note": claim.note}
        elif isinstance(claim, Fails):
            claims[key] = {"claim": "fails", "at": dict(claim.at), "wrt": claim.wrt, "note": claim.note}
        else:
            claims[key] = {"claim": "not applicable", "note": claim.why}
    parameters = {
        key: {
            "default": None if p.default is p.empty else p.default,
            "defined": str(card.parameters[key]) if key in card.parameters else None,
            "search": str(card.search[key]) if key in card.search else None,
        }
        for key, p in signature.parameters.items()
        if p.kind is p.KEYWORD_ONLY
    }
    defaults = {key: p["default"] for key, p in parameters.items()}
    elicited = card.elicits if isinstance(card.elicits, Functional) else card.elicits(**defaults)
    return {
        "name": name,
        "family": card.family,
        "kind": card.kind,
        "module": module_name,
        "class": card.module.__name__,
        "summary": inspect.cleandoc(module.__doc__ or "").split("\n")[0],
        "description": inspect.cleandoc(module.__doc__ or ""),
        "docstring": inspect.getdoc(card.module.function) or "",
        "signature": f"{name}{signature}",
        "unit": card.unit,
        "inputs": {key: str(domain) for key, domain in card.inputs.items()},
        "heads": {key: card.inputs[key].head for key in predictions(card)},
        "formula": card.formula,
        "elicits": str(elicited),
        "claims": claims,
        "parameters": parameters,
        "also_known_as": list(card.also_known_as),
        "references": [vars(reference) for reference in card.references],
        "equivalents": [vars(equivalent) for equivalent in card.equivalents],
        "mistakes": list(card.mistakes),
        "relatives": dict(card.relatives),
    }


def predictions(card: "Card") -> list[str]:
    """Return the inputs that a network predicts.

    They are those whose gradient the card makes claims about.
    """
    about = {getattr(claim, "wrt", None) for claim in card.claims.values()}
    return [name for name in card.inputs if name in about] or list(card.inputs)[:1]


def _describe_metric(name: str, module_name: str) -> Entry:
    from lossmith.card import Functional

    module = import_module(module_name)
    metric = module.METRIC
    return {
        "name": name,
        "module": module_name,
        "label": metric.label,
        "summary": inspect.cleandoc(module.__doc__ or "").split("\n")[0],
        "tasks": list(metric.tasks),
        "elicits": str(metric.elicits) if isinstance(metric.elicits, Functional) else "set by its parameters",
        "rule": metric.rule,
        "higher_is_better": metric.higher_is_better,
        "parameters": list(metric.parameters),
        "also_known_as": list(metric.also_known_as),
        "references": [vars(reference) for reference in metric.references],
    }
