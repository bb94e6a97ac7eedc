"""Where templates are rendered: every text cleaned and escaped on its way in."""

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from lossmith.report import numbers
from lossmith.report.mathml import formula
from lossmith.report.text import clean, sentence, shorten

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def environment() -> "Environment":
    """Return jinja's environment: all escaped, nothing undefined."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("lossmith.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printed,
    )
    names = ("number", "percent", "seconds", "count", "exact")
    environment.filters.update({name: getattr(numbers, name) for name in names})
    environment.filters |= {"places": _places, "soft": _soft, "formula": formula, "prose": _prose}
    environment.filters |= {"shorten": shorten, "sentence": sentence}
    return environment


def _printed(value: Any) -> Any:
    """Clean every text on its way into the page; markup that we made stays as it is."""
    return clean(value) if type(value) is str else value


def _soft(text: str) -> Markup:
    """Let a long name break after an underscore, rather than anywhere."""
    return Markup(str(escape(clean(text))).replace("_", "_<wbr>"))


def _prose(text: str) -> Markup:
    """Set what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(clean(text)))))


def _places(rows: tuple[int, ...], most: int = 12) -> str:
    """Write row numbers, not more than a person looks up."""
    shown = ", ".join(f"{row:,}" for row in rows[:most])
    return shown + (f" and {len(rows) - most:,} more" if len(rows) > most else "")
