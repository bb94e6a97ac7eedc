"""A prediction gets no gradient, although the value depends on it.

What it finds: a gradient that is missing or exactly zero on every ordinary batch, while moving the prediction moves the
value: `.item()`, `detach`, `argmax`, NumPy, `torch.tensor(...)` around the result.
Why it matters: training runs, the loss is printed, and nothing is learned.
Fix: keep every step from prediction to loss in torch, without detaching; replace hard choices by soft ones.
"""

from lossmith.checker.case import Case
from lossmith.checker.depends import depends
from lossmith.checker.found import Found


def find(case: Case) -> Found | None:
    """Look at the gradient of each prediction on several batches."""
    for place in case.predictions:
        gradients = [case.gradient(inputs, place)[1] for inputs in case.ordinary]
        if any(g is not None and float(g.abs().max()) > 0.0 for g in gradients):
            continue
        if not depends(case, place):
            continue
        name = case.arguments[place].name
        plain = case.call([x.clone() for x in case.ordinary[0]]).plain
        if plain:
            told = f"The loss returns a {plain}, not a tensor: `{name}` gets no gradient."
            return Found(
                told,
                case.ordinary[0],
                f"a {plain}",
                fix="Return the tensor itself: leave out .item(), float() and NumPy.",
            )
        what = "no gradient" if all(g is None for g in gradients) else "a gradient of exactly 0"
        return Found(
            f"`{name}` gets {what}, although changing it changes the value.",
            case.ordinary[0],
            what,
            wrt=None if all(g is None for g in gradients) else place,
        )
    return None
