"""Writes a page for every loss: `python -m lossmith.pages FOLDER`."""

import sys
from pathlib import Path

from lossmith import registry
from lossmith.files import write_atomically
from lossmith.report.loss import render_index, write_page
from lossmith.study.study import study


def write(folder: Path) -> list[Path]:
    """Write `index.html` and `NAME.html` for every loss into `folder`.

    Each page holds the counterexamples that the tests of its card's claims find now.

    Raises:
        OSError: the folder cannot be made or written to.
    """
    entries = registry.index()["losses"]
    folder.mkdir(parents=True, exist_ok=True)
    pages = [write_atomically(folder / "index.html", render_index(entries))]
    for name, entry in entries.items():
        pages.append(write_page(entry, study(name, counterexamples=True), folder / f"{name}.html", linked=entries))
    return pages


def main() -> None:
    """Write the pages into the folder that the command line names."""
    import torch

    torch.set_num_threads(1)  # many small tensors: threads would only wait for one another
    print(f"{len(write(Path(sys.argv[1] if len(sys.argv) > 1 else 'docs/losses')))} pages written.")


if __name__ == "__main__":
    main()
