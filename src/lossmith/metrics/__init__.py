"""What the user cares about, one file each, computed by scikit-learn.

A metric says what it elicits and which decision rule it wants.
"""

from functools import cache
from pathlib import Path


@cache
def modules() -> dict[str, str]:
    """Map the name of every metric to the module that defines it."""
    files = sorted(path for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))
    return {path.stem: f"{__name__}.{path.stem}" for path in files}
