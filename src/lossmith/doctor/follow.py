"""A log that is still being written, read whole line by whole line.

It may not exist yet, end in the middle of a line, be rotated away or be written anew.
"""

import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from lossmith.doctor.readers import log_in, read_any
from lossmith.doctor.runlog import RunLog

BESIDE = ("live.jsonl", "meta.json")
"""What readers look for beside a log."""
WHOLE = (".json",)
"""Files that are replaced, not appended to."""
EVENTS = "events.out.tfevents"
State = tuple[tuple[str, int, int, int], ...]


class Follower:
    """Reads one run again and again.

    Attributes:
        restarted: whether the last read found another run in the place of the one before.
        changed: whether the files were other than at the read before it.
        trouble: why the last read gave nothing, in words; empty where it did.

    Args:
        place: a folder or a file, there or not yet.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self.restarted, self.changed, self.trouble = False, False, f"{place} does not exist"
        self._state: State = ()
        self._before, self._now = "", ""
        self._folder = tempfile.TemporaryDirectory(prefix="lossmith-watch-")

    def close(self) -> None:
        """Remove what was set aside."""
        self._folder.cleanup()

    def read(self) -> RunLog | None:
        """Return the run where it has changed since the last read, else nothing."""
        self.restarted = False
        file = self._file()
        state = _state(file) if file else ()
        self.changed, self._state = state != self._state, state
        if file is None or not self.changed:
            return None
        try:
            found = read_any(file) if file.name.startswith(EVENTS) or file.suffix in WHOLE else self._lines(file)
        except (ValueError, OSError) as error:  # half written, or just being replaced: the next look will tell
            self.trouble = str(error)
            return None
        if found is None or not (len(found.train) or len(found.validation)):
            self.trouble = f"{file} holds no loss"
            return None
        self.trouble = ""
        return replace(found, source=file)

    def _file(self) -> Path | None:
        """Return the log, where it is there already."""
        if not self.place.is_dir():
            return self.place if self.place.exists() else None
        with suppress(ValueError, OSError):
            return log_in(self.place)
        self.trouble = f"{self.place} holds no log"
        return None

    def _lines(self, file: Path) -> RunLog | None:
        """Read the whole lines of a log, what was rotated away before them."""
        new = _whole(file)
        if not new.startswith(self._now) and not self._turned(file, new):
            return None
        self._now = new
        return self._parsed(file, _joined(file, self._before, new))

    def _turned(self, file: Path, new: str) -> bool:
        """Take in a file that is another; whether one can tell yet what it is."""
        gone = _whole(file.with_name(file.name + ".1"))
        old = _joined(file, self._before, gone if gone.startswith(self._now) else self._now)
        was = self._parsed(file, old)
        now = self._parsed(file, _joined(file, old.partition("\n")[0] + "\n", new) if _bare(file, new) else new)
        if was is None or not len(was.train):
            self._before = ""
            return True
        if now is None or not len(now.train):
            return False
        goes_on = now.train.steps[0] > was.train.steps[-1]
        self._before = old if goes_on else ""
        self.restarted = not goes_on and was.train.values[0] != now.train.values[0]
        return True

    def _parsed(self, file: Path, text: str) -> RunLog | None:
        """Read a text as the file's own reader would, with what lies beside the file."""
        folder = Path(self._folder.name)
        for name in BESIDE:
            if name != file.name and (file.parent / name).is_file():
                (folder / name).write_text(_whole(file.parent / name), encoding="utf-8")
        copy = folder / file.name
        copy.write_text(text, encoding="utf-8")
        return read_any(copy) if text.strip() else None


def _joined(file: Path, before: str, after: str) -> str:
    """Return two parts of one log as one; a table's header is needed once."""
    head, _, rest = after.partition("\n")
    again = file.suffix == ".csv" and before and head == before.partition("\n")[0]
    return before + (rest if again else after)


def _bare(file: Path, text: str) -> bool:
    """Whether a table goes on without a header."""
    return file.suffix == ".csv" and _is_number(text.partition(",")[0])


def _whole(file: Path) -> str:
    """Return a file's whole lines; of JSON all of it."""
    try:
        text = file.read_bytes().decode("utf-8", errors="replace").replace("\r\n", "\n")
    except OSError:
        return ""
    ends = max(text.rfind("\n"), text.rfind("\r"))  # a progress bar ends its lines with a carriage return
    return text if file.suffix in WHOLE else text[: ends + 1]


def _state(file: Path) -> State:
    """Return what tells that a log, or what lies beside it, has changed."""
    there = [file, *(file.parent / name for name in BESIDE)]
    if file.name.startswith(EVENTS):
        there = sorted(file.parent.glob(f"{EVENTS}*"))
    found = []
    for path in there:
        with suppress(OSError):
            stat = path.stat()
            found.append((path.name, stat.st_ino, stat.st_size, stat.st_mtime_ns))
    return tuple(found)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
