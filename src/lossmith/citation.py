"""References of losses and metrics as BibTeX."""

import re
from typing import Any

from lossmith import registry


def cite(*names: str) -> str:
    """Return BibTeX entries for the papers behind losses (and metrics), each paper once.

    Args:
        *names: losses as in `lossmith list`, or metrics.

    Raises:
        ValueError: neither a loss nor a metric is called so.

    Example:
        >>> print(cite("huber_loss").splitlines()[0])
        @misc{huber1964robust,
    """
    entries: dict[str, str] = {}
    for name in names:
        for reference in _find(name)["references"]:
            key = _key(reference)
            entries[key] = _bibtex(key, reference)
    return "\n\n".join(entries.values())


def _find(name: str) -> dict[str, Any]:
    try:
        return registry.find(name)
    except ValueError:
        known = registry.metrics()
        if name in known:
            return known[name]
        raise


def _key(reference: dict[str, Any]) -> str:
    """Return `huber1964robust`: first author, year, first word of the title that says something."""
    author = re.sub(r"[^a-z]", "", re.split(r"[ ,&]", reference["authors"].lower())[0])
    words = [word for word in re.findall(r"[a-z]+", reference["title"].lower()) if len(word) > 3]
    return f"{author}{reference['year']}{words[0] if words else ''}"


def _bibtex(key: str, reference: dict[str, Any]) -> str:
    where = reference["where"]
    fields = {
        "author": reference["authors"].replace(" et al.", " and others").replace(" & ", " and "),
        "title": f"{{{reference['title']}}}",
        "year": str(reference["year"]),
    }
    if where.startswith("doi:"):
        fields["doi"] = where.removeprefix("doi:")
    elif where.startswith("arXiv:"):
        fields |= {"eprint": where.removeprefix("arXiv:"), "archiveprefix": "arXiv"}
    elif where:
        fields["howpublished"] = where
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{{key},\n{body}\n}}"
