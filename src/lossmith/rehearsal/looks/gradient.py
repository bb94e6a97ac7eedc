"""The gradient: does it reach every parameter, and does the optimizer hold it?"""

import torch

from lossmith.finding import Finding
from lossmith.rehearsal.case import Case, Seen

BATCHES = 3
APART = 1e-4
SHOWN = 5


def look(case: Case) -> Seen:
    """Go back through the model for a few batches."""
    setup = case.fresh()
    named = dict(setup.model.named_parameters())
    for inputs, target in case.sample[:BATCHES]:
        setup.value(setup.output(inputs), target).backward()  # type: ignore[no-untyped-call]
    wanted = {name: p for name, p in named.items() if p.requires_grad}
    findings = []
    absent = [name for name, p in wanted.items() if p.grad is None]
    silent = [name for name, p in wanted.items() if p.grad is not None and not bool(p.grad.any())]
    if absent:
        findings.append(Finding(
            "no-gradient", "error" if len(absent) == len(wanted) else "warning",
            f"No gradient reaches {_listed(absent, len(wanted))}.",
            why="They never learn: the forward pass does not use them, or something cuts the graph.",
            fix="Look for `.detach()`, `.item()`, `torch.no_grad()`, argmax or layers that `forward` leaves out.",
        ))  # fmt: skip
    if silent:
        findings.append(Finding(
            "zero-gradient", "error" if len(silent) == len(wanted) else "warning",
            f"On {min(BATCHES, len(case.sample))} batches the gradient is 0 for {_listed(silent, len(wanted))}.",
            why="They do not move: units are dead or saturated from the start, or the loss does not see them.",
            fix="He or Xavier initialisation, biases of 0, inputs on the scale of 1, LeakyReLU.",
        ))  # fmt: skip
    held = {id(p) for group in setup.optimizer.param_groups for p in group["params"]}
    left = [name for name, p in wanted.items() if id(p) not in held]
    if left:
        findings.append(Finding(
            "not-in-optimizer", "error", f"The optimizer does not hold {_listed(left, len(wanted))}.",
            why="Their gradients are computed and never used.",
            fix="Build the optimizer from `model.parameters()` once the model is complete.",
        ))  # fmt: skip
    frozen = [name for name, p in named.items() if not p.requires_grad]
    if frozen:
        findings.append(Finding(
            "frozen", "note", f"Frozen (`requires_grad` is false): {_listed(frozen, len(named))}.",
            why="They stay as they are.", fix="Nothing, if it is meant.",
        ))  # fmt: skip
    rows = [(name, _rms(p.grad)) for name, p in wanted.items() if p.grad is not None and p.ndim > 1]
    if len(rows) > 2 and 0 < rows[0][1] < APART * rows[-1][1]:
        findings.append(Finding(
            "vanishing-at-start", "warning",
            f"The gradient of {rows[0][0]} is {rows[0][1] / rows[-1][1]:.1e} of that of {rows[-1][0]}.",
            why="The first layers hardly learn while the last ones do.",
            fix="ReLU-like activations with He initialisation, residual connections, normalisation layers.",
        ))  # fmt: skip
    return Seen(findings, {"layers": [name for name, _ in rows], "gradient": [size for _, size in rows]})


def _rms(gradient: torch.Tensor | None) -> float:
    return 0.0 if gradient is None else float(gradient.double().square().mean().sqrt())


def _listed(names: list[str], total: int) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{len(names)} of {total} parameters: {', '.join(names[:SHOWN])}{more}"
