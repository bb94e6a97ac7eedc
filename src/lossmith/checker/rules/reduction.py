"""The reduction is not the promised one.

What it finds: a "mean" that changes when the batch is repeated, a "sum" that does not double, a "none" that still
reduces, a mean over more than the examples it names.
Why it matters: the learning rate that fits depends on the batch size, and weights and masks cannot be applied.
Fix: return per-element values for "none", and reduce those alone for "sum" and "mean".
"""

import torch

from lossmith.checker.case import Case
from lossmith.checker.found import Found


def find(case: Case) -> Found | None:
    """Repeat the batch; ask for each reduction."""
    return _repeated(case) or _settings(case)


def _repeated(case: Case) -> Found | None:
    wanted = str(case.claims.get("reduction") or "")
    first = wanted.split()[0] if wanted else ""
    if first not in ("mean", "sum") or not case.batch or case.coupled:
        return None
    inputs = case.ordinary[0]
    twice = [x if a is None else torch.cat([x, x], a) for x, a in zip(inputs, case.batch_axes, strict=True)]
    once, double = case.number(inputs), case.number(twice)
    if once is None or double is None or once != once or double != double:
        return None
    factor = 1.0 if first == "mean" else 2.0
    if abs(double - factor * once) <= 1e-5 * (1.0 + abs(double)):
        return None
    told = f"It is said to be a {first}, but repeating the batch changes {once:.5g} to {double:.5g}."
    return Found(told, inputs, f"{once:.6g}; with every example twice {double:.6g}")


def _settings(case: Case) -> Found | None:
    names = [str(name) for name in case.claims.get("reductions") or ()]
    inputs = case.ordinary[0]
    values = {}
    for name in names:
        loss = case.changed("reduction", name)
        if loss is None:
            return None
        outcome = case.call([x.clone() for x in inputs], loss)
        if outcome.value is None:
            return Found(f"reduction={name!r} fails: {outcome.error}", inputs)
        values[name] = outcome.value.detach()
    if "none" not in values:
        return None
    none, sizes = values["none"], [tuple(inputs[p].shape) for p in case.predictions]
    if none.ndim == 0:
        return Found('reduction="none" returns one number.', inputs)
    for name, reduced in (("mean", none.mean()), ("sum", none.sum())):
        if name in values and not torch.allclose(values[name], reduced, rtol=1e-5, atol=1e-8):
            given, wanted = float(values[name]), float(reduced)
            told = f'reduction="{name}" gives {given:.5g}, the {name} of reduction="none" {wanted:.5g}.'
            return Found(told, inputs)
    return (
        None
        if any(size[: none.ndim] == tuple(none.shape) for size in sizes)
        else Found(f'reduction="none" returns shape {tuple(none.shape)}, which is no part of {sizes[0]}.', inputs)
    )
