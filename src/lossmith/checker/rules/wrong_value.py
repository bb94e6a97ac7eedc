"""The value differs from the stated formula or reference.

What it finds: another number than the reference gives on the same inputs; a promised symmetry or invariance that fails.
Why it matters: what is trained and what is written in the paper are two things.
Fix: compare term by term on the inputs below.
"""

from collections.abc import Callable

from lossmith.checker.case import Case, Inputs
from lossmith.checker.found import Found
from lossmith.checker.probes import spread


def find(case: Case) -> Found | None:
    """Compare with the reference; then try each promised invariance."""
    return _reference(case) or _invariances(case) or _bound(case)


def _reference(case: Case) -> Found | None:
    reference = case.claims.get("reference")
    if not callable(reference):
        return None
    for inputs in spread(case):
        found, true = case.number(inputs), case.call([x.clone() for x in inputs], reference).number
        if found is None or true is None or true != true:
            continue
        if found != found or abs(found - true) > 1e-5 * (1.0 + abs(true)):
            told = f"The value is {found:.5g}, by the reference {true:.5g}."

            def shows(other: Inputs) -> bool:
                one, two = case.number(other), case.call([x.clone() for x in other], reference).number
                return one is not None and two is not None and abs(one - two) > 1e-3 * (1.0 + abs(two))

            return Found(told, inputs, "the reference differs", shows=shows)
    return None


def _invariances(case: Case) -> Found | None:
    for claim, moved, words in _moves(case):
        if not case.promised(claim):
            continue
        for inputs in case.ordinary:
            other = moved(inputs)
            if other is None:
                break
            one, two = case.number(inputs), case.number(other)
            if one is not None and two is not None and abs(one - two) > 1e-6 * (1.0 + abs(one)):
                return Found(
                    f"{words} changes the value from {one:.5g} to {two:.5g}.", inputs, f"{one:.6g}; then {two:.6g}"
                )
    return None


def _moves(case: Case) -> tuple[tuple[str, Callable[[Inputs], Inputs | None], str], ...]:
    """Return each invariance: its claim, what to do to the inputs, and that in words."""
    scores = ("real", "logits", "embeddings")

    def shifted(inputs: Inputs) -> Inputs | None:
        places = [p for p in case.predictions if case.arguments[p].holds in scores]
        if not places:
            return None
        return [x + 1.7 if p in places else x for p, x in enumerate(inputs)]

    def scaled(inputs: Inputs) -> Inputs | None:
        place = case.predictions[0]
        return [2.5 * x if p == place else x for p, x in enumerate(inputs)]

    def mirrored(inputs: Inputs) -> Inputs | None:
        if len(case.pairs) != 1 or case.arguments[case.pairs[0][1]].holds != "binary01":
            return None
        prediction, target = case.pairs[0]
        turned = -inputs[prediction] if case.arguments[prediction].holds == "logits" else 1.0 - inputs[prediction]
        return [turned if p == prediction else 1.0 - x if p == target else x for p, x in enumerate(inputs)]

    def permuted(inputs: Inputs) -> Inputs | None:
        if not case.batch:
            return None
        return case.rows(inputs, list(range(case.batch))[::-1])

    def flipped(inputs: Inputs) -> Inputs | None:
        return [x.flip(-1) if x.ndim > 2 else x for x in inputs]

    return (
        ("shift_invariant", shifted, "Adding a constant to the scores"),
        ("scale_invariant", scaled, "Scaling the prediction"),
        ("class_symmetric", mirrored, "Exchanging the two classes"),
        ("permutation_invariant", permuted, "Reordering the batch"),
        ("flip_invariant", flipped, "Flipping the image"),
    )


def _bound(case: Case) -> Found | None:
    bound = case.claims.get("upper_bound")
    if not isinstance(bound, (int, float)) or isinstance(bound, bool):
        return None
    for inputs in spread(case):
        value = case.number(inputs)
        if value is not None and value > bound + 1e-6 * (1.0 + abs(bound)):
            return Found(f"The value is {value:.4g}, above the promised {bound:g}.", inputs, f"above {bound:g}")
    return None
