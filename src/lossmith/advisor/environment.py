"""Versions and machine, for the record of a verdict."""

import platform
import time
from importlib.metadata import version

from lossmith._version import __version__
from lossmith.training import workers


def environment() -> dict[str, str]:
    """Return the versions and the machine, for the record."""
    names = ("torch", "numpy", "pandas", "scikit-learn")
    machine = f"{platform.system()} {platform.machine()}, {workers.cores()} cores"
    return {
        "lossmith": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in names},
        "machine": machine,
        "date": time.strftime("%Y-%m-%d"),
    }
