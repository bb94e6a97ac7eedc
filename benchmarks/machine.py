"""What a table of measurements must say of where it was measured."""

import os
import platform
import time
from importlib.metadata import version
from pathlib import Path


def machine(*packages: str) -> str:
    """Return processor, cores, versions and date in one line."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("lossmith", "torch", "scikit-learn", *packages))
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}; {versions}; "
        f"{time.strftime('%Y-%m-%d')}"
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
