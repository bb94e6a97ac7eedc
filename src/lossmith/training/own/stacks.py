"""Copies of one module, trained on the same batches, that differ in their loss.

`Together` trains them as one stack through torch.func: parameters with a leading dimension, one vmapped call for all.
`Apart` trains one after another on each batch, as anyone would, and takes any module and any precision: autocast
does not reach into a vmapped call. Both start every copy from the same weights and give every copy the same dropout
masks.
"""

import copy
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.flop_counter import FlopCounterMode

from lossmith.training.own.examples import Inputs
from lossmith.training.own.factory import torch_seeded
from lossmith.training.own.settings import OwnSettings

State = dict[str, Tensor]
LossOf = Callable[[int, Tensor], Tensor]
"""A copy's number and its output to its mean loss."""

WORTH_STACKING = {"cpu": 2e7, "cuda": 1e10}
"""Operations of one copy's forward pass on a batch, below which a step is mostly bookkeeping and a stack is faster."""
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Course:
    """The way every copy is led: rate, steps, settings and device."""

    rate: float
    steps: int
    settings: OwnSettings
    device: torch.device

    @contextmanager
    def precision(self) -> Iterator[None]:
        """Compute in the precision that was asked for."""
        kind = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(self.settings.precision)
        with torch.autocast(self.device.type, dtype=kind, enabled=kind is not None):
            yield

    def optimiser(self, parameters: Sequence[Tensor], dimensions: Sequence[int]) -> torch.optim.AdamW:
        """Return AdamW, which decays matrices and leaves biases and scales alone."""
        pairs = list(zip(parameters, dimensions, strict=True))
        groups = [
            {"params": [p for p, n in pairs if n > 1], "weight_decay": self.settings.weight_decay},
            {"params": [p for p, n in pairs if n <= 1], "weight_decay": 0.0},
        ]
        return torch.optim.AdamW([group for group in groups if group["params"]], lr=self.rate)

    def schedule(self, optimiser: torch.optim.Optimizer) -> OneCycleLR:
        """Return torch's one cycle: up for three tenths of the steps, then down."""
        return OneCycleLR(optimiser, self.rate, total_steps=self.steps, cycle_momentum=False)


class Copies(Protocol):
    """What the engine asks of either way to train."""

    def step(self, inputs: Inputs, loss_of: LossOf, seed: int) -> Tensor:
        """Take one step on a batch; return every copy's loss."""

    def state(self, number: int) -> State:
        """Return one copy's parameters and buffers, as they are now."""


class Together:
    """One stack of all copies, through torch.func."""

    def __init__(self, module: nn.Module, count: int, course: Course) -> None:
        self.module, self.course, self.count = module, course, count
        learned = {name: p for name, p in module.named_parameters() if p.requires_grad}
        self.frozen = {name: p.detach() for name, p in module.named_parameters() if not p.requires_grad}
        self.parameters = {name: _repeated(p, count).requires_grad_() for name, p in learned.items()}
        self.buffers = {name: _repeated(b, count) for name, b in module.named_buffers()}
        self.optimiser = course.optimiser(list(self.parameters.values()), [p.ndim for p in learned.values()])
        self.schedule = course.schedule(self.optimiser)
        # Frozen weights are shared; "same" gives every copy the same dropout mask.
        self._forward = vmap(self._one, in_dims=(0, 0, None), randomness="same")

    def outputs(self, inputs: Inputs, seed: int) -> Tensor:
        """Return every copy's output on a batch (copies, n, ...), in training mode."""
        with torch_seeded(seed, self.course.device):
            output: Tensor = self._forward(self.parameters, self.buffers, inputs)
        return output

    def step(self, inputs: Inputs, loss_of: LossOf, seed: int) -> Tensor:
        """Take one step on a batch; return every copy's loss."""
        values = torch.stack([loss_of(number, output) for number, output in enumerate(self.outputs(inputs, seed))])
        self.optimiser.zero_grad()
        values.sum().backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        self.schedule.step()
        return values.detach()

    def state(self, number: int) -> State:
        """Return one copy's parameters and buffers, as they are now."""
        own = {**self.parameters, **self.buffers}
        return {**self.frozen, **{name: value[number].detach().clone() for name, value in own.items()}}

    def _one(self, parameters: State, buffers: State, inputs: Inputs) -> Tensor:
        held = {**self.frozen, **parameters, **buffers}
        output: Tensor = functional_call(self.module, held, inputs.args, dict(inputs.kwargs or {}))
        return output


class Apart:
    """A module for each copy, one after another on each batch."""

    def __init__(self, module: nn.Module, count: int, course: Course) -> None:
        self.course = course
        self.modules = [copy.deepcopy(module) for _ in range(count)]
        learned = [[p for p in m.parameters() if p.requires_grad] for m in self.modules]
        self.optimisers = [course.optimiser(own, [p.ndim for p in own]) for own in learned]
        self.schedules = [course.schedule(optimiser) for optimiser in self.optimisers]
        # One scaler each: the step that one copy's overflow skips must not be lost to the others.
        fp16 = course.settings.precision == "fp16"
        self.scalers = [torch.amp.GradScaler(course.device.type, enabled=fp16) for _ in range(count)]

    def step(self, inputs: Inputs, loss_of: LossOf, seed: int) -> Tensor:
        """Take one step on a batch; return every copy's loss."""
        return torch.stack([self._step(number, inputs, loss_of, seed) for number in range(len(self.modules))])

    def state(self, number: int) -> State:
        """Return one copy's parameters and buffers, as they are now."""
        return {name: value.detach().clone() for name, value in held(self.modules[number]).items()}

    def _step(self, number: int, inputs: Inputs, loss_of: LossOf, seed: int) -> Tensor:
        optimiser, scaler = self.optimisers[number], self.scalers[number]
        with torch_seeded(seed, self.course.device), self.course.precision():
            output = inputs.call(self.modules[number])
        value = loss_of(number, output)
        optimiser.zero_grad()
        scaler.scale(value).backward()  # type: ignore[no-untyped-call]
        scale = scaler.get_scale()
        scaler.step(optimiser)
        scaler.update()
        if scaler.get_scale() >= scale:  # else the step was skipped, as the gradients had overflown
            self.schedules[number].step()
        return value.detach()


def held(module: nn.Module) -> State:
    """Return a module's parameters and buffers by name, each once."""
    return {**dict(module.named_parameters()), **dict(module.named_buffers())}


def worth_stacking(module: nn.Module, inputs: Inputs, device: torch.device, batch: int) -> bool:
    """Whether a step is so little arithmetic that one call for all copies is faster.

    Counted, not timed: the same command gives the same answer. `inputs` are some examples, `batch` is how many a step
    sees.
    """
    counter = FlopCounterMode(display=False)
    try:
        with counter, torch.no_grad(), torch_seeded(0, device):
            inputs.call(copy.deepcopy(module))
    except Exception:  # the counter knows torch's own operations; what it cannot count is not stacked
        return False
    share = batch / len(inputs.tensors()[0])
    return counter.get_total_flops() * share <= WORTH_STACKING.get(device.type, 0.0)


def stackable(module: nn.Module, inputs: Inputs, device: torch.device) -> bool:
    """Whether copies in a stack give what the module gives alone.

    That is output, gradient and buffers, tried on one batch. Where training draws random numbers, the stack may draw
    others: then the copies must agree with one another, and with the module in evaluation. Operations that vmap only
    loops over gain nothing: no stack.
    """
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message="There is a performance drop")
            alone = [_tried(copy.deepcopy(module).train(), inputs, seed, device) for seed in (0, 1)]
            first, second = _stacked(copy.deepcopy(module).train(), inputs, device)
            if _close(alone[0], alone[1]):
                return _close(first, alone[0]) and _close(second, alone[0])
            evaluated = _stacked(copy.deepcopy(module).eval(), inputs, device)[0]
            return _close(first, second) and _close(evaluated, _tried(copy.deepcopy(module).eval(), inputs, 0, device))
    except Exception:  # whatever it is that vmap cannot follow: the other way takes any module
        return False


def _stacked(module: nn.Module, inputs: Inputs, device: torch.device) -> list[list[Tensor]]:
    """Return output, gradients and buffers of two copies in a stack on one batch."""
    stack = Together(module, 2, Course(1e-3, 2, OwnSettings(), device))
    output = stack.outputs(inputs, 0)
    gradients = torch.autograd.grad((output**2).mean(dim=1).sum(), list(stack.parameters.values()))
    held = [output.detach(), *gradients, *stack.buffers.values()]
    return [[value[place] for value in held] for place in (0, 1)]


def _tried(module: nn.Module, inputs: Inputs, seed: int, device: torch.device) -> list[Tensor]:
    """Return output, gradients and buffers of one module on one batch."""
    with torch_seeded(seed, device):
        output = inputs.call(module)
    parameters = [p for p in module.parameters() if p.requires_grad]
    gradients = torch.autograd.grad((output**2).mean(dim=0).sum(), parameters)
    return [output.detach(), *gradients, *(buffer.detach() for buffer in module.buffers())]


def _close(some: Sequence[Tensor], others: Sequence[Tensor]) -> bool:
    return all(torch.allclose(a, b, rtol=TOLERANCE, atol=TOLERANCE) for a, b in zip(some, others, strict=True))


def _repeated(value: Tensor, count: int) -> Tensor:
    return value.detach().expand(count, *value.shape).clone()
