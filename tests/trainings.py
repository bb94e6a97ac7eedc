"""Trainings as `preflight` and `diagnose --try` get them: right, or with one fault."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

ROWS, COLUMNS, CLASSES = 512, 8, 4


def data():
    draw = torch.Generator().manual_seed(1)
    x = torch.randn(ROWS, COLUMNS, generator=draw)
    number = x @ torch.randn(COLUMNS, generator=draw)
    return x, number, (x @ torch.randn(COLUMNS, CLASSES, generator=draw)).argmax(1)


X, NUMBER, LABEL = data()
BINARY = (NUMBER > 0).float()


def network(outputs, *more):
    return nn.Sequential(nn.Linear(COLUMNS, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, outputs), *more)


def classes():
    return network(CLASSES), nn.CrossEntropyLoss(), (X, LABEL)


def numbers():
    model = network(1)
    return {"model": model, "loss": nn.MSELoss(), "train_data": TensorDataset(X, NUMBER[:, None]),
            "optimizer": torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)}  # fmt: skip


def binary():
    return network(1), nn.BCEWithLogitsLoss(), DataLoader(TensorDataset(X, BINARY[:, None]), 64, shuffle=True)


def images():
    model = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(128, CLASSES))
    draw = torch.Generator().manual_seed(2)
    pictures = torch.randn(128, 1, 8, 8, generator=draw) + LABEL[:128, None, None, None]
    return model, nn.CrossEntropyLoss(), (pictures, LABEL[:128])


def masks():
    draw = torch.Generator().manual_seed(3)
    pictures = torch.randn(64, 1, 6, 6, generator=draw)
    model = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 3, 1))
    return model, nn.CrossEntropyLoss(), (pictures, (pictures[:, 0] > 0).long() + (pictures[:, 0] > 1).long())


def broadcast():
    return network(1), nn.MSELoss(), (X, NUMBER)


def double_softmax():
    return network(CLASSES, nn.Softmax(1)), nn.CrossEntropyLoss(), (X, LABEL)


def double_sigmoid():
    return network(1, nn.Sigmoid()), nn.BCEWithLogitsLoss(), (X, BINARY[:, None])


def nll_of_logits():
    return network(CLASSES), nn.NLLLoss(), (X, LABEL)


def labels_from_one():
    return network(CLASSES), nn.CrossEntropyLoss(), (X, LABEL + 1)


def wild_scales():
    return network(CLASSES), nn.CrossEntropyLoss(), (X * torch.logspace(0, 5, COLUMNS), LABEL)


def missing_inputs():
    x = X.clone()
    x[5, 3] = float("nan")
    return network(CLASSES), nn.CrossEntropyLoss(), (x, LABEL)


def still_column():
    x = X.clone()
    x[:, 2] = 7.0
    return network(CLASSES), nn.CrossEntropyLoss(), (x, LABEL)


def constant_target():
    return network(1), nn.MSELoss(), (X, torch.ones(ROWS, 1))


def probabilities_wanted():
    return network(1, nn.BatchNorm1d(1)), nn.BCELoss(), (X, BINARY[:, None])


def in_order():
    order = LABEL.argsort()
    return network(CLASSES), nn.CrossEntropyLoss(), DataLoader(TensorDataset(X[order], LABEL[order]), 32, num_workers=2)


def head_only():
    model = network(CLASSES)
    return model, nn.CrossEntropyLoss(), (X, LABEL), torch.optim.Adam(model[4].parameters())


def rate_far_too_high():
    model = network(CLASSES)
    return model, nn.CrossEntropyLoss(), (X, LABEL), torch.optim.SGD(model.parameters(), lr=50.0)


def rate_far_too_low():
    model = network(CLASSES)
    return model, nn.CrossEntropyLoss(), (X, LABEL), torch.optim.SGD(model.parameters(), lr=1e-6)


def dead():
    model = network(CLASSES)
    nn.init.constant_(model[0].bias, -100.0)
    return model, nn.CrossEntropyLoss(), (X, LABEL)


def unused_layer():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.spare = network(CLASSES), nn.Linear(3, 3)

        def forward(self, x):
            return self.used(x)

    return Model(), nn.CrossEntropyLoss(), (X, LABEL)


def summed():
    return network(CLASSES), nn.CrossEntropyLoss(reduction="sum"), (X, LABEL)


def uneven():
    rare = NUMBER.quantile(0.96) < NUMBER
    return network(1), nn.BCEWithLogitsLoss(), (X, rare.float()[:, None])


def far_targets():
    return network(1), nn.MSELoss(), (X, 1e4 * NUMBER[:, None] + 1e5)
