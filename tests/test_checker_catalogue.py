"""The checker agrees with every card of the catalogue that it can draw for."""

import pytest

from lossmith import registry
from lossmith.checker import cards
from lossmith.checker.case import Case
from lossmith.checker.check import check
from lossmith.checker.examine import examine

CARDS = registry.catalogue()
DESCRIBED = {name: said for name, card in CARDS.items() if (said := cards.described(card)) is not None}

ON_PURPOSE = {
    # It counts gradients in bins: where one crosses an edge, the value jumps.
    "ghm_classification_loss": ["discontinuous"],
    # They ask whether the likeliest class is right, which jumps where another becomes so.
    "mmce_loss": ["discontinuous"],
    "soft_binned_ece_loss": ["discontinuous"],
    # It weighs by distances from the predicted outline, which moves by whole pixels.
    "hausdorff_dt_loss": ["discontinuous"],
    # They hold a weight or factors fixed: the gradient is not the value's derivative, nor always downhill in it.
    "beta_nll_loss": ["wrong-gradient"],
    "seesaw_loss": ["wrong-gradient"],
    "circle_loss": ["wrong-gradient"],
    "ciou_loss": ["wrong-gradient"],
}
"""Findings that are right: these losses are so, as their papers have it."""


@pytest.mark.parametrize("name", DESCRIBED)
def test_the_checker_finds_no_error_in_our_own_loss(name):
    signature, claims = DESCRIBED[name]
    settings = cards.settings(CARDS[name], {})
    case = Case(lambda: registry.load(name, **settings), signature, claims)
    assert case.call(case.ordinary[0]).error is None
    assert [f.rule for f in examine(case) if f.severity == "error"] == ON_PURPOSE.get(name, [])
    assert case.lost == []


def test_every_loss_is_looked_at_and_of_the_others_it_is_said_why_not():
    for name, card in CARDS.items():
        assert (name in DESCRIBED) == (card.kind == "loss"), cards.refusal(card)
        assert (name in DESCRIBED) == (cards.refusal(card) == "")
    with pytest.raises(ValueError, match="calls a network beside its tensors"):
        check("lossmith:gradient_penalty_loss", isolated=False)
