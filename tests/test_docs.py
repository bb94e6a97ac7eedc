"""What the documents say is true: examples run, commands exist, links lead somewhere, public things are described."""

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
import shlex
from pathlib import Path

import click
import numpy as np
import pytest
import torch

import lossmith
from lossmith.cli import cli

ROOT = Path(__file__).parent.parent
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.md")]
MODULES = [name for _, name, _ in pkgutil.walk_packages(lossmith.__path__, "lossmith.")]
SOURCES = sorted((ROOT / "src").rglob("*.py"))


def blocks(path, *languages):
    """The fenced blocks in one of `languages`, which may be none: "". A fence opens or closes, by turns."""
    found, block, wanted = [], None, False
    for line in path.read_text().splitlines():
        mark = line.lstrip()
        if not mark.startswith("```"):
            if block is not None:
                block.append(line)
        elif block is None:
            block, wanted = [], mark.removeprefix("```").strip() in languages
        else:
            found += ["\n".join(block)] if wanted else []
            block = None
    assert block is None, f"{path}: a fence is open at the end"
    return found


def test_the_readmes_python_runs(monkeypatch):
    code = "\n".join(blocks(ROOT / "README.md", "python"))
    monkeypatch.chdir(ROOT)
    names = {
        "prediction": torch.randn(4, requires_grad=True),
        "target": torch.randn(4),
        "mask": torch.tensor([True, True, False, True]),
        "weight": torch.ones(4),
    }
    exec(code, names)
    assert names["verdict"].folds <= 3
    assert len(names["predictor"].predict(names["table"])) == 1000
    assert set(names["predictor"].predict(names["table"])) <= {1, 2}
    assert set(names["trained"].predict(names["train"])) <= {0, 1, 2}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_commands_in_documents_exist(path):
    for block in blocks(path, "", "sh", "bash", "console"):
        for line in block.splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["lossmith"] and len(words) > 1:
                command = cli.get_command(click.Context(cli), words[1])
                assert command is not None, line
                options = {name for parameter in command.params for name in parameter.opts}
                assert {word for word in words if word.startswith("--")} <= options, line
            if words[:1] == ["make"]:
                assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE), line


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_links_in_documents_lead_somewhere(path):
    for target in re.findall(r"\]\((?!http)([^)#]+)", path.read_text()):
        assert (path.parent / target).exists(), target


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples_run(name):
    module = importlib.import_module(name)
    result = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE, extraglobs={"torch": torch, "np": np})
    assert result.failed == 0


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT / "src")))
def test_public_things_are_described(path):
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree), "the module"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            name, (first, *body) = getattr(node, "name", "the module"), (ast.get_docstring(node) or ".").split("\n")
            assert len(first) <= 79, f"{name}: {first}"
            assert first.endswith((".", "!", "?")), f"{name}: {first}"
            assert not body or not body[0], f"{name}: a blank line should follow {first}"


@pytest.mark.parametrize("name", [name for name in lossmith.__all__ if name != "__version__"])
def test_the_public_face_resolves_and_is_described(name):
    thing = getattr(lossmith, name)
    assert inspect.getdoc(thing)
    assert name in dir(lossmith)


def test_functions_of_the_public_face_have_an_example():
    for name in ("advise", "guide", "load", "catalogue", "cite"):
        assert ">>>" in inspect.getdoc(getattr(lossmith, name)), name


def test_an_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute"):
        lossmith.nonsense  # noqa: B018


def test_every_metric_is_in_the_readme():
    text = (ROOT / "README.md").read_text()
    for path in (ROOT / "src/lossmith/metrics").glob("[!_]*.py"):
        assert f"`{path.stem}" in text, path.stem
