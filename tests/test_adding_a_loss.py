"""The worked example of docs/adding-a-loss.md is a loss that would pass."""

import doctest
import re
import sys
from pathlib import Path

import pytest
import torch

from lossmith import losses, registry
from lossmith.card import Card, Fails, Holds, NotApplicable
from lossmith.experiment import Subject
from lossmith.properties import TESTS

PAGE = Path(__file__).parents[1] / "docs/adding-a-loss.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.fixture(scope="module")
def card() -> Card:
    return registry.card("quantile_huber_loss")


def test_the_page_shows_the_file_itself() -> None:
    path = Path(losses.__file__).parent / "regression/quantile_huber_loss.py"
    assert path.read_text(encoding="utf-8") == BLOCKS[0]


def test_its_claims_are_true(card: Card) -> None:
    for prop, claim in card.claims.items():
        assert not isinstance(claim, NotApplicable)
        at = {"level": 0.8, "delta": 0.7} | dict(claim.at if isinstance(claim, Fails) else {})
        subject = Subject(card.module.function, card.inputs, at)
        order = {"order": claim.value} if prop == "gradient_growth" and isinstance(claim, Holds) else {}
        assert (TESTS[prop](subject, **order) is None) is isinstance(claim, Holds), prop


def test_its_example_runs_and_its_number_is_right(card: Card) -> None:
    assert doctest.testmod(sys.modules[card.module.__module__]).failed == 0
    row = eval(BLOCKS[2].splitlines()[1].strip().rstrip(","))
    assert row[0] == card.name
    values = card.module(**row[1])(torch.tensor(row[2]), torch.tensor(row[3]))
    assert values.item() == pytest.approx(row[4])


def test_the_snippet_that_asks_runs(capsys: pytest.CaptureFixture[str]) -> None:
    exec(BLOCKS[1], {})
    lines = dict(line.split(" | ", 1) for line in capsys.readouterr().out.splitlines())
    assert set(lines) == set(TESTS)
    assert lines["convex"] == "None"
    assert lines["symmetric"].startswith("input = ")
