"""Every rule on one loss: a case in, findings out."""

import inspect
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib import import_module
from types import ModuleType

from lossmith.checker import rules, witness
from lossmith.checker.case import Case
from lossmith.checker.causes import ALONE, ORDER, merged
from lossmith.checker.found import Found
from lossmith.checker.state import kept
from lossmith.finding import Finding

Rule = Callable[[Case], Found | None]

ABOUT_GRADIENTS = (
    "gradient-cut", "wrong-gradient", "nan-gradient", "target-gradient", "double-backward", "memory-growth",
    "vmap-unsupported", "low-precision", "dtype-hardcoded", "device-hardcoded",
)  # fmt: skip
"""Rules that ask of autograd, devices or precisions what NumPy does not have."""


@cache
def known() -> dict[str, Rule]:
    """Return every rule by its name, in order: a file in the folder is a rule."""
    found = {name.replace("_", "-"): import_module(f"{rules.__name__}.{name}").find for name in rules.files()}
    return {name: found[name] for name in sorted(found, key=lambda n: ORDER.index(n) if n in ORDER else len(ORDER))}


def page(rule: str, package: ModuleType = rules) -> dict[str, str]:
    """Return a rule's page in parts.

    Its first line, `What it finds`, `Why it matters`, `Fix`.
    """
    text = inspect.cleandoc(import_module(f"{package.__name__}.{rule.replace('-', '_')}").__doc__ or "")
    parts = {"fault": text.split("\n")[0]}
    for heading, body in re.findall(r"^([A-Z][\w ]+): (.*?)(?=^\w[\w ]+: |\Z)", text, flags=re.M | re.S):
        parts[heading] = " ".join(body.split())
    return parts


def examine(case: Case, begun: Callable[[str], None] = lambda rule: None) -> list[Finding]:
    """Try every rule.

    Args:
        case: the loss, what it takes, what is promised.
        begun: told of each rule before it starts.
    """
    findings: list[Finding] = []
    shown: dict[str, Found] = {}
    for name, find in known().items():
        if name in ABOUT_GRADIENTS and case.without_gradient:
            continue
        begun(name)
        with kept():
            try:
                found = find(case)
            except MemoryError:
                raise
            except Exception as error:  # a rule that cannot cope with a loss must not cost the other rules' answers
                found = None
                case.lost.append(f"{name} could not be looked at: {type(error).__name__}: {error}")
        case.tally["rules"] += 1
        if found is not None:
            shown[name] = found
            findings.append(_finding(name, found))
            if name in ALONE:
                break
    begun("its witnesses")
    with kept():
        return [_with_witness(case, finding, shown[finding.rule]) for finding in merged(findings)]


def skipped(case: Case) -> tuple[str, ...]:
    """Say which rules are off, and why."""
    if not case.without_gradient:
        return ()
    return (
        f"It computes with NumPy, so there is no autograd to look at: slopes are finite differences, and "
        f"{', '.join(ABOUT_GRADIENTS)} are off.",
    )


def _finding(rule: str, found: Found) -> Finding:
    parts = page(rule)
    return Finding(
        rule, found.severity, found.message, "", parts.get("Why it matters", ""), found.fix or parts.get("Fix", "")
    )


def _with_witness(case: Case, finding: Finding, found: Found) -> Finding:
    case, found = witness.shorter(case, known()[finding.rule], found)
    if found.inputs is None:
        return replace(finding, message=found.message)
    inputs = found.inputs if found.shows is None else witness.smallest(case, found.inputs, found.shows)
    return replace(finding, message=found.message, witness=witness.code(case, inputs, found.said, found.wrt))
