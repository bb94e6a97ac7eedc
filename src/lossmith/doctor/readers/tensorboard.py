"""TensorBoard event files, where the tensorboard package is installed."""

from collections import defaultdict
from pathlib import Path

from lossmith.doctor.readers import table
from lossmith.doctor.runlog import RunLog


def read(folder: Path) -> RunLog:
    """Read the scalars of a folder of event files."""
    try:
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    except ImportError as error:
        raise ValueError(
            f"{folder} holds event files, and reading them needs tensorboard, which is not installed. "
            "Try pip install tensorboard."
        ) from error
    events = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    events.Reload()
    rows: dict[int, dict[str, float]] = defaultdict(dict)
    for tag in events.Tags()["scalars"]:
        for event in events.Scalars(tag):
            rows[event.step][tag] = event.value
    return table.run(folder / "events", [{"step": step, **rows[step]} for step in sorted(rows)])
