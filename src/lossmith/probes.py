"""Where to look for a counterexample: the places at which losses break.

Each function draws or builds inputs for the experiments of `lossmith.properties`; none of them evaluates the loss.
"""

import torch
from torch import Generator, Tensor

from lossmith.domains import ClassIndex, Logits, LogMean, Real
from lossmith.experiment import Data, Subject, UntestableError, distribution, per_unit

UNITS = 512
"""How many units an experiment looks at."""


def segments(subject: Subject, seed: int) -> tuple[Data, Tensor, Tensor]:
    """Segments to search: half of them between typical predictions, half across points where losses break."""
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
    """Predictions at which losses break: zero, the target, and each hyperparameter away from them."""
    x = data[subject.wrt]
    numbers = [h for h in subject.hyperparameters.values() if isinstance(h, int | float) and not isinstance(h, bool)]
    offsets = [0.0, *numbers, *[-number for number in numbers]]
    places = [torch.zeros_like(x)]
    others = [name for name in subject.inputs if name != subject.wrt]
    places += [data[name] for name in others if data[name].shape == x.shape and data[name].is_floating_point()]
    return [place + offset for place in places for offset in offsets]


def rays(subject: Subject, data: Data) -> list[tuple[Data, Data]]:
    """Pairs of places, one further out than the other, along which an unbounded gradient shows."""
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
    for name, domain in subject.inputs.items():
        alike = type(domain) is type(subject.prediction) and data[name].shape == data[subject.wrt].shape
        if alike and name != subject.wrt and not domain.integer:
            rays.append((subject.at(data, data[name] + 1e-6), subject.at(data, data[name] + 1e-12)))
    return rays


def wrong_by(subject: Subject, data: Data, scale: float) -> list[Data]:
    """Predictions that are wrong by `scale`, in each direction that makes sense."""
    target = data[subject.target]
    if isinstance(subject.prediction, LogMean):
        return [subject.at(data, torch.full_like(target, sign * scale)) for sign in (-1.0, 1.0)]
    if not isinstance(subject.prediction, Logits):
        return [subject.at(data, target + sign * scale) for sign in (-1.0, 1.0)]
    if target.is_floating_point():
        return [subject.at(data, scale * (1.0 - 2.0 * target))]
    others = torch.nn.functional.one_hot((target + 1) % subject.sizes["c"], subject.sizes["c"])
    truth = torch.nn.functional.one_hot(target, subject.sizes["c"])
    return [subject.at(data, scale * (others - truth).to(data[subject.wrt].dtype))]


def worsened(subject: Subject, data: Data, seed: int) -> tuple[Tensor, Tensor]:
    """Two predictions for each unit, the second one worse."""
    x, target = data[subject.wrt], data[subject.target]
    generator = Generator().manual_seed(seed + 3)
    if not target.is_floating_point():
        move = 5.0 * torch.rand(len(x), generator=generator, dtype=x.dtype)
        which = torch.randint(0, x.shape[-1], (len(x),), generator=generator)
        sign = torch.where(which == target, -1.0, 1.0)
        return x, x + per_unit(move * sign, x) * torch.nn.functional.one_hot(which, x.shape[-1])
    other = subject.draw(len(x), seed + 7)[subject.wrt]
    errors = [subject.prediction.decode(z) - target for z in (x, other)]
    same_side = errors[0] * errors[1] > 0
    swap = errors[0].abs() > errors[1].abs()
    better = torch.where(swap, other, x)
    return better, torch.where(same_side, torch.where(swap, x, other), better)


def clear_distribution(subject: Subject, seed: int) -> tuple[Tensor, Tensor]:
    """A distribution over classes whose most likely one is clear by 0.05."""
    target = subject.inputs[subject.target]
    if not isinstance(target, ClassIndex | Real) and not isinstance(subject.prediction, Logits):
        raise UntestableError("Targets are amounts, not classes.")
    atoms, p = distribution(subject, seed)
    if isinstance(target, Real):
        atoms, p = torch.tensor([-1.0, 1.0], dtype=torch.float64), p[:2] / p[:2].sum()
    p = p + 0.05 * (p == p.max())
    return atoms, p / p.sum()
