"""Small modules and datasets of a user's own, as any user would write them."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset, TensorDataset


class Sequences(nn.Module):
    """The last state of a recurrent network."""

    def __init__(self, outputs=3, kind=nn.GRU):
        super().__init__()
        self.cells, self.head = kind(4, 8, batch_first=True), nn.Linear(8, outputs)

    def forward(self, x):
        return self.head(self.cells(x)[0][:, -1])


class Attention(nn.Module):
    def __init__(self, outputs=3, dropout=0.0):
        super().__init__()
        self.up, self.head = nn.Linear(4, 8), nn.Linear(8, outputs)
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=dropout, batch_first=True)

    def forward(self, x):
        return self.head(self.layer(self.up(x)).mean(1))


class Branching(nn.Module):
    """Its way through depends on the data, which no stack can follow."""

    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(6, 3), nn.Linear(6, 3)

    def forward(self, x):
        return self.one(x) if x.sum().item() > 0 else self.two(x)


def mlp(outputs=3):
    return lambda: nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, outputs))


def cnn(outputs=3):
    return lambda: nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, outputs)
    )


def batch_norm(outputs=3):
    return lambda: nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, outputs)
    )


def dropout(outputs=3):
    return lambda: nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, outputs))


def rows(n=120, seed=0, classes=3):
    """Vectors whose class, or value with classes=0, is plain from the first two numbers."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 6)).astype(np.float32)
    signal = 2 * x[:, 0] - x[:, 1] + 0.3 * rng.normal(size=n)
    y = np.digitize(signal, np.linspace(-1, 1, classes - 1)) if classes else 50.0 + 10.0 * signal
    return TensorDataset(torch.from_numpy(x), torch.from_numpy(np.asarray(y)))


def images(n=120, seed=0):
    """Images whose class is where the bright stripe lies."""
    rng = np.random.default_rng(seed)
    y = rng.integers(3, size=n)
    x = rng.normal(size=(n, 1, 8, 8)).astype(np.float32) * 0.5
    for place, stripe in enumerate(y):
        x[place, 0, 2 * stripe + 1] += 1.0
    return TensorDataset(torch.from_numpy(x), torch.from_numpy(y))


def sequences(n=120, seed=0):
    """Sequences whose class is where they end."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 5, 4)).astype(np.float32)
    return TensorDataset(torch.from_numpy(x), torch.from_numpy(np.digitize(x[:, -1, 0], [-0.5, 0.5])))


class Pairs(Dataset):
    """What a user writes: items made one at a time, here from a list."""

    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, place):
        return self.items[place]
