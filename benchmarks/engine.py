"""Trials per second: this engine against what people use today, on the same trials.

python -m benchmarks.engine [--epochs 5] [--rounds 3] [--json FILE]

A trial is one loss trained on one fold of 5,000 rows × 20 features. Contenders: this engine; a plain torch loop, on one
thread and on torch's default; skorch under GridSearchCV; a bare Lightning Trainer; the plain loop in two joblib
processes. Those that are not installed (`pip install -e '.[benchmarks]'`) are left out. Before anything is timed, this
engine and the plain loop must agree on every trial. Rounds are interleaved; ratios are of medians. Where neighbours
keep the machine busy, the ratios of processor time are the ones to read; `two_cores` then says nothing.
"""

import argparse
import importlib.util
import json
import logging
import math
import os
import statistics
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.machine import machine
from lossmith import registry
from lossmith.kernels.products import product
from lossmith.training import workers
from lossmith.training.engine import train_together
from lossmith.training.fitted import Split
from lossmith.training.links import fit_link
from lossmith.training.problem import Candidate
from lossmith.training.sampling import ORDER
from lossmith.training.settings import Settings

ROWS, FEATURES, FOLDS, RATE = 5000, 20, 10, 3e-3
CANDIDATES = [
    Candidate("mse", "squared_error_loss"),
    Candidate("mae", "absolute_error_loss"),
    Candidate("huber", "huber_loss", {"delta": 0.5}),
    Candidate("log-cosh", "log_cosh_loss"),
    Candidate("pinball", "pinball_loss", {"quantile": 0.7}),
    Candidate("huber 1", "huber_loss", {"delta": 1.0}),
    Candidate("pinball 0.3", "pinball_loss", {"quantile": 0.3}),
    Candidate("huber 2", "huber_loss", {"delta": 2.0}),
]


@dataclass(frozen=True)
class Size:
    """One network and batch size."""

    name: str
    hidden: int
    batch: int

    def settings(self, epochs: int) -> Settings:
        """Exactly so many epochs, scored once at the end."""
        return Settings(
            hidden=(self.hidden, self.hidden), min_batch=self.batch, max_batch=self.batch, min_epochs=epochs,
            max_epochs=epochs, validations=1, learning_rate=RATE, rate_factors=(1.0,),
        )  # fmt: skip

    def flops(self, epochs: int) -> float:
        """Operations of one trial's matrix products, forward and backward."""
        weights = sum(a * b for a, b in pairwise((FEATURES, self.hidden, self.hidden, 1)))
        steps = epochs * (_train_rows() // self.batch)
        return 6.0 * weights * self.batch * steps


SIZES = (Size("large", 128, 256), Size("small", 32, 64))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    splits = _splits()
    found: dict[str, dict[str, Any]] = {"ratios": {}, "processor_time_ratios": {}, "trials_per_second": {}}
    for size in SIZES:
        agreed = _agreement(size, splits[0], options.epochs)
        rates, processor = _measure(size, splits, options.epochs, options.rounds)
        found["trials_per_second"][size.name] = rates
        found["ratios"][size.name] = ratios = _ratios(rates, processor["ours"], size, options.epochs)
        found["processor_time_ratios"][size.name] = processor = _faster(processor)
        print(_table(size, rates, ratios, processor, agreed), flush=True)
    if options.json:
        options.json.write_text(json.dumps({**found, "machine": machine(), "load": os.getloadavg()}, indent=1))


def _splits() -> list[Split]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, FEATURES)).astype(np.float32)
    y = np.tanh(0.5 * x @ rng.normal(size=FEATURES)) + 0.5 * np.sin(2 * x[:, 0]) + 0.3 * rng.normal(size=ROWS) ** 3
    parts = np.array_split(np.arange(ROWS), FOLDS)
    return [Split(np.delete(x, part, 0), np.delete(y, part), x[part], y[part]) for part in parts]


def _train_rows() -> int:
    return ROWS - ROWS // FOLDS


def ours(size: Size, splits: list[Split], epochs: int) -> list[float]:
    """Train all candidates on some splits with this engine, stacked as `advise` stacks them."""
    settings, metric = size.settings(epochs), registry.metric("rmse")
    together = settings.splits_together(_train_rows(), FEATURES, len(CANDIDATES))
    scores: list[float] = []
    for first in range(0, len(splits), together):
        chunk = splits[first : first + together]
        for fitted in train_together(CANDIDATES, chunk, metric, settings, settings.rates, [0] * len(chunk)):
            scores += [one.valid_score for one in fitted]
    return scores


def sequential(size: Size, splits: list[Split], epochs: int) -> list[float]:
    """Train them one after another, as a tutorial would."""
    return [_alone(candidate, size, split, epochs) for split in splits for candidate in CANDIDATES]


def briefly(size: Size, splits: list[Split], epochs: int) -> list[float]:
    """Train two of them so: on cores that others use, threads that wait for each other take a minute a trial."""
    return [_alone(candidate, size, split, epochs) for split in splits for candidate in CANDIDATES[:2]]


def _alone(candidate: Candidate, size: Size, split: Split, epochs: int) -> float:
    network = _network(size.hidden, torch.Generator().manual_seed(0))
    generator = torch.Generator().manual_seed(ORDER)
    criterion, link = _task(candidate, split)
    x, target = torch.from_numpy(split.x_train), link.target(split.y_train)
    optimiser, schedule = _optimiser(network, epochs * (len(x) // size.batch))
    for _ in range(epochs):
        order = torch.randperm(len(x), generator=generator)
        for rows in order[: len(x) // size.batch * size.batch].split(size.batch):
            optimiser.zero_grad()
            criterion(network(x[rows])[:, 0], target[rows]).backward()
            optimiser.step()
            schedule.step()
    with torch.no_grad():
        prediction = link.inverse(network(torch.from_numpy(split.x_valid)))
    return registry.metric("rmse")(split.y_valid, prediction)


def _network(hidden: int, generator: torch.Generator) -> torch.nn.Sequential:
    """Build the plain network with the engine's initial weights."""
    widths, layers = [FEATURES, hidden, hidden, 1], []
    for place, (a, b) in enumerate(pairwise(widths)):
        linear = torch.nn.Linear(a, b)
        last = place == len(widths) - 2
        drawn = torch.randn(a, b, generator=generator) * (0.1 if last else math.sqrt(2.0)) / math.sqrt(a)
        linear.weight.data = drawn.T.contiguous()
        linear.bias.data.zero_()
        layers += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def _task(candidate: Candidate, split: Split) -> tuple[Any, Any]:
    criterion = registry.load(candidate.loss, **candidate.params)
    return criterion, fit_link("identity", split.y_train, criterion.card(), criterion.hyperparameters, 0)


def _optimiser(network: torch.nn.Module, steps: int) -> tuple[Any, Any]:
    decayed = [p for p in network.parameters() if p.ndim > 1]
    plain = [p for p in network.parameters() if p.ndim == 1]
    groups = [{"params": decayed, "weight_decay": 1e-2}, {"params": plain, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, RATE, total_steps=steps, pct_start=0.1, cycle_momentum=False
    )
    return optimiser, schedule


def skorch(size: Size, splits: list[Split], epochs: int) -> list[float]:
    """Search over losses with scikit-learn's GridSearchCV, one split at a time."""
    return [score for split in splits for score in _searched(size, split, epochs)]


def _searched(size: Size, split: Split, epochs: int) -> list[float]:
    from sklearn.model_selection import GridSearchCV, PredefinedSplit
    from skorch import NeuralNetRegressor

    x = np.concatenate([split.x_train, split.x_valid])
    y = np.concatenate([split.y_train, split.y_valid]).astype(np.float32)[:, None]
    fold = PredefinedSplit(np.repeat([-1, 0], [len(split.x_train), len(split.x_valid)]))
    net = NeuralNetRegressor(
        _network(size.hidden, torch.Generator().manual_seed(0)), max_epochs=epochs, lr=RATE, batch_size=size.batch,
        optimizer=torch.optim.AdamW, train_split=None, verbose=0, iterator_train__shuffle=True,
    )  # fmt: skip
    grid = {"criterion": [_loss_class(candidate) for candidate in CANDIDATES]}
    search = GridSearchCV(net, grid, cv=fold, refit=False, scoring="neg_root_mean_squared_error").fit(x, y)
    return [-float(score) for score in search.cv_results_["mean_test_score"]]


def _loss_class(candidate: Candidate) -> Callable[[], Any]:
    return lambda: registry.load(candidate.loss, **candidate.params)


def lightning(size: Size, splits: list[Split], epochs: int) -> list[float]:
    """Train with a Lightning Trainer that logs, saves and shows nothing."""
    return [_lightning_alone(candidate, size, split, epochs) for split in splits for candidate in CANDIDATES]


def _lightning_alone(candidate: Candidate, size: Size, split: Split, epochs: int) -> float:
    import lightning as pl

    criterion, link = _task(candidate, split)

    class Module(pl.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.network = _network(size.hidden, torch.Generator().manual_seed(0))

        def training_step(self, batch: tuple[Tensor, Tensor]) -> Tensor:
            return criterion(self.network(batch[0])[:, 0], batch[1])

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.AdamW(self.parameters(), lr=RATE, weight_decay=1e-2)

    data = torch.utils.data.TensorDataset(torch.from_numpy(split.x_train), link.target(split.y_train))
    loader = torch.utils.data.DataLoader(data, batch_size=size.batch, shuffle=True, drop_last=True)
    module = Module()
    trainer = pl.Trainer(
        max_epochs=epochs, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(module, loader)
    with torch.no_grad():
        prediction = link.inverse(module.network(torch.from_numpy(split.x_valid)))
    return registry.metric("rmse")(split.y_valid, prediction)


def _agreement(size: Size, split: Split, epochs: int) -> float:
    """Return the largest relative difference between this engine and the plain loop; refuse a large one."""
    torch.set_num_threads(1)
    pairs = zip(ours(size, [split], epochs), sequential(size, [split], epochs), strict=True)
    worst = max(abs(a - b) / b for a, b in pairs)
    if worst > 0.01:
        raise SystemExit(
            f"The engine and the plain loop should agree. Found a difference of {worst:.2%} ({size.name})."
        )
    return worst


Rates = dict[str, float]


def _measure(size: Size, splits: list[Split], epochs: int, rounds: int) -> tuple[Rates, Rates]:
    """Return trials per second of each contender, medians over interleaved rounds: of wall and of processor time."""
    threads = len(os.sched_getaffinity(0))
    runs: dict[str, Callable[[], int]] = {
        "ours": lambda: _on_threads(1, ours, size, splits, epochs),
        "sequential": lambda: _on_threads(1, sequential, size, splits[:1], epochs),
        "sequential_default_threads": lambda: _on_threads(threads, briefly, size, splits[:1], epochs),
        "ours_two_processes": lambda: _in_processes(ours, size, splits * 2, epochs),
        "sequential_two_processes": lambda: _in_processes(sequential, size, splits[:2], epochs),
    }
    for name, function in (("skorch", skorch), ("lightning", lightning)):
        if importlib.util.find_spec(name):
            runs[name] = lambda function=function: _on_threads(1, function, size, splits[:1], epochs)
    _in_processes(ours, size, splits[:2], 1)  # start the workers outside the clock
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for number in range(rounds):
        names = list(runs)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            began, busy = time.perf_counter(), time.process_time()
            trials = runs[name]()
            seconds[name].append(((time.perf_counter() - began) / trials, (time.process_time() - busy) / trials))
    wall, processor = (
        {name: 1.0 / statistics.median(pair[which] for pair in pairs) for name, pairs in seconds.items()}
        for which in (0, 1)
    )
    return wall, {name: rate for name, rate in processor.items() if "processes" not in name}


def _on_threads(
    threads: int, function: Callable[..., list[float]], size: Size, splits: list[Split], epochs: int
) -> int:
    torch.set_num_threads(threads)
    return len(function(size, splits, epochs))


def _in_processes(function: Callable[..., list[float]], size: Size, splits: list[Split], epochs: int) -> int:
    half = len(splits) // 2
    work = [(function, size, part, epochs) for part in (splits[:half], splits[half:])]
    return sum(len(scores) for scores in workers.run_all(_call, work, 2, math.inf))


def _call(work: tuple[Callable[..., list[float]], Size, list[Split], int]) -> list[float]:
    function, *arguments = work
    return function(*arguments)


def _ratios(rates: Rates, processor: float, size: Size, epochs: int) -> dict[str, float]:
    speed = rates["ours"]
    peers = {name: speed / rates[name] for name in ("sequential", "skorch", "lightning") if name in rates}
    more = {
        "sequential_default_threads": speed / rates["sequential_default_threads"],
        "two_cores": rates["ours_two_processes"] / speed,
        "two_cores_against_joblib": rates["ours_two_processes"] / rates["sequential_two_processes"],
        "of_matmul": processor * size.flops(epochs) / _matmul_flops(size),
    }
    return {key: round(value, 3) for key, value in (peers | more).items()}


def _faster(rates: Rates) -> Rates:
    return {name: round(rates["ours"] / rate, 3) for name, rate in rates.items() if name != "ours"}


def _matmul_flops(size: Size) -> float:
    """Return what one thread reaches on this network's own shapes, by the faster of torch's two libraries."""
    torch.set_num_threads(1)
    a, b = torch.randn(8, size.batch, size.hidden), torch.randn(8, size.hidden, size.hidden)
    out = torch.empty(8, size.batch, size.hidden)
    libraries = (lambda: torch.bmm(a, b, out=out), lambda: product(a, b, out))
    best = math.inf
    for library in libraries:
        took = []
        for _ in range(30):
            began = time.process_time()
            for _ in range(20):
                library()
            took.append((time.process_time() - began) / 20)
        best = min(best, statistics.median(took))
    return 2.0 * 8 * size.batch * size.hidden**2 / best


def _table(size: Size, rates: Rates, ratios: dict[str, float], processor: Rates, agreed: float) -> str:
    lines = [
        f"\n## {size.name}: hidden {size.hidden}, batch {size.batch} ({machine()})",
        f"Agreement with the plain loop: {agreed:.1e} relative, at worst.\n",
        "| contender | trials per second | this engine is faster by | by processor time |",
        "|---|---|---|---|",
        *[
            f"| {name.replace('_', ' ')} | {rate:.2f} | {rates['ours'] / rate:.2f} | {processor.get(name, '')} |"
            for name, rate in rates.items()
        ],
        "",
        f"Two cores over one: {ratios['two_cores']}. Share of the matrix-product speed: {ratios['of_matmul']}. "
        f"Load while measuring: {os.getloadavg()[0]:.1f}.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
