"""The page of a loss, and two losses side by side: whole, offline, readable; and in the terminal."""

import html
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from lossmith import cli, pages, registry
from lossmith.report import comparison, plot
from lossmith.report.comparison import compare
from lossmith.report.loss import render_comparison, render_page
from lossmith.report.mathml import formula
from lossmith.study.study import study

LOSSES = registry.index()["losses"]
VOID = {"meta", "br", "wbr", "link", "img", "hr", "input"}


class Tree(HTMLParser):
    """Refuses tags that do not close in order; collects ids and links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if "href" in given else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()


def side_by_side(first, second):
    return compare((LOSSES[first], LOSSES[second]), (study(first), study(second)))


@pytest.fixture
def call(monkeypatch, capfd, tmp_path):
    """Run the command line in this process; return exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["lossmith", *arguments])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capfd.readouterr()
        return int(stop.value.code or 0), out, err

    return run


@pytest.mark.parametrize("name", LOSSES)
def test_a_page_is_whole_and_offline(name):
    page = render_page(LOSSES[name], study(name))
    tree = Tree(page)
    assert len(tree.ids) == len(set(tree.ids))
    assert {link[1:] for link in tree.links if link.startswith("#")} <= set(tree.ids)
    assert not re.search(r"<script|<link|@import|url\(|<img", page)
    assert all(link.startswith(("#", "https://doi.org/", "https://arxiv.org/")) for link in tree.links)
    text = " ".join(html.unescape(re.sub(r"<[^>]+>", "", page)).split())
    entry = LOSSES[name]
    facts = [entry["name"], entry["elicits"], entry["formula"], *entry["inputs"].values(), *entry["heads"].values()]
    facts += [*entry["mistakes"], *entry["relatives"], *(same["name"] for same in entry["equivalents"])]
    facts += [reference["title"] for reference in entry["references"]]
    assert [fact for fact in facts if " ".join(fact.split()) not in text and fact.replace("`", "") not in text] == []


@pytest.mark.parametrize("name", LOSSES)
def test_every_formula_is_drawn(name):
    drawn = formula(LOSSES[name]["formula"])
    assert drawn.startswith("<math"), LOSSES[name]["formula"]
    Tree(drawn)


def test_a_formula_beyond_the_reader_is_shown_as_it_is():
    assert formula(r"\begin{pmatrix}a<b\end{pmatrix}") == r"<code>\begin{pmatrix}a&lt;b\end{pmatrix}</code>"
    assert formula(r"\frac{a}{b").startswith("<code>")
    assert formula("a}").startswith("<code>")


@pytest.mark.parametrize(
    ("latex", "wanted"),
    [
        (r"\tfrac12 r", "<mfrac><mn>1</mn><mn>2</mn></mfrac><mi>r</mi>"),
        (r"\sum_k p_k", "<munder><mo>∑</mo><mi>k</mi></munder><msub><mi>p</mi><mi>k</mi></msub>"),
        (r"x_i^{2}", "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>"),
        (r"a - b", "<mi>a</mi><mo>−</mo><mi>b</mi>"),
        (r"\text{held fixed}", '<mtext mathvariant="normal">held\u00a0fixed</mtext>'),
    ],
)
def test_formulas_read_as_they_are_written(latex, wanted):
    assert formula(latex) == f'<math display="block">{wanted}</math>'


def test_a_page_shows_counterexamples_and_gives_code():
    page = render_page(LOSSES["huber_loss"], study("huber_loss", counterexamples=True))
    assert "Counterexample: target =" in page
    assert "criterion = HuberLoss(delta=1.0)" in page
    assert "squared_error_loss: share of its gradient" in page


def test_make_docs_writes_a_page_for_every_loss_and_links_them(tmp_path):
    written = pages.write(tmp_path / "new")
    assert sorted(path.name for path in written) == sorted(["index.html", *(f"{name}.html" for name in LOSSES)])
    for path in written:
        links = [link for link in Tree(path.read_text()).links if not link.startswith(("#", "http"))]
        assert all((path.parent / link).exists() for link in links)
        assert path.name == "index.html" or "index.html" in links
    assert set(Tree((tmp_path / "new/index.html").read_text()).links) >= {f"{name}.html" for name in LOSSES}


def test_traits_that_differ_come_first_and_those_shared_once():
    found = side_by_side("huber_loss", "squared_error_loss")
    assert ("bounded gradient", "yes", "no") in found.differ
    assert ("gradient growth", "constant", "linear") in found.differ
    assert all(a.partition(",")[0] != b.partition(",")[0] for _, a, b in found.differ)
    shared = ", ".join(names for _, names in found.share)
    assert len(found.differ) + len(shared.split(", ")) == len(LOSSES["huber_loss"]["claims"])
    text = comparison.text(found)
    assert text.index("Traits that differ") < text.index("Traits they share")


def test_where_two_gradients_part_is_said():
    """Half of r² and r² have the slopes clipped r and 2r: 1 and 8 at the ends, alike within 0.4 up to 0.4."""
    said = side_by_side("huber_loss", "squared_error_loss").gradients
    assert "from −0.400 to 0.400" in said
    assert "−1.00 against −8.00" in said


def test_losses_without_a_common_axis_are_told_apart():
    found = side_by_side("focal_loss", "huber_loss")
    assert "no axis in common" in found.gradients
    assert not found.same_batch
    assert "Who gets the gradient" not in comparison.text(found)
    Tree(render_comparison(found))


def test_two_losses_on_one_page():
    page = render_comparison(side_by_side("huber_loss", "log_cosh_loss"))
    tree = Tree(page)
    assert len(tree.ids) == len(set(tree.ids))
    assert "Losses and gradients of huber_loss (solid) and log_cosh_loss (dashed)" in page


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["compare", "huber_loss", "hubber_los"], "Did you mean `huber_loss`"),
        (["compare", "nonsense", "huber"], "Found 'nonsense'"),
        (["compare", "mse", "squared_error_loss"], "Found squared_error_loss twice"),
        (["show", "focal_los", "--plot"], "Did you mean"),
        (["show", "huber", "--html", "nowhere/page.html"], "nowhere/page.html"),
    ],
)
def test_what_goes_wrong_is_one_line(call, arguments, found):
    code, out, err = call(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert found in err


def test_the_command_line_writes_pages(call):
    assert call("show", "huber", "--html", "huber.html") == (0, "huber.html\n", "")
    Tree(Path("huber.html").read_text())
    assert call("compare", "huber", "mse", "--html", "two.html") == (0, "two.html\n", "")
    Tree(Path("two.html").read_text())


def test_a_plot_in_letters_draws_what_was_measured():
    text = plot.drawn(study("absolute_error_loss"))
    gradient = text.split("Gradient\n")[1].splitlines()
    assert gradient[0].startswith("     1.00 ")
    assert gradient[plot.HEIGHT - 1].startswith("    −1.00 ⣀⣀")
    easy = next(line for line in text.splitlines() if line.startswith("  easy"))
    assert easy.count("█") == round(0.8 * plot.BAR) + round(0.4617 * plot.BAR)


def test_a_terminal_without_braille_gets_ascii():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "lossmith.cli", "show", "huber", "--plot"]
    done = subprocess.run(command, capture_output=True, env=environment, check=True)
    text = done.stdout.decode("ascii")
    assert "?" not in text
    assert "****" in text
    assert "#" in text
