"""How long a step takes in a stack and one after another, for modules of several sizes.

`python -m benchmarks.stacks` prints, for each, milliseconds of both, their ratio, and the operations of one copy's
forward pass on the batch, by which `lossmith.training.own.stacks` decides.
"""

import time

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.networks import cnn, mlp
from lossmith.training.own.examples import Inputs
from lossmith.training.own.settings import OwnSettings
from lossmith.training.own.stacks import Apart, Course, Together, stackable

COPIES, STEPS, CPU = 6, 10, torch.device("cpu")


def milliseconds(way: type[Together] | type[Apart], module: nn.Module, x: torch.Tensor) -> float:
    copies = way(module, COPIES, Course(1e-3, STEPS + 1, OwnSettings(), CPU))
    times = []
    for step in range(STEPS + 1):
        began = time.process_time()
        copies.step(Inputs((x,)), lambda _, output: (output**2).mean(), step)
        times.append(time.process_time() - began)
    return 1e3 * min(times[1:])


def main() -> None:
    torch.set_num_threads(1)
    print(f"{'module':28}{'stack':>9}{'apart':>9}{'ratio':>7}{'Mflop':>8}  stacked by trial")
    sizes = [("mlp 64", mlp(64), (20,)), ("mlp 512", mlp(512), (20,))]
    sizes += [(f"cnn {side}x{side}", cnn(), (1, side, side)) for side in (8, 12, 28)]
    for name, module, shape in sizes:
        for batch in (32, 128):
            x = torch.randn(batch, *shape)
            with FlopCounterMode(display=False) as counter:
                module(x)
            stack, apart = milliseconds(Together, module, x), milliseconds(Apart, module, x)
            print(f"{f'{name}, batch {batch}':28}{stack:9.2f}{apart:9.2f}{stack / apart:7.2f}"
                  f"{counter.get_total_flops() / 1e6:8.1f}  {stackable(module, Inputs((x,)), CPU)}")  # fmt: skip


if __name__ == "__main__":
    main()
