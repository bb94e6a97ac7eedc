"""The checker names what is wrong, with a witness, and leaves sound losses alone."""

import pytest
import torch

import lossmith
from faulty_losses import FAULTS, SOUND, Fault
from lossmith.checker import examine
from lossmith.checker.causes import EXPLAINS, ORDER
from lossmith.checker.check import check

EVERY = [pytest.param(fault, id=f"{fault.rule}-{place}") for place, fault in enumerate(FAULTS)]


def look(loss, fault: Fault):
    return check(loss, fault.inputs, fault.claims, isolated=False, portrait=False)


@pytest.mark.parametrize("fault", EVERY)
def test_a_fault_is_named_and_its_repair_is_not(fault):
    found = look(fault.faulty, fault).findings
    named = [finding.rule for finding in found if finding.severity != "note"]
    assert fault.rule in named[:2], [(f.rule, f.message) for f in found]
    assert len(named) <= 3
    finding = found[named.index(fault.rule)]
    assert finding.message
    assert finding.why
    assert finding.fix
    assert not look(fault.mended, fault).errors


@pytest.mark.parametrize("place", range(len(SOUND)))
def test_a_sound_loss_raises_no_error(place):
    loss, inputs, claims = SOUND[place]
    assert check(loss, inputs, claims, isolated=False).errors == ()


def test_every_rule_is_ranked_documented_and_tested():
    known = examine.known()
    assert set(known) == set(ORDER)
    assert set(known) == {fault.rule for fault in FAULTS}
    assert set(EXPLAINS) <= set(known)
    for cause, explained in EXPLAINS.items():
        assert set(explained) <= set(known), cause
    for rule in known:
        assert {"fault", "What it finds", "Why it matters", "Fix"} <= set(examine.page(rule)), rule


@pytest.mark.parametrize("fault", [f for f in FAULTS if f.rule in ("below-bound", "nan-value", "wrong-value")])
def test_the_witness_is_code_that_runs(fault):
    finding = next(f for f in look(fault.faulty, fault).findings if f.rule == fault.rule)
    names: dict = {"loss": fault.faulty}
    exec(finding.witness, names)
    assert torch.is_tensor(names[next(iter(fault.inputs))])


def test_the_same_seed_gives_the_same_report():
    one, other = (check(FAULTS[0].mended, FAULTS[0].inputs, {"lower_bound": 1.0}, seed=3, isolated=False) for _ in "ab")
    assert one.findings == other.findings


def test_a_report_goes_to_json_and_back():
    found = look(FAULTS[1].faulty, FAULTS[1])
    assert type(found).from_json(found.to_json()) == found


def test_assert_sound_fails_with_the_witness():
    lossmith.assert_sound(torch.nn.MSELoss, claims={"lower_bound": 0.0}, isolated=False)
    with pytest.raises(AssertionError, match="below-bound"):
        lossmith.assert_sound(
            lambda pred, target: (pred - target).square().mean() - 1, {"pred": "real n", "target": "real n"},
            {"lower_bound": 0.0}, isolated=False,
        )  # fmt: skip


def test_a_rule_that_fails_itself_costs_no_other_rules_answer(monkeypatch):
    def broken(case):
        raise ZeroDivisionError("nothing to divide by")

    known = {"crash": broken, **{name: rule for name, rule in examine.known().items() if name != "crash"}}
    monkeypatch.setattr(examine, "known", lambda: known)
    found = check(lambda pred, target: (pred - target).square().mean() - 1, {"pred": "real n", "target": "real n"},
                  {"lower_bound": 0.0}, isolated=False)  # fmt: skip
    assert [finding.rule for finding in found.errors] == ["below-bound"]
    assert "crash could not be looked at: ZeroDivisionError" in found.skipped[0]


class ThreeClasses(torch.nn.Module):
    """Class weights say how many classes there are."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("weights", torch.tensor([1.0, 2.0, 3.0]))

    def forward(self, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.cross_entropy(logits, target, weight=self.weights.to(logits.dtype))


@pytest.mark.parametrize("said", [{}, {"shape": "n 3"}, {"input": "logits", "target": "class_index", "shape": "n 3"}])
def test_the_number_of_classes_is_the_losss_own(said):
    found = check(ThreeClasses, isolated=False, portrait=False, **said)
    assert not found.errors
    assert not said or "embeddings" not in str(found.assumed)


def test_a_name_with_softmax_in_it_is_no_word_for_soft_labels():
    def softmax_then_cross_entropy(logits, target):
        return torch.nn.functional.cross_entropy(logits.softmax(1), target)

    found = check(softmax_then_cross_entropy, claims={"minimum_value": 0.0}, isolated=False, portrait=False)
    assert [finding.rule for finding in found.errors] == ["double-softmax"]


def test_a_loss_that_changes_global_state_is_undone():
    fault = next(fault for fault in FAULTS if fault.rule == "side-effect")
    before = torch.get_default_dtype()
    look(fault.faulty, fault)
    assert torch.get_default_dtype() == before
