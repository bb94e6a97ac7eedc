"""Losses as text: all of them, and everything their cards say."""

import json
import os
import subprocess
import sys

import pytest

from lossmith import entry, listing, registry

LOSSES = registry.index()["losses"]


def test_every_loss_has_a_line_under_its_family(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = listing.table(list(LOSSES.values())).splitlines()
    assert all(len(line) <= 80 for line in lines)
    family = ""
    seen = {}
    for line in lines[: lines.index(listing.LEGEND)]:
        if line.startswith("  "):
            seen[line.split()[0]] = family
        elif line:
            family = line
    assert seen == {name: entry["family"] for name, entry in LOSSES.items()}
    assert lines[-1].startswith(f"{len(LOSSES)} losses.")


def test_the_list_tells_traits_and_what_others_lack():
    entries = list(LOSSES.values())
    line = next(line for line in listing.table(entries).splitlines() if line.startswith("  squared_error_loss "))
    assert line.split()[1:3] == ["element", "cps.0"]  # convex, proper, smooth, zero at the target; not robust
    ours = {entry["name"] for entry in listing.not_in(entries, ("torch", "keras"))}
    assert "linex_loss" in ours
    assert not {"squared_error_loss", "poisson_loss", "focal_loss"} & ours
    with pytest.raises(ValueError, match="Found 'tfx'"):
        listing.not_in(entries, ("torch", "tfx"))


def test_no_losses_is_said():
    assert listing.table([]) == "No losses."


@pytest.mark.parametrize("name", LOSSES)
def test_a_page_holds_every_fact_of_the_card(name):
    said = LOSSES[name]
    page = listing.page(said)
    facts = [said["name"], said["family"], said["formula"], said["elicits"], said["description"], said["class"]]
    facts += [*said["also_known_as"], *said["inputs"], *said["inputs"].values(), *said["parameters"]]
    facts += [claim.replace("_", " ") for claim in said["claims"]]
    facts += [reference["title"] for reference in said["references"]]
    facts += [*said["heads"].values(), *said["mistakes"], *said["relatives"], *said["relatives"].values()]
    facts += [text for same in said["equivalents"] for text in same.values()]
    told = " ".join(page.split())
    assert [fact for fact in facts if " ".join(fact.split()) not in told] == []


def test_what_a_card_says_of_elsewhere_reaches_the_page():
    said = {
        **LOSSES["huber_loss"],
        "equivalents": [
            {"library": "torch", "name": "nn.HuberLoss", "differs": ""},
            {"library": "optax", "name": "huber_loss", "differs": "delta is 1 there"},
        ],
        "mistakes": ["Leaving delta in the target's unit; scale the target first."],
        "relatives": {"log_cosh_loss": "no corner to place", "absolute_error_loss": "no rounding at all"},
    }
    page = listing.page(said)
    assert "torch nn.HuberLoss: the same numbers" in page
    assert "optax huber_loss: delta is 1 there" in page
    assert "Leaving delta" in page
    assert "log_cosh_loss: smooth; no corner to place" in page
    assert "absolute_error_loss: no rounding at all" in page


def test_a_page_says_how_the_gradient_grows():
    assert "constant: an error ten times as large pulls as hard" in listing.page(LOSSES["absolute_error_loss"])
    assert "linear: an error ten times as large pulls ten times as hard" in listing.page(LOSSES["squared_error_loss"])


@pytest.mark.parametrize("name", LOSSES)
def test_every_order_of_growth_has_words(name):
    facts = LOSSES[name]["claims"]["gradient_growth"]
    assert facts["claim"] != "holds" or facts["value"] in entry.GROWTH


def test_code_to_paste_names_what_has_no_default():
    code = entry.code(LOSSES["class_weighted_cross_entropy_loss"])
    assert "ClassWeightedCrossEntropyLoss(weight=weight" in code
    assert "criterion(input, target)" in code


def test_papers_are_linked_where_the_card_says_where():
    assert entry.link({"where": "arXiv:1708.02002"}) == "https://arxiv.org/abs/1708.02002"
    assert entry.link({"where": "doi:10.1/x"}) == "https://doi.org/10.1/x"
    assert entry.link({"where": "Econometrica 55(4)"}) == ""


def test_advice_is_split_at_when_not_to():
    for facts in LOSSES.values():
        summary, reach, avoid = entry.advice(facts)
        assert summary.startswith(facts["summary"])
        assert reach.startswith("Reach for it")
        assert avoid.startswith("Avoid ")


def test_a_claim_that_fails_is_not_shown_as_one_that_holds():
    for said in LOSSES.values():
        lines = listing.page(said).splitlines()
        for claim, facts in said["claims"].items():
            words = claim.replace("_", " ")
            sign = {"holds": f"  + {words}", "fails": f"  - not {words}"}.get(facts["claim"], f"    {words} does not")
            assert sum(line.startswith(sign) for line in lines) >= 1


def test_required_means_that_there_is_no_default():
    assert "alpha: default None" in listing.page(LOSSES["sigmoid_focal_loss"])
    assert "weight: required" in listing.page(LOSSES["class_weighted_cross_entropy_loss"])
    assert "class_prior: required" in listing.page(LOSSES["logit_adjusted_cross_entropy_loss"])
    assert "gamma: default 2.0" in listing.page(LOSSES["focal_loss"])


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """An environment whose index is cached, as after the first call of a person's life."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache"))}
    subprocess.run([sys.executable, "-m", "lossmith.cli", "list"], env=environment, capture_output=True, check=True)
    return environment


@pytest.mark.parametrize("arguments", [["--help"], ["list"], ["list", "--json"], ["show", "mse"], ["cite", "mse"]])
def test_quick_answers_import_nothing_heavy(arguments, cache):
    code = (
        "import sys, json; from lossmith import cli; sys.argv = ['lossmith', *sys.argv[1:]]\n"
        "try: cli.main()\n"
        "except SystemExit as stop: print(json.dumps([stop.code, sorted(sys.modules)]), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=cache)
    code, modules = json.loads(done.stderr)
    assert code == 0
    assert done.stdout
    assert {"torch", "pandas", "numpy", "sklearn", "rich", "scipy", "loky"} & set(modules) == set()
