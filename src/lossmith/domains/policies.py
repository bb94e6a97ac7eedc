"""What an agent or a language model does, and how likely it was to do so."""

import torch
from torch import Generator, Tensor

from lossmith.domains.domain import Domain, Sizes


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
