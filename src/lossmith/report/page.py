"""A console that never sees an escape sequence, nor a letter it cannot write."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lossmith.report.numbers import TIED
from lossmith.report.text import ascii_only, clean, shorten

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text


@dataclass(frozen=True)
class Page:
    """Where the verdict is printed."""

    console: "Console"

    @property
    def plain(self) -> bool:
        """Whether only ASCII can be written."""
        return self.console.options.ascii_only

    def safe(self, text: str) -> str:
        """Return `text` as this console can show it."""
        text = clean(text).replace(TIED, " ")
        return ascii_only(text) if self.plain else text

    def cut(self, text: str, width: int) -> str:
        """Return `text` filling exactly `width` cells of the terminal.

        Some letters take two.
        """
        from rich.cells import set_cell_size

        return set_cell_size(shorten(self.safe(text), width, ".." if self.plain else "…"), width)

    def say(self, text: str = "", style: str = "", lead: str = "") -> None:
        """Print one paragraph after `lead`, wrapped, never cut."""
        from rich.text import Text

        width = max(10, self.console.width - len(lead))
        lines = Text(self.safe(text), style=style).wrap(self.console, width, overflow="fold") or [Text()]
        for index, line in enumerate(lines):
            self.verbatim(Text.assemble(" " * len(lead) if index else lead, line))

    def verbatim(self, text: "Text | str", style: str = "") -> None:
        """Print one line as it is, however long: what is copied must not be broken."""
        from rich.text import Text

        line = Text(self.safe(text), style=style) if isinstance(text, str) else text
        line.rstrip()
        self.console.print(line, highlight=False, soft_wrap=True)

    def show(self, renderable: "RenderableType") -> None:
        """Print anything else that rich draws."""
        self.console.print(renderable, highlight=False)
