"""Every rule on one training step: a case in, findings out."""

import pkgutil
from collections.abc import Callable
from functools import cache
from importlib import import_module

from lossmith.checker import steps
from lossmith.checker.examine import page
from lossmith.checker.found import Found
from lossmith.checker.state import kept
from lossmith.checker.step import StepCase
from lossmith.finding import Finding

ORDER = (
    "crash", "not-updated", "ascent", "no-zero-grad", "unreached-parameter", "learning-rate-unused", "mode-left",
    "inplace-input", "memory-growth",
)  # fmt: skip
"""Rules from what explains most to what explains least."""
ALONE = ("crash", "not-updated")
"""A cause beside which little can be said."""


@cache
def known() -> dict[str, Callable[[StepCase], Found | None]]:
    """Return every rule by its name, in order: a file in the folder is a rule."""
    names = [module.name for module in pkgutil.iter_modules(steps.__path__)]
    found = {name.replace("_", "-"): import_module(f"{steps.__name__}.{name}").find for name in names}
    return {name: found[name] for name in sorted(found, key=ORDER.index)}


def examine_step(case: StepCase, begun: Callable[[str], None] = lambda rule: None) -> list[Finding]:
    """Try every rule.

    Args:
        case: the step and how it is called.
        begun: told of each rule before it starts.
    """
    findings: list[Finding] = []
    for name, find in known().items():
        begun(name)
        with kept():
            found = find(case)
        if found is not None:
            parts = page(name, steps)
            fix = found.fix or parts["Fix"]
            findings.append(Finding(name, found.severity, found.message, found.code, parts["Why it matters"], fix))
            if name in ALONE:
                break
    return sorted(findings, key=lambda f: ("error", "warning", "note").index(f.severity))
