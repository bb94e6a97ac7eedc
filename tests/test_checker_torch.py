"""Losses of torch under honest claims raise no error: what is said of them lies in benchmarks/wild/torch_nn.py."""

import pytest
from benchmarks.wild import torch_nn
from benchmarks.wild.entry import expected

from lossmith.checker.case import Case
from lossmith.checker.examine import examine

ENTRIES = torch_nn.losses()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_a_loss_of_torch_keeps_its_promises(entry):
    findings = examine(Case(entry.make, entry.inputs, {**expected(entry.inputs), **entry.claims}))
    errors = [(finding.rule, finding.message) for finding in findings if finding.severity == "error"]
    assert errors == []
