"""Output links: how a network's output becomes a prediction.

A link also says on which scale the loss sees the target.

* identity: prediction = centre + scale·output; the loss sees the standardised target.
* log1p: the same on log(1 + target); predictions come back through expm1.
* softplus, exp: prediction = scale·softplus(output), scale·exp(output), always positive; the loss sees target/scale.
* log: the loss itself takes the logarithm of the mean; prediction = scale·exp(output).
* raw: as identity, but the loss sees prediction and target in the target's own unit: for a loss of the user's own,
  which may mean something by that unit.
* sigmoid, softmax: logits to class probabilities.
* sigmoids: one logit a label, to the probability of each.
* cumulative: for each step between ordered levels the logit of lying above it (Li and Lin 2007, Niu et al. 2016), to
  level probabilities; where a higher step comes out likelier than a lower one, it is taken for as likely.

Under identity and log1p a loss may see several columns: quantiles, or location and log-scale of a distribution. They
come back as the quantiles that the metric asks for, or as the one number.

A link is fitted on the training target alone. Losses whose gradient does not grow with the error (absolute error,
pinball, Huber) get a centre and scale that outliers cannot move; the others get mean and standard deviation.

A link that multiplies extrapolates without bound: one odd row can be predicted at 10¹¹ times what was ever seen. Those
predict no more than twice the largest target learned from; the loss sees outputs as they are.

Where rows come with an anchor, a forecast already at hand, the network predicts the departure from it: the anchor is
the centre of its row (identity, log1p) or an offset of the output (softplus, exp, log), as in a generalised linear
model. The loss still compares prediction and target, so what it elicits stays what it was.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lossmith.card import Card, Functional, Holds
from lossmith.domains import LocationScale, Spread
from lossmith.metric import ChosenMetric
from lossmith.training import quantiles

Array = NDArray[np.float64]
LARGEST_LOG = 30.0
"""Outputs above this are cut off before they are exponentiated."""
BEYOND = 2.0
"""Multiple of the largest target learned from, above which a link that is not the identity predicts nothing."""


@dataclass(frozen=True)
class Anchor:
    """For each row a forecast at hand, such as the last known value."""

    value: Array
    unit: Array
    """The size of its usual error, above 0: what an output of 1 stands for."""

    def __getitem__(self, rows: Any) -> "Anchor":
        return Anchor(self.value[rows], self.unit[rows])


@dataclass(frozen=True)
class Link:
    """A fitted link between output, prediction and what the loss sees.

    The prediction is `inverse(output)`, and the loss compares `seen(output)` with `target(y)`. Rows with an anchor
    give it to each of them: `seen(output * step + offset)`, with `step` and `offset` from `start(anchor)`.
    """

    name: str
    centre: float = 0.0
    scale: float = 1.0
    classes: int = 0
    step: float = 1.0
    """With an anchor, under exp and log: the departure in logarithms that an output of 1 stands for."""
    spread: Spread | None = None
    """What the columns say of a distribution, where the loss sees several."""
    levels: tuple[float, ...] = ()
    """Levels of the quantiles it predicts then."""
    point: Functional | None = None
    """What to make of those quantiles, where the metric takes one number."""
    most: float = math.inf
    """Largest prediction that is believed."""

    def numbers(self) -> dict[str, float]:
        """Return the numbers that were fitted, for the record.

        `most` only where there is a limit.
        """
        most = {"most": self.most} if math.isfinite(self.most) else {}
        return {"centre": self.centre, "scale": self.scale, "step": self.step, **most}

    @property
    def outputs(self) -> int:
        """How many numbers the network gives per row."""
        if self.spread is not None:
            return 2 if isinstance(self.spread, LocationScale) else len(self.levels)
        if self.name == "cumulative":
            return self.classes - 1
        return self.classes if self.name in ("softmax", "sigmoids") else 1

    def target(self, y: NDArray[Any], dtype: torch.dtype = torch.float32, anchor: Anchor | None = None) -> Tensor:
        """Return the target on the scale the loss sees."""
        if self.name == "softmax":
            return torch.as_tensor(y.astype(np.int64))
        if self.name in ("sigmoid", "sigmoids"):
            return torch.as_tensor(y, dtype=dtype)
        if self.name == "cumulative":
            return torch.as_tensor(y[:, None] > np.arange(self.classes - 1), dtype=dtype)
        if self.name == "raw":
            return torch.as_tensor(y.astype(np.float64), dtype=dtype)
        z = np.log1p(y) if self.name == "log1p" else y
        return torch.as_tensor((z - self._centre(anchor)) / self.scale, dtype=dtype)

    def start(self, anchor: Anchor, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
        """Return the factor and the offset that take each row's output to its anchor."""
        step, offset = np.full(len(anchor.value), self.step), np.zeros(len(anchor.value))
        if self.name == "identity":
            step = anchor.unit / self.scale
        elif self.name == "softplus":
            step, offset = anchor.unit / self.scale, _inverse_softplus(anchor.value / self.scale)
        elif self.name in ("exp", "log"):
            offset = _logarithm(anchor.value / self.scale)
        return torch.as_tensor(step, dtype=dtype), torch.as_tensor(offset, dtype=dtype)

    def started(self, output: Tensor, step: Tensor, offset: Tensor) -> Tensor:
        """Take outputs (n, at least `outputs`) to their rows' anchors."""
        moved = output[:, : self.outputs] * step[:, None] + offset[:, None]
        if isinstance(self.spread, LocationScale):  # the second column is a logarithm: the scale is multiplied
            return torch.cat([moved[:, :1], output[:, 1:2] + step[:, None].log()], dim=1)
        return moved

    def seen(self, output: Tensor) -> Tensor:
        """Return what the loss compares with the target.

        The shape of `output` is (n, at least `outputs`).
        """
        if self.name in ("softmax", "sigmoids", "cumulative"):
            return output[:, : self.outputs]
        if self.spread is not None:
            return output[:, : self.outputs]
        first = output[:, 0]
        if self.name == "raw":
            return self.centre + self.scale * first
        return _UNSCALED[self.name](first) if self.name in ("softplus", "exp") else first

    def steepness(self, output: Tensor) -> Tensor | None:
        """Return the derivative of `seen`, row by row; None where it is 1."""
        if self.name == "softplus":
            return torch.sigmoid(output[:, 0])
        if self.name == "exp":
            return torch.where(output[:, 0] <= LARGEST_LOG, self.seen(output), 0.0)
        return None

    def inverse(self, output: Tensor, anchor: Anchor | None = None) -> Array:
        """Return predictions in the target's unit, or class probabilities (n, classes).

        Predictions are values (n,), or quantiles (n, levels) in increasing order. Of several labels, the probability
        of each.
        """
        output = output.double()
        if anchor is not None:
            output = self.started(output, *self.start(anchor, output.dtype))
        if self.name == "sigmoids":
            return np.asarray(torch.sigmoid(output[:, : self.classes]))
        if self.name == "cumulative":
            above = np.minimum.accumulate(np.asarray(torch.sigmoid(output[:, : self.outputs])), axis=1)
            return -np.diff(above, axis=1, prepend=1.0, append=0.0)
        if self.name == "softmax":
            return np.asarray(torch.softmax(output[:, : self.classes], dim=1))
        if self.name == "sigmoid":
            positive = torch.sigmoid(output[:, 0])
            return np.asarray(torch.stack([1.0 - positive, positive], dim=1))
        if self.spread is not None:
            found = quantiles.of(self.spread, output[:, : self.outputs], self.levels)
            centre = np.reshape(self._centre(anchor), (-1, 1))
            return np.minimum(quantiles.reduced(self._back(centre + self.scale * found), self.point), self.most)
        back = self._back(self._centre(anchor) + self.scale * _UNSCALED[self.name](output[:, 0]).numpy())
        return np.minimum(back, self.most)

    def _back(self, z: Array) -> Array:
        # A wild extrapolation on the log scale must stay a number that can be reckoned with.
        return np.expm1(np.clip(z, None, 80.0)) if self.name == "log1p" else np.asarray(z)

    def _centre(self, anchor: Anchor | None) -> float | Array:
        if anchor is None or self.name not in ("identity", "log1p"):
            return self.centre
        return np.log1p(anchor.value) if self.name == "log1p" else anchor.value


def fit_link(
    name: str, y: NDArray[Any], card: Card, params: dict[str, Any], classes: int, sample_weight: Array | None = None
) -> Link:
    """Fit the link called `name` on the training target `y` for the loss on `card`.

    Rows count by `sample_weight` (n,), or all the same.
    """
    if name in ("softmax", "sigmoid", "sigmoids", "cumulative"):
        return Link(name, classes=classes)
    if sample_weight is not None and np.ptp(sample_weight) == 0.0:
        sample_weight = None
    most = _most(name, y)
    if name in ("softplus", "exp", "log"):  # the prediction is a positive multiple of the scale: no centre to take off
        return Link(name, scale=_safe_scale(float(np.average(np.abs(y), weights=sample_weight))), most=most)
    z = np.log1p(y) if name == "log1p" else np.asarray(y, dtype=np.float64)
    if not robust(card):
        mean = float(np.average(z, weights=sample_weight))
        deviation = float(np.sqrt(np.average((z - mean) ** 2, weights=sample_weight)))
        return Link(name, mean, _safe_scale(deviation), most=most)
    functional = card.elicited(**params)
    level = functional.level if functional.name == "quantile" and functional.level is not None else 0.5
    deviation = float(np.average(np.abs(z - _quantile(z, 0.5, sample_weight)), weights=sample_weight))
    return Link(name, _quantile(z, level, sample_weight), _safe_scale(deviation), most=most)


def fit_around(name: str, y: NDArray[Any], card: Card, anchor: Anchor) -> Link:
    """Fit a link whose rows start from an anchor.

    Its scale is that of what is left to predict.
    """
    if name in ("identity", "log1p"):
        z, start = (np.log1p(y), np.log1p(anchor.value)) if name == "log1p" else (y, anchor.value)
        return Link(name, scale=_spread(z - start, card), most=_most(name, y))
    scale = _safe_scale(float(np.mean(np.abs(y))))
    step = _spread(_logarithm(y / scale) - _logarithm(anchor.value / scale), card)
    return Link(name, scale=scale, step=step, most=_most(name, y))


def _most(name: str, y: Array) -> float:
    """Return the largest prediction to believe of a link that multiplies."""
    largest = float(np.max(y, initial=0.0))
    return BEYOND * largest if name != "identity" and largest > 0.0 else math.inf


def _spread(departure: Array, card: Card) -> float:
    """Return the size of a usual departure.

    Outliers cannot move it where the loss is robust.
    """
    return _safe_scale(float(np.mean(np.abs(departure)) if robust(card) else np.sqrt(np.mean(departure**2))))


def shaped(link: Link, card: Card, params: Mapping[str, Any], metric: ChosenMetric) -> Link:
    """Return a fitted link for the columns that the loss on `card` sees.

    Raises:
        ValueError: the loss fits a distribution, which does not hold what the metric asks for.
    """
    spread = card.inputs["input"]
    if not isinstance(spread, Spread):
        return link
    levels, point = quantiles.wanted(spread, params, metric)
    return replace(link, spread=spread, levels=levels, point=point)


def fit_own_link(name: str, y: NDArray[Any], classes: int) -> Link:
    """Fit a link for a loss of the user's own, of which nothing is known."""
    if name in ("softmax", "sigmoid"):
        return Link(name, classes=classes)
    return Link(name, float(np.mean(y)), _safe_scale(float(np.std(y))))


def robust(card: Card) -> bool:
    """Whether the loss's gradient stays constant as the error grows, or falls."""
    growth = card.claims["gradient_growth"]
    return isinstance(growth, Holds) and growth.value in ("constant", "vanishing")


def _quantile(z: Array, level: float, sample_weight: Array | None) -> float:
    """Return a quantile; NumPy interpolates between rows only where all weigh alike."""
    if sample_weight is None:
        return float(np.quantile(z, level))
    return float(np.quantile(z, level, weights=sample_weight, method="inverted_cdf"))


def _logarithm(share: Array) -> Array:
    """Return the logarithm of a share of the usual size, at least a hundredth."""
    return np.log(np.maximum(share, 0.01))


def _inverse_softplus(share: Array) -> Array:
    share = np.maximum(share, 0.01)
    return np.asarray(share + np.log(-np.expm1(-share)))


def _safe_scale(scale: float) -> float:
    return scale if np.isfinite(scale) and scale > 0.0 else 1.0


_UNSCALED: dict[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda output: output,
    "raw": lambda output: output,
    "log1p": lambda output: output,
    "softplus": torch.nn.functional.softplus,
    "exp": lambda output: output.clamp(max=LARGEST_LOG).exp(),
    "log": lambda output: output.clamp(max=LARGEST_LOG).exp(),
}
