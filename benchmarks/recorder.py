"""What recording costs: the same steps with and without a recorder, in turns.

`python -m benchmarks.recorder` prints, for networks of several sizes, the median time of a step without, the median of
the ratios of rounds that follow one another, and its quartiles. A round is several hundred steps of one loop, so that
what the samples cost is in it at the share it has in a training.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

import torch
from torch import nn

from benchmarks.networks import cnn, mlp
from lossmith import Recorder


class Loop:
    """A training that goes on from round to round."""

    def __init__(self, model: nn.Module, shape: tuple[int, ...], batch: int, device: str, record: bool) -> None:
        torch.manual_seed(0)
        self.x, self.y = torch.randn(batch, *shape, device=device), torch.randint(10, (batch,), device=device)
        self.model, self.criterion = model.to(device), nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(self.model.parameters())
        self.device, self.recorder = device, None
        if record:
            folder = Path(tempfile.mkdtemp()) / "run"
            self.recorder = Recorder(folder, self.model, self.optimizer, self.criterion)

    def round(self, steps: int) -> float:
        """Return the seconds of one step.

        On a CPU it is the process' own time, which other processes on the machine do not change.
        """
        clock = time.process_time if self.device == "cpu" else time.perf_counter
        began = clock()
        for _ in range(steps):
            output = self.model(self.x)
            loss = self.criterion(output, self.y)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            if self.recorder:
                self.recorder.step(loss, output, self.y)
            else:
                loss.item()  # what every loop that shows its loss does
        if self.device != "cpu":
            torch.cuda.synchronize()
        return (clock() - began) / steps


def measure(make, shape: tuple[int, ...], batch: int, device: str, rounds: int, seconds: float) -> dict[str, float]:
    """Return the step's time without a recorder, and the ratio with one."""
    plain, recorded = (Loop(make(), shape, batch, device, record) for record in (False, True))
    steps = max(20, int(seconds / plain.round(20)))
    for loop in (plain, recorded):  # past the early samples, which are paid back within the first round
        loop.round(steps)
    ratios, times = [], []
    for index in range(rounds):
        order = (plain, recorded) if index % 2 else (recorded, plain)
        found = {loop is recorded: loop.round(steps) for loop in order}
        ratios.append(found[True] / found[False])
        times.append(found[False])
    low, middle, high = statistics.quantiles(ratios, n=4)
    return {"step_ms": 1e3 * statistics.median(times), "ratio": middle, "low": low, "high": high, "steps": steps}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--json")
    options = parser.parse_args()
    torch.set_num_threads(1)
    cases = [(f"mlp {width}, batch {batch}", lambda width=width: mlp(width), (20,), batch)
             for width, batch in ((64, 32), (256, 128), (1024, 128))]  # fmt: skip
    cases += [("cnn 28x28, batch 32", cnn, (1, 28, 28), 32), ("cnn 28x28, batch 128", cnn, (1, 28, 28), 128)]
    found = {}
    print(f"{'network':24}{'step, ms':>10}{'ratio':>8}{'quartiles':>16}")
    for name, make, shape, batch in cases:
        row = found[name] = measure(make, shape, batch, options.device, options.rounds, options.seconds)
        quartiles = f"{row['low']:.3f}–{row['high']:.3f}"
        print(f"{name:24}{row['step_ms']:10.3f}{row['ratio']:8.3f}{quartiles:>16}", flush=True)
    if options.json:
        Path(options.json).write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
