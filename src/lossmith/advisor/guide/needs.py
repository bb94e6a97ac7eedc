"""What a need or noisy labels ask of a loss, from its card or measured on it."""

from collections.abc import Callable, Iterator

from lossmith import registry
from lossmith.advisor.arguments import DATA, OWN_LOSS, Argument
from lossmith.advisor.guide.pull import pull
from lossmith.card import CLASS_PROBABILITIES, Card, Functional, Holds
from lossmith.domains import Real, Spread
from lossmith.training.links import robust
from lossmith.training.problem import VALUE_TASKS, Candidate

WORTH = 20.0
"""Weight of an argument from label noise for each share of wrong labels, up to twice that of data."""


def met(need: str, candidate: Candidate, task: str, classes: int) -> str:
    """Say how the candidate meets the need; nothing where it does not."""
    card = registry.card(candidate.loss)
    return _CHECKS[need](card, candidate, task, classes)


def elicited(card: Card, candidate: Candidate) -> Functional:
    """Return what a candidate predicts, at its parameters and through its link."""
    defaults = {name: p["default"] for name, p in registry.find(card.name)["parameters"].items()}
    return card.elicited(**{**defaults, **candidate.params}).through(candidate.link)


def against_noise(candidate: Candidate, noise: float, classes: int) -> Iterator[Argument]:
    """Argue from how hard a row pulls whose label is wrong."""
    card = registry.card(candidate.loss)
    found = pull(card, candidate.params, classes) if noise else None
    if found is not None and found < 1.0:
        weight = min(WORTH * noise, DATA + OWN_LOSS)
        yield Argument(
            f"Noisy labels: a row that the network is certain is mislabelled pulls {found:.2g} times as hard as an "
            "undecided one; under cross-entropy it pulls hardest of all.",
            weight,
        )


def _probabilities(card: Card, candidate: Candidate, task: str, classes: int) -> str:
    if task in VALUE_TASKS:
        return "It predicts a whole distribution." if isinstance(card.inputs.get("input"), Spread) else ""
    known = elicited(card, candidate).implies(CLASS_PROBABILITIES) and candidate.sampling == "none"
    return "Its outputs are probabilities." if known else ""


def _calibration(card: Card, candidate: Candidate, task: str, classes: int) -> str:
    if not _probabilities(card, candidate, task, classes):
        return ""
    if task in VALUE_TASKS:
        return "Its quantiles can be checked, and stretched, on validation rows."
    if not isinstance(card.claims["proper"], Holds):
        return ""
    return "Proper: true probabilities score best; fit a temperature on validation rows after training."


def _robustness(card: Card, candidate: Candidate, task: str, classes: int) -> str:
    if task in VALUE_TASKS or type(card.inputs.get("input")) is Real:
        return "One row's pull on it is bounded, however far off the row." if robust(card) else ""
    found = pull(card, candidate.params, classes)
    given_up = found is not None and found < 1.0
    return f"A row that is surely mislabelled pulls {found:.2g} times as hard as an undecided one." if given_up else ""


def _speed(card: Card, candidate: Candidate, task: str, classes: int) -> str:
    knobs = [name for name in card.search if name not in candidate.params]
    alone = isinstance(card.claims["sample_independent"], Holds)
    plain = not knobs and alone and not isinstance(card.inputs.get("input"), Spread)
    return "Nothing to tune, and one cheap value a row: one training run is enough." if plain else ""


_CHECKS: dict[str, Callable[[Card, Candidate, str, int], str]] = {
    "probabilities": _probabilities,
    "calibration": _calibration,
    "robustness": _robustness,
    "speed": _speed,
}
