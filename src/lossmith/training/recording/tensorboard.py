"""The same numbers for TensorBoard, if asked and if the package is there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any


class TensorBoard:
    """Writes numbers to event files in the run's folder.

    Raises:
        ImportError: the package `tensorboard` is missing.
    """

    def __init__(self, folder: Path) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise ImportError(
                "`tensorboard=True` should find the package `tensorboard`. Found none. Try `pip install tensorboard`."
            ) from error
        self._writer: Any = SummaryWriter(str(folder))

    def write(self, step: int, numbers: Mapping[str, float | None]) -> None:
        """Write what is not None."""
        for name, value in numbers.items():
            if value is not None:
                self._writer.add_scalar(name, value, step)

    def close(self) -> None:
        """Write what is left and close the file."""
        self._writer.close()
