"""Files are written whole or not at all."""

import errno
import os
import stat
import subprocess
import sys
import threading

import pytest

from lossmith import files
from lossmith.files import write_atomically


def test_writes_text_as_utf8_without_changing_line_ends(tmp_path):
    assert write_atomically(tmp_path / "a.txt", "ü\n") == tmp_path / "a.txt"
    assert (tmp_path / "a.txt").read_bytes() == "ü\n".encode()


@pytest.mark.parametrize("stage", ["write", "fsync", "replace"])
@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_and_no_draft(tmp_path, monkeypatch, stage, failure):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail(*_, **__):
        raise failure

    if stage == "write":
        monkeypatch.setattr(files.Path, "open", fail)
    elif stage == "fsync":
        monkeypatch.setattr(files.os, "fsync", fail)
    else:
        monkeypatch.setattr(files.Path, "replace", fail)
    with pytest.raises(type(failure)) as caught:
        write_atomically(path, "new")
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    if isinstance(failure, OSError):
        assert caught.value.errno == errno.ENOSPC
        assert caught.value.filename == str(path)  # not the draft, which nobody knows


def test_a_full_disk_leaves_the_old_file_and_no_draft(tmp_path):
    code = (
        "import resource, sys; from lossmith.files import write_atomically;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000));"
        "write_atomically(sys.argv[1], 'x' * 5000)"
    )
    path = tmp_path / "a.txt"
    path.write_text("old")
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert "File too large" in done.stderr
    assert str(path) in done.stderr.splitlines()[-1]
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_the_mode_follows_the_umask(tmp_path, mask):
    before = os.umask(mask)
    try:
        path = write_atomically(tmp_path / "a.txt", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask


def test_a_missing_folder_is_named_by_the_file(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        write_atomically(tmp_path / "no" / "a.txt", "x")
    assert caught.value.filename == str(tmp_path / "no" / "a.txt")


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    write_atomically(tmp_path / "link.txt", "new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"


def test_a_pipe_stays_a_pipe(tmp_path):
    """`--json /dev/stdout` run by root must not put a plain file in the place of the device."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    read = []
    reader = threading.Thread(target=lambda: read.append(path.read_text()), daemon=True)
    reader.start()
    write_atomically(path, "new")
    reader.join(10)
    assert read == ["new"]
    assert path.is_fifo()


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(IsADirectoryError):
        write_atomically(tmp_path, "x")
    assert list(tmp_path.iterdir()) == []


def test_a_long_name_is_no_longer_as_a_draft(tmp_path):
    name = "x" * 250 + ".json"
    write_atomically(tmp_path / name, "x")
    assert (tmp_path / name).read_text() == "x"
