"""The callbacks, each in the real library: losses against a computation by hand, with a short last batch."""

import json
import os

import pytest
import torch
from torch import nn

ROWS, SIZE = 70, 32


def data():
    torch.manual_seed(0)
    return torch.randn(ROWS, 5), torch.randn(ROWS, 1)


def read(folder, name, kind):
    found = [json.loads(line) for line in (folder / name).read_text().splitlines()]
    return [record for record in found if record["type"] == kind]


def checked(folder, x, y, model, epochs):
    """The learning rate is zero, so that every epoch's mean is the loss of the whole data."""
    with torch.no_grad():
        right = nn.functional.mse_loss(model(x), y).item()
    found = read(folder, "epochs.jsonl", "epoch")
    assert [record["rows"] for record in found] == [ROWS] * epochs
    for record in found:
        assert record["train_loss"] == pytest.approx(right, rel=2e-3)
        assert record["val_loss"] == pytest.approx(right, rel=2e-3)
    steps = read(folder, "live.jsonl", "step")
    assert steps[0]["layers"]
    assert all(record["grad_norm"] > 0 for record in steps)
    return steps


@pytest.mark.parametrize("accumulate", [1, 3])
def test_lightning(tmp_path, accumulate):
    lightning = pytest.importorskip("lightning.pytorch")
    from lossmith.integrations.lightning import recorder

    class Module(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 1))

        def forward(self, x):
            return self.net(x)

        def training_step(self, batch, _):
            return nn.functional.mse_loss(self(batch[0]), batch[1])

        def validation_step(self, batch, _):
            self.log("val_loss", nn.functional.mse_loss(self(batch[0]), batch[1]), batch_size=len(batch[0]))

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.0)

    x, y = data()
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=SIZE)
    module = Module()
    lightning.Trainer(
        max_epochs=2, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False, callbacks=[recorder(tmp_path / "a")], accumulate_grad_batches=accumulate,
    ).fit(module, loader, loader)  # fmt: skip
    checked(tmp_path / "a", x, y, module, 2)
    assert len((tmp_path / "a" / "log.csv").read_text().splitlines()) == 1 + (6 if accumulate == 1 else 2)


def test_skorch(tmp_path):
    skorch = pytest.importorskip("skorch")
    helper, dataset = pytest.importorskip("skorch.helper"), pytest.importorskip("skorch.dataset")
    from lossmith.integrations.skorch import recorder

    x, y = data()
    net = skorch.NeuralNetRegressor(
        lambda: nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 1)), lr=0.0, batch_size=SIZE, max_epochs=2,
        train_split=helper.predefined_split(dataset.Dataset(x, y)), verbose=0,
        callbacks=[("recorder", recorder(tmp_path / "a"))], iterator_train__shuffle=True,
    )  # fmt: skip
    net.fit(x, y)
    steps = checked(tmp_path / "a", x, y, net.module_, 2)
    assert steps[0]["acts"]["1"]["kind"] == "relu"


def test_keras(tmp_path, monkeypatch):
    monkeypatch.setitem(os.environ, "KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras")
    from lossmith.integrations.keras import recorder

    x, y = data()
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(4, "tanh"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.01), "mse")
    first = nn.functional.mse_loss(model(x[:SIZE]).cpu(), y[:SIZE]).item()
    model.optimizer.learning_rate = 0.0
    model.fit(
        x.numpy(), y.numpy(), SIZE, epochs=2, validation_data=(x.numpy(), y.numpy()), shuffle=False, verbose=0,
        callbacks=[recorder(tmp_path / "a")],
    )  # fmt: skip
    steps = checked(tmp_path / "a", x, y, lambda inputs: model(inputs).cpu(), 2)
    assert steps[0]["loss"] == pytest.approx(first, rel=1e-3)
    assert len(steps[0]["layers"]) == 2


def tokens():
    torch.manual_seed(0)
    words = torch.randint(1, 20, (ROWS, 6))
    return [{"input_ids": row, "labels": row[0] % 3} for row in words]


def trained(transformers, model, data, folder, recorder, accumulate=1, steps=1000, **options):
    """Train without learning; the callbacks that print are off."""
    arguments = transformers.TrainingArguments(
        str(folder / "out"), per_device_train_batch_size=SIZE, per_device_eval_batch_size=SIZE, num_train_epochs=2,
        learning_rate=0.0, gradient_accumulation_steps=accumulate, eval_strategy="epoch", save_strategy="no",
        report_to=[], disable_tqdm=True, use_cpu=True, logging_steps=steps,
    )  # fmt: skip
    transformers.Trainer(
        model, arguments, train_dataset=data, eval_dataset=data, callbacks=[recorder(folder / "a")], **options
    ).train()


@pytest.mark.parametrize("accumulate", [1, 3])
def test_transformers(tmp_path, accumulate):
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("accelerate")
    from lossmith.integrations.transformers import recorder

    torch.manual_seed(0)
    model = transformers.DistilBertForSequenceClassification(
        transformers.DistilBertConfig(
            vocab_size=20, dim=8, n_layers=1, n_heads=2, hidden_dim=16, max_position_embeddings=8, num_labels=3,
            dropout=0.0, attention_dropout=0.0, seq_classif_dropout=0.0,
        )
    )  # fmt: skip
    data = tokens()
    trained(transformers, model, data, tmp_path, recorder, accumulate)
    words, labels = torch.stack([row["input_ids"] for row in data]), torch.stack([row["labels"] for row in data])
    with torch.no_grad():
        logits = model.eval()(words).logits
    right = nn.functional.cross_entropy(logits, labels).item()
    accuracy = (logits.argmax(1) == labels).float().mean().item()
    found = read(tmp_path / "a", "epochs.jsonl", "epoch")
    assert [record["rows"] for record in found] == [ROWS, ROWS]
    for record in found:
        assert record["train_loss"] == pytest.approx(right, rel=2e-3)
        assert record["val_loss"] == pytest.approx(right, rel=2e-3)
        assert record["train_metric"] == pytest.approx(accuracy, abs=2e-3)
    assert len((tmp_path / "a" / "log.csv").read_text().splitlines()) == 1 + (6 if accumulate == 1 else 2)
    steps = read(tmp_path / "a", "live.jsonl", "step")
    assert steps[0]["layers"]
    assert all(record["grad_norm"] > 0 for record in steps)
    assert not model._forward_hooks


@pytest.mark.parametrize("accumulate", [1, 3])
def test_transformers_of_next_words(tmp_path, accumulate):
    """Rows of unequal lengths, so that a mean over words is not a mean over rows."""
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("accelerate")
    from lossmith.integrations.transformers import recorder

    torch.manual_seed(0)
    model = transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            vocab_size=20, hidden_size=8, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
            max_position_embeddings=8, bos_token_id=0, eos_token_id=0, pad_token_id=0,
        )
    )  # fmt: skip
    data = []
    for index, row in enumerate(torch.randint(1, 20, (ROWS, 6))):
        labels = row.clone()
        labels[2 + index % 5 :] = -100
        data.append({"input_ids": row, "labels": labels})
    trained(transformers, model, data, tmp_path, recorder, accumulate)
    words, labels = torch.stack([row["input_ids"] for row in data]), torch.stack([row["labels"] for row in data])
    with torch.no_grad():
        logits = model.eval()(words).logits[:, :-1].flatten(0, 1)
    right = nn.functional.cross_entropy(logits, labels[:, 1:].flatten()).item()
    for record in read(tmp_path / "a", "epochs.jsonl", "epoch"):
        assert record["train_loss"] == pytest.approx(right, rel=2e-3)
    assert len((tmp_path / "a" / "log.csv").read_text().splitlines()) == 1 + (6 if accumulate == 1 else 2)


def test_transformers_with_a_loss_of_ones_own(tmp_path):
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("accelerate")
    from lossmith.integrations.transformers import recorder

    torch.manual_seed(0)
    model = transformers.DistilBertForSequenceClassification(
        transformers.DistilBertConfig(vocab_size=20, dim=8, n_layers=1, n_heads=2, hidden_dim=16, num_labels=3)
    )
    constant = lambda outputs, labels, num_items_in_batch=None: outputs.logits.sum() * 0.0 + 0.25  # noqa: E731
    trained(transformers, model, tokens(), tmp_path, recorder, steps=1, compute_loss_func=constant)
    found = read(tmp_path / "a", "epochs.jsonl", "epoch")
    assert [record["train_loss"] for record in found] == [0.25, 0.25]
    assert len((tmp_path / "a" / "log.csv").read_text().splitlines()) == 7
