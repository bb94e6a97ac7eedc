"""Which traits survive adding and scaling losses."""

from collections.abc import Iterable, Mapping, Sequence

from lossmith.card import PROPERTIES, Fails, Holds, NotApplicable
from lossmith.compose.derived import Trait, Traits, Unknown

GROWTHS = ("vanishing", "constant", "logarithmic", "square root", "linear", "quadratic", "cubic", "exponential")
"""From the slowest to the fastest."""

_ONE_SPOILS = ("differentiable", "smooth", "bounded_gradient", "symmetric", "sample_independent")
"""If one term lacks it and all others have it, the sum lacks it: subtract the others to see why."""


def of_sum(terms: Sequence[Traits], alike: bool) -> dict[str, Trait]:
    """Derive the traits of a sum with weights above 0.

    Args:
        terms: what holds of each.
        alike: whether all elicit the same known functional.
    """
    found = {name: _added(name, [traits[name] for traits in terms]) for name in PROPERTIES}
    found["gradient_growth"] = _growth(terms)
    if all(isinstance(claim, Holds | Fails) for claim in (t["zero_at_target"] for t in terms)):
        positive = all(isinstance(traits["non_negative"], Holds) for traits in terms)
        if positive and any(isinstance(traits["zero_at_target"], Fails) for traits in terms):
            found["zero_at_target"] = Fails(note="one term is not, and none is below 0")
    for name in ("proper", "classification_calibrated"):
        if not alike and isinstance(found[name], Holds):
            found[name] = Unknown("the terms elicit different functionals")
    return found


def unknown(traits: Traits, names: Iterable[str], why: str) -> dict[str, Trait]:
    """Traits with some of them no longer known; what does not apply still does not."""
    return {k: Unknown(why) if k in names and not isinstance(v, NotApplicable) else v for k, v in traits.items()}


def kept(traits: Traits, changed: Mapping[str, Trait]) -> dict[str, Trait]:
    """Traits with some of them replaced; what does not apply still does not."""
    return {k: changed[k] if k in changed and not isinstance(v, NotApplicable) else v for k, v in traits.items()}


def holds(traits: Traits, *names: str) -> bool:
    """Whether every one of these traits holds."""
    return all(isinstance(traits[name], Holds) for name in names)


def unbounded(traits: Traits) -> bool:
    """Whether a convex loss is known to rise beyond every bound."""
    growth = traits["gradient_growth"]
    return isinstance(growth, Holds) and growth.value in GROWTHS[1:] and holds(traits, "convex")


def _added(name: str, claims: Sequence[Trait]) -> Trait:
    aside = [claim for claim in claims if isinstance(claim, NotApplicable)]
    if aside:
        return aside[0]
    if len({claim.wrt for claim in claims if isinstance(claim, Holds | Fails)}) > 1:
        return Unknown("the terms speak of different inputs")
    rest = [claim for claim in claims if not isinstance(claim, Holds)]
    if not rest:
        return claims[0] if len(claims) == 1 else Holds(wrt=_wrt(claims))
    if len(rest) == 1 and isinstance(rest[0], Fails) and (name in _ONE_SPOILS or len(claims) == 1):
        return Fails(wrt=rest[0].wrt, note=rest[0].note or "one term has it not, and all others have it")
    return rest[0] if len(claims) == 1 else Unknown("a sum may have it although a term has it not")


def _wrt(claims: Sequence[Trait]) -> str:
    return next((claim.wrt for claim in claims if isinstance(claim, Holds)), "input")


def _growth(terms: Sequence[Traits]) -> Trait:
    """The larger of the terms' growths.

    Pulls of one speed can cancel, unless all of them are towards the target.
    """
    claims = [traits["gradient_growth"] for traits in terms]
    aside = [claim for claim in claims if isinstance(claim, NotApplicable)]
    if aside:
        return aside[0]
    values = [claim.value for claim in claims if isinstance(claim, Holds)]
    if len(values) < len(claims) or not all(value in GROWTHS for value in values):
        return Unknown("it is not known of every term")
    largest = max(values, key=lambda value: GROWTHS.index(str(value)))
    if values.count(largest) > 1 and largest != "vanishing" and not all(holds(traits, "monotone") for traits in terms):
        return Unknown("terms of equal growth may cancel")
    return Holds(largest, _wrt(claims))
