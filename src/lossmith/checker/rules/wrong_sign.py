"""Minimising the loss makes predictions worse.

What it finds: a value that is lower for wrong predictions than for right ones, for all examples or for one kind;
a slope against the promised direction.
Why it matters: the optimiser walks away from the target, as fast as it can.
Fix: a score becomes a loss by `1 - score` or `-score`; look for a lost or an extra minus.
"""

import itertools
import re

import torch

from lossmith.checker.case import Case, Inputs
from lossmith.checker.found import Found
from lossmith.checker.probes import numbers, path
from lossmith.finding import Severity


def find(case: Case) -> Found | None:
    """Walk from right to wrong, and along promised directions."""
    return _directions(case) or _walk(case) or _sides(case) or _names(case) or _together(case)


FEWEST = 4
"""Numbers on the way from right to wrong below which nothing is said of it."""
LOWER_IS_BETTER = r"\b(lower|smaller|less)\b[^.;]*\bbetter\b|\bminimi[sz]e"
AGREE = r"\b(same|equal|identical|coincide|align(ed)?|agree|match(es)?)\b"
"""Words for predictions that should be alike."""
BETTER = ("chosen", "pos", "positive", "preferred", "winner", "good")
WORSE = ("rejected", "neg", "negative", "dispreferred", "loser", "bad")


def _names(case: Case) -> Found | None:
    """Where names say which of two predictions should win, the loss must agree."""
    names = {case.arguments[place].name.lower(): place for place in case.predictions}
    better = next((place for name, place in names.items() if name.split("_")[0] in BETTER), None)
    worse = next((place for name, place in names.items() if name.split("_")[0] in WORSE), None)
    if better is None or worse is None:
        return None
    inputs = case.ordinary[0]
    far = inputs[worse] + 50.0
    anchor = next((place for name, place in names.items() if "anchor" in name), None)
    if anchor is not None:  # embeddings: near and far
        good = [inputs[anchor] if p == better else far if p == worse else x for p, x in enumerate(inputs)]
        bad = [inputs[anchor] if p == worse else far if p == better else x for p, x in enumerate(inputs)]
    else:
        good = [x + 5.0 if p == better else x - 5.0 if p == worse else x for p, x in enumerate(inputs)]
        bad = [x - 5.0 if p == better else x + 5.0 if p == worse else x for p, x in enumerate(inputs)]
    found = numbers(case, [good, bad])
    if found is None or found[0] <= found[1] + 1e-9:
        return None
    one, other = case.arguments[better].name, case.arguments[worse].name
    told = (
        f"With `{one}` plainly better than `{other}` the value is {found[0]:.4g}, the other way round {found[1]:.4g}."
    )
    return Found(told, bad, f"{found[1]:.6g}; the other way round {found[0]:.6g}", _severity(case))


def _walk(case: Case) -> Found | None:
    """The value falls on the way from right to wrong, of one kind at least."""
    if case.claims.get("minimum_at_perfect") is False or "minimum_at" in case.claims:
        return None
    for inputs in _by_kind(case):
        # A logarithm may have no number at the very ends: what lies between tells as much.
        walked = [(moved, numbers(case, [moved])) for _, moved in path(case, inputs, 6)]
        steps, values = [moved for moved, found in walked if found], [found[0] for _, found in walked if found]
        if len(values) < FEWEST:
            continue
        size = max(values) - min(values)
        falls = all(b <= a + 1e-9 * size for a, b in itertools.pairwise(values))
        if falls and size > 1e-6 * (1.0 + abs(values[0])):
            what = "A perfect prediction" if walked[0][1] else "The best prediction that has a number"
            told = f"{what} costs {values[0]:.4g}, the opposite of it {values[-1]:.4g}."
            said = f"{values[-1]:.6g}; with {what[0].lower()}{what[1:]} {values[0]:.6g}"
            return Found(told, steps[-1], said, _severity(case))
    return None


def _severity(case: Case) -> Severity:
    """Without a promise a score may be meant: then it is a question."""
    return "error" if _meant(case) else "note"


def _meant(case: Case) -> bool:
    """Whether the author says anything that makes a lower value the better one."""
    names = ("minimum_at_perfect", "lower_bound", "minimum_value", "proper", "elicits", "monotone")
    said = str(case.claims.get("direction") or "").lower()
    return any(case.claims.get(name) is not None for name in names) or bool(re.search(LOWER_IS_BETTER, said))


def _together(case: Case) -> Found | None:
    """Two predictions that agree must not cost more than opposite ones."""
    said = str(case.claims.get("minimum_at") or "").lower()
    if len(case.predictions) != 2 or case.pairs or not re.search(AGREE, said) or re.search(r"\b(not|never)\b", said):
        return None
    one, other = case.predictions
    inputs = case.ordinary[0]
    if inputs[one].shape != inputs[other].shape:
        return None
    agreed, opposed = ([way * inputs[one] if p == other else x for p, x in enumerate(inputs)] for way in (1.0, -1.0))
    found = numbers(case, [agreed, opposed])
    if found is None or found[0] <= found[1] + 1e-9:
        return None
    names = " and ".join(f"`{case.arguments[place].name}`" for place in (one, other))
    told = f"Where {names} are the same the value is {found[0]:.4g}, where they are opposite {found[1]:.4g}."
    return Found(told, agreed, f"{found[0]:.6g}; with opposite ones {found[1]:.6g}")


def _by_kind(case: Case) -> list[Inputs]:
    """Return batches with all targets, and with targets of one kind only."""
    found = [case.ordinary[0]]
    for _, target in case.pairs:
        if case.arguments[target].holds in ("binary01", "sign"):
            for value in (0.0 if case.arguments[target].holds == "binary01" else -1.0, 1.0):
                moved = list(case.ordinary[0])
                moved[target] = torch.full_like(moved[target], value)
                found.append(moved)
    return found


FAR_OFF = (0.0, 1.0, 4.0, 16.0, 64.0)


def _sides(case: Case) -> Found | None:
    """A number predicted ever too high, or ever too low, costs ever less."""
    if not (case.promised("minimum_at_perfect") or isinstance(case.claims.get("lower_bound"), (int, float))):
        return None
    for prediction, target in case.pairs:
        if case.arguments[prediction].holds != "real" or case.arguments[target].holds != "real":
            continue
        inputs = case.perfect(case.ordinary[0]) or case.ordinary[0]
        for way in (1.0, -1.0):
            steps = [[x + way * far if p == prediction else x for p, x in enumerate(inputs)] for far in FAR_OFF]
            values = numbers(case, steps)
            if values and all(b < a - 1e-9 for a, b in itertools.pairwise(values)):
                side = "high" if way > 0 else "low"
                told = f"The further too {side}, the lower: {values[0]:.4g} when right, {values[-1]:.4g} far off."
                return Found(told, steps[-1], f"{values[-1]:.6g}; with a perfect prediction {values[0]:.6g}")
    return None


def _directions(case: Case) -> Found | None:
    """Read "decreasing in a, increasing in b" and "low when a=1 and b=0"."""
    said = str(case.claims.get("direction") or "")
    names = {argument.name: place for place, argument in enumerate(case.arguments)}
    wanted = [(name, -1.0) for name in named(said, "decreasing in")]
    wanted += [(name, 1.0) for name in named(said, "increasing in")]
    for name, sign in wanted:
        if name not in names:
            continue
        place = names[name]
        slopes = [g for g in (case.gradient(inputs, place)[1] for inputs in case.ordinary) if g is not None]
        if slopes and all(float((g * sign).sum()) < -1e-12 for g in slopes):
            word = "increases" if sign < 0 else "decreases"
            return Found(f"The value {word} in `{name}`; promised is the opposite.", case.ordinary[0])
    ends = re.findall(r"(\w+)\s*=\s*([01](?:\.\d+)?)", said) if "low when" in said else []
    if ends and all(name in names for name, _ in ends):
        good, bad = [x.clone() for x in case.ordinary[0]], [x.clone() for x in case.ordinary[0]]
        for name, value in ends:
            near = abs(float(value) - 0.1)
            good[names[name]] = torch.full_like(good[names[name]], near)
            bad[names[name]] = torch.full_like(bad[names[name]], 1.0 - near)
        low, high = case.number(good), case.number(bad)
        if low is not None and high is not None and low > high + 1e-9:
            told = f"Where it should be low it is {low:.4g}, at the opposite end {high:.4g}."
            return Found(told, good, f"{low:.6g}; at the opposite end {high:.6g}")
    return None


def named(said: str, words: str) -> list[str]:
    """Return the names after some words, up to the next phrase.

    Example:
        >>> named("decreasing in real_score, increasing in fake_score", "decreasing in")
        ['real_score']
    """
    found = []
    for match in re.finditer(rf"\b{words}\s+([\w, ]*?)(?=,?\s*\b(?:decreasing|increasing|low|high)\b|$|[.;(])", said):
        found += [name for name in re.split(r"[,\s]+", match[1]) if name not in ("", "and")]
    return found
