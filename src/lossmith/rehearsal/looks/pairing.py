"""Output, loss and target: do they go together? Told by experiment."""

import math
import warnings
from collections.abc import Callable

import torch
from torch import Tensor

from lossmith.finding import Finding
from lossmith.rehearsal.case import Case, Seen

CLOSE = 1e-3
FEWEST = 8


def look(case: Case) -> Seen:
    """Try the loss on outputs that are moved, doubled and paired with other targets."""
    inputs, y = case.batch
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own about broadcasting; ours says more
        out = case.setup.output(inputs)

        def value(output: Tensor, target: object = y) -> float:
            return float(case.setup.value(output, target))

        start = value(out)
        findings = [*_finite(start), *_summed(start, out, y, value)]
        if isinstance(y, Tensor) and len(out) >= FEWEST:
            findings += _stretched(out, y, value)
            if case.classes:
                findings += _of_classes(case.outputs, out, value)
            elif case.binary and y.shape == out.shape and y.is_floating_point():
                findings += _of_two(case.outputs, out, y, value)
    return Seen(findings)


Value = Callable[..., float]


def _finite(start: float) -> list[Finding]:
    if math.isfinite(start):
        return []
    return [Finding(
        "loss-not-finite", "error", f"The loss of the untrained model is {start} on the first batch.",
        why="Nothing is learned from it: the first update makes every weight NaN.",
        fix="Look for NaN in the data, and for log or division at 0 in the loss: `lossmith check` finds where.",
    )]  # fmt: skip


def _summed(start: float, out: Tensor, y: object, value: Value) -> list[Finding]:
    """A loss that doubles with the batch is a sum."""
    if not isinstance(y, Tensor) or y.ndim == 0 or not abs(start) > 1e-9:
        return []
    ratio = value(torch.cat([out, out]), torch.cat([y, y])) / start
    if abs(ratio - 2) > CLOSE:
        return []
    return [Finding(
        "summed-loss", "note", f"The loss is a sum: the same batch twice gives {ratio:.3g} times the loss.",
        why="The learning rate then depends on the batch size, and a short last batch counts less.",
        fix='Take the mean, unless the sum is meant: `reduction="mean"`.',
    )]  # fmt: skip


def _stretched(out: Tensor, y: Tensor, value: Value) -> list[Finding]:
    """Find (N, 1) against (N,), where the order of the targets does not matter."""
    thin = [size for size in out.shape if size != 1] == [size for size in y.shape if size != 1]
    if out.shape == y.shape or not thin or y.numel() != out.numel():
        return []
    drawn = torch.Generator(out.device).manual_seed(0)
    noise = torch.randn(out.shape, generator=drawn, device=out.device, dtype=out.dtype)
    other = noise.sigmoid()
    if y.is_floating_point() and bool((y.min() < 0) | (y.max() > 1)):
        # Beside targets of 100 ± 1, outputs near 0 all look alike; a loss that takes logarithms may not bear more.
        near = y.mean() + y.std() * noise
        other = near if math.isfinite(value(near)) else other
    plain, turned, fitted = value(other), value(other, y.flip(0)), value(other, y.reshape(out.shape))
    if abs(plain - turned) > CLOSE * abs(plain) or abs(plain - fitted) <= CLOSE * abs(plain):
        return []
    return [Finding(
        "broadcast", "error",
        f"Output {tuple(out.shape)} and target {tuple(y.shape)} are stretched to {len(out)} × {len(out)} pairs: the "
        "loss stays the same when targets are put into another order.",
        why="The best the model can do is to answer the mean to every row.",
        fix="`output.squeeze(-1)`, or `target.unsqueeze(-1)`.",
    )]  # fmt: skip


def _of_classes(outputs: Tensor, out: Tensor, value: Value) -> list[Finding]:
    """Find a softmax too many, or one too few.

    A loss that does not see a constant added to all outputs applies the softmax itself.
    """
    start, moved = value(out), value(out + 3.0)
    chances = bool((outputs >= 0).all()) and bool((outputs.sum(1) - 1).abs().max() < CLOSE)
    logs = bool(outputs.logsumexp(1).abs().max() < CLOSE)
    near = CLOSE * (1 + abs(start))
    if abs(moved - start) < near and chances:
        return [Finding(
            "double-softmax", "error", "The model ends in a softmax, and the loss applies another.",
            why="The loss cannot fall below log(1 + (C − 1)/e), and gradients are small.",
            fix="Let the model return logits: leave its softmax out, and apply it when predicting.",
        )]  # fmt: skip
    if abs(moved - start + 3.0) < near and not logs:
        what = "probabilities" if chances else "raw outputs"
        return [Finding(
            "missing-log-softmax", "error", f"The loss expects log-probabilities, and the model puts out {what}.",
            why="It falls without end, or stops at −1, and says nothing of the predictions.",
            fix="`CrossEntropyLoss` on logits, or `log_softmax` at the model's end.",
        )]  # fmt: skip
    return []


def _of_two(outputs: Tensor, out: Tensor, y: Tensor, value: Value) -> list[Finding]:
    """Find a sigmoid too many: a loss that is log 2 at 0 for both labels."""
    zeros, ones = torch.zeros_like(out), torch.ones_like(y)
    try:
        at_zero, far = [value(zeros, ones), value(zeros, 1 - ones)], value(zeros + 20.0, ones)
    except (RuntimeError, ValueError):  # it takes probabilities only
        return []
    logits = all(abs(found - math.log(2)) < 0.01 for found in at_zero) and abs(far) < 0.01
    if not logits or bool((outputs < 0).any()) or bool((outputs > 1).any()):
        return []
    return [Finding(
        "double-sigmoid", "error", "The model ends in a sigmoid, and the loss applies another.",
        why="The loss cannot fall below 0.313 for ones and 0.693 for zeros.",
        fix="Let the model return logits: leave its sigmoid out, and apply it when predicting.",
    )]  # fmt: skip
