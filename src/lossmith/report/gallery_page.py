"""docs/gallery.md: faults of tutorials, what the checker says, the repair.

`python -m lossmith.report.gallery_page docs examples/gallery.py` writes it: it checks each sample anew.
"""

import importlib.util
import inspect
import io
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from lossmith.checker.check import check
from lossmith.checker.report import Report
from lossmith.files import write_atomically
from lossmith.report.check import print_check

FIRST = """# Gallery: losses that tutorials get wrong

<!-- Written by `make rules` from examples/gallery.py. Do not edit by hand. -->

Each of these trains without a complaint, or stops for a reason that is hard to see. All are short versions of losses
met in tutorials. Below each stand what `lossmith check` prints of it, and the repair, in which it finds no error. The
samples are in [examples/gallery.py](../examples/gallery.py); what arguments hold and what the author promises is said
with each, as [check.md](check.md) explains.
"""
WIDTH = 110


def samples(path: Path) -> tuple[Any, ...]:
    """Return the samples of a file.

    Raises:
        ValueError: it is no Python file.
    """
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"Samples should be a Python file. Found {path}.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # a dataclass looks for its module
    spec.loader.exec_module(module)
    found: tuple[Any, ...] = module.SAMPLES
    return found


def text(path: Path) -> str:
    """Return the page.

    Raises:
        ValueError: a repair still has an error, or a fault is not found.
    """
    return "\n".join([FIRST, *(_section(sample) for sample in samples(path))])


def _section(sample: Any) -> str:
    found = check(sample.faulty, sample.inputs, sample.claims, isolated=False, portrait=False)
    left = check(sample.mended, _renamed(sample), sample.claims, isolated=False, portrait=False).errors
    if not found.findings or left:
        raise ValueError(
            f"{sample.title}: there should be a finding, and none in the repair. Found {found} and {left}."
        )
    said = f"It takes {_listed(sample.inputs)}; its author promises {_promised(sample.claims)}."
    parts = [f"## {sample.title}", sample.story, _code(sample.faulty), said, _printed(found), "The repair:"]
    return "\n\n".join([*parts, _code(sample.mended)]) + "\n"


def _renamed(sample: Any) -> dict[str, str]:
    """Return what the repair takes: logits, where it calls its prediction so."""
    names = inspect.signature(sample.mended).parameters
    held = [
        ("logits", holds.replace("probabilities", "logits")) if "logits" in names and name == "prob" else (name, holds)
        for name, holds in sample.inputs.items()
    ]
    return dict(held)


def _listed(inputs: Any) -> str:
    words = (
        f"`{name}`: {holds.split()[0].replace('_', ' ')} ({', '.join(holds.split()[1:])})"
        for name, holds in inputs.items()
    )
    return ", ".join(words)


def _promised(claims: Any) -> str:
    return ", ".join(f"`{name} = {_toml(value)}`" for name, value in claims.items()) or "nothing"


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(entry)}" for key, entry in value.items()) + " }"
    return json.dumps(value)


def _code(function: Any) -> str:
    return f"```python\n{inspect.getsource(function).strip()}\n```"


def _printed(report: Report) -> str:
    written = io.StringIO()
    print_check(replace(report, tried={}), Console(file=written, width=WIDTH, color_system=None, highlight=False))
    lines = "\n".join(line.rstrip() for line in written.getvalue().strip().split("\n"))
    return f"```text\n{lines}\n```"


def main() -> None:
    """Write the page; the command line names its folder, then the samples."""
    import torch

    torch.set_num_threads(1)
    folder, path = (*sys.argv[1:], *("docs", "examples/gallery.py")[len(sys.argv) - 1 :])
    write_atomically(Path(folder) / "gallery.md", text(Path(path)))


if __name__ == "__main__":
    main()
