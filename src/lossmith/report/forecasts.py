"""A forecast in words: its origins, the naive one beside it, and how to read it."""

from lossmith.advisor.verdict import Verdict
from lossmith.report.numbers import count, percent
from lossmith.report.words import READING, scale

OVER_TIME = {
    "Difference": (
        "Difference",
        "The candidate against the reference at the same origins, with the same initial weights and batches. Above "
        "zero the candidate is better, whichever way the metric runs.",
    ),
    "95 % interval (Nadeau–Bengio)": (
        "95 % interval (Diebold–Mariano)",
        "Differences of neighbouring periods are alike, because forecasts overlap and one network made many of them. "
        "The interval of their mean over all test periods allows for that: Bartlett’s kernel over three test blocks, "
        "with the small-sample factor of Harvey, Leybourne and Newbold.",
    ),
    "Gain over the default": (
        "Gain over the default",
        "Measured at origins that did not choose: for each, the winner is picked at the other origins and scored at "
        "this one. A winner's own score flatters it.",
    ),
}
"""What reads otherwise where folds are origins, one after another."""


def reading(verdict: Verdict) -> tuple[tuple[str, str], ...]:
    """Return how to read the numbers of this verdict."""
    return tuple(OVER_TIME.get(pair[0], pair) for pair in READING) if verdict.over_time else READING


def naive(verdict: Verdict) -> str:
    """Say how the network does against the best forecast without one."""
    found = verdict.naive
    if found is None:
        return ""
    numbers = scale(verdict)
    share = f" ({percent(found.relative, sign=True)})" if found.relative is not None else ""
    return (
        f"the {found.name} scores {numbers.score(found.score)}; over it {verdict.recommended} gains "
        f"{numbers.difference(found.mean)}{share}, 95 % interval {numbers.interval(found.low, found.high)}."
    )


def at_each(verdict: Verdict) -> str:
    """Say where a network is trained: "in each fold", "at each origin"."""
    return "at each origin" if verdict.over_time else "in each fold"


def origins(verdict: Verdict) -> str:
    """Say in words how a forecast was tested."""
    history, made = verdict.profile.history, len(verdict.starts) - 1
    if made < 1:
        return ""
    block = (verdict.starts[-1] - verdict.starts[0]) // made
    steps = _steps(history["step"])
    ahead = count(history["horizon"], *steps)
    return (
        f"{count(made, 'origin')}, one after another. At each, networks learn from what was known until then, the last "
        f"fifth of it choosing epoch and learning rate, and forecast the next {count(block, *steps)}, "
        f"each from what was known {ahead} before."
    )


def _steps(word: str) -> tuple[str, str]:
    """Return one step and several: a month, months; a step of 30 minutes."""
    plain = word.isalpha()
    return (word, f"{word}s") if plain else (f"step of {word}", f"steps of {word}")
