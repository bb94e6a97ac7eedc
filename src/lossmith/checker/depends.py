"""Whether a value depends on an argument at all."""

import torch
from torch import Tensor

from lossmith.checker.case import Case, Inputs, with_value


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
    """Return the inputs with one argument drawn anew, scaled, or turned.

    Labels of groups say only which examples belong together: they are grouped otherwise.
    """
    x, argument = inputs[place], case.arguments[place]
    values: list[Tensor] = [case.draw(seed)[place] for seed in (11, 12, 13)]
    if argument.holds in ("real", "logits", "embeddings"):
        values += [10.0 * x, -10.0 * x, x.flip(-1) if x.ndim else -x]
    if argument.holds == "group_labels":  # other partners, fewer groups, one group
        values += [x.roll(1), x // 2, torch.zeros_like(x)]
    if x.is_floating_point() and argument.role in ("mask", "weight"):
        values.append(torch.ones_like(x))
    return [with_value(inputs, place, value) for value in values]
