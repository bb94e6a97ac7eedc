"""The loss of the untrained model beside that of the best constant answer."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from lossmith.finding import Finding
from lossmith.rehearsal.case import Case, Seen
from lossmith.rehearsal.setup import Setup

STEPS, RATE = 300, 0.05
FAR, BELOW = 2.0, 0.5
CLOSE = 1e-3


def look(case: Case) -> Seen:
    """Compare the two on the sample."""
    setup, answer = case.setup, best_constant(case.setup, case.outputs, case.batch[1], case.target)
    with torch.no_grad():
        outputs = [(setup.output(inputs), target) for inputs, target in case.sample]
        start = _mean([float(setup.value(output, target)) for output, target in outputs])
        trivial = None
        if answer is not None:
            trivial = _mean([float(setup.value(answer.expand_as(o).to(o.dtype), y)) for o, y in outputs])
    if trivial is None or trivial <= 0 or not math.isfinite(start):
        return Seen([], {"start": start, "trivial": trivial})
    findings = []
    if start > FAR * trivial:
        findings.append(Finding(
            "bad-start", "warning",
            f"The untrained model's loss is {start:.4g}; answering the best constant gives {trivial:.4g}.",
            why="The first steps only bring the outputs down to the targets' level, often with huge gradients.",
            fix="Standardise inputs and target, set the last layer's bias to the constant, or shrink its weights.",
        ))  # fmt: skip
    if start < BELOW * trivial:
        findings.append(Finding(
            "too-good-start", "note",
            f"The untrained model's loss is {start:.4g}, below the {trivial:.4g} of the best constant answer.",
            why="Without training that is a leak of the target, or a model that was trained before.",
            fix="Nothing, if the model was trained before; else look for the target among the inputs.",
        ))  # fmt: skip
    return Seen(findings, {"start": start, "trivial": trivial})


def best_constant(setup: Setup, outputs: Tensor, one: object, target: Tensor | None) -> Tensor | None:
    """Return the best answer that is the same for every row, found by trying.

    It stays in the model's own range: chances, log-chances, or all numbers.

    Args:
        setup: whose loss counts.
        outputs: of some rows, for their shape and range.
        one: target of a batch, for its shape.
        target: of those rows.
    """
    if target is None or len(target) < 2:
        return None
    target = target[: len(outputs)].to(outputs.device)
    outputs = outputs[: len(target)]
    wide = outputs.ndim > 2 and isinstance(one, Tensor) and one.shape[1:] == outputs.shape[2:]
    shape = (1, outputs.shape[1], *(1,) * (outputs.ndim - 2)) if wide else (1, *outputs.shape[1:])
    within = _within(setup, outputs, target)
    free = torch.zeros(shape, device=outputs.device, requires_grad=True)
    if within is _free and target.is_floating_point() and target.numel() == outputs.numel():
        free.data = target.float().reshape(outputs.shape).mean(0, keepdim=True)  # from 0 it might take long
    optimizer = torch.optim.Adam([free], RATE)
    best, answer = math.inf, None
    for _ in range(STEPS):
        loss = setup.value(within(free).expand_as(outputs).to(outputs.dtype), target)
        if not math.isfinite(float(loss.detach())):
            break
        if float(loss.detach()) < best:
            best, answer = float(loss.detach()), within(free).detach().clone()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return answer


def _within(setup: Setup, outputs: Tensor, target: Tensor) -> Callable[[Tensor], Tensor]:
    """Return what keeps a constant where the model's outputs are."""
    if outputs.ndim > 1 and outputs.shape[1] > 1:
        if bool((outputs >= 0).all()) and bool((outputs.sum(1) - 1).abs().max() < CLOSE):
            return lambda free: free.softmax(1)
        if bool(outputs.logsumexp(1).abs().max() < CLOSE):
            return lambda free: free.log_softmax(1)
    try:
        setup.value(torch.full_like(outputs, 2.0), target)
    except (RuntimeError, ValueError):  # it takes probabilities only
        return torch.sigmoid
    return _free


def _free(value: Tensor) -> Tensor:
    return value


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else math.nan
