"""One batch learned by heart: what cannot do that will learn nothing else."""

import math
import time

import torch
from torch import nn

from lossmith.finding import Finding
from lossmith.rehearsal.case import Case, Seen
from lossmith.rehearsal.looks.start import best_constant
from lossmith.rehearsal.setup import Setup

RATES = (1e-3, 1e-2)
STEPS, FEWEST = 400, 60
LEARNED, HARDLY = 0.9, 0.5
POINTS = 80


def look(case: Case) -> Seen:
    """Train on one batch alone, with Adam, without dropout or decay."""
    _, target = case.batch
    with torch.no_grad():
        outputs = case.setup.output(case.batch[0])
    y = target if isinstance(target, torch.Tensor) else None
    answer = best_constant(case.setup, outputs, target, y)
    trivial = None
    if answer is not None:
        trivial = float(case.setup.value(answer.expand_as(outputs).to(outputs.dtype), target))
    runs = [_learned(case, rate) for rate in RATES]
    losses = min(runs, key=lambda run: run[-1] if math.isfinite(run[-1]) else math.inf)
    every = max(1, len(losses) // POINTS)
    steps = [*range(0, len(losses), every)]
    picture = {"step": steps, "loss": [losses[step] for step in steps], "trivial": trivial, "end": min(losses)}
    cut = math.isfinite(losses[-1]) and len(losses) < FEWEST
    if cut or trivial is None or trivial <= 0 or not math.isfinite(trivial):
        return Seen([], picture)
    skill = 1 - min(losses) / trivial if math.isfinite(min(losses)) else -math.inf
    if skill >= LEARNED:
        return Seen([], picture)
    rows, weights = len(outputs), sum(p.numel() for p in case.setup.model.parameters() if p.requires_grad)
    small = weights < 5 * rows
    return Seen([Finding(
        "cannot-overfit", "warning" if skill >= HARDLY or small else "error",
        f"Trained on one batch of {rows} rows alone for {len(losses)} steps, the loss goes from {losses[0]:.4g} to "
        f"{min(losses):.4g}; the best constant answer gives {trivial:.4g}.",
        why="A model that cannot learn one batch by heart is cut off from its inputs, too small, or has a wrong loss.",
        fix=f"It has {weights} weights to learn {rows} rows: try a larger model." if small else
            "Mend the errors above first; then look whether rows with the same inputs have different targets.",
    )], picture)  # fmt: skip


def _learned(case: Case, rate: float) -> list[float]:
    """Return the losses of a training on the first batch."""
    setup, began = case.fresh(), time.perf_counter()
    quiet(setup)
    inputs, target = case.batch
    optimizer = torch.optim.Adam([p for p in setup.model.parameters() if p.requires_grad], rate)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = setup.value(setup.output(inputs), target)
        losses.append(float(loss.detach()))
        if not math.isfinite(losses[-1]) or time.perf_counter() - began > case.seconds / len(RATES):
            break
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return losses


def quiet(setup: Setup) -> None:
    """Switch dropout off; the rest trains."""
    setup.model.train()
    for module in setup.model.modules():
        if isinstance(module, nn.modules.dropout._DropoutNd):
            module.eval()
