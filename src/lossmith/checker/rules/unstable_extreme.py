"""NaN or infinity at large but finite inputs.

What it finds: overflow or underflow in single precision for logits or errors of a hundred or so.
Why it matters: an unlucky batch early in training, or a confident model late, ends the run.
Fix: `logsumexp`, `logsigmoid`, `softplus`, `log1p` instead of `log(exp(...))`; subtract the maximum first.
"""

from lossmith.checker import finite
from lossmith.checker.case import Case
from lossmith.checker.edges import EXTREME, edge
from lossmith.checker.found import Found

LARGEST = 20.0
"""Log-variance beyond which an overflow is nobody's fault."""


def find(case: Case) -> Found | None:
    """Look at claimed extremes, and at large logits in any case."""
    for broken in finite.breaks(case):
        if not broken.gradient and broken.edge in EXTREME:
            return Found(f"The value is {broken.value} {finite.words(broken.edge)}.", broken.inputs, f"{broken.value}")
    logits = any(case.arguments[place].holds == "logits" for place in case.predictions)
    if not logits or "extreme_logits" in (case.claims.get("valid_edges") or ()) or not case.healthy:
        return None
    for inputs in edge(case, "extreme_logits"):
        pairs = zip(case.arguments, inputs, strict=True)
        if any(argument.holds == "log_variance" and float(x.abs().max()) > LARGEST for argument, x in pairs):
            continue
        single = [x.float() if x.is_floating_point() else x for x in inputs]
        broken_there = finite.broken_at(case, single, "extreme_logits")
        if broken_there is not None:
            largest = max(float(single[place].abs().max()) for place in case.predictions)
            what = "its gradient is not finite" if broken_there.gradient else f"the value is {broken_there.value}"
            return Found(f"At logits of {largest:g} {what}, in single precision.", single, what, severity="warning")
    return None
