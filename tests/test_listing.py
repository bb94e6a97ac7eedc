"""Losses as text: all of them, and everything their cards say."""

import json
import os
import subprocess
import sys

import pytest

from lossmith import listing, registry

LOSSES = registry.index()["losses"]


def test_every_loss_has_a_line_under_its_family(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = listing.table(list(LOSSES.values())).splitlines()
    assert all(len(line) <= 80 for line in lines)
    family = ""
    seen = {}
    for line in lines[:-2]:
        if line.startswith("  "):
            seen[line.split()[0]] = family
        elif line:
            family = line
    assert seen == {name: entry["family"] for name, entry in LOSSES.items()}
    assert lines[-1].startswith(f"{len(LOSSES)} losses.")


def test_no_losses_is_said():
    assert listing.table([]) == "No losses."


@pytest.mark.parametrize("name", LOSSES)
def test_a_page_holds_every_fact_of_the_card(name):
    entry = LOSSES[name]
    page = listing.page(entry)
    facts = [entry["name"], entry["family"], entry["formula"], entry["elicits"], entry["description"], entry["class"]]
    facts += [*entry["also_known_as"], *entry["inputs"], *entry["inputs"].values(), *entry["parameters"]]
    facts += [claim.replace("_", " ") for claim in entry["claims"]]
    facts += [reference["title"] for reference in entry["references"]]
    assert [fact for fact in facts if fact not in page] == []


def test_a_claim_that_fails_is_not_shown_as_one_that_holds():
    for entry in LOSSES.values():
        lines = listing.page(entry).splitlines()
        for claim, facts in entry["claims"].items():
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
