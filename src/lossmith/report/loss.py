"""The page of one loss, of two, and of all: each one offline HTML file."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lossmith import entry as words
from lossmith.files import write_atomically
from lossmith.report.comparison import Comparison
from lossmith.report.environment import environment
from lossmith.report.figures import overlay, portrait, shares
from lossmith.report.figures.figure import Figure
from lossmith.report.figures.shares import Series
from lossmith.study.study import Study

Entry = dict[str, Any]


@dataclass(frozen=True)
class Trait:
    """One row of the table of properties."""

    name: str
    verdict: str
    tone: str
    note: str
    at: str
    witness: str


VERDICTS = {"holds": "yes", "fails": "no", "not applicable": "does not apply"}
TONES = {"holds": "tone-good", "fails": "tone-bad", "not applicable": "tone-off"}


def write_page(entry: Entry, study: Study, path: str | os.PathLike[str], linked: Iterable[str] = ()) -> Path:
    """Write the page of one loss to `path`, whole or not at all.

    Args:
        entry: what the index knows of it.
        study: what was measured of it.
        path: the file to write.
        linked: losses whose pages lie beside this one.

    Raises:
        OSError: the folder is missing, full or not writable; a file that was there before is left as it was.
    """
    return write_atomically(path, render_page(entry, study, linked))


def write_comparison(comparison: Comparison, path: str | os.PathLike[str]) -> Path:
    """Write two losses side by side to `path`, whole or not at all."""
    return write_atomically(path, render_comparison(comparison))


def render_page(entry: Entry, study: Study, linked: Iterable[str] = ()) -> str:
    """Return the page of one loss as text."""
    summary, reach, avoid = words.advice(entry)
    return _render(
        "loss.html",
        e=entry,
        study=study,
        summary=summary,
        reach=reach,
        avoid=avoid,
        words=words,
        traits=[_trait(entry, name, study.witnesses.get(name, "")) for name in entry["claims"]],
        shape=_shape(study),
        pull=_pull(study),
        linked=set(linked),
    )


def render_comparison(comparison: Comparison) -> str:
    """Return two losses side by side as text."""
    first, second = comparison.studies
    both = overlay.figure(comparison.names, (first.curve, second.curve)) if first.curve and second.curve else None
    pull = None
    if comparison.same_batch and first.shares and second.shares:
        series = [
            Series(name, one.pull) for name, one in zip(comparison.names, (first.shares, second.shares), strict=True)
        ]
        pull = shares.figure("pull", first.shares.group, first.shares.examples, series)
    alone = [] if both else [(one.name, _shape(one, f"shape-{one.name}")) for one in comparison.studies if one.curve]
    advice = [(one["name"], *words.advice(one)[1:]) for one in comparison.entries]
    return _render("compare.html", c=comparison, both=both, alone=alone, pull=pull, advice=advice, words=words)


def render_index(entries: Mapping[str, Entry]) -> str:
    """Return the page that lists every loss by family, with links to pages beside it."""
    families = dict.fromkeys(entry["family"] for entry in entries.values())
    grouped = [(family, [one for one in entries.values() if one["family"] == family]) for family in families]
    return _render("losses.html", families=grouped, count=len(entries))


def _trait(entry: Entry, name: str, witness: str) -> Trait:
    facts = entry["claims"][name]
    verdict = facts.get("value") or VERDICTS[facts["claim"]]
    at = ", ".join(f"{key} = {value}" for key, value in facts.get("at", {}).items())
    first = next(iter(entry["heads"]), "")
    about = f"in {facts['wrt']}" if facts.get("wrt", first) != first else ""
    note = "; ".join(part for part in (about, facts["note"]) if part)
    return Trait(name.replace("_", " "), verdict, TONES[facts["claim"]], note, at, witness)


def _render(template: str, **values: Any) -> str:
    return environment().get_template(template).render(**values)


def _shape(study: Study, key: str = "shape") -> Figure | None:
    """Return value and gradient of one loss as a drawing."""
    if study.curve is None:
        return None
    drawn = study.curve
    item = portrait.Portrait((study.name,), study.name, drawn.x, drawn.value, drawn.gradient, drawn.x_label)
    return portrait.figure(item, key)


def _pull(study: Study) -> Figure | None:
    """Return who gets the gradient of one loss, beside its family's default."""
    found = study.shares
    if found is None:
        return None
    series = [Series(study.name, found.pull)]
    series += [Series(found.default, found.default_pull)] if found.default != study.name else []
    return shares.figure("pull", found.group, found.examples, series)
