"""The second derivative fails.

What it finds: an error, or a second derivative that disagrees with differences of the first, where it is promised.
Why it matters: gradient penalties, Hessian products and meta-learning need it.
Fix: write the backward in differentiable operations, without `once_differentiable`.
"""

import torch

from lossmith.checker.case import Case
from lossmith.checker.found import Found


def find(case: Case) -> Found | None:
    """Differentiate twice."""
    supports = case.claims.get("supports") or ()
    if "double_backward" not in supports and not case.promised("twice_differentiable"):
        return None
    for place in case.predictions:
        inputs = [x.clone() for x in case.ordinary[0]]
        inputs[place].requires_grad_()
        value = case.call(inputs).value
        if value is None or not value.requires_grad:
            continue
        try:
            (first,) = torch.autograd.grad(value.sum(), inputs[place], create_graph=True)
            if first.requires_grad:
                torch.autograd.grad(first.square().sum(), inputs[place])
        except RuntimeError as error:
            told = str(error).splitlines()[0]
            return Found(f"The second derivative fails: {told[:160]}", case.ordinary[0])
        moved = [x.detach() for x in inputs]
        moved[place] = moved[place] + 0.1
        _, other = case.gradient(moved, place)
        if not first.requires_grad and other is not None and not torch.allclose(first, other):
            told = (
                "The gradient changes with the prediction, but cannot be differentiated: the second derivative is lost."
            )
            return Found(told, case.ordinary[0])
    return None
