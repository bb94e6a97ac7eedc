"""Which loss of the catalogue a loss equals, up to a factor and a constant.

Values on drawn inputs are fitted by least squares; they must agree to 1e-6.
"""

import inspect
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor

from lossmith import registry
from lossmith.checker import cards
from lossmith.checker.argument import class_axis
from lossmith.checker.case import Case, Inputs
from lossmith.checker.state import kept

DRAWS = 12
AGREES = 1e-6
"""Largest difference, as a share of the values' spread, in double precision."""
WIDER = 3.0
"""Half of the draws are so much wider: some losses are the same near zero only."""
LIKE: dict[str, tuple[str, ...]] = {
    "real": ("embeddings", "pixels", "positive", "nonneg", "logits"),
    "positive": ("time",),
    "nonneg": ("positive", "pixels", "count"),
    "logits": ("real",),
    "probabilities": ("pixels",),
}
"""What a loss of the catalogue takes, though its card says another word."""
TURNED: dict[tuple[str, str], Callable[[Tensor], Tensor]] = {
    ("sign", "binary01"): lambda x: (x + 1.0) / 2.0,
    ("probabilities", "logits"): torch.logit,
    ("simplex", "logits"): torch.log,
    ("log_probabilities", "logits"): lambda x: x,
    ("ignored_index", "class_index"): lambda x: x,
}
"""How what one loss takes is written for another."""


def closest(case: Case) -> str:
    """Return the loss of the catalogue that a loss equals, as an expression.

    Empty where there is none. Hyperparameters of the same names are handed over.

    Example:
        >>> from lossmith.checker.argument import Argument, Signature
        >>> numbers = Argument("pred", "prediction", "real", ("N",)), Argument("target", "target", "real", ("N",))
        >>> closest(Case(lambda: lambda pred, target: 3 * (pred - target).abs().sum() + 1, Signature(numbers)))
        '18 × absolute_error_loss + 1'
    """
    with kept():
        drawn = _drawn(case)
        values = [_mean(case.call([x.clone() for x in inputs]).value) for inputs in drawn]
        if not all(map(math.isfinite, values)) or max(values) - min(values) < 1e-12:
            return ""
        found = [_fit(case, drawn, values, *candidate) for candidate in _candidates(case)]
    fits = sorted(fit for fit in found if fit is not None)
    return fits[0][-1] if fits else ""


def _drawn(case: Case) -> list[Inputs]:
    """Return ordinary draws, every second one wider where numbers may be."""
    found = []
    for seed in range(DRAWS):
        inputs = case.draw(seed)
        if seed % 2:
            inputs = [
                WIDER * x if case.arguments[place].holds in ("real", "logits") and place in case.predictions else x
                for place, x in enumerate(inputs)
            ]
        found.append(inputs)
    return found


@cache
def _known() -> dict[str, tuple[str, ...]]:
    """Return what each loss of the catalogue takes, in the checker's words."""
    described = {name: cards.described(card) for name, card in registry.catalogue().items()}
    return {name: tuple(a.holds for a in found[0].arguments) for name, found in described.items() if found}


def _candidates(case: Case) -> Iterator[tuple[str, tuple[str, ...], Mapping[str, Any]]]:
    """Yield losses that take the same.

    With their defaults, and with the loss's own settings.
    """
    held = [argument.holds for argument in case.arguments]
    numbers = {k: v for k, v in case.parameters.items() if isinstance(v, int | float) and not isinstance(v, bool)}
    for name, words in _known().items():
        if len(words) != len(held) or not all(map(_takes, words, held)):
            continue
        parameters = inspect.signature(registry.card(name).module.function).parameters.values()
        keywords = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
        shared = {key: numbers[key] for key in keywords if key in numbers and numbers[key] != keywords[key]}
        needed = {key for key, default in keywords.items() if default is inspect.Parameter.empty}
        if not needed:
            yield name, words, {}
        if shared and needed <= set(shared):
            yield name, words, shared


def _takes(word: str, held: str) -> bool:
    return (
        word == held
        or held in LIKE.get(word, ())
        or (held, word) in TURNED
        or (held, word) == ("one_hot", "class_index")
    )


Fit = tuple[int, float, int, str]


def _fit(
    case: Case, drawn: Sequence[Inputs], values: Sequence[float], name: str, words: Sequence[str],
    settings: Mapping[str, Any],
) -> Fit | None:  # fmt: skip
    """Return how plain the relation is, and it in words.

    None where there is none.
    """
    theirs: list[float] = []
    try:
        loss = registry.load(name, **settings)
        for inputs in drawn:
            theirs.append(float(loss(*_arranged(case, words, inputs)).detach().double().mean()))
            if not math.isfinite(theirs[-1]):
                return None
    except Exception:  # it takes other shapes
        return None
    x, y = torch.tensor(theirs, dtype=torch.float64), torch.tensor(values, dtype=torch.float64)
    spread = x - x.mean()
    if float(spread.square().sum()) < 1e-24:
        return None
    factor = float((spread * (y - y.mean())).sum() / spread.square().sum())
    constant = float(y.mean() - factor * x.mean())
    wide = 1.0 if case.dtype == torch.float64 else 10.0
    if float((y - factor * x - constant).abs().max()) > wide * AGREES * float((y - y.mean()).abs().max()):
        return None
    constant = 0.0 if abs(constant) < 1e-5 * float(y.abs().max()) else constant
    plain = int(abs(factor - 1.0) > 1e-5) + int(constant != 0.0)
    return plain, abs(math.log(abs(factor))), len(name), _written(name, settings, factor, constant)


def _arranged(case: Case, words: Sequence[str], inputs: Inputs) -> list[Tensor]:
    """Write the arguments as the other loss takes them."""
    held = [argument.holds for argument in case.arguments]
    moved = [TURNED[h, w](x) if (h, w) in TURNED else x for h, w, x in zip(held, words, inputs, strict=True)]
    if words[-1] == "class_index":
        if held[-1] == "one_hot":
            moved[-1] = inputs[-1].argmax(1)
        place = class_axis(moved[0].shape, moved[-1].shape)
        if place is not None:
            moved[0] = moved[0].movedim(place, -1).flatten(0, -2)
            moved[-1] = moved[-1].flatten()
    elif len({x.numel() for x in moved}) == 1:
        moved = [x.reshape(moved[0].shape) for x in moved]
    return moved


def _mean(value: Tensor | None) -> float:
    return math.nan if value is None or not value.numel() else float(value.detach().double().mean())


def _written(name: str, settings: Mapping[str, Any], factor: float, constant: float) -> str:
    call = f"{name}({', '.join(f'{key}={value:g}' for key, value in settings.items())})" if settings else name
    times = "" if abs(factor - 1.0) < 1e-5 else f"{_short(factor)} × "
    plus = "" if not constant else f" {'+' if constant > 0 else '−'} {_short(abs(constant))}"
    return f"{times}{call}{plus}"


def _short(value: float) -> str:
    return f"{value:.4g}".replace("-", "−", 1)
