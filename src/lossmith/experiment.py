"""A loss to be tested, and the experiments that can be run on it.

They draw, evaluate, differentiate, bisect and minimise. Nothing here knows about cards: a callable and the domains of
its arguments are enough, so a user's own loss is tested exactly as the catalogue's are. Every experiment works on many
independent units at once, one along each first index.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import torch
from torch import Generator, Tensor

from lossmith.domains import (
    BinaryTarget,
    Boxes,
    ClassIndex,
    ClassProbabilities,
    Domain,
    Family,
    LocationScale,
    Logits,
    LogMean,
    Parameters,
    Real,
    Several,
    Spread,
    StepLogits,
)

Data = dict[str, Tensor]
Unit = Literal["element", "example", "pair", "batch"]

UNITS = 512
"""How many units an experiment looks at."""


class UntestableError(ValueError):
    """The property makes no sense for a loss with these arguments."""


@dataclass(frozen=True)
class Subject:
    """A loss with its hyperparameters set, and what its arguments may hold."""

    function: Callable[..., Tensor]
    inputs: Mapping[str, Domain]
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    wrt: str = "input"
    """The argument a property is about: convex in it, differentiable with respect to it."""
    unit: Unit = "element"
    sizes: Mapping[str, int] = field(
        default_factory=lambda: {"c": 3, "d": 4, "q": 3, "k": 2, "h": 2, "w": 3, "p": 3, "t": 4, "s": 2}
    )
    """What the words in the domains' shapes stand for, apart from `n`."""

    def __call__(self, *data: Tensor) -> Tensor:
        return self.function(*data, **self.hyperparameters)

    @property
    def prediction(self) -> Domain:
        """Domain of the argument the property is about."""
        return self.inputs[self.wrt]

    @property
    def target(self) -> str:
        """Name of the argument that the prediction is compared with."""
        others = [name for name in self.inputs if name != self.wrt]
        if "target" not in others and len(others) != 1:
            raise UntestableError(f"There should be one prediction and one target. Found {', '.join(self.inputs)}.")
        return "target" if "target" in others else others[0]

    def natural(self, n: int, seed: int, dtype: torch.dtype = torch.float64) -> Data:
        """Draw one batch in the shapes a user would pass: typical values."""
        generator = Generator().manual_seed(seed)
        sizes = {**self.sizes, "n": n}
        return {
            name: domain.draw(sizes, generator) if domain.integer else domain.draw(sizes, generator, dtype)
            for name, domain in self.inputs.items()
        }

    def draw(self, n: int, seed: int, *, edges: bool = False) -> Data:
        """Draw `n` units, with edge points of the domain among them if `edges`.

        Then they are half of the entries of every other unit.
        """
        if self.unit == "batch":
            data = {name: torch.stack([self._drawn(4, seed + i)[name] for i in range(n)]) for name in self.inputs}
        else:
            data = self._drawn(n, seed)
        return {name: self._edged(name, x, seed) for name, x in data.items()} if edges else data

    def _drawn(self, n: int, seed: int) -> Data:
        data = self.natural(n, seed)
        # An element is a unit: any shape will do, and one dimension keeps units along the first index.
        return {name: self._elements(name, x)[:n] for name, x in data.items()} if self.unit == "element" else data

    def _elements(self, name: str, x: Tensor) -> Tensor:
        """Flatten all dimensions but those that belong to one element, as its classes do."""
        return x.flatten(0, 1) if self.inputs[name].shape.startswith("... ") else x.flatten()

    def _edged(self, name: str, x: Tensor, seed: int) -> Tensor:
        if self.inputs[name].integer:
            return x
        generator = Generator().manual_seed(seed + 1)
        edges = torch.tensor(self.inputs[name].edges({**self.sizes, "n": len(x)}), dtype=x.dtype)
        chosen = edges[torch.randint(0, len(edges), x.shape, generator=generator)]
        here = torch.rand(x.shape, generator=generator) < 0.5
        here[::2] = False
        return self.inputs[name].closest(torch.where(here, chosen, x))

    def values(self, data: Mapping[str, Tensor]) -> Tensor:
        """Evaluate the loss of each unit."""
        if self.unit == "batch":
            return self._of_batches(data)
        values = self(*data.values())
        units = len(next(iter(data.values())))
        if values.shape != (units,):
            raise ValueError(
                f"The loss should return one value per {self.unit}, shape ({units},). Found {tuple(values.shape)}. "
                "Try `reduction='none'`."
            )
        return values

    def _of_batches(self, data: Mapping[str, Tensor]) -> Tensor:
        """Evaluate batch after batch, or all at once where the loss allows it."""
        try:
            return torch.func.vmap(lambda *batch: self(*batch).sum())(*data.values())
        except RuntimeError:
            return torch.stack([self(*batch).sum() for batch in zip(*data.values(), strict=True)])

    def gradients(self, data: Mapping[str, Tensor]) -> Tensor:
        """Differentiate the loss of each unit with respect to that unit's `wrt`."""
        x = data[self.wrt].detach().requires_grad_()
        values = self.values({**data, self.wrt: x})
        if not values.requires_grad:
            return torch.zeros_like(x)
        (gradient,) = torch.autograd.grad(values.sum(), x, allow_unused=True)
        return torch.zeros_like(x) if gradient is None else gradient

    def at(self, data: Mapping[str, Tensor], x: Tensor) -> Data:
        """Return the same data with another prediction."""
        return {**data, self.wrt: x}

    @property
    def whole(self) -> bool:
        """Whether a unit's target is a row of numbers: a mask, a series or a box.

        A row of classes is one answer.
        """
        words = self.inputs[self.target].shape.split()
        return self.unit == "example" and len(words) > 1 and words[-1] != "c"

    def comparable(self) -> bool:
        """Whether the difference of prediction and target means something.

        They must be numbers on the same scale.
        """
        target = self.inputs[self.target]
        return not isinstance(self.prediction, Logits | LogMean | Spread | Several | Parameters) and not target.integer

    def perfect(self, data: Mapping[str, Tensor]) -> Data:
        """Return the same targets, predicted perfectly; logits are sure, though finite."""
        data = dict(data)
        target = data[self.target]
        if isinstance(self.prediction, Logits):
            return self.at(data, self.prediction.of_scores(self._sure(self.prediction.sure, target, data[self.wrt])))
        if isinstance(self.prediction, LogMean):
            data[self.target] = target = torch.where(target > 0, target, torch.ones_like(target))
            return self.at(data, target.log())
        if isinstance(self.prediction, LocationScale | Parameters):
            raise UntestableError("A distribution can always be narrower: none is perfect.")
        return self.at(data, self.prediction.placed_at(target, data[self.wrt]))

    def _sure(self, score: float, target: Tensor, like: Tensor) -> Tensor:
        """Return the logits of a sure prediction of `target`."""
        if isinstance(self.inputs[self.target], ClassProbabilities):
            return target.log().clamp(min=self.prediction.low)
        if target.is_floating_point():
            return score * (2.0 * target - 1.0)
        return score * torch.nn.functional.one_hot(target, self.sizes["c"]).to(like.dtype)


def along(vectors: Tensor, direction: Tensor) -> Tensor:
    """Multiply each unit's vector with its direction."""
    return (vectors * direction).flatten(1).sum(1) if vectors.ndim > 1 else vectors * direction


def direction(left: Tensor, right: Tensor) -> Tensor:
    """Return the unit vector of each segment; zero for a segment without length."""
    step = right - left
    return step / per_unit(size(step), step).clamp(min=1e-30)


def size(vectors: Tensor) -> Tensor:
    """Return the Euclidean length of each unit's vector."""
    return vectors.flatten(1).norm(dim=1) if vectors.ndim > 1 else vectors.abs()


def per_unit(numbers: Tensor, like: Tensor) -> Tensor:
    """Give one number per unit trailing dimensions, to broadcast with `like`."""
    return numbers.reshape(-1, *[1] * (like.ndim - 1))


@dataclass(frozen=True)
class Gap:
    """Two close points between which a quantity changes most; one row per unit."""

    left: Tensor
    right: Tensor
    before: Tensor
    after: Tensor

    @property
    def jump(self) -> Tensor:
        """How much the quantity changes; infinite where it is not a number."""
        return (self.after - self.before).abs().nan_to_num(nan=torch.inf, posinf=torch.inf)

    @property
    def largest(self) -> Tensor:
        """The larger of the two sizes; 0 where either is not a number."""
        return torch.maximum(self.before.abs(), self.after.abs()).nan_to_num()

    @property
    def width(self) -> Tensor:
        """How far the two points lie apart."""
        return size(self.right - self.left)


def bisect(probe: Callable[[Tensor], Tensor], left: Tensor, right: Tensor, width: float = 1e-11) -> Gap:
    """Halve each segment repeatedly, keeping the half where `probe` changes more.

    Where the quantity is continuous its change shrinks with the segment; where it jumps, the jump stays.
    """
    before, after = probe(left), probe(right)
    while size(right - left).max() > width * max(1.0, float(left.abs().max())):
        middle = 0.5 * (left + right)
        here = probe(middle)
        in_left = (here - before).abs() > (after - here).abs()
        shape = per_unit(in_left, left)
        left, right = torch.where(shape, left, middle), torch.where(shape, middle, right)
        before, after = torch.where(in_left, before, here), torch.where(in_left, here, after)
    return Gap(left, right, before, after)


def minimiser(subject: Subject, atoms: Tensor, probability: Tensor) -> Tensor:
    """Find the prediction with the least expected loss.

    The target has a discrete distribution: `atoms` with their `probability`. A grid over the whole range of sensible
    predictions, zoomed in on its best point again and again: no gradient, so kinks, plateaus and several local minima
    do no harm.
    """
    words = subject.prediction.shape.split()
    if subject.target not in subject.inputs or subject.unit == "batch" or len(words) > 2:
        raise UntestableError("A loss of one prediction and one target, one value per unit, has a minimiser.")
    scalar = len(words) == 1 or (subject.unit == "element" and words[0] != "...")
    width = 1 if scalar else subject.prediction.size({**subject.sizes, "n": 1})[-1]
    points, shrink = (81, 0.2) if scalar else (9, 0.6) if width < 4 else (5, 0.7)  # 9⁴ points at once are slow
    centre, half = _span(subject, atoms)
    best = torch.full((width,), centre, dtype=torch.float64)
    fine = 1e-3 if isinstance(subject.prediction, Family) else 1e-7
    while half > fine:
        steps = torch.linspace(-half, half, points, dtype=torch.float64)
        grid = best + torch.tensor(list(itertools.product(steps.tolist(), repeat=width)), dtype=torch.float64)
        grid = subject.prediction.closest(grid).clamp(subject.prediction.low, subject.prediction.high)
        best = grid[_expected(subject, grid.squeeze(-1) if scalar else grid, atoms, probability).argmin()]
        half *= shrink
    return best.squeeze(-1) if scalar else best


def _span(subject: Subject, atoms: Tensor) -> tuple[float, float]:
    """Where to look for a prediction: the centre, and how far to each side.

    It covers the targets and a little more, or logits that can express every probability in use.
    """
    if isinstance(subject.prediction, Logits | Family):
        return 0.0, 8.0
    if isinstance(subject.prediction, LogMean):
        return 0.0, 20.0
    low, high = float(atoms.min()), float(atoms.max())
    return 0.5 * (low + high), 0.6 * (high - low) + 0.1


def _expected(subject: Subject, grid: Tensor, atoms: Tensor, probability: Tensor) -> Tensor:
    data = {
        subject.wrt: grid.repeat_interleave(len(atoms), dim=0),
        subject.target: atoms.repeat(len(grid), *[1] * (atoms.ndim - 1)),
    }
    for name, x in subject.draw(1, 0).items():  # whatever else there is, as an age, is the same for all
        data.setdefault(name, x.expand(len(data[subject.wrt]), *x.shape[1:]))
    values = subject.values({name: data[name] for name in subject.inputs}).nan_to_num(nan=torch.inf)
    return (values.view(len(grid), len(atoms)) * probability).sum(1)


def distribution(subject: Subject, seed: int) -> tuple[Tensor, Tensor]:
    """Draw a skewed discrete target: its atoms in order, and their probabilities."""
    generator = Generator().manual_seed(seed)
    domain = subject.inputs[subject.target]
    if subject.whole:
        atoms = domain.draw({**subject.sizes, "n": 5}, generator)
    elif isinstance(domain, ClassIndex):
        atoms = torch.arange(subject.sizes["c"])
    elif isinstance(domain, ClassProbabilities):
        atoms = torch.eye(subject.sizes["c"], dtype=torch.float64)
    elif isinstance(subject.prediction, Logits) or isinstance(domain, BinaryTarget):
        atoms = torch.tensor([0.0, 1.0], dtype=torch.float64)
    else:
        sizes = {**subject.sizes, "n": 5}
        spread = torch.randn(5, generator=generator, dtype=torch.float64).exp()
        atoms = (replace(domain, shape="n").draw(sizes, generator) * spread).sort().values
    weight = 0.1 + torch.rand(len(atoms), generator=generator, dtype=torch.float64)
    return atoms, weight / weight.sum()


def drawn_from(family: LocationScale, seed: int, atoms: int = 200) -> tuple[Tensor, Tensor]:
    """Draw location and log-scale, and equally likely targets of that distribution."""
    generator = Generator().manual_seed(seed)
    truth = torch.randn(2, generator=generator, dtype=torch.float64)
    levels = (torch.arange(atoms, dtype=torch.float64) + 0.5) / atoms
    return truth, family.quantiles(truth, levels)


def member_of(family: Family, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Draw parameters; return them, the targets they make likely, and how likely."""
    truth = replace(family, shape=family.shape.split()[-1]).draw({}, Generator().manual_seed(seed))
    return truth, *family.law(truth)


# Where to look for a counterexample: the places at which losses break.


def segments(subject: Subject, seed: int) -> tuple[Data, Tensor, Tensor]:
    """Segments to search, half of them across points where losses break.

    The others lie between typical predictions.
    """
    data, other = subject.draw(UNITS, seed), subject.draw(UNITS, seed + 7)
    generator = Generator().manual_seed(seed)
    left, right = data[subject.wrt], other[subject.wrt]
    special = special_points(subject, data)
    chosen = torch.stack(special)[
        torch.randint(0, len(special), (len(left),), generator=generator), torch.arange(len(left))
    ]
    step = torch.randn(left.shape, generator=generator, dtype=left.dtype)
    lengths = 0.1 + torch.rand(2, len(left), generator=generator, dtype=left.dtype)
    across = per_unit(torch.arange(len(left)) % 2 == 0, left)
    left = torch.where(across, chosen - per_unit(lengths[0], left) * step, left)
    right = torch.where(across, chosen + per_unit(lengths[1], left) * step, right)
    low, high = subject.prediction.low, subject.prediction.high
    return data, left.clamp(low, high), right.clamp(low, high)


def special_points(subject: Subject, data: Data) -> list[Tensor]:
    """Predictions at which losses break.

    They are zero, the target, and each hyperparameter away from either.
    """
    x = data[subject.wrt]
    numbers = [h for h in subject.hyperparameters.values() if isinstance(h, int | float) and not isinstance(h, bool)]
    offsets = [0.0, *numbers, *[-number for number in numbers]]
    places = [torch.zeros_like(x)]
    others = [name for name in subject.inputs if name != subject.wrt]
    places += [data[name] for name in others if data[name].shape == x.shape and data[name].is_floating_point()]
    if isinstance(subject.prediction, Spread):
        places.append(subject.prediction.placed_at(data[subject.target], x))
    return [place + offset for place in places for offset in offsets]


def rays(subject: Subject, data: Data) -> list[tuple[Data, Data]]:
    """Pairs of places, one further out, along which an unbounded gradient shows."""
    rays = []
    for name, domain in subject.inputs.items():
        if domain.integer or domain.high - domain.low <= 2.0:  # labels, shares, cosines: no way out
            continue
        largest = data[name].reshape(len(data[name]), -1).abs().amax(1).clamp(min=1e-9)
        outward = data[name] / per_unit(largest, data[name])
        reach = min(max(abs(domain.low), abs(domain.high)), 1e4)
        rays.append(({**data, name: 0.1 * reach * outward}, {**data, name: reach * outward}))
        if domain.low > 0:
            low = torch.full_like(data[name], domain.low)
            rays.append(({**data, name: 10.0 * low}, {**data, name: low}))
            if name != subject.wrt and type(subject.prediction) is Real and low.shape == data[subject.wrt].shape:
                inner, outer = ({**data, name: times * low} for times in (10.0, 1.0))  # both of them small
                rays.append((subject.at(inner, 2.0 * inner[name]), subject.at(outer, 2.0 * outer[name])))
        if domain.low < 0.0 < domain.high:  # a direction has no bound on its slope near zero
            rays.append(({**data, name: 1e-6 * data[name]}, {**data, name: 1e-12 * data[name]}))
    for name, domain in subject.inputs.items():
        alike = type(domain) is type(subject.prediction) and data[name].shape == data[subject.wrt].shape
        if alike and name != subject.wrt and not domain.integer:
            rays.append((subject.at(data, data[name] + 1e-6), subject.at(data, data[name] + 1e-12)))
    boxes = [name for name, domain in subject.inputs.items() if isinstance(domain, Boxes)]
    if boxes:  # all of them small
        small, smaller = (data | {name: scale * data[name] for name in boxes} for scale in (1e-1, 1e-3))
        rays.append((small, smaller))
    return rays


def wrong_by(subject: Subject, data: Data, scale: float) -> list[Data]:
    """Predictions that are wrong by `scale`, in each direction that makes sense."""
    target = data[subject.target]
    if isinstance(subject.prediction, LogMean):
        return [subject.at(data, torch.full_like(target, sign * scale)) for sign in (-1.0, 1.0)]
    if not isinstance(subject.prediction, Logits):
        places = [subject.prediction.placed_at(target + sign * scale, data[subject.wrt]) for sign in (-1.0, 1.0)]
        lowest = subject.prediction.low if subject.prediction.low >= 0.0 else -torch.inf  # an amount is never below 0
        return [subject.at(data, place.clamp(min=lowest)) for place in places]
    if target.is_floating_point():
        return [subject.at(data, scale * (1.0 - 2.0 * target))]
    others = torch.nn.functional.one_hot((target + 1) % subject.sizes["c"], subject.sizes["c"])
    truth = torch.nn.functional.one_hot(target, subject.sizes["c"])
    wrong = scale * (others - truth).to(data[subject.wrt].dtype)
    return [subject.at(data, subject.prediction.of_scores(wrong))]


def worsened(subject: Subject, data: Data, seed: int) -> tuple[Tensor, Tensor]:
    """Two predictions for each unit, the second one worse."""
    x, target = data[subject.wrt], data[subject.target]
    generator = Generator().manual_seed(seed + 3)
    if not target.is_floating_point():
        move = 5.0 * torch.rand(target.shape, generator=generator, dtype=x.dtype)
        which = torch.randint(0, x.shape[-1], target.shape, generator=generator)
        up = which < target if isinstance(subject.prediction, StepLogits) else which == target
        sign = torch.where(up, -1.0, 1.0)
        return x, x + (move * sign).unsqueeze(-1) * torch.nn.functional.one_hot(which, x.shape[-1])
    if isinstance(
        subject.prediction, Spread | Several | Parameters
    ):  # every quantile further off on its side; the scale as it was
        further = torch.rand(x.shape, generator=generator, dtype=x.dtype)
        return x, x + further * (x - subject.prediction.placed_at(target, x))
    other = subject.draw(len(x), seed + 7)[subject.wrt]
    errors = [subject.prediction.decode(z) - target for z in (x, other)]
    same_side = errors[0] * errors[1] > 0
    swap = errors[0].abs() > errors[1].abs()
    better = torch.where(swap, other, x)
    return better, torch.where(same_side, torch.where(swap, x, other), better)


def clear_distribution(subject: Subject, seed: int) -> tuple[Tensor, Tensor]:
    """A distribution over classes whose most likely one is clear by 0.05."""
    target = subject.inputs[subject.target]
    if isinstance(subject.prediction, Spread | Several | Parameters):
        raise UntestableError("It predicts a distribution, not a class.")
    if subject.whole:
        raise UntestableError("It predicts a mask, a series or a box, not a class.")
    if not isinstance(target, ClassIndex | Real | BinaryTarget) and not isinstance(subject.prediction, Logits):
        raise UntestableError("Targets are amounts, not classes.")
    atoms, p = distribution(subject, seed)
    if isinstance(target, Real):
        atoms, p = torch.tensor([-1.0, 1.0], dtype=torch.float64), p[:2] / p[:2].sum()
    p = p + 0.05 * (p == p.max())
    return atoms, p / p.sum()
