"""How every candidate trains a person's own module: one record for all."""

from dataclasses import dataclass
from typing import Literal

from lossmith.training.settings import Settings

Precision = Literal["float32", "bf16", "fp16"]


@dataclass(frozen=True)
class OwnSettings(Settings):
    """Schedule, device and precision; the network is the user's."""

    hidden: tuple[int, ...] = ()
    learning_rate: float = 1e-3
    """Peak rate of AdamW, torch's own default: nothing is known of the module."""
    min_epochs: int = 5
    batch: int = 0
    """Examples in a batch; 0 is as for a table."""
    rounds: int = 0
    """Epochs; 0 is as many as `steps` make."""
    rounds_without_budget: int = 0
    """Epochs before a budget cut them; 0 where none did."""
    device: str = "cpu"
    precision: Precision = "float32"
    num_workers: int = 0
    together: bool = False
    """Whether candidates train as one stack, through torch.func; else one after another on each batch."""

    @property
    def shortened(self) -> bool:
        """Whether a budget has cut the epochs: then the race is partly one of speed."""
        return self.rounds < self.rounds_without_budget

    @property
    def shortage(self) -> str:
        """What the budget has cut, in words."""
        return f"the model trained for {self.rounds} epochs instead of {self.rounds_without_budget}"

    def batch_size(self, rows: int) -> int:
        """Return the user's batch size, or one that gives about 20 batches an epoch."""
        return min(self.batch, rows) if self.batch else super().batch_size(rows)

    def schedule(self, rows: int) -> tuple[int, int, int]:
        """Return batch size, batches in an epoch, and epochs."""
        batch, batches, epochs = super().schedule(rows)
        return batch, batches, self.rounds or epochs
