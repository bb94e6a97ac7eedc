"""Every loss, by class or function name: `from lossmith.losses import FocalLoss`.

Nothing is listed here. `FocalLoss` and `focal_loss` both live in `<family>/focal_loss.py`, so adding a loss is adding
a file; `__init__.pyi` (written by `make stubs`) tells editors and type checkers the names.
"""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any


@cache
def modules() -> dict[str, str]:
    """Map the name of every loss to its module, in the order of families and names."""
    here = Path(__file__).parent
    files = sorted(path for path in here.glob("*/*.py") if not path.stem.startswith("_"))
    return {path.stem: f"{__name__}.{path.parent.name}.{path.stem}" for path in files}


def __getattr__(name: str) -> Any:
    """Import the file that defines `name`, the first time it is asked for."""
    if name == "__all__":  # for `import *` and tools; found when asked for, as the files are
        return sorted(each for stem in modules() for each in (stem, "".join(map(str.capitalize, stem.split("_")))))
    wanted = name.lower().replace("_", "")
    for stem, module in modules().items():
        if stem.replace("_", "") == wanted:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the names of every loss function.

    Each file's class is the same name in capitals.
    """
    return sorted(modules())
