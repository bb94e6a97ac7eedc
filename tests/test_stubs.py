"""The generated stub names what the folders hold, no more and no less."""

from lossmith import losses, stubs


def test_the_stub_is_in_step() -> None:
    assert stubs.PATH.read_text(encoding="utf-8") == stubs.text(), "Run `make stubs`."


def test_all_holds_the_names_of_the_stub() -> None:
    written = {line.split()[-1] for line in stubs.text().splitlines() if line.startswith("from lossmith.losses")}
    assert written == set(losses.__all__)
    names: dict[str, object] = {}
    exec("from lossmith.losses import *", names)
    assert written <= set(names)


def test_the_stub_names_every_class_and_function() -> None:
    written = stubs.text()
    for name in losses.modules():
        assert f"import {name} as {name}\n" in written
    assert "import FocalLoss as FocalLoss\n" in written
