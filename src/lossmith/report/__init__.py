"""Results in, text and pictures out; computes nothing.

Names are imported when they are first used: the page of a loss needs nothing of what a verdict needs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lossmith.report.html import write_html
    from lossmith.report.terminal import print_verdict

_HOMES = {"print_verdict": "lossmith.report.terminal", "write_html": "lossmith.report.html"}

__all__ = ["print_verdict", "write_html"]


def __getattr__(name: str) -> Any:
    """Import the home of `name`."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
