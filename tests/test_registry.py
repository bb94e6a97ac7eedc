"""Losses are found by walking the folders, by any of their names; the index follows the files."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest

from lossmith import losses, registry


@pytest.fixture
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache directory of its own, and no index in memory."""
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *args, **kwargs: str(tmp_path / "cache"))
    registry.index.cache_clear()
    yield tmp_path / "cache"
    registry.index.cache_clear()


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("huber_loss", "huber_loss"),
        ("huber", "huber_loss"),
        ("HuberLoss", "huber_loss"),
        ("mse", "squared_error_loss"),
        ("MSE loss", "squared_error_loss"),
        ("L2 Loss", "squared_error_loss"),
        ("l1", "absolute_error_loss"),
        ("mae", "absolute_error_loss"),
        ("quantile-loss", "pinball_loss"),
        ("bce", "binary_cross_entropy_loss"),
        ("Label Smoothing", "label_smoothing_cross_entropy_loss"),
        ("RetinaNet loss", "sigmoid_focal_loss"),
        ("balanced softmax", "logit_adjusted_cross_entropy_loss"),
    ],
)
def test_a_loss_is_found_by_any_of_its_names(name: str, found: str) -> None:
    assert registry.find(name)["name"] == found
    assert registry.card(name).name == found


@pytest.mark.parametrize(
    ("name", "suggested"),
    [("hubber_loss", "huber_loss"), ("focal_los", "focal_loss"), ("crossentropy2", "cross_entropy_loss")],
)
def test_a_near_miss_is_answered_with_the_nearest(name: str, suggested: str) -> None:
    with pytest.raises(ValueError, match=rf"Found '{name}'\. Did you mean .*`{suggested}`"):
        registry.find(name)


def test_a_far_miss_is_answered_with_where_to_look() -> None:
    with pytest.raises(ValueError, match=r"Found 'zzzzzz'\. Try one of `lossmith list`\."):
        registry.find("zzzzzz")


def test_load_builds_the_criterion() -> None:
    assert repr(registry.load("huber", delta=2.0)) == "HuberLoss(delta=2.0, reduction='mean')"
    assert registry.load("mse", reduction="sum").reduction == "sum"


def test_catalogue_is_a_mapping_of_names_to_cards() -> None:
    cards = registry.catalogue()
    assert list(cards) == list(losses.modules())
    assert len(cards) == len(losses.modules())
    assert cards["pinball_loss"].elicited(quantile=0.5) == registry.card("mae").elicited()
    with pytest.raises(KeyError):
        cards["mse"]


def test_every_file_is_a_loss_and_every_loss_a_file() -> None:
    folder = Path(losses.__file__).parent
    stems = {path.stem for path in folder.glob("*/*.py") if path.stem != "__init__"}
    assert stems == set(registry.index()["losses"])


def test_the_index_is_plain_json_and_complete(cache_folder: Path) -> None:
    entry = registry.find("huber_loss")
    assert json.loads(json.dumps(registry.index())) == registry.index()
    assert entry["family"] == "regression"
    assert entry["parameters"] == {"delta": {"default": 1.0, "defined": "(0, inf)", "search": "[0.05, 10]"}}
    assert entry["claims"]["convex"]["claim"] == "holds"
    assert entry["claims"]["proper"]["at"] == {"delta": 0.5}


def test_the_index_is_kept_and_read_back(cache_folder: Path) -> None:
    built = registry.index()
    (kept,) = cache_folder.glob("index-*.json")
    assert json.loads(kept.read_text(encoding="utf-8")) == built
    kept.write_text(json.dumps({"losses": {"from the cache": {}}, "metrics": {}}), encoding="utf-8")
    registry.index.cache_clear()
    assert list(registry.index()["losses"]) == ["from the cache"]


def test_a_damaged_index_is_built_anew(cache_folder: Path) -> None:
    built = registry.index()
    (kept,) = cache_folder.glob("index-*.json")
    kept.write_text(kept.read_text(encoding="utf-8")[:100], encoding="utf-8")
    registry.index.cache_clear()
    assert registry.index() == built


def test_a_changed_file_makes_a_new_index(cache_folder: Path, tmp_path: Path) -> None:
    """In a copy of the package, so that nobody's working tree is touched."""
    package = Path(losses.__file__).parents[1]
    copy = tmp_path / "lossmith"
    for path in package.rglob("*.py"):
        (copy / path.relative_to(package)).parent.mkdir(parents=True, exist_ok=True)
        (copy / path.relative_to(package)).write_bytes(path.read_bytes())
    assert summary(tmp_path).startswith("Huber loss of")
    stamp = list((tmp_path / "home").rglob("index-*.json"))
    file = copy / "losses/regression/huber_loss.py"
    changed = file.read_text(encoding="utf-8").replace("Huber loss of each element.", "Robust loss of each element.")
    file.write_text(changed, encoding="utf-8")
    os.utime(file, (1, 1))
    assert summary(tmp_path).startswith("Robust loss of")
    assert len(stamp) == 1
    assert list((tmp_path / "home").rglob("index-*.json")) != stamp


def summary(where: Path) -> str:
    """Ask a fresh process, with the copy first on its path, for what the index says of the Huber loss."""
    code = "from lossmith import registry; print(registry.find('huber')['docstring'])"
    environment = {**os.environ, "PYTHONPATH": str(where), "XDG_CACHE_HOME": str(where / "home"), "HOME": str(where)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_a_cache_that_cannot_be_written_is_no_error(cache_folder: Path) -> None:
    cache_folder.write_text("a file where the folder should be", encoding="utf-8")
    assert "huber_loss" in registry.index()["losses"]


def test_names_are_answered_without_torch() -> None:
    registry.index()
    code = "import sys; from lossmith import registry; registry.find('mse'); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_classes_and_functions_are_importable_by_name() -> None:
    assert losses.FocalLoss.function is losses.focal_loss
    with pytest.raises(AttributeError, match=re.escape("'lossmith.losses' has no attribute 'NoSuchLoss'")):
        _ = losses.NoSuchLoss
    assert dir(losses) == sorted(losses.modules())


def test_metrics_are_read_from_one_string() -> None:
    assert registry.metric("mae").name == "mae"
    with pytest.raises(ValueError, match="A metric should be one that lossmith has"):
        registry.metric("no such metric")
