"""Code to paste that trains the user's own module with the recommended loss.

It runs where `model`, `train` and a loss of the user's own are defined.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lossmith import registry
from lossmith.advisor.profile import Profile
from lossmith.advisor.snippet import decision_lines, link_lines, loss_lines
from lossmith.advisor.trials import Trial
from lossmith.training.own.settings import OwnSettings
from lossmith.training.problem import Candidate


@dataclass(frozen=True)
class Form:
    """What the user's module takes and gives."""

    outputs: int
    """Numbers for each example."""
    unpacked: str = "x"
    """How a batch is taken apart before its target: `*x` where it has several parts."""
    called: str = "x"
    """What the module is called with: `*x` for several arguments, `**x` for keywords."""


def own_snippet(
    candidate: Candidate, profile: Profile, trials: Sequence[Trial], settings: OwnSettings, rows: int, form: Form
) -> str:
    """Write the code that trains a module with `candidate`.

    Args:
        candidate: the recommended one.
        profile: of the targets.
        trials: its preferred trials; their medians are the numbers written.
        settings: batch size, epochs, rates.
        rows: examples to learn from in each fold.
        form: what the module takes and gives.
    """
    known = candidate.loss in registry.index()["losses"]
    link = {key: float(np.median([t.link[key] for t in trials])) for key in ("centre", "scale")} if trials else {}
    written = link_lines(candidate.link, profile.problem.levels, link)
    rate = float(np.median([t.rate for t in trials])) if trials else settings.learning_rate
    batch, _, epochs = settings.schedule(rows)
    lines = [
        "import torch",
        *(loss_lines(candidate, {}) if known else ["", f"loss = {candidate.loss}  # your own"]),
        *(line for line in written if not line.startswith("head =")),
        f"columns = lambda output: {_columns(candidate.link, form.outputs)}",
        "",
        "net = model()",
        f"epochs, rate = {epochs}, {rate:.3g}",
        f"batches = torch.utils.data.DataLoader(train, batch_size={batch}, shuffle=True, drop_last=True)",
        f"optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay={settings.weight_decay:g})",
        "schedule = torch.optim.lr_scheduler.OneCycleLR(",
        "    optimiser, rate, total_steps=epochs * len(batches), cycle_momentum=False)",
        "for _ in range(epochs):",
        f"    for {form.unpacked}, y in batches:",
        f"        value = training_loss(columns(net({form.called})), y.reshape(len(y))).mean()",
        "        optimiser.zero_grad()",
        "        value.backward()",
        "        optimiser.step()",
        "        schedule.step()",
        "",
        *decision_lines(candidate, profile, trials),
        f"# In use: decide(predict(columns(net.eval()({form.called}))))",
    ]
    return "\n".join(lines) + "\n"


def _columns(link: str, outputs: int) -> str:
    """Write how the module's output becomes what the link wants."""
    if link == "softmax" and outputs == 1:
        return "torch.nn.functional.pad(output.reshape(len(output), 1), (1, 0))  # one logit as two"
    if link == "sigmoid" and outputs == 2:
        return "output[:, 1:] - output[:, :1]  # two logits as one"
    return "output.reshape(len(output), -1)"
