"""A network that shows what an adversarial loss did with it."""

import torch
from torch import Tensor


class Watched(torch.nn.Module):
    """A network that remembers its inputs and the mode it was in."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(5, 16), torch.nn.BatchNorm1d(16), torch.nn.Tanh(), torch.nn.Dropout(0.5),
            torch.nn.Linear(16, 3),
        )  # fmt: skip
        self.seen: list[tuple[Tensor, bool]] = []

    def forward(self, x: Tensor) -> Tensor:
        self.seen.append((x.detach().clone(), self.layers.training))
        return self.layers(x)
