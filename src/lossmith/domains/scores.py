"""Scores of classes and levels, and the probabilities that they stand for."""

from typing import ClassVar

import torch
from torch import Generator, Tensor

from lossmith.domains.domain import Domain, Sizes


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
