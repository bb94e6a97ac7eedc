"""Several numbers for one target: members, components, parameters of a family."""

import math
from abc import abstractmethod

import torch
from torch import Generator, Tensor

from lossmith.domains.domain import Sizes
from lossmith.domains.numbers import Real


class Several(Real):
    """Several numbers that stand for one target.

    They are ends of an interval, or means of a mixture's components.
    """

    words, head = "several numbers for each target", "a linear layer with that many outputs"

    def placed_at(self, target: Tensor, like: Tensor) -> Tensor:
        return target.unsqueeze(1).expand_as(like).clone()


class Members(Several):
    """Members of an ensemble, in any order."""

    words = "members of an ensemble"

    def decode(self, values: Tensor) -> Tensor:
        return values.sort(-1).values


class Parameters(Real):
    """Numbers that name a distribution: first where it lies, then logarithms."""

    low, high, words = -20.0, 20.0, "parameters of a distribution"
    head = "a linear layer with that many outputs"

    def placed_at(self, target: Tensor, like: Tensor) -> Tensor:
        return torch.cat([target.unsqueeze(-1), like[..., 1:]], dim=-1)

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return torch.randn(self.size(sizes), generator=generator, dtype=dtype)


class EvidentialParameters(Parameters):
    """Mean, and logarithms of ν, α − 1 and β, of a normal-inverse-gamma distribution."""

    words = "means, log ν, log(α − 1) and log β"


class Family(Parameters):
    """Parameters each of which shows in the data, so that a loss may find them again."""

    @abstractmethod
    def law(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Return the targets that one row makes likely, and their probabilities."""


class StudentParameters(Family):
    """Location, logarithm of the scale and of the degrees of freedom of a t."""

    words = "locations, log scales and log degrees of freedom"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        drawn = super().draw(sizes, generator, dtype)
        return torch.cat([drawn[..., :2], 1.0 + 0.5 * drawn[..., 2:]], dim=-1)

    def law(self, values: Tensor) -> tuple[Tensor, Tensor]:
        location, scale, freedom = values[0], values[1].exp(), values[2].exp()
        even = torch.linspace(-15.0, 15.0, 61, dtype=values.dtype)
        law = torch.distributions.StudentT(freedom, validate_args=False)
        log_density: Tensor = law.log_prob(even.sinh())  # type: ignore[no-untyped-call]
        weight = (log_density + even.cosh().log()).exp()
        return location + scale * even.sinh(), weight / weight.sum()


class CountParameters(Family):
    """Two parameters of a distribution of counts, the first the logarithm of a mean."""

    def placed_at(self, target: Tensor, like: Tensor) -> Tensor:
        return super().placed_at(target.clamp(min=math.exp(self.low)).log(), like)

    def law(self, values: Tensor) -> tuple[Tensor, Tensor]:
        counts = torch.arange(400, dtype=values.dtype)
        weight = self.log_probability(values, counts).exp()
        return counts, weight / weight.sum()

    @abstractmethod
    def log_probability(self, values: Tensor, counts: Tensor) -> Tensor:
        """Return the logarithm of each count's probability, for one row."""


class NegativeBinomialParameters(CountParameters):
    """Logarithms of the mean m and of the dispersion a: the variance is m + a·m²."""

    words = "log means and log dispersions"

    def log_probability(self, values: Tensor, counts: Tensor) -> Tensor:
        law = torch.distributions.NegativeBinomial((-values[1]).exp(), logits=values.sum(), validate_args=False)
        log_p: Tensor = law.log_prob(counts)  # type: ignore[no-untyped-call]
        return log_p


class ZeroInflatedPoissonParameters(CountParameters):
    """Logarithm of a Poisson mean, and log-odds of a zero that is none of its."""

    words = "log rates and log-odds of an extra zero"

    def log_probability(self, values: Tensor, counts: Tensor) -> Tensor:
        share, law = values[1].sigmoid(), torch.distributions.Poisson(values[0].exp())
        log_p: Tensor = law.log_prob(counts)  # type: ignore[no-untyped-call]
        return ((1.0 - share) * log_p.exp() + share * (counts == 0)).log()
