"""Which loss for a recurrent network of my own? On made-up sequences, so that nothing is downloaded.

Each sequence is a day of 24 hourly loads; what is to be predicted is what the next hour will cost. Costs are skewed and
now and then wild, and the score is the mean absolute error. Run it: `python examples/own_model.py`.
"""

import torch
from torch import nn
from torch.utils.data import Dataset

import lossmith


class Days(Dataset):
    """What a dataset of your own looks like: a length, and (input, target) pairs by place."""

    def __init__(self, count: int) -> None:
        generator = torch.Generator().manual_seed(0)
        hours = torch.arange(24) / 24 * 2 * torch.pi
        phase = torch.rand(count, 1, generator=generator) * 6
        self.loads = torch.sin(hours + phase) + 0.3 * torch.randn(count, 24, generator=generator)
        noise = torch.randn(count, generator=generator)
        self.costs = 20 * torch.exp(0.7 * torch.sin(phase[:, 0]) + 0.8 * noise)

    def __len__(self) -> int:
        return len(self.costs)

    def __getitem__(self, place: int) -> tuple[torch.Tensor, torch.Tensor]:
        return self.loads[place, :, None], self.costs[place]


class Network(nn.Module):
    """One number per sequence, raw: no activation at the end, and no scaling of the target."""

    def __init__(self) -> None:
        super().__init__()
        self.cells, self.head = nn.GRU(1, 16, batch_first=True), nn.Linear(16, 1)

    def forward(self, loads: torch.Tensor) -> torch.Tensor:
        return self.head(self.cells(loads)[0][:, -1])


def half_huber(input: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """A loss of your own: it sees prediction and target in the target's unit."""
    return nn.functional.huber_loss(input, target, delta=5.0, reduction="none")


def main(count: int = 600, epochs: int = 12, folds: int = 5) -> None:
    """Ask which loss, print the answer, and train with it."""
    train = Days(count)
    verdict = lossmith.advise(
        model=Network, train=train, metric="mae", losses=["absolute_error_loss", "huber_loss", half_huber],
        epochs=epochs, folds=folds, learning_rate=0.01, budget=None,
    )  # fmt: skip
    print(verdict.sentence)
    for standing in verdict.standings:
        print(f"{standing.candidate.id:30} MAE {standing.score:.3f}")
    print(verdict.snippet)
    candidate = verdict.standing(verdict.recommended).candidate
    own_loss = half_huber if candidate.loss == "half_huber" else None
    predictor = lossmith.fit_model(Network, train, verdict.profile.problem, candidate, own_loss=own_loss,
                                   settings=lossmith.OwnSettings(rounds=epochs, learning_rate=0.01))  # fmt: skip
    print("first predictions:", predictor.predict(train)[:5].round(1))


if __name__ == "__main__":
    main()
