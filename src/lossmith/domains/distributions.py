"""What a network says of a whole distribution, and the levels asked for."""

from abc import abstractmethod
from typing import ClassVar

import torch
from torch import Generator, Tensor

from lossmith.domains.domain import Domain, Sizes


class Levels(Domain):
    """Levels of quantiles, in increasing order."""

    low, high, safe, words = 1e-3, 1.0 - 1e-3, 0.5, "levels between 0 and 1"

    def __contains__(self, values: object) -> bool:
        return super().__contains__(values) and bool(
            ((torch.as_tensor(values) > 0) & (torch.as_tensor(values) < 1)).all()
        )

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        share = torch.rand(self.size(sizes), generator=generator, dtype=dtype)
        return share.clamp(self.low, self.high).sort(-1).values


class Spread(Domain):
    """What a network says of a target's whole distribution: several numbers a row."""

    @abstractmethod
    def quantiles(self, values: Tensor, levels: Tensor) -> Tensor:
        """Return the quantiles (n, levels) of the distributions that `values` describe."""


class Quantiles(Spread):
    """Quantiles of the target, one column for each level."""

    low, high, words = -1e4, 1e4, "quantiles"

    def placed_at(self, target: Tensor, like: Tensor) -> Tensor:
        return target.unsqueeze(-1).expand_as(like).clone()

    def quantiles(self, values: Tensor, levels: Tensor) -> Tensor:
        """Return the columns in increasing order.

        They were trained for `levels`. Columns that cross are put in order, which never raises the pinball loss
        (Chernozhukov et al. 2010).
        """
        return values.sort(-1).values

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return 3.0 * torch.randn(self.size(sizes), generator=generator, dtype=dtype)


class LocationScale(Spread):
    """Two columns: where a distribution lies, and the logarithm of its scale.

    Both are numbers near 1 where the target has been scaled. Far from that, the square of a miss over a scale as small
    as e^-20 says nothing any more.
    """

    low, high = -20.0, 20.0
    family: ClassVar[str] = ""
    """As it is called in a sentence."""

    @abstractmethod
    def standard(self, levels: Tensor) -> Tensor:
        """Return the quantiles at location 0 and scale 1."""

    def quantiles(self, values: Tensor, levels: Tensor) -> Tensor:
        return values[..., :1] + values[..., 1:].exp() * self.standard(levels.to(values.dtype))

    def placed_at(self, target: Tensor, like: Tensor) -> Tensor:
        return torch.stack([target, like[..., 1]], dim=-1)

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return torch.randn(self.size(sizes), generator=generator, dtype=dtype)


class NormalParameters(LocationScale):
    """Mean and logarithm of the standard deviation of a normal distribution."""

    words, family = "means and log standard deviations", "normal"

    def standard(self, levels: Tensor) -> Tensor:
        quantiles: Tensor = torch.special.ndtri(levels)
        return quantiles


class LaplaceParameters(LocationScale):
    """Median and logarithm of the scale of a Laplace distribution.

    The scale is the mean absolute deviation from the median.
    """

    words, family = "medians and log scales", "Laplace"

    def standard(self, levels: Tensor) -> Tensor:
        off = levels - 0.5
        return -off.sign() * torch.log1p(-2.0 * off.abs())
