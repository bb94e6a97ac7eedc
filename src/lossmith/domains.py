"""What a tensor argument may hold: shape, range, edge points, and a safe value.

A domain says what goes in, so that no loss needs a `from_logits=` flag, and it draws the data of every test.
Shapes are words: `"n c"` is one row of class scores per example, `"..."` any shape at all.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Generator, Tensor

Sizes = Mapping[str, int]


@dataclass(frozen=True)
class Domain(ABC):
    """A tensor argument: its shape, and through its class the values it may hold."""

    shape: str = "..."

    low: ClassVar[float] = -torch.inf
    """Smallest value for which value and gradient must be finite in float32 and bfloat16."""
    high: ClassVar[float] = torch.inf
    safe: ClassVar[float] = 0.0
    """What stands in for a masked entry: never out of range, never NaN."""
    integer: ClassVar[bool] = False
    words: ClassVar[str] = ""
    head: ClassVar[str] = "a linear layer, nothing after it"
    """Where it is a prediction: what the network should end in."""

    def size(self, sizes: Sizes) -> tuple[int, ...]:
        """Concrete shape for named sizes.

        `...` becomes (n, 2), to catch code that assumes one dimension; what follows it belongs to each element.
        """
        words = self.shape.replace("...", "n 2").split()
        return tuple(int(word) if word.isdigit() else sizes[word] for word in words)

    @abstractmethod
    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        """Typical values, as a network or a data set would produce them."""

    def edges(self, sizes: Sizes) -> tuple[float, ...]:
        """Values at which losses break: the ends of the range, and the exact zero."""
        return (self.low, 0.0, self.high) if self.low < 0.0 < self.high else (self.low, self.high)

    def __contains__(self, values: object) -> bool:
        """Whether `values` is a finite tensor, on the right side of zero."""
        return isinstance(values, Tensor) and bool(values.isfinite().all())

    def decode(self, values: Tensor) -> Tensor:
        """What the numbers stand for on the target's scale.

        That is the exponential of a logarithm, the sigmoid of a logit.
        """
        return values

    def placed_at(self, target: Tensor, like: Tensor) -> Tensor:
        """Return a prediction of the shape of `like` that sits at `target`."""
        return target.clone()

    def closest(self, values: Tensor) -> Tensor:
        """Return values that the domain holds, where entries depend on each other.

        Rows of probabilities are made to sum to 1.
        """
        return values

    def of_scores(self, rows: Tensor) -> Tensor:
        """Return the prediction that rows of class scores amount to."""
        return self.closest(rows)

    def __str__(self) -> str:
        return f"{self.words}, shape ({', '.join(self.shape.split())})"


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


class Logits(Domain):
    """Unnormalised log-odds (one per element) or class scores (last dimension `c`)."""

    low, high, words = -1e4, 1e4, "logits"
    head = "a linear layer, no sigmoid or softmax after it: the loss applies it"
    sure: ClassVar[float] = 6.0
    """A score of the true class that is sure, though finite, where the others are 0."""

    def decode(self, values: Tensor) -> Tensor:
        return values.softmax(-1) if self.shape.endswith(" c") else values.sigmoid()

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return 2.0 * torch.randn(self.size(sizes), generator=generator, dtype=dtype)

    @property
    def usual(self) -> bool:
        """Whether their sigmoid or softmax is the probability, as of most."""
        return type(self).decode is Logits.decode


class Scores(Logits):
    """Scores that decide, by their sign or as the largest; no probabilities."""

    words, head = "scores", "a linear layer, nothing after it: the sign or the largest score decides"


class StepLogits(Logits):
    """Log-odds of being above each ordered level but the last.

    Each column is a question of its own, so that c levels take c − 1 columns.
    """

    words = "log-odds of being above each level but the last"
    head = "a linear layer with one output less than there are levels, no sigmoid after it"

    def above(self, values: Tensor) -> Tensor:
        """Return the probability of being above each level but the last."""
        return values.sigmoid()

    def decode(self, values: Tensor) -> Tensor:
        above = self.above(values)
        edge = torch.ones_like(above[..., :1])
        return torch.cat([edge, above], dim=-1) - torch.cat([above, 0.0 * edge], dim=-1)

    def of_scores(self, rows: Tensor) -> Tensor:
        up, down = self._sides(rows)
        return up - down

    def _sides(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logarithms of the odds' two sides: above each level, and not."""
        levels = range(1, rows.shape[-1])
        up = [rows[..., k:].logsumexp(-1) for k in levels]
        down = [rows[..., :k].logsumexp(-1) for k in levels]
        return torch.stack(up, dim=-1), torch.stack(down, dim=-1)


class ConditionalStepLogits(StepLogits):
    """Log-odds of being above each level, given that it is not below it."""

    words = "log-odds of being above each level but the last, of what is not below it"

    def above(self, values: Tensor) -> Tensor:
        return values.sigmoid().cumprod(-1)

    def _sides(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        return super()._sides(rows)[0], rows[..., :-1]


class HalfLogOdds(Scores):
    """Halves of log-odds, as boosting adds them up."""

    low, high, words = -20.0, 20.0, "halves of log-odds"
    head = "a linear layer, nothing after it: the sigmoid of twice the score is the probability"

    def decode(self, values: Tensor) -> Tensor:
        return (2.0 * values).sigmoid()


class TangentScores(Scores):
    """Scores whose arc tangent, plus a half, is the probability of a yes."""

    words = "tangents of the probability less a half"
    head = "a linear layer, nothing after it: the arc tangent of the score, plus a half, is the probability"

    def decode(self, values: Tensor) -> Tensor:
        return (values.atan() + 0.5).clamp(0.0, 1.0)


class OneVsAllLogits(Scores):
    """Log-odds of each class against all others."""

    words, head = "log-odds of each class against the others", "a linear layer; a sigmoid of each score, not a softmax"

    def decode(self, values: Tensor) -> Tensor:
        return values.sigmoid()


class LogProbabilities(Logits):
    """Logits once normalised: logarithms of probabilities that sum to 1."""

    low, high, words = -1e4, 0.0, "logarithms of class probabilities"
    head = "a linear layer and a log-softmax"
    sure = 1e4

    def closest(self, values: Tensor) -> Tensor:
        return values.log_softmax(-1)

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return super().draw(sizes, generator, dtype).log_softmax(-1)


class Probability(Domain):
    """Probability of a yes, 0 and 1 included."""

    low, high, safe, words = 0.0, 1.0, 0.5, "probabilities"
    head = "a linear layer and a sigmoid"

    def __contains__(self, values: object) -> bool:
        return super().__contains__(values) and bool(
            ((torch.as_tensor(values) >= 0) & (torch.as_tensor(values) <= 1)).all()
        )

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return torch.rand(self.size(sizes), generator=generator, dtype=dtype)


class OpenShare(Probability):
    """A share that is neither none nor all, as that of the rows with a label."""

    low, high, words = 1e-3, 1.0 - 1e-3, "shares between 0 and 1"

    def __contains__(self, values: object) -> bool:
        return super().__contains__(values) and bool(
            ((torch.as_tensor(values) > 0) & (torch.as_tensor(values) < 1)).all()
        )


class ClassProbabilities(Domain):
    """One row of class probabilities per example; each row sums to 1."""

    low, high, words = 0.0, 1.0, "rows of probabilities that sum to 1"
    safe = 1.0  # a masked row of these does not sum to 1, and need not: it is finite
    head = "a linear layer and a softmax"

    def __contains__(self, values: object) -> bool:
        if not super().__contains__(values):
            return False
        rows = torch.as_tensor(values)
        return bool((rows >= 0).all()) and torch.allclose(rows.sum(-1), rows.new_ones(()), atol=1e-3)

    def closest(self, values: Tensor) -> Tensor:
        even = torch.full_like(values, 1.0 / values.shape[-1])
        total = values.sum(-1, keepdim=True)
        return torch.where(total > 0, values / torch.where(total > 0, total, torch.ones_like(total)), even)

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return (2.0 * torch.randn(self.size(sizes), generator=generator, dtype=dtype)).softmax(-1)


class Mistakes(ClassProbabilities):
    """How often each class, a row, is labelled as each other, a column."""

    words = "rows of shares that sum to 1, the largest of each its own class's"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        rows = super().draw(sizes, generator, dtype)
        classes = rows.shape[-1]
        own = torch.nn.functional.one_hot(torch.arange(rows.numel() // classes) % classes, classes)
        return 0.4 * rows + 0.6 * own.to(dtype).reshape(rows.shape)


class BinaryTarget(Domain):
    """0 or 1, as floating point; soft targets between them are allowed."""

    low, high, words = 0.0, 1.0, "0 or 1"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return torch.randint(0, 2, self.size(sizes), generator=generator).to(dtype)

    def edges(self, sizes: Sizes) -> tuple[float, ...]:
        return (0.0, 0.5, 1.0)


class Relevance(Domain):
    """Grades of relevance, from 0 up; below 0 is padding."""

    low, high, safe, integer, words = -1.0, 4.0, -1.0, True, "grades from 0 up, or -1 for padding"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.int64) -> Tensor:
        return torch.randint(-1, 5, self.size(sizes), generator=generator)


class ClassIndex(Domain):
    """Integer class numbers 0 … c−1."""

    low, safe, integer, words = 0.0, 0.0, True, "class indices"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.int64) -> Tensor:
        return torch.randint(0, sizes["c"], self.size(sizes), generator=generator)

    def edges(self, sizes: Sizes) -> tuple[float, ...]:
        return (0, sizes["c"] - 1)


class Symbols(ClassIndex):
    """Integer numbers of symbols 1 … c−1, where 0 is the blank between them."""

    low, safe, words = 1.0, 1.0, "indices of symbols, without the blank"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.int64) -> Tensor:
        return super().draw(sizes, generator).clamp(min=min(1, sizes["c"] - 1))

    def edges(self, sizes: Sizes) -> tuple[float, ...]:
        return (1, sizes["c"] - 1)


@dataclass(frozen=True)
class Lengths(Domain):
    """How many entries of a padded dimension count."""

    of: str = "n"
    """The dimension, by its word."""

    low, safe, integer, words = 1.0, 1.0, True, "numbers of entries that count"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.int64) -> Tensor:
        return torch.randint(1, sizes[self.of] + 1, self.size(sizes), generator=generator)

    def edges(self, sizes: Sizes) -> tuple[float, ...]:
        return (1, sizes[self.of])


class Boxes(Domain):
    """Boxes, by two opposite corners: x1, y1, x2, y2."""

    low, high, words = -1e4, 1e4, "corners x1, y1, x2, y2"
    head = "a linear layer, decoded to corners (anchor plus offsets, or distances to the sides)"

    def closest(self, values: Tensor) -> Tensor:
        half = values.shape[-1] // 2
        first, second = values[..., :half], values[..., half : 2 * half]
        return torch.cat([torch.minimum(first, second), torch.maximum(first, second), values[..., 2 * half :]], dim=-1)

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return self.closest(3.0 * torch.randn(self.size(sizes), generator=generator, dtype=dtype))


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


class Embedding(Domain):
    """Points of a space in which distance, or angle, stands for likeness."""

    low, high, words = -1e4, 1e4, "embeddings"
    head = "a linear layer; no activation after it, which would shut off half the space"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        # Distances about the usual margins, so that both sides of a hinge are met.
        return 0.5 * torch.randn(self.size(sizes), generator=generator, dtype=dtype)


class Prototypes(Embedding):
    """One row for each class, in the space of the embeddings."""

    words = "a row for each class, among the embeddings"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        # The second draw: the first one, at the same seed, is the embeddings themselves.
        return [super(Prototypes, self).draw(sizes, generator, dtype) for _ in range(2)][1]


class LogVariance(Domain):
    """Logarithm of a variance."""

    low, high, words = -20.0, 20.0, "logarithms of a variance"
    head = "a linear layer: its output is the logarithm of the variance"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return torch.randn(self.size(sizes), generator=generator, dtype=dtype)


class Action(Domain):
    """Numbers of the actions taken: a place in a row of values, and no label."""

    low, safe, integer, words = 0.0, 0.0, True, "numbers of the actions taken"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.int64) -> Tensor:
        return torch.randint(0, sizes["c"], self.size(sizes), generator=generator)

    def edges(self, sizes: Sizes) -> tuple[float, ...]:
        return (0, sizes["c"] - 1)


class ActionLogProbability(Domain):
    """Log-probability of the action taken.

    Of a continuous action it is the log-density, which may be above 0.
    """

    low, high, words = -20.0, 20.0, "log-probabilities of the actions taken"
    head = "a policy: log_softmax of its scores, or its density's logarithm, at the action taken"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return -torch.randn(self.size(sizes), generator=generator, dtype=dtype).abs()


class AnswerLogProbability(Domain):
    """Log-probability of a whole answer: a sum over its tokens."""

    low, high, words = -1e4, 0.0, "log-probabilities of whole answers"
    head = "a language model: log_softmax of its logits at the answer's tokens, summed"

    def draw(self, sizes: Sizes, generator: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
        return -5.0 * torch.randn(self.size(sizes), generator=generator, dtype=dtype).abs()


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


class LogScale(LogVariance):
    """Logarithm of a scale, such as a standard deviation."""

    words = "logarithms of a scale"
    head = "a linear layer: its output is the logarithm of the scale"


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
