"""The report as a file: whole, offline, well-formed, honest to the verdict, and safe with any text."""

import errno
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

import sample_verdict as sample
from lossmith.advisor.verdict import Verdict
from lossmith.report import write_html
from lossmith.report.figures.sensitivity import DARKEST
from lossmith.report.html import render
from lossmith.report.tables import rows

VOID = {"meta", "br", "wbr", "link", "img", "input", "hr"}
HOME = "{http://www.w3.org/2000/svg}"


class Reader(HTMLParser):
    """Checks that tags balance and collects what the tests look at."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice in <{tag}>"
        self.tags.append((tag, dict(attrs)))
        self.text.append("" if tag == "wbr" else " ")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def words(page: str) -> str:
    return " ".join("".join(read(page).text).replace("\u00a0", " ").split())


PAGES = {name: render(verdict) for name, verdict in sample.everything().items()}
every_page = pytest.mark.parametrize("page", PAGES.values(), ids=PAGES.keys())


@every_page
def test_is_well_formed_and_small(page: str) -> None:
    read(page)
    assert len(page.encode()) < 2_000_000


@every_page
def test_every_drawing_is_xml_with_a_name(page: str) -> None:
    drawings = re.findall(r"<svg xmlns.*?</svg>(?=</div>)", page, re.DOTALL)
    assert drawings
    for drawing in drawings:
        root = ElementTree.fromstring(drawing)
        assert root.get("role") == "img"
        named = {root.get("aria-labelledby"), root.get("aria-describedby")}
        title, description = root.find(HOME + "title"), root.find(HOME + "desc")
        assert title is not None
        assert description is not None
        assert named == {title.get("id"), description.get("id")}
        assert title.text
        assert description.text
        assert "nan" not in re.sub(r">[^<]*<", "><", drawing)


@every_page
def test_every_figure_has_a_table(page: str) -> None:
    for figure in re.findall(r"<figure>.*?</figure>", page, re.DOTALL):
        assert "<svg" in figure
        assert "<details>" in figure
        assert "<table" in figure


@every_page
def test_loads_nothing_and_runs_nothing(page: str) -> None:
    reader = read(page)
    assert not {"script", "link", "img", "iframe", "object", "embed", "image", "use", "base"} & {
        t for t, _ in reader.tags
    }
    for tag, attributes in reader.tags:
        assert not [name for name in attributes if name.startswith("on")], tag
        for name in ("src", "href", "xlink:href", "action", "srcset", "data"):
            assert (attributes.get(name) or "#").startswith("#")
    assert "url(" not in page
    assert "@import" not in page
    (policy,) = [a for t, a in reader.tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy"]
    assert str(policy["content"]).startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")


@every_page
def test_ids_are_unique_and_links_arrive(page: str) -> None:
    reader = read(page)
    ids = Counter(a["id"] for _, a in reader.tags if "id" in a)
    assert [key for key, times in ids.items() if times > 1] == []
    for _, attributes in reader.tags:
        for name in ("aria-labelledby", "aria-describedby"):
            assert attributes.get(name) is None or attributes[name] in ids
        if "href" in attributes:
            assert str(attributes["href"]).removeprefix("#") in ids


@every_page
def test_headings_are_in_order(page: str) -> None:
    levels = [int(tag[1]) for tag, _ in read(page).tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("name", ["regression", "binary", "multiclass", "too_little_data"])
def test_numbers_come_from_the_verdict(name: str) -> None:
    verdict: Verdict = sample.everything()[name]
    shown = words(PAGES[name])
    assert verdict.sentence in shown
    for row in rows(verdict):
        told = (row.id, row.score, row.difference, row.interval, row.p, row.conclusion, row.rates, row.seconds)
        assert all(text.replace("\u00a0", " ") in shown for text in told), row
    for line in (*verdict.snippet.split("\n"), verdict.command, *verdict.warnings, *verdict.environment.values()):
        assert " ".join(line.split()) in shown
    for candidate in (standing.candidate for standing in verdict.standings):
        assert all(reason in shown for reason in candidate.reasons)


def test_the_main_numbers_by_hand() -> None:
    shown = words(PAGES["regression"])
    assert "+38.4 (+15.6 %) 95 % interval [+27.1, +49.7], on folds that did not choose it" in shown
    assert "cauchy beat the reference mae by +9.4 [+4.3, +14.5]." in shown
    assert "4 things to look at" in shown
    assert "rows 17, 803, 2,210, 5,121 (counted from 0)" in shown
    assert "e-05" not in shown


def test_each_outcome_is_worded_honestly() -> None:
    assert "1 of 10 folds finished: too few to judge a difference." in words(PAGES["too_little_data"])
    assert "not measured: too few finished folds" in words(PAGES["too_little_data"])
    assert "Differences from the reference" not in words(PAGES["too_little_data"])
    assert "no candidate beat the reference bce_threshold" in words(PAGES["binary"])
    assert "none to state: cross_entropy is the default itself" in words(PAGES["multiclass"])
    assert "higher is better" in words(PAGES["multiclass"])
    assert "the loss became NaN in epoch 3" in words(PAGES["multiclass"])


def test_hostile_text_is_shown_and_not_run() -> None:
    page = PAGES["hostile"]
    assert "<script" not in page
    assert "onload=" not in re.sub(r"&#34; onload=&#34;alert", "", page)
    assert sample.HOSTILE in words(page)
    assert "{{ 7*7 }}" in words(page)
    assert "größe_€_目的変数_🙂" in words(page)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", page)
    assert words(page).count("more") >= 2, "thirty warnings fold away"


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_has_the_contrast_of_wcag_aa(scheme: int) -> None:
    block = re.findall(r":root \{(.*?)\}", PAGES["binary"], re.DOTALL)[scheme]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
    for text in ("ink", "soft", "accent", "good", "bad", "even"):
        for paper in ("paper", "raised", "warn-paper"):
            low, high = sorted((luminance(colours[text]), luminance(colours[paper])))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (text, paper)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_on_the_darkest_shade_has_the_contrast_of_wcag_aa(scheme: int) -> None:
    block = re.findall(r":root \{(.*?)\}", PAGES["binary"], re.DOTALL)[scheme]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
    paper, fill = ([int(colours[name][i : i + 2], 16) for i in (1, 3, 5)] for name in ("paper", "fill"))
    mixed = [round((1 - DARKEST) * p + DARKEST * f) for p, f in zip(paper, fill, strict=True)]
    low, high = sorted((luminance(colours["ink"]), luminance("#" + "".join(f"{c:02x}" for c in mixed))))
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_same_verdict_same_bytes(tmp_path: Path) -> None:
    first = write_html(sample.regression(), tmp_path / "a.html").read_bytes()
    again = Verdict.from_json(sample.regression().to_json())
    assert write_html(again, str(tmp_path / "b.html")).read_bytes() == first


def test_a_full_disk_leaves_the_old_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space"):
        write_html(sample.multiclass(), path)
    assert [item.name for item in tmp_path.iterdir()] == ["report.html"]
    assert path.read_text(encoding="utf-8") == "old"


def test_a_path_that_cannot_be_written_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "missing" / "report.html", tmp_path / "folder"):
        with pytest.raises(OSError):  # noqa: PT011
            write_html(sample.multiclass(), path)
    assert [item.name for item in tmp_path.rglob("*")] == ["folder"]


def test_replaces_and_takes_long_names(tmp_path: Path) -> None:
    path = tmp_path / ("r" * 250 + ".html")
    write_html(sample.multiclass(), path)
    write_html(sample.binary(), path)
    assert "bce_threshold" in path.read_text(encoding="utf-8")
    assert len(list(tmp_path.iterdir())) == 1


def test_targets_that_look_wrong_are_listed():
    page = render(sample.binary())
    assert page.count("2 labels look wrong") == 2
    assert 'href="#suspects"' in page
    assert "1,002" in page
    assert "The worst 20 of 60" in render(sample.hostile())
    assert "suspects" not in render(sample.multiclass())
