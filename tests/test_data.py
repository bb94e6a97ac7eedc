"""Reading tables: every form that should work gives the same frame, every broken one a single clear line."""

import bz2
import gzip
import io
import lzma
import pickle
import string
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lossmith.advisor.data import read
from lossmith.training.columns import as_kind, kind, label_text, tidy, to_numbers
from lossmith.training.problem import Problem

TEXT = "age,town,price\n31,Bern,1.5\n45,Köln,2.5\n28,Bern,3.5\n"
Y = Problem("price")


def write(tmp_path, content, name="t.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def zipped(*names):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, TEXT)
    return stream.getvalue()


def parquet():
    stream = io.BytesIO()
    pd.read_csv(io.StringIO(TEXT)).to_parquet(stream)
    return stream.getvalue()


FORMS = {
    "plain": TEXT.encode(),
    "windows line ends": TEXT.replace("\n", "\r\n").encode(),
    "old mac line ends": TEXT.replace("\n", "\r").encode(),
    "no last line end": TEXT.rstrip().encode(),
    "blank lines": TEXT.replace("\n", "\n\n").encode(),
    "byte order mark": b"\xef\xbb\xbf" + TEXT.encode(),
    "utf-16": TEXT.encode("utf-16"),
    "latin-1": TEXT.encode("latin-1"),
    "semicolons": TEXT.replace(",", ";").encode(),
    "decimal commas": TEXT.replace(",", ";").replace(".", ",").encode(),
    "tabs": TEXT.replace(",", "\t").encode(),
    "bars": TEXT.replace(",", "|").encode(),
    "spaces after commas": TEXT.replace(",", ", ").encode(),
    "quotes": TEXT.replace("Bern", '"Bern"').replace("age", '"age"').encode(),
    "gz": gzip.compress(TEXT.encode()),
    "bz2": bz2.compress(TEXT.encode()),
    "xz": lzma.compress(TEXT.encode()),
    "zip": zipped("inner.csv"),
    "parquet": parquet(),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_table_gives_the_same_columns(tmp_path, form):
    name = "t.parquet" if form == "parquet" else "t.csv"
    data = read(write(tmp_path, FORMS[form], name), Y)
    assert data.frame.to_dict("list") == {
        "age": [31, 45, 28],
        "town": ["Bern", "Köln", "Bern"],
        "price": [1.5, 2.5, 3.5],
    }
    assert [notice.code for notice in data.notices] == (["encoding"] if form == "latin-1" else [])
    assert data.source.endswith(name)


def test_frames_of_pandas_and_of_others_are_taken(tmp_path):
    frame = pd.read_csv(io.StringIO(TEXT))

    class Other:
        def to_pandas(self):
            return frame

    for source in (frame.set_index(pd.Index([7, 7, 9])), Other()):
        data = read(source, Y)
        assert data.frame.index.tolist() == [0, 1, 2]
        assert data.source == "a DataFrame"
    with pytest.raises(TypeError, match="Found list"):
        read([1, 2], Y)


BROKEN = {
    "empty": (b"", "empty file"),
    "only blanks": (b" \n \n", "empty file"),
    "only a header": (b"age,price\n", "none in"),
    "truncated gzip": (gzip.compress(TEXT.encode() * 99)[:-20], "damaged"),
    "gzip with a broken middle": (gzip.compress(TEXT.encode() * 99)[:60] + b"\0" * 60, "damaged"),
    "truncated bz2": (bz2.compress(TEXT.encode())[:-5], "damaged"),
    "truncated xz": (lzma.compress(TEXT.encode())[:-5], "damaged"),
    "truncated zip": (zipped("a.csv")[:-30], "damaged"),
    "zip of two": (zipped("a.csv", "b.csv"), "Found 2 files"),
    "zip of none": (zipped(), "Found 0 files"),
    "zstd": (b"\x28\xb5\x2f\xfd" + b"abc", "zstd"),
    "binary junk": (bytes(range(256)) * 20, "no text"),
    "an image": (b"\x89PNG\r\n\x1a\n" + b"\0\1\2" * 50, "no text"),
    "pickle": (pickle.dumps({"a": [1]}), "no text"),
    "column twice": (b"age,age,price\n1,2,3\n", "more than once"),
    "column twice but for blanks": (b"age, age ,price\n1,2,3\n", "more than once"),
    "a row too long": (b"age,price\n1,2\n1,2,3\n", "3 in line 3"),
    "a row too short": (b"age,town,price\n1,2,3\n1,2\n", "2 in line 3"),
    "all rows too long": (b"age,price\n1,2,3\n4,5,6\n", "3 in line 2"),
    "a quote never closed": (b'age,price\n"1,2\n3,4\n', "line|unreadable"),
    "no target": (b"age,prize\n1,2\n", "'prize'"),
    "spaces between": (b"age price\n1 2\n3 4\n", "delimiter"),
    "no header": (b"1,2\n3,4\n", "first line"),
    "only the target": (b"price\n1\n2\n", "only the target"),
    "target unknown in every row": (b"age,price\n1,NA\n2,\n", "missing in every row"),
    "half a parquet": (parquet()[:200], "Parquet"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_table_is_refused_in_one_line(tmp_path, case):
    content, said = BROKEN[case]
    with pytest.raises(ValueError, match=said) as error:
        read(write(tmp_path, content), Y)
    assert "\n" not in str(error.value)
    assert "Found" in str(error.value)


def test_a_missing_file_names_its_neighbours(tmp_path):
    write(tmp_path, TEXT, "houses.csv")
    with pytest.raises(FileNotFoundError, match=r"houses\.csv") as error:
        read(tmp_path / "house.csv", Y)
    assert "\n" not in str(error.value)
    with pytest.raises(FileNotFoundError, match="does not exist either"):
        read(tmp_path / "no" / "house.csv", Y)


def test_a_folder_names_the_tables_in_it(tmp_path):
    write(tmp_path, TEXT, "houses.csv")
    with pytest.raises(IsADirectoryError, match=r"houses\.csv"):
        read(tmp_path, Y)


@pytest.mark.parametrize("address", ["https://example.org/t.csv", "s3://bucket/t.csv", "file:///etc/passwd"])
def test_addresses_are_not_fetched(address):
    with pytest.raises(ValueError, match="local file"):
        read(address, Y)


@pytest.mark.parametrize("name", ["t.xlsx", "t.pkl", "t.json", "t.npz"])
def test_other_formats_are_named(tmp_path, name):
    with pytest.raises(ValueError, match="CSV or Parquet"):
        read(write(tmp_path, TEXT, name), Y)


def test_a_pickle_is_never_run(tmp_path):
    marker = tmp_path / "ran"

    class Trap:
        def __reduce__(self):
            return (marker.write_text, ("",))

    for name in ("t.csv", "t.pkl", "t.parquet"):
        with pytest.raises(ValueError, match="Found"):
            read(write(tmp_path, pickle.dumps(Trap()), name), Y)
    assert not marker.exists()


def test_columns_that_the_problem_names_must_exist():
    frame = pd.read_csv(io.StringIO(TEXT))
    with pytest.raises(ValueError, match="Did you mean 'price'"):
        read(frame, Problem("Price"))
    with pytest.raises(ValueError, match=r"column to drop .* 'agee'.* 'age'"):
        read(frame, Problem("price", drop=("agee",)))
    with pytest.raises(ValueError, match="not be dropped"):
        read(frame, Problem("price", drop=("price",)))
    with pytest.raises(ValueError, match="only the target"):
        read(frame, Problem("price", drop=("age", "town")))
    assert read(frame, Problem(" price ")).problem.target == "price"


def test_repeated_names_in_a_frame_are_refused():
    with pytest.raises(ValueError, match="more than once"):
        read(pd.DataFrame([[1, 2, 3]], columns=["a", "a", "price"]), Y)
    with pytest.raises(ValueError, match="more than once"):
        read(pd.DataFrame([[1, 2, 3]], columns=[1, "1", "price"]), Y)


def test_missing_words_are_told_and_none_stays_a_category(tmp_path):
    rows = "".join(f"{'NA' if i % 3 == 0 else 'None' if i % 3 == 1 else 'brick'},{i}\n" for i in range(30))
    data = read(write(tmp_path, "garage,price\n" + rows), Y)
    assert data.frame["garage"].dropna().unique().tolist() == ["None", "brick"]
    (notice,) = data.notices
    assert (notice.code, notice.columns, len(notice.rows)) == ("missing_words", ("garage",), 10)
    assert "'NA'" in notice.message


def test_text_that_writes_numbers_becomes_numbers(tmp_path):
    rows = "".join(f'"${i + 1},000",{i}%,{i},None\n' if i else '"$1,000",0%,?,-\n' for i in range(30))
    data = read(write(tmp_path, "salary,share,age,price\n" + rows.replace("None", "7")), Y)
    assert data.frame["salary"].tolist() == [1000.0 * (i + 1) for i in range(30)]
    assert data.frame["share"].tolist() == list(range(30))
    assert np.isnan(data.frame["age"][0])
    assert np.isnan(data.frame["price"][0])
    assert [(notice.code, notice.columns) for notice in data.notices] == [
        ("text_numbers", ("salary",)),
        ("text_numbers", ("share",)),
    ]
    assert "'$1,000'" in data.notices[0].message


def test_words_that_are_no_numbers_are_told():
    frame = pd.DataFrame({"age": ["7"] * 38 + ["old", "NA"], "price": 1.0})
    (notice,) = read(frame, Y).notices
    assert (notice.rows, "'old'" in notice.message, "'NA'" in notice.message) == ((38,), True, False)


def test_a_rare_word_in_a_target_of_numbers_is_not_lost():
    labels = [str(i % 5) for i in range(99)] + ["other"]
    data = read(pd.DataFrame({"x": labels, "price": labels}), Y)
    assert data.frame["price"].tolist() == labels
    assert data.frame["x"].isna().sum() == 1


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (pd.Series([1, None, 3], dtype="Int64"), [1.0, np.nan, 3.0]),
        (pd.Series([True, False]), [True, False]),
        (pd.Series([True, None], dtype="boolean"), [1.0, np.nan]),
        (pd.Series(["b", "a"], dtype="category"), ["b", "a"]),
        (pd.Series([2, 1], dtype="category"), [2, 1]),
        (pd.Series(pd.to_timedelta(["1s", "2s"])), [1.0, 2.0]),
        (pd.Series([{"a": 1}, [2], None], dtype=object), ["{'a': 1}", "[2]", np.nan]),
        (pd.Series([1, "x", None], dtype=object), ["1", "x", np.nan]),
        (pd.Series([2**70, 1], dtype=object), [float(2**70), 1.0]),
        (pd.Series([2**64 - 1, 1], dtype="uint64"), [float(2**64), 1.0]),
        (pd.Series(["1_000", "2"] * 30), ["1_000", "2"] * 30),
        (pd.Series(["inf", "-inf", "1e3"]), [np.inf, -np.inf, 1000.0]),
        (pd.Series(["-$5", "+€1,234.5"]), [-5.0, 1234.5]),
        (pd.Series(["1,23", "4,5"]), [1.23, 4.5]),
        (pd.Series(["1.836,86", "950,00", "-12"]), [1836.86, 950.0, -12.0]),
        (pd.Series(["1,234", "4,567"]), [1234.0, 4567.0]),  # read as in English where both readings are possible
        (pd.Series(["1,23", "a", "4,5"]), ["1,23", "a", "4,5"]),
        (pd.Series([None, None], dtype=object), [np.nan, np.nan]),
    ],
)
def test_tidy_gives_numbers_dates_or_text(given, expected):
    found = tidy(given)
    pd.testing.assert_series_equal(found.astype(object), pd.Series(expected, dtype=object), check_names=False)


def test_complex_numbers_are_refused():
    with pytest.raises(ValueError, match="real numbers"):
        tidy(pd.Series([1j, 2j], name="wave"))


def test_new_rows_are_read_as_the_kind_that_training_found():
    assert as_kind(pd.Series(["1", "$2,000", "x", "NA"]), "number").tolist()[:2] == [1.0, 2000.0]
    assert as_kind(pd.Series(["x", None]), "number").isna().all()
    assert as_kind(pd.Series([None, None], dtype=object), "number").isna().all()
    assert as_kind(pd.Series([True, False]), "number").tolist() == [1.0, 0.0]
    for codes in ([1, 2], [1.0, 2.0], ["1", " 2"], pd.Categorical([1, 2])):
        assert as_kind(pd.Series(codes), "category").tolist() == ["1", "2"]
    assert as_kind(pd.Series([True, None, "NA"], dtype=object), "category").fillna("-").tolist() == ["True", "-", "-"]
    assert as_kind(pd.Series(["2020-01-02"]), "date").tolist() == ["2020-01-02"]
    column = pd.Series(["a", "NA", " b", None, "7"] * 9)
    assert as_kind(column, "category").fillna("-").tolist() == tidy(column).fillna("-").tolist()


def test_numbers_need_nineteen_of_twenty_entries():
    assert to_numbers(pd.Series(["1"] * 19 + ["x"])) is not None
    assert to_numbers(pd.Series(["1"] * 18 + ["x", "y"])) is None
    assert to_numbers(pd.Series(["?", "NA"])) is None


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (pd.Series(range(1, 101)), "id"),
        (pd.Series(range(1950, 2050)), "number"),
        (pd.Series(range(100)) * 1.5, "number"),
        (pd.Series(np.arange(100) * 7 % 101, name="customer_id"), "id"),
        (pd.Series(np.arange(100) * 7 % 101, name="PassengerId"), "id"),
        (pd.Series(np.arange(100) * 7 % 101, name="acid"), "number"),
        (pd.Series([f"T-{i:03}" for i in range(100)]), "id"),
        (pd.Series(["a", "b"] * 50), "category"),
        (pd.Series([True, False] * 50), "category"),
        (pd.Series([f"the cat number {i} sat here" for i in range(100)]), "text"),
        (pd.Series(["2024-01-02", "2024-02-03"] * 20), "date"),
        (pd.Series(["2024-01-02T10:00:00Z", "2024-02-03 11:30"] * 20), "date"),
        (pd.Series(pd.date_range("2020", periods=30)), "date"),
        (pd.Series([5] * 30), "constant"),
        (pd.Series([np.nan] * 30), "constant"),
        (pd.Series(["x", None] * 15), "category"),
    ],
)
def test_kind_of_column(series, expected):
    assert kind(tidy(series))[0] == expected


CELLS = st.one_of(
    st.none(), st.floats(), st.integers(-5, 5), st.booleans(), st.sampled_from(["a", " b", "NA", "7", "$1"])
)


@settings(max_examples=150, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=40))
def test_training_and_prediction_read_a_column_alike(cells):
    column = pd.Series(cells, dtype=object)
    trained = tidy(column)
    held, _ = kind(trained)
    again = as_kind(column, held)
    if held == "number":
        np.testing.assert_array_equal(again.to_numpy(float), trained.to_numpy(float))
    elif held == "category":
        expected = [label_text(entry) if pd.notna(entry) else None for entry in trained]
        assert [entry if pd.notna(entry) else None for entry in again] == expected


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).map(
    lambda word: "w" + word.strip()
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(NUMBERS, WORDS, st.integers(-(10**9), 10**9)), min_size=2, max_size=25),
    delimiter=st.sampled_from(",;\t|"),
    packing=st.sampled_from(["", "gz", "bz2", "xz"]),
)
def test_any_table_survives_the_round_trip(tmp_path, rows, delimiter, packing):
    frame = pd.DataFrame(rows, columns=["real", "word", "whole"])
    text = frame.to_csv(index=False, sep=delimiter).encode()
    pack = {"": bytes, "gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}[packing]
    found = read(write(tmp_path, pack(text)), Problem("whole")).frame
    np.testing.assert_allclose(found["real"].to_numpy(float), frame["real"].to_numpy(float), rtol=1e-12)
    assert found["word"].tolist() == frame["word"].tolist()
    assert found["whole"].tolist() == frame["whole"].tolist()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(string.printable, max_size=200).map(str.encode),
        st.text(",;\"\n\r\t 1aé.'price-", max_size=80).map(lambda text: b"price,x\n" + text.encode()),
        st.sampled_from(list(FORMS.values())).flatmap(
            lambda whole: st.integers(0, len(whole)).map(lambda cut: whole[:cut])
        ),
        st.binary(max_size=60).map(lambda tail: b"PAR1" + tail),
        st.binary(max_size=60).map(lambda tail: b"\x1f\x8b\x08\x00" + tail),
    )
)
@example(b"price,x\n\x00,1\n")
@example(b'price,x\n1,"\n')
@example(b"\xff\xfea")
def test_no_bytes_give_anything_but_a_table_or_one_clear_line(tmp_path, content):
    path = write(tmp_path, content)
    try:
        data = read(path, Y)
    except (ValueError, OSError) as error:
        said = str(error)
    else:
        assert {kind(data.frame[name])[0] for name in data.frame}
        return
    assert "Found" in said
    assert "\n" not in said
