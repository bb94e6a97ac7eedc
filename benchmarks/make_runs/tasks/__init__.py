"""One task a file: each holds `TASK`."""

from importlib import import_module
from pathlib import Path

from benchmarks.make_runs.setup import Task


def found() -> dict[str, Task]:
    """Return the tasks of this folder by name."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))
    tasks = [import_module(f"{__name__}.{name}").TASK for name in names]
    return {task.name: task for task in tasks}
