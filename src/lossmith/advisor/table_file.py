"""From bytes on disk to columns: unpacking, encoding, delimiter, header.

Every failure is one line about the file.
"""

import bz2
import csv
import difflib
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from lossmith.advisor.facts import Notice

DELIMITERS = ",;\t|"
SNIFFED_ROWS = 200
_NO_TABLE = {
    ".xls": "Excel",
    ".xlsx": "Excel",
    ".ods": "a spreadsheet",
    ".json": "JSON",
    ".jsonl": "JSON lines",
    ".pkl": "a pickle, which can run code when it is read",
    ".pickle": "a pickle, which can run code when it is read",
    ".npz": "numpy arrays",
    ".npy": "a numpy array",
    ".feather": "Feather",
    ".arff": "ARFF",
    ".h5": "HDF5",
    ".sqlite": "a database",
    ".db": "a database",
}


def load(source: str | Path) -> tuple[pd.DataFrame, list[Notice]]:
    """Return the table in a file, and what had to be decided to read it.

    Raises:
        OSError: the file is missing, is a folder or cannot be read.
        ValueError: it holds no table.
    """
    path = _existing(source)
    suffix = path.suffix.lower()
    if suffix in _NO_TABLE:
        raise ValueError(
            f"The table should be CSV or Parquet. Found {_NO_TABLE[suffix]}: {path}. Try saving it as CSV."
        )
    content = path.read_bytes()
    if content[:4] == b"PAR1" or suffix in (".parquet", ".pq"):
        return _parquet(content, path), []
    text, notices = _decoded(_unpacked(content, path), path)
    return _csv(text, path), notices


def refuse_repeated(names: list[str], what: str) -> None:
    """Raise ValueError when a column name occurs twice."""
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if repeated:
        raise ValueError(
            f"{what} should name each column once. Found {', '.join(repr(n) for n in repeated[:5])} more than once. "
            "Try renaming one of them."
        )


def _existing(source: str | Path) -> Path:
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", str(source)):
        raise ValueError(f"The table should be a local file. Found the address {source}. Try downloading it first.")
    if "\0" in str(source):
        raise ValueError("A path should hold no NUL character. Found one. Try the file's plain name.")
    path = Path(source).expanduser()
    if path.is_dir():
        inside = sorted(p.name for p in path.iterdir() if ".csv" in p.name or ".parquet" in p.name)[:3]
        advice = f"Try {' or '.join(str(path / name) for name in inside)}." if inside else "Try a CSV file in it."
        raise IsADirectoryError(f"The table should be a file. Found the folder {path}. {advice}")
    if not path.exists():
        raise FileNotFoundError(f"The table should be an existing file. Found no {path}. {_near(path)}")
    if not path.is_file():
        raise ValueError(f"The table should be a regular file. Found a device or pipe: {path}. Try saving it to disk.")
    return path


def _near(path: Path) -> str:
    """Return the names in the folder that look alike."""
    if not path.parent.is_dir():
        return f"The folder {path.parent} does not exist either."
    names = {p.name.casefold(): p.name for p in path.parent.iterdir()}
    near = difflib.get_close_matches(path.name.casefold(), names, n=3, cutoff=0.5)
    return f"Did you mean {' or '.join(names[n] for n in near)}?" if near else f"See what is in {path.parent}."


def _parquet(content: bytes, path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_parquet(io.BytesIO(content))
    except Exception as error:  # pyarrow's errors have many types and many lines
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(
            f"The table should be a whole Parquet file. Found {path}: {first} Try writing it again."
        ) from None
    names = [str(name) for name in frame.columns]
    refuse_repeated(names, str(path))
    return frame.set_axis(names, axis=1).reset_index(drop=True)


def _unpacked(content: bytes, path: Path) -> bytes:
    """Return the bytes of the one file inside.

    The packing is told by its first bytes, not by its name.
    """
    if content.startswith(b"\x28\xb5\x2f\xfd"):
        raise ValueError(
            f"The table should be plain or packed as gz, bz2, xz or zip. Found zstd: {path}. Try unpacking it."
        )
    unpack = next((unpack for first, unpack in _UNPACK.items() if content.startswith(first)), None)
    if unpack is None:
        return content
    try:
        inside = unpack(content)
    except (EOFError, OSError, ValueError, RuntimeError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"The file should unpack to its end. Found {path} damaged or locked ({error}). Try fetching it again."
        ) from None
    if isinstance(inside, bytes):
        return inside
    found = f"{len(inside)} files in {path}{': ' if inside else ''}{', '.join(inside[:5])}"
    raise ValueError(f"A zip should hold one table. Found {found}. Try unpacking it.")


def _unzip(content: bytes) -> bytes | list[str]:
    """Return the only file in a zip, or the names where there is not exactly one."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [member.filename for member in archive.infolist() if not member.is_dir()]
        return archive.read(members[0]) if len(members) == 1 else members


_UNPACK: Mapping[bytes, Callable[[bytes], bytes | list[str]]] = {
    b"\x1f\x8b": gzip.decompress,
    b"BZh": bz2.decompress,
    b"\xfd7zXZ\0": lzma.decompress,
    b"PK\x03\x04": _unzip,
    b"PK\x05\x06": _unzip,  # a zip without files
}


def _decoded(content: bytes, path: Path) -> tuple[str, list[Notice]]:
    """Return the text: by its byte order mark, as UTF-8, or else as Latin-1.

    Windows' way of Latin-1 comes first. Latin-1 reads any bytes, so a notice tells of it.
    """
    if not content.strip():
        raise ValueError(f"The table should have a header and rows. Found an empty file: {path}. Try another file.")
    notices: list[Notice] = []
    try:
        marked = content[:2] in (b"\xff\xfe", b"\xfe\xff")
        text = content.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError as error:
        text = _latin(content)
        notices.append(
            Notice(
                "encoding", f"{path} is not UTF-8 (byte {error.start}); it was read as Latin-1: look at its accents."
            )
        )
    head = text[:100_000]
    odd = sum(1 for letter in head if (letter < " " and letter not in "\t\r\n\f") or "\x7f" <= letter < "\xa0")
    if "\0" in text or odd > 0.01 * len(head):
        raise ValueError(f"The table should be CSV or Parquet. Found no text in {path}. Try saving it as CSV.")
    return text, notices


def _latin(content: bytes) -> str:
    try:
        return content.decode("cp1252")  # Latin-1 with the euro sign and curly quotes, as Windows writes it
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _csv(text: str, path: Path) -> pd.DataFrame:
    delimiter = _delimiter(text)
    header = _checked_header(text, delimiter, path)
    try:
        return pd.read_csv(
            io.StringIO(text),
            sep=delimiter,
            header=0,
            names=header,
            index_col=False,
            skipinitialspace=True,
            keep_default_na=False,
            na_values=[""],  # the other words are judged column by column: "NA" may be a category
            decimal="," if delimiter == ";" and _decimal_comma(text) else ".",
            low_memory=False,
        )
    except (ValueError, OverflowError) as error:  # pandas' ParserError and EmptyDataError are ValueErrors
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ValueError(f"The table should be CSV. Found {path} unreadable: {first} Try saving it again.") from None


def _delimiter(text: str) -> str:
    """Return the delimiter under which most rows are as wide as the header.

    It is the comma where none splits the header.
    """
    best, chosen = (0.0, 1), ","
    for delimiter in DELIMITERS:
        rows = _some_rows(text, delimiter)
        width = len(rows[0]) if rows else 1
        agreeing = sum(len(row) == width for row in rows) / max(len(rows), 1)
        if width > 1 and (round(agreeing, 2), width) > best:
            best, chosen = (round(agreeing, 2), width), delimiter
    return chosen


def _some_rows(text: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in _rows(text, delimiter):
            if row:
                rows.append(row)
            if len(rows) >= SNIFFED_ROWS:
                break
    except csv.Error:
        return rows
    return rows


def _rows(text: str, delimiter: str) -> Any:
    """Return the rows; the reader also knows the line it is at."""
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)


def _checked_header(text: str, delimiter: str, path: Path) -> list[str]:
    """Return the column names, once they differ and every row is as wide as they are."""
    rows = _rows(text, delimiter)
    header: list[str] | None = None
    ragged: list[tuple[int, int]] = []
    count = 0
    try:
        for row in rows:
            if header is None:
                header = [name.strip() for name in row] if row else None
            elif row and not (len(row) == 1 and not row[0].strip(" \t")):
                count += 1
                if len(row) != len(header):
                    ragged.append((rows.line_num, len(row)))
    except csv.Error as error:
        raise ValueError(f"The table should be CSV. Found {path} unreadable: {error}. Try saving it again.") from None
    if not header or not count:
        raise ValueError(f"The table should have rows below its header. Found none in {path}. Try another file.")
    if ragged:
        found = ", ".join(f"{width} in line {line}" for line, width in ragged[:3])
        raise ValueError(
            f"Every row should have {len(header)} fields, as the header has. Found {found}"
            f"{f' and {len(ragged) - 3} more such rows' if len(ragged) > 3 else ''} of {path}. "
            "Try quoting fields that hold the delimiter."
        )
    refuse_repeated([name for name in header if name], str(path))
    return _without_gaps(header)


def _without_gaps(header: list[str]) -> list[str]:
    """Name the nameless columns by their place, as pandas does."""
    named = [name or f"Unnamed: {place}" for place, name in enumerate(header)]
    refuse_repeated(named, "The header")
    return named


def _decimal_comma(text: str) -> bool:
    """Whether numbers between semicolons are written 1,5 and never 1.5."""
    head = text[:200_000]
    comma = re.search(r"(?:^|;)\s*-?\d+,\d+\s*(?=;|\r|\n|$)", head)
    point = re.search(r"(?:^|;)\s*-?\d+\.\d+\s*(?=;|\r|\n|$)", head)
    return bool(comma and not point)
