"""Numbers of any kind, of one sign, in order, or as a logarithm."""

import torch
from torch import Generator, Tensor

from lossmith.domains.domain import Domain, Sizes


class Real(Domain):
    """Any real number, as a regression network predicts it."""

    low, high, words = -1e4, 1e4, "real numbers"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return 3.0 * torch.randn(self.size(sizes), generator=generator, dtype=dtype)


class Positive(Domain):
    """Real numbers above zero, such as prices."""

    low, high, safe, words = 1e-3, 1e4, 1.0, "numbers above 0"
    head = "a linear layer and a softplus, so that it stays above 0"

    def __contains__(self, values: object) -> bool:
        return super().__contains__(values) and bool((torch.as_tensor(values) > 0).all())

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return torch.randn(self.size(sizes), generator=generator, dtype=dtype).exp()


class NonNegative(Domain):
    """Zero or more, often exactly zero: counts, claims, rainfall."""

    low, high, words = 0.0, 1e4, "numbers from 0 up"
    head = "a linear layer and a softplus, so that it stays above 0"

    def __contains__(self, values: object) -> bool:
        return super().__contains__(values) and bool((torch.as_tensor(values) >= 0).all())

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return (2.0 * torch.randn(self.size(sizes), generator=generator, dtype=dtype)).clamp(min=0.0)


class Counts(NonNegative):
    """Whole numbers from 0 up, as floating point."""

    words = "counts: 0, 1, 2 and so on"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return super().draw(sizes, generator, dtype).round()


class LogMean(Domain):
    """Logarithm of a predicted mean; the prediction is its exponential."""

    low, high, words = -20.0, 20.0, "logarithms of a mean"
    head = "a linear layer: its output is the logarithm of the prediction, take exp to predict"

    def decode(self, values: Tensor) -> Tensor:
        return values.exp()

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return torch.randn(self.size(sizes), generator=generator, dtype=dtype)


class LogVariance(Domain):
    """Logarithm of a variance."""

    low, high, words = -20.0, 20.0, "logarithms of a variance"
    head = "a linear layer: its output is the logarithm of the variance"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return torch.randn(self.size(sizes), generator=generator, dtype=dtype)


class LogScale(LogVariance):
    """Logarithm of a scale, such as a standard deviation."""

    words = "logarithms of a scale"
    head = "a linear layer: its output is the logarithm of the scale"


class Share(Domain):
    """Random numbers from 0 to 1, passed in so that a value can be had again."""

    low, high, words = 0.0, 1.0, "numbers from 0 to 1"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return torch.rand(self.size(sizes), generator=generator, dtype=dtype)


class Increasing(Domain):
    """Real numbers that never fall from one to the next: the points of a grid."""

    low, high, words = -1e4, 1e4, "numbers in increasing order"

    def __contains__(self, values: object) -> bool:
        return super().__contains__(values) and bool((torch.as_tensor(values).diff() >= 0).all())

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return (3.0 * torch.randn(self.size(sizes), generator=generator, dtype=dtype)).sort(-1).values
