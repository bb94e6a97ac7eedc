"""The properties a card claims: experiments that look for a counterexample.

Each function takes a `Subject` (a callable, the domains of its arguments, its hyperparameters) and a seed, and returns
the worst violation it found, with the inputs that show it, or None. None means "tested", not "proven". The catalogue's
tests run them on every card, and `lossmith check` on a user's own loss.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Generator, Tensor

from lossmith.domains import (
    ClassIndex,
    ClassProbabilities,
    Family,
    LocationScale,
    Logits,
    LogMean,
    Probability,
    StepLogits,
)
from lossmith.experiment import (
    UNITS,
    Data,
    Subject,
    UntestableError,
    along,
    bisect,
    clear_distribution,
    direction,
    distribution,
    drawn_from,
    member_of,
    minimiser,
    per_unit,
    rays,
    segments,
    size,
    special_points,
    worsened,
    wrong_by,
)

_DISTRIBUTIONS = 8


@dataclass(frozen=True)
class Violation:
    """A counterexample: the inputs of one unit, and the numbers that show the fault."""

    amount: float
    """By how much the property is violated, above the rounding that is allowed."""
    witness: Mapping[str, Tensor]
    numbers: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        facts = {**self.witness, **self.numbers}
        return ", ".join(f"{name} = {x.tolist() if isinstance(x, Tensor) else x}" for name, x in facts.items())


def non_negative(subject: Subject, seed: int = 0) -> Violation | None:
    """The loss is never below 0."""
    data = subject.draw(UNITS, seed, edges=True)
    values = subject.values(data)
    return _worst(-values - 1e-12, data, loss=values)


def zero_at_target(subject: Subject, seed: int = 0) -> Violation | None:
    """The loss is exactly 0 at a perfect prediction.

    For logits that is a sure and right one that is finite.
    """
    data = subject.perfect(subject.draw(UNITS, seed))
    values = subject.values(data)
    return _worst(values.abs() - 1e-15, data, loss=values)


def convex(subject: Subject, seed: int = 0) -> Violation | None:
    """No point of a segment between two predictions lies above the chord.

    Segments are long and short.
    """
    data, far = subject.draw(UNITS, seed, edges=True), subject.draw(UNITS, seed + 7, edges=True)[subject.wrt]
    generator = Generator().manual_seed(seed)
    start = data[subject.wrt]
    near = start + 0.5 * torch.randn(start.shape, generator=generator, dtype=start.dtype)
    near = near.clamp(subject.prediction.low, subject.prediction.high)
    end = torch.where(per_unit(torch.arange(len(start)) % 3 == 0, start), near, far)
    share = torch.rand(len(start), generator=generator, dtype=start.dtype)
    middle = start + per_unit(share, start) * (end - start)
    first, last, between = (subject.values(subject.at(data, x)) for x in (start, end, middle))
    chord = (1.0 - share) * first + share * last
    excess = between - chord - 1e-9 * (1e-3 + first.abs() + last.abs())
    return _worst(excess, data, other_end=end, share=share, loss=between, chord=chord)


def differentiable(subject: Subject, seed: int = 0) -> Violation | None:
    """A gradient exists everywhere.

    Neither the loss nor its slope jumps, and autograd returns no NaN. Segments across the domain, and through the
    points where losses break (prediction equal to target, zero, a hyperparameter away from either), are bisected
    towards the largest change.
    """
    data, left, right = segments(subject, seed)
    slopes = bisect(_slope(subject, data, direction(left, right)), left, right)
    values = bisect(lambda x: subject.values(subject.at(data, x)).detach(), left, right)
    least = 1e-5 * _typical(subject.gradients(data))
    kink = slopes.jump - 1e-3 * slopes.largest - least
    step = values.jump - 1e-9 * values.largest - 10.0 * slopes.largest * values.width - least
    return _worse(
        _worst(kink, subject.at(data, slopes.left), slope_before=slopes.before, slope_after=slopes.after),
        _worst(step, subject.at(data, values.left), loss_before=values.before, loss_after=values.after),
        _not_finite(subject, seed),
    )


def smooth(subject: Subject, seed: int = 0) -> Violation | None:
    """The gradient is Lipschitz: its slope nowhere exceeds by far what is typical.

    By far is 10⁴ times.
    """
    data, left, right = segments(subject, seed)
    along_segment = direction(left, right)
    slope = _slope(subject, data, along_segment)
    gap = bisect(slope, left, right)
    coarse = (slope(right) - slope(left)).abs() / size(right - left)
    allowed = 1e4 * float(coarse[coarse.isfinite()].quantile(0.9))
    edge = subject.draw(UNITS, seed, edges=True)[subject.wrt]
    beside = edge - 1e-4 * along_segment * edge.abs().clamp(min=1.0)
    local = (slope(edge) - slope(beside)).abs() / size(edge - beside).clamp(min=1e-30)
    steepest = gap.jump / gap.width.clamp(min=1e-30)
    return _worse(
        _worst(steepest - allowed, subject.at(data, gap.left), slope_before=gap.before, slope_after=gap.after),
        _worst(local - allowed, subject.at(data, edge), second_derivative=local),
    )


def bounded_gradient(subject: Subject, seed: int = 0) -> Violation | None:
    """The gradient stops growing.

    It is watched towards the domain's ends, near the target, and as other inputs get extreme.
    """
    data = subject.draw(UNITS, seed)
    typical = size(subject.gradients(data)).max()
    worst: Violation | None = None
    for inner, outer in rays(subject, data):
        before, after = size(subject.gradients(inner)).max(), size(subject.gradients(outer))
        # Nor is it growth to reach what typical data have.
        excess = after - 1.2 * torch.maximum(before, typical)
        found = _worst(excess, outer, gradient=after, gradient_before=before.expand_as(after))
        worst = _worse(worst, found)
    return worst


def gradient_order(subject: Subject, seed: int = 0) -> str:
    """Say how fast the gradient grows with the error.

    The error is |residual|, or a logit on the wrong side. Vanishing, constant, logarithmic, square root, linear,
    quadratic, cubic or exponential; of the directions, the fastest.
    """
    data = subject.draw(64, seed)
    scales = [5.0, 10.0, 15.0, 20.0] if isinstance(subject.prediction, LogMean) else [10.0, 100.0, 1000.0, 10000.0]
    sizes = [max(float(size(subject.gradients(wrong)).max()) for wrong in wrong_by(subject, data, s)) for s in scales]
    if not all(map(math.isfinite, sizes)):
        return "exponential"
    if sizes[-1] < 0.9 * sizes[-2] or sizes[-1] == 0.0:
        return "vanishing"
    first, last = sizes[1] / sizes[0], sizes[3] / sizes[2]
    # A power of x grows by a smaller factor from 15 to 20 than from 5 to 10; an exponential by the same one.
    if isinstance(subject.prediction, LogMean) and last > 1.5 and last > 0.7 * first:
        return "exponential"
    order = math.log(last) / math.log(scales[3] / scales[2])
    names = {0.0: "constant", 0.125: "logarithmic", 0.5: "square root", 1.0: "linear", 2.0: "quadratic", 3.0: "cubic"}
    return names[min(names, key=lambda k: abs(k - order))] if order < 4.0 else "exponential"


def gradient_growth(subject: Subject, seed: int = 0, *, order: str = "constant") -> Violation | None:
    """The gradient grows with the error as fast as `order` says."""
    found = gradient_order(subject, seed)
    return None if found == order else Violation(math.inf, {}, {"claimed": order, "found": found})


def symmetric(subject: Subject, seed: int = 0) -> Violation | None:
    """Swapping prediction and target leaves the loss as it is."""
    if not subject.comparable():
        raise UntestableError("Prediction and target live in different spaces.")
    data, other = subject.draw(UNITS, seed), subject.draw(UNITS, seed + 7)
    data = subject.at(data, other[subject.target])  # both from the narrower of the two domains
    swapped = subject.at({**data, subject.target: data[subject.wrt]}, data[subject.target])
    there, back = subject.values(data), subject.values(swapped)
    return _worst((there - back).abs() - 1e-9 * (there.abs() + back.abs()), data, loss=there, swapped=back)


def proper(subject: Subject, seed: int = 0) -> Violation | None:
    """The loss is strictly consistent for mean, quantiles, probabilities or a family.

    That is: whatever the distribution of the target, the prediction with the least expected loss is its mean (or, every
    time, its quantile of one and the same level; or its class probabilities). A prediction that is a member of a family
    of distributions is the target's own, where that belongs to the family.
    """
    if isinstance(subject.prediction, LocationScale | Family):
        return _proper_in_family(subject, subject.prediction, seed)
    worst: Violation | None = None
    low, high = torch.tensor(0.0), torch.tensor(1.0)
    for trial in range(_DISTRIBUTIONS):
        atoms, p = distribution(subject, 1000 * seed + trial)
        best = subject.prediction.decode(minimiser(subject, atoms, p))
        numbers = {"probability": p, "minimiser": best}
        if subject.whole:
            wanted = p @ atoms
        elif isinstance(subject.prediction, Logits):
            wanted = p if isinstance(subject.inputs[subject.target], ClassIndex | ClassProbabilities) else p[1]
        else:
            wanted = (p * atoms).sum()
            slack, each = 1e-4 * (1.0 + best.abs()), best.unsqueeze(-1)  # of several quantiles, each its own level
            low = torch.maximum(low, (p * (atoms < each - slack.unsqueeze(-1))).sum(-1))
            high = torch.minimum(high, (p * (atoms <= each + slack.unsqueeze(-1))).sum(-1))
        off = float((best - wanted).abs().max() - 1e-3 * (1.0 + wanted.abs().max()))
        if off > 0 and (worst is None or off > worst.amount):
            worst = Violation(off, {subject.target: atoms}, {**numbers, "wanted": wanted})
    one_level = bool(((low <= high + 1e-9) & (low < 1.0) & (high > 0.0)).all())
    return None if one_level and not isinstance(subject.prediction, Logits) and not subject.whole else worst


def _proper_in_family(subject: Subject, family: LocationScale | Family, seed: int) -> Violation | None:
    worst: Violation | None = None
    for trial in range(_DISTRIBUTIONS):
        if isinstance(family, Family):
            truth, atoms, p = member_of(family, 1000 * seed + trial)
        else:
            truth, atoms = drawn_from(family, 1000 * seed + trial)
            p = torch.full((len(atoms),), 1.0 / len(atoms), dtype=torch.float64)
        best = minimiser(subject, atoms, p)
        off = float((best - truth).abs().max()) - 2e-2  # the atoms are a little narrower than what they stand for
        if off > 0 and (worst is None or off > worst.amount):
            worst = Violation(off, {}, {"minimiser": best, "wanted": truth})
    return worst


def classification_calibrated(subject: Subject, seed: int = 0) -> Violation | None:
    """The prediction with the least expected loss gives the most likely class.

    It has the largest score, or the score's sign; a regression loss is tested as a margin loss on targets of -1 and 1.
    """
    for trial in range(_DISTRIBUTIONS):
        atoms, p = clear_distribution(subject, 1000 * seed + trial)
        best = minimiser(subject, atoms, p)
        if isinstance(subject.prediction, StepLogits):
            best = subject.prediction.decode(best)
        if isinstance(subject.inputs[subject.target], ClassIndex | ClassProbabilities):
            likely = int(p.argmax())
            others = torch.cat([best[:likely], best[likely + 1 :]])
            margin = float(best[likely] - others.max())
        else:
            even = 0.5 if isinstance(subject.prediction, Probability) else 0.0
            margin = float(best - even if p[1] > 0.5 else even - best)
        if margin < 1e-4:  # a tie decides nothing either
            return Violation(1e-4 - margin, {subject.target: atoms}, {"probability": p, "minimiser": best})
    return None


def monotone(subject: Subject, seed: int = 0) -> Violation | None:
    """A worse prediction never gets a smaller loss.

    Worse is: further from the target on the same side; for class scores, a lower one of the true class or a higher one
    of another.
    """
    data = subject.draw(UNITS, seed)
    data = subject.at(data, subject.draw(UNITS, seed, edges=True)[subject.wrt])
    better, worse = worsened(subject, data, seed)
    first, second = subject.values(subject.at(data, better)), subject.values(subject.at(data, worse))
    excess = first - second - 1e-9 * (1e-6 + first.abs() + second.abs())
    return _worst(excess, subject.at(data, better), worse=worse, loss=first, loss_of_worse=second)


def sample_independent(subject: Subject, seed: int = 0) -> Violation | None:
    """The loss of one unit does not change with the others in its batch."""
    if subject.unit == "batch":
        raise UntestableError("A loss of the whole batch has one value.")
    data, other = subject.draw(64, seed), subject.draw(64, seed + 7)
    kept = {name: torch.cat([x[:32], other[name][32:]]) for name, x in data.items()}
    few = {name: x[:3] for name, x in data.items()}
    whole, changed, alone = subject.values(data), subject.values(kept)[:32], subject.values(few)
    apart = (whole[:32] - changed).abs()
    apart[:3] = torch.maximum(apart[:3], (whole[:3] - alone).abs())
    return _worst(apart - 1e-9 * whole[:32].abs() - 1e-12, {k: x[:32] for k, x in data.items()}, loss=whole[:32])


def vmap(subject: Subject, seed: int = 0) -> Violation | None:
    """`torch.func.vmap` over a stack of batches gives what a loop over them gives."""
    batches = [subject.natural(4, seed + i) for i in range(3)]
    stacked = [torch.stack([batch[name] for batch in batches]) for name in subject.inputs]
    looped = torch.stack([subject(*batch.values()) for batch in batches])
    return _agrees(batches[0], looped, lambda: torch.func.vmap(subject.__call__)(*stacked))


def fullgraph(subject: Subject, seed: int = 0) -> Violation | None:
    """`torch.compile(fullgraph=True)` makes one graph, with equal value and gradient."""
    data = subject.natural(4, seed)
    x = data[subject.wrt].requires_grad_()
    eager = subject(*data.values())
    (wanted,) = torch.autograd.grad(eager.sum(), x)

    def compiled() -> Tensor:
        torch.compiler.reset()  # else the compiler gives up after eight versions of one function
        function = torch.compile(subject.function, backend="aot_eager", fullgraph=True)
        values = function(*data.values(), **subject.hyperparameters)
        return _flat(values, *torch.autograd.grad(values.sum(), x))

    return _agrees(data, _flat(eager, wanted), compiled)


def twice_differentiable(subject: Subject, seed: int = 0) -> Violation | None:
    """Double backward works and agrees with finite differences, away from kinks."""
    data = subject.natural(3, seed)
    x = data[subject.wrt].requires_grad_()
    try:
        torch.autograd.gradgradcheck(lambda x: subject(*subject.at(data, x).values()), (x,), atol=1e-4)
    except (RuntimeError, NotImplementedError) as error:
        return Violation(math.inf, data, {"error": str(error)})
    return None


TESTS: Mapping[str, Callable[..., Violation | None]] = {
    test.__name__: test
    for test in (
        non_negative,
        zero_at_target,
        convex,
        differentiable,
        smooth,
        bounded_gradient,
        gradient_growth,
        symmetric,
        proper,
        classification_calibrated,
        monotone,
        sample_independent,
        vmap,
        fullgraph,
        twice_differentiable,
    )
}


def _worst(excess: Tensor, data: Mapping[str, Tensor], **numbers: Tensor) -> Violation | None:
    """Pick the unit with the largest excess; a NaN is worse than any number."""
    excess = excess.detach().nan_to_num(nan=torch.inf, posinf=torch.inf)
    at = int(excess.argmax())
    if excess[at] <= 0:
        return None
    witness = {name: x[at].detach() for name, x in data.items()}
    return Violation(float(excess[at]), witness, {name: x[at].detach() for name, x in numbers.items()})


def _worse(*found: Violation | None) -> Violation | None:
    return max((v for v in found if v), key=lambda v: v.amount, default=None)


def _slope(subject: Subject, data: Data, way: Tensor) -> Callable[[Tensor], Tensor]:
    """The gradient along each unit's segment, as a function of the prediction."""
    return lambda x: along(subject.gradients(subject.at(data, x)), way)


def _agrees(data: Data, wanted: Tensor, attempt: Callable[[], Tensor]) -> Violation | None:
    try:
        found = attempt()
    except Exception as error:  # whatever a transform raises, it is the finding
        return Violation(math.inf, data, {"error": f"{type(error).__name__}: {error}"})
    apart = float((found - wanted).abs().max() - 1e-9 * (1.0 + wanted.abs().max()))
    return Violation(apart, data, {"wanted": wanted.detach(), "found": found.detach()}) if apart > 0 else None


def _flat(*tensors: Tensor) -> Tensor:
    return torch.cat([x.detach().flatten() for x in tensors])


def _typical(gradients: Tensor) -> float:
    sizes = size(gradients)
    sizes = sizes[sizes.isfinite() & (sizes > 0)]
    sizes = sizes[sizes >= 1e-6 * sizes.max()] if len(sizes) else sizes  # one that has vanished is not typical
    return float(sizes.median()) if len(sizes) else 1.0


def _not_finite(subject: Subject, seed: int) -> Violation | None:
    """Look for a NaN or infinite gradient at the special points and at the edges."""
    data = subject.draw(UNITS, seed)
    predictions = [*special_points(subject, data), subject.draw(UNITS, seed, edges=True)[subject.wrt]]
    for x in (x.clamp(subject.prediction.low, subject.prediction.high) for x in predictions):
        gradients = subject.gradients(subject.at(data, x))
        bad = ~gradients.isfinite().reshape(len(x), -1).all(1)
        if bad.any():
            return _worst(torch.where(bad, torch.inf, 0.0), subject.at(data, x), gradient=gradients)
    return None
