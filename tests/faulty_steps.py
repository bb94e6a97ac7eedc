"""Training steps with one fault each, by the rule that should name it, and sound ones."""

import torch
import torch.nn.functional as F  # noqa: N812

HELD: list = []
CALLS = [0]


def loss_of(model, batch):
    x, y = batch
    return F.mse_loss(model(x), y)


def sound(model, batch, optimizer):
    optimizer.zero_grad()
    loss = loss_of(model, batch)
    loss.backward()
    optimizer.step()
    return float(loss.detach())


def sound_classes(model, batch, optimizer):
    model.train()
    x, y = batch
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=False)
    model.eval()


def sound_binary(model, batch, optimizer):
    x, y = batch
    optimizer.zero_grad()
    loss = torch.nn.BCEWithLogitsLoss()(model(x).squeeze(-1), y)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item()


def sound_by_hand(net, x, y, optimizer):
    parameters = list(net.parameters())
    gradients = torch.autograd.grad(((net(x) - y) ** 2).mean(), parameters)
    with torch.no_grad():
        for p, g in zip(parameters, gradients, strict=True):
            p -= optimizer.param_groups[0]["lr"] * g


def sound_gathering(model, batch, optimizer):
    (loss_of(model, batch) / 4).backward()
    CALLS[0] += 1
    if CALLS[0] % 4 == 0:
        optimizer.step()
        optimizer.zero_grad()


def sound_absolute(model, batch, optimizer):
    x, y = batch
    optimizer.zero_grad()
    loss = (model(x) - y).abs().sum()
    loss.backward()
    optimizer.step()
    return {"loss": loss.item()}


def sound_closure(model, batch, optimizer):
    def closure():
        optimizer.zero_grad()
        loss = loss_of(model, batch)
        loss.backward()
        return loss

    return float(optimizer.step(closure).detach())


SOUND = (sound, sound_classes, sound_binary, sound_by_hand, sound_gathering, sound_absolute, sound_closure)


def crash(model, batch, optimizer):
    loss = loss_of(model, batch)
    tape.gradient(loss, model)


def crash_second(model, batch, optimizer):
    optimizer.zero_grad()
    HELD[:] = HELD or [loss_of(model, batch)]
    HELD[0].backward()
    optimizer.step()


def no_backward(model, batch, optimizer):
    optimizer.zero_grad()
    loss = loss_of(model, batch)
    optimizer.step()
    return loss.item()


def no_step(model, batch, optimizer):
    optimizer.zero_grad()
    loss_of(model, batch).backward()


def climbs(model, batch, optimizer):
    optimizer.zero_grad()
    loss = -loss_of(model, batch)
    loss.backward()
    optimizer.step()


def climbs_by_hand(model, batch, optimizer):
    model.zero_grad()
    x, y = batch
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p += optimizer.param_groups[0]["lr"] * p.grad
    return loss.item()


def adds_up(model, batch, optimizer):
    loss = loss_of(model, batch)
    loss.backward()
    optimizer.step()
    return loss.item()


def adds_up_classes(model, batch, optimizer):
    x, y = batch
    loss = F.nll_loss(F.log_softmax(model(x), 1), y)
    loss.backward()
    optimizer.step()


def half(model, batch, optimizer):
    optimizer.zero_grad()
    x, y = batch
    layers = list(model.children())
    if layers:
        with torch.no_grad():
            x = layers[0](x)
        for layer in layers[1:]:
            x = layer(x)
    else:
        x = model(x)
    F.mse_loss(x, y).backward()
    optimizer.step()


def no_bias(model, batch, optimizer):
    model.zero_grad()
    loss_of(model, batch).backward()
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "bias" not in name:
                p -= optimizer.param_groups[0]["lr"] * p.grad


def fixed_rate(model, batch, optimizer):
    own = torch.optim.SGD(model.parameters(), lr=0.01)
    own.zero_grad()
    loss_of(model, batch).backward()
    own.step()


def stays_in_eval(model, batch, optimizer):
    value = sound(model, batch, optimizer)
    model.eval()
    return value


def switches_off(model, batch, optimizer):
    torch.set_grad_enabled(True)
    value = sound(model, batch, optimizer)
    torch.set_grad_enabled(False)
    return value


def changes_inputs(model, batch, optimizer):
    batch[0].add_(0.01)
    return sound(model, batch, optimizer)


def changes_targets(model, batch, optimizer):
    batch[1].mul_(0.9)
    return sound(model, batch, optimizer)


TOTAL = [torch.zeros(())]


def total(model, batch, optimizer):
    optimizer.zero_grad()
    loss = loss_of(model, batch)
    loss.backward()
    optimizer.step()
    TOTAL[0] = TOTAL[0] + loss
    return loss.item()


def returns_graph(model, batch, optimizer):
    optimizer.zero_grad()
    loss = loss_of(model, batch)
    loss.backward()
    optimizer.step()
    return loss


FAULTS = (
    ("crash", crash), ("crash", crash_second), ("not-updated", no_backward), ("not-updated", no_step),
    ("ascent", climbs), ("ascent", climbs_by_hand), ("no-zero-grad", adds_up), ("no-zero-grad", adds_up_classes),
    ("unreached-parameter", half), ("unreached-parameter", no_bias), ("learning-rate-unused", fixed_rate),
    ("mode-left", stays_in_eval), ("mode-left", switches_off), ("inplace-input", changes_inputs),
    ("inplace-input", changes_targets), ("memory-growth", total), ("memory-growth", returns_graph),
)  # fmt: skip
