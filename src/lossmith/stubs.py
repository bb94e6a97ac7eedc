"""Writes `losses/__init__.pyi`: the names that the folders hold.

Editors and type checkers see the names through it. Run as `python -m lossmith.stubs` (or `make stubs`) after adding a
loss; a test says when it is out of step.
"""

import inspect
from importlib import import_module
from pathlib import Path

from lossmith import losses

PATH = Path(losses.__file__).with_suffix(".pyi")

_HEAD = '''"""Written by `make stubs`: the names every loss's file defines. Not to be edited."""
# ruff: noqa
# fmt: off

'''
_FOOT = """
def modules() -> dict[str, str]: ...
"""


def text() -> str:
    """Return the stub that fits the files there are now."""
    return _HEAD + "".join(_imports(name, module) for name, module in losses.modules().items()) + _FOOT


def _imports(name: str, module: str) -> str:
    """Import class and function as themselves: in a stub that makes a name public."""
    card = import_module(module).CARD
    names = [card.module.__name__, *([name] if inspect.isfunction(getattr(import_module(module), name, None)) else [])]
    return "".join(f"from {module} import {each} as {each}\n" for each in names)


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
