"""Whether a value depends on an argument at all."""

import torch

from lossmith.checker.case import Case, Inputs


def depends(case: Case, place: int) -> bool:
    """Whether other values of the argument ever change the result."""
    for inputs in case.ordinary:
        start = case.number(inputs)
        for moved in others(case, inputs, place):
            end = case.number(moved)
            if start is None or end is None or abs(end - start) > 1e-9 * (1.0 + abs(start)) or end != end:
                return True
    return False


def others(case: Case, inputs: Inputs, place: int) -> list[Inputs]:
    """Return the inputs with one argument drawn anew, scaled, or turned."""
    found = []
    for seed in (11, 12, 13):
        moved = list(inputs)
        moved[place] = case.draw(seed)[place]
        found.append(moved)
    x = inputs[place]
    if case.arguments[place].holds in ("real", "logits", "embeddings"):
        for value in (10.0 * x, -10.0 * x, x.flip(-1) if x.ndim else -x):
            moved = list(inputs)
            moved[place] = value
            found.append(moved)
    if case.arguments[place].holds == "group_labels":  # other partners: a new draw has the same
        moved = list(inputs)
        moved[place] = x.roll(1)
        found.append(moved)
    if x.is_floating_point() and case.arguments[place].role in ("mask", "weight"):
        moved = list(inputs)
        moved[place] = torch.ones_like(x)
        found.append(moved)
    return found
