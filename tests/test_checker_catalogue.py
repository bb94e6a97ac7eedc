"""The checker agrees with every card of the catalogue that it can draw for."""

import pytest

from lossmith import registry
from lossmith.checker import cards
from lossmith.checker.case import Case
from lossmith.checker.check import check
from lossmith.checker.examine import examine

CARDS = registry.catalogue()
DESCRIBED = {name: said for name, card in CARDS.items() if (said := cards.described(card)) is not None}


@pytest.mark.parametrize("name", DESCRIBED)
def test_the_checker_finds_no_error_in_our_own_loss(name):
    signature, claims = DESCRIBED[name]
    settings = cards.settings(CARDS[name], {})
    case = Case(lambda: registry.load(name, **settings), signature, claims)
    assert case.call(case.ordinary[0]).error is None
    assert [f.rule for f in examine(case) if f.severity == "error"] == []
    assert case.lost == []


def test_nearly_every_loss_is_looked_at_and_of_the_others_it_is_said_why_not():
    losses = [name for name, card in CARDS.items() if card.kind == "loss"]
    assert len(DESCRIBED) >= 0.98 * len(losses), set(losses) - set(DESCRIBED)
    for name, card in CARDS.items():
        assert (name in DESCRIBED) == (cards.refusal(card) == "")
    with pytest.raises(ValueError, match="calls a network beside its tensors"):
        check("lossmith:gradient_penalty_loss", isolated=False)
