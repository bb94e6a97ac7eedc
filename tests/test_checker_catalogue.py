"""The checker agrees with every card of the catalogue that it can draw for."""

import pytest

from lossmith import registry
from lossmith.checker import cards
from lossmith.checker.case import Case
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
}
"""Findings that are right: these losses are so, as their papers have it."""


@pytest.mark.parametrize("name", DESCRIBED)
def test_the_checker_finds_no_error_in_our_own_loss(name):
    signature, claims = DESCRIBED[name]
    settings = cards.settings(CARDS[name], {})
    findings = examine(Case(lambda: registry.load(name, **settings), signature, claims))
    assert [f.rule for f in findings if f.severity == "error"] == ON_PURPOSE.get(name, [])


def test_most_of_the_catalogue_is_looked_at():
    losses = [name for name, card in CARDS.items() if card.kind == "loss"]
    assert len(DESCRIBED) >= 0.5 * len(losses), f"{len(DESCRIBED)} of {len(losses)}"
