"""An optimiser that is a network: it learns to descend by descending.

Andrychowicz et al., Learning to learn by gradient descent by gradient descent, 2016, arXiv:1606.04474. One small
recurrent network looks at each parameter's gradient by itself, remembers what it needs, and says the step. It is taught
on many problems of one kind, by the losses along the way.
"""

import math
from collections.abc import Callable, Iterable

import torch
from torch import Tensor

Problem = tuple[Tensor, Callable[[Tensor], Tensor]]
"""Where to start, and the loss of a point."""


class UpdateRule(torch.nn.Module):
    """The recurrent network: gradients in, steps out, one coordinate like another.

    Args:
        hidden: units of each layer.
        layers: layers of LSTM cells.
        scale: what its outputs are multiplied by, so that an untaught one takes small steps.
    """

    def __init__(self, hidden: int = 20, layers: int = 2, scale: float = 0.1) -> None:
        super().__init__()
        widths = [2, *[hidden] * (layers - 1)]
        self.cells = torch.nn.ModuleList(torch.nn.LSTMCell(width, hidden) for width in widths)
        self.out = torch.nn.Linear(hidden, 1)
        self.scale = scale

    def memory(self, parameter: Tensor) -> Tensor:
        """Return an empty memory: two numbers per unit, layer and coordinate."""
        hidden = self.out.in_features
        return parameter.new_zeros(len(self.cells), 2, parameter.numel(), hidden)

    def forward(self, gradient: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Return the step, in the shape of the gradient, and the new memory."""
        seen, kept = seen_at_every_scale(gradient.flatten()), []
        for cell, (short, long) in zip(self.cells, memory, strict=True):
            seen, long = cell(seen, (short, long))
            kept.append(torch.stack([seen, long]))
        return self.scale * self.out(seen).view_as(gradient), torch.stack(kept)


def seen_at_every_scale(gradient: Tensor, p: float = 10.0) -> Tensor:
    """Return two numbers of ordinary size for each gradient (appendix A).

    Its logarithm over p and its sign, or, below e^-p, -1 and e^p times the gradient.
    """
    size = gradient.abs()
    tiny = size < math.exp(-p)
    log = torch.where(tiny, -1.0, torch.where(tiny, 1.0, size).log() / p)
    sign = torch.where(tiny, math.exp(p) * gradient, gradient.sign())
    return torch.stack([log, sign], dim=-1)


class LearnedOptimizer(torch.optim.Optimizer):
    """Steps that a taught `UpdateRule` says, in the place of `torch.optim.Adam`.

    Args:
        params: what to optimise.
        rule: the network, which stays as it is; teach it by `teach`.

    Example:
        >>> _ = torch.manual_seed(0)
        >>> weight = torch.ones(3, requires_grad=True)
        >>> optimizer = LearnedOptimizer([weight], UpdateRule(hidden=4))
        >>> weight.square().sum().backward()
        >>> optimizer.step()
        >>> bool((weight != 1.0).all())
        True
    """

    def __init__(self, params: Iterable[Tensor], rule: UpdateRule) -> None:
        super().__init__(params, {})
        self.rule = rule

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """Move every parameter that has a gradient."""
        value = None
        if closure is not None:
            with torch.enable_grad():
                value = closure()
        for parameter in (p for group in self.param_groups for p in group["params"] if p.grad is not None):
            state = self.state[parameter]
            memory = state.get("memory", self.rule.memory(parameter))
            step, state["memory"] = self.rule(parameter.grad, memory)
            parameter.add_(step)
        return value


def teach(
    rule: UpdateRule,
    draw: Callable[[], Problem],
    *,
    rounds: int = 100,
    steps: int = 20,
    truncated: int = 20,
    rate: float = 0.01,
) -> list[float]:
    """Teach an update rule on problems of one kind, by the losses along the way.

    Args:
        rule: the network to teach, in place.
        draw: draws a problem: where to start, and the loss of a point. Several problems may be one, side by side.
        rounds: how many problems.
        steps: how many steps it takes in each.
        truncated: after how many of them a gradient is taken, and the past let go of.
        rate: Adam's, for the rule.

    Returns:
        The mean loss along the way of each round.
    """
    adam = torch.optim.Adam(rule.parameters(), lr=rate)
    told = []
    for _ in range(rounds):
        (point, loss), total = draw(), 0.0
        memory = rule.memory(point)
        for first in range(0, steps, truncated):
            value, point, memory = _unrolled(rule, loss, point.detach(), memory.detach(), min(truncated, steps - first))
            adam.zero_grad()
            value.backward()  # type: ignore[no-untyped-call]
            adam.step()
            total += float(value.detach())
        told.append(total / steps)
    return told


def _unrolled(
    rule: UpdateRule, loss: Callable[[Tensor], Tensor], point: Tensor, memory: Tensor, steps: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the sum of the losses along some steps, and where they end."""
    total = point.new_zeros(())
    for _ in range(steps):
        # What the rule sees is held fixed: no second derivatives of the problem (section 2.1).
        here = point.detach().requires_grad_()
        (slope,) = torch.autograd.grad(loss(here), here)
        step, memory = rule(slope, memory)
        point = point + step
        total = total + loss(point)
    return total, point, memory
