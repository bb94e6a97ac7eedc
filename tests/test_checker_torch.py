"""Losses of torch under honest claims raise no error: what is said of them lies in benchmarks/wild/torch_nn.py."""

import pytest
from benchmarks.wild import torch_nn
from benchmarks.wild.entry import expected

from lossmith.checker.case import Case
from lossmith.checker.examine import examine

ENTRIES = torch_nn.losses()
OVERFLOWS = {"nn.SoftMarginLoss", "functional.soft_margin_loss"}
"""torch computes log(1 + exp(x)) as it is written: at a score of 100 the value is inf in single precision."""


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_a_loss_of_torch_keeps_its_promises(entry):
    findings = examine(Case(entry.make, entry.inputs, {**expected(entry.inputs), **entry.claims}))
    errors = [(finding.rule, finding.message) for finding in findings if finding.severity == "error"]
    if entry.name in OVERFLOWS:
        assert [rule for rule, _ in errors] == ["unstable-extreme"]
    else:
        assert errors == []
