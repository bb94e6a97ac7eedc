"""References as BibTeX that other programs can read."""

import re

import pytest

from lossmith import citation, cite, registry


def entries(text: str) -> list[tuple[str, dict[str, str]]]:
    """Read BibTeX as its programs do: braces balance, a field is `name = {...}`."""
    found = []
    while text.strip():
        head = re.match(r"\s*@(\w+)\{([^,\s]+),", text)
        assert head, f"no entry begins at {text[:40]!r}"
        depth, end = 1, head.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        body = text[head.end() : end - 1]
        fields = re.findall(r"^\s*(\w+) = \{(.*)\},?$", body, re.MULTILINE)
        assert len(fields) == len(body.strip().splitlines())
        found.append((head[2], dict(fields)))
        text = text[end:]
    return found


@pytest.fixture
def references(monkeypatch):
    def use(*given):
        shape = [{"authors": a, "title": t, "year": y, "where": w} for a, t, y, w in given]
        monkeypatch.setattr(citation, "_find", lambda name: {"references": shape})
        return entries(cite("any"))

    return use


def test_all_losses_and_metrics_at_once():
    index = registry.index()
    text = cite(*index["losses"], *index["metrics"])
    found = entries(text)
    keys = [key for key, _ in found]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[a-z]+\d{4}[a-z]*", key) for key in keys)
    papers = {
        (str(r["year"]), r["title"].casefold())
        for kind in ("losses", "metrics") for entry in index[kind].values() for r in entry["references"]
    }  # fmt: skip
    assert {(fields["year"], fields["title"].strip("{}").replace("\\", "").casefold()) for _, fields in found} == papers
    assert len(found) == len(papers)


def test_each_paper_once():
    assert cite("pinball_loss") == cite("pinball_loss", "pinball_loss", "quantile loss")


def test_papers_whose_keys_are_alike_are_kept_apart(references):
    found = references(("Lin et al.", "Focal loss", 2017, ""), ("Lin & Wu", "Focal length", 2017, ""))
    assert [key for key, _ in found] == ["lin2017focal", "lin2017focala"]
    assert [fields["title"] for _, fields in found] == ["{Focal loss}", "{Focal length}"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Lin et al.", "Lin and others"),
        ("Davis & Goadrich", "Davis and Goadrich"),
        ("Gourieroux, Monfort and Trognon", "Gourieroux and Monfort and Trognon"),
        ("Nelder, Baker, and Smith", "Nelder and Baker and Smith"),
        ("A, B & C", "A and B and C"),
    ],
)
def test_authors_are_joined_as_bibtex_asks(references, given, expected):
    assert references((given, "Some title", 2000, ""))[0][1]["author"] == expected


def test_what_tex_would_read_as_a_command_is_escaped(references):
    (_, fields), = references(("Ng", "R&D at 5% of $x_1$", 2001, "Proc. A & B"))  # fmt: skip
    assert fields["title"] == r"{R\&D at 5\% of \$x\_1\$}"
    assert fields["howpublished"] == r"Proc. A \& B"


def test_keys_have_plain_letters(references):
    assert references(("Jørgensen", "Étude des lois", 1987, ""))[0][0] == "jorgensen1987etude"
    assert references(("Müller et al.", "Why it is", 2019, ""))[0][0] == "muller2019"


def test_where_goes_to_its_own_field(references):
    found = references(
        ("A", "One title", 1, "doi:10.1/x_y"), ("B", "Two title", 2, "arXiv:1.2"), ("C", "Six", 3, "JASA 1")
    )
    assert [set(fields) - {"author", "title", "year"} for _, fields in found] == [
        {"doi"}, {"eprint", "archiveprefix"}, {"howpublished"},
    ]  # fmt: skip
    assert found[0][1]["doi"] == "10.1/x_y"  # a doi is taken to the letter


def test_an_unknown_name_is_told():
    with pytest.raises(ValueError, match=r"Found 'hubber_loss'\. Did you mean `huber_loss`"):
        cite("hubber_loss")
