"""A training step under test: small models and batches it can be run on.

Rules ask this object; it never raises for what the step does, but hands back what happened.
"""

import inspect
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from lossmith.checker.argument import is_finite

Step = Callable[..., Any]
SEEDS = range(3)
"""Models and batches that a rule looks at."""
MOST_CALLS = 8
"""Calls after which a step that changes no parameter is not merely gathering gradients."""


@dataclass(frozen=True)
class Batch:
    """What a batch holds."""

    holds: str
    """Of the target, in words."""
    target: str
    """Draws the target `y` for `x`, as code."""
    outputs: int
    speaks: str
    """Pattern of the losses in torch that take such targets."""


BATCHES = (
    Batch("numbers (8, 1)", "y = x @ torch.randn(3, 1) + 0.5", 1, r"mse|l1_loss|huber|quantile"),
    Batch("class index (8)", "y = (x @ torch.randn(3, 4)).argmax(1)", 4, r"cross_entropy|nll_loss|multi_margin"),
    Batch("0 or 1 (8, 1)", "y = (x @ torch.randn(3, 1) > 0).float()", 1, r"binary_cross"),
    Batch("numbers (8)", "y = (x @ torch.randn(3, 1) + 0.5).flatten()", 1, r"mse|l1_loss|huber|quantile"),
    Batch("0 or 1 (8)", "y = (x @ torch.randn(3, 1) > 0).float().flatten()", 1, r"binary_cross"),
)
"""Kinds of batches; `x` is always numbers (8, 3)."""

MODELS = {
    "a linear network": "torch.nn.Linear(3, {outputs})",
    "a two-layer network": "torch.nn.Sequential(torch.nn.Linear(3, 6), torch.nn.Tanh(), torch.nn.Linear(6, {outputs}))",
}
OPTIMISERS = {
    "SGD": "torch.optim.SGD(model.parameters(), lr={lr})",
    "SGD with momentum": "torch.optim.SGD(model.parameters(), lr={lr}, momentum=0.9)",
    "Adam": "torch.optim.Adam(model.parameters(), lr={lr})",
}


@dataclass(frozen=True)
class Setup:
    """A model, a batch and an optimizer, and the code that makes them."""

    batch: Batch
    network: str = "a two-layer network"
    optimiser: str = "SGD"
    lr: float = 0.1
    seed: int = 0

    @property
    def code(self) -> str:
        """Lines to paste; what is run is made by these very lines."""
        return "\n".join([
            "import torch",
            f"torch.manual_seed({self.seed})",
            f"model = {MODELS[self.network].format(outputs=self.batch.outputs)}",
            "x = torch.randn(8, 3)",
            self.batch.target,
            f"optimizer = {OPTIMISERS[self.optimiser].format(lr=self.lr)}",
        ])  # fmt: skip

    def build(self) -> "Run":
        """Make them."""
        names: dict[str, Any] = {}
        exec(self.code, names)  # noqa: S102 - our own lines: so the witness is what was run
        return Run(names["model"], names["x"], names["y"], names["optimizer"])


@dataclass
class Run:
    """One training under way."""

    model: nn.Module
    x: Tensor
    y: Tensor
    optimizer: torch.optim.Optimizer
    error: Exception | None = None
    values: list[float] = field(default_factory=list)
    """What the step returned, where it was a number."""
    returned: Any = None
    gradients: bool = True
    """Whether gradients were still recorded after every call."""

    def parameters(self) -> list[Tensor]:
        """Return a copy of the parameters."""
        return [p.detach().clone() for p in self.model.parameters()]

    def moved(self, before: Sequence[Tensor]) -> list[bool]:
        """Return which parameters differ from those."""
        return [not torch.equal(p.detach(), q) for p, q in zip(self.model.parameters(), before, strict=True)]

    def fit(self) -> float:
        """Return how badly the model fits the batch, by the usual loss of its kind."""
        with torch.no_grad():
            score = self.model(self.x)
            if not self.y.is_floating_point():
                return float(nn.functional.cross_entropy(score, self.y))
            y = self.y.reshape(score.shape)
            if bool(((y == 0) | (y == 1)).all()):
                return float(nn.functional.binary_cross_entropy_with_logits(score, y))
            return float(nn.functional.mse_loss(score, y))


@dataclass
class StepCase:
    """A training step and the order it takes its arguments in."""

    make: Callable[[], Step]
    order: Sequence[str]
    """Of model, batch, optimizer; or model, x, y, optimizer."""
    seed: int = 0
    name: str = "step"

    def calls(self, setup: Setup, count: int = 1, run: Run | None = None) -> Run:
        """Run the step some times on one batch; it ends at the first error."""
        run = setup.build() if run is None else run
        step = self.make()
        places = {"model": run.model, "batch": (run.x, run.y), "x": run.x, "y": run.y, "optimizer": run.optimizer}
        for _ in range(count):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    # A batch whose shape torch has to stretch is not the one the step is written for.
                    warnings.filterwarnings("error", message="Using a target size")
                    run.returned = step(*(places[name] for name in self.order))
            except MemoryError:
                raise
            except Exception as error:  # whatever a user's step may raise
                run.error = error
                break
            finally:
                run.gradients &= torch.is_grad_enabled()
                torch.set_grad_enabled(True)
            number = _number(run.returned)
            if number is not None:
                run.values.append(number)
        return run

    def until_moved(self, setup: Setup, run: Run) -> bool:
        """Run the step until it changes a parameter; whether it did."""
        for _ in range(MOST_CALLS):
            before = run.parameters()
            self.calls(setup, 1, run)
            if run.error is not None:
                return False
            if any(run.moved(before)):
                return True
        return False

    def aligned(self, setup: Setup) -> Run:
        """Return a fresh training, the step about to begin anew.

        A step that gathers gradients over several calls counts them: it is run elsewhere until it has just moved.
        """
        self.until_moved(setup, setup.build())
        return setup.build()

    @cached_property
    def batch(self) -> Batch:
        """The kind of batch it is written for.

        It runs, it speaks of it, and the model fits better afterwards.
        """
        return max(BATCHES, key=lambda batch: (self.likely(batch), -BATCHES.index(batch)))

    def likely(self, batch: Batch) -> tuple[bool, bool, bool, bool]:
        """Return what speaks for a kind of batch, the strongest first."""
        setup = self.setup(batch=batch)
        run = setup.build()
        before, start = run.parameters(), run.fit()
        with Heard() as heard:
            self.calls(setup, 1, run)
        names = " ".join(heard.names)
        speaks = bool(re.search(batch.speaks, names.replace("binary_cross_entropy", "binary_cross")))
        self.calls(setup, MOST_CALLS, run)
        return run.error is None, speaks, any(run.moved(before)), run.error is None and run.fit() < start

    def setup(self, batch: Batch | None = None, **said: Any) -> Setup:
        """Return a set-up for the batch it takes; `seed` counts from the check's own."""
        said["seed"] = 100 * self.seed + said.get("seed", 0)
        return Setup(self.batch if batch is None else batch, **said)

    def setups(self, **said: Any) -> list[Setup]:
        """Return some set-ups that differ in network and seed."""
        return [self.setup(network=network, seed=seed, **said) for seed in SEEDS for network in MODELS]

    @cached_property
    def works(self) -> bool:
        """Whether it changes a parameter."""
        setup = self.setup()
        return self.until_moved(setup, setup.build())

    def call(self) -> str:
        """Write the call."""
        return f"{self.name}({', '.join('(x, y)' if name == 'batch' else name for name in self.order)})"

    def witness(self, setup: Setup, *lines: str) -> str:
        """Write a set-up and what is done with it; `STEP` stands for the call."""
        return "\n".join([setup.code, *(line.replace("STEP", self.call()) for line in lines)])


class Heard(TorchFunctionMode):
    """The names of torch's functions that are called."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Note the name."""
        self.names.add(getattr(func, "__name__", ""))
        return func(*args, **(kwargs or {}))


def order(step: Step) -> tuple[str, ...]:
    """Return what each of a step's arguments is, by its name.

    Raises:
        ValueError: they are not a model, a batch (or x and y) and an optimizer.
    """
    try:
        every = inspect.signature(step).parameters.values()
    except (TypeError, ValueError):
        every = ()  # type: ignore[assignment]
    names = [p.name for p in every if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    model = [n for n in names if re.search(r"model|net|module", n.lower())][:1] or names[:1]
    optimizer = [n for n in names if re.search(r"^opt|optim", n.lower())][:1] or names[-1:]
    others = [n for n in names if n not in (*model, *optimizer)]
    parts = {1: ["batch"], 2: ["x", "y"]}.get(len(others))
    if parts is None or model == optimizer or any(p.default is p.empty and p.kind is p.KEYWORD_ONLY for p in every):
        raise ValueError(
            f"A training step should take a model, a batch and an optimizer. Found ({', '.join(names)}). "
            "Try step(model, batch, optimizer), the batch a pair (x, y)."
        )
    known = {model[0]: "model", optimizer[0]: "optimizer", **dict(zip(others, parts, strict=True))}
    return tuple(known[name] for name in names)


def _number(value: Any) -> float | None:
    if isinstance(value, (tuple, list)) and value:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("loss")
    if isinstance(value, Tensor) and value.numel() == 1:
        return float(value.detach())
    return float(value) if isinstance(value, (int, float)) and is_finite(value) else None
