"""What people said, kept on disk: lines are appended and synced, never rewritten, and each carries a check sum.

``FOLDER/writers/NAME/records.jsonl`` is one person's, with one process writing at a time; ``FOLDER/imported/*.jsonl`` are
files that were taken over whole. A last line without its end was never reported as kept: it is passed over, and cut off
before the next one is written. Any other damaged line is named and costs its own record alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import quote

from corpus.atomic_files import full_disk, sole_writer, sync_folder, write_text
from corpus.errors import Fault

_CHECK = "check"
_RECORDS = "records.jsonl"


@dataclass(frozen=True)
class TimedRecord:
    """Anything that somebody said at some time."""

    time: str
    """UTC, ISO 8601 with microseconds; set when it is kept. Later ones overrule earlier ones."""


R = TypeVar("R", bound=TimedRecord)


class RecordLog(Generic[R]):
    """All records of a folder. ``parse`` makes a record of its fields and raises ``ValueError`` for what is none."""

    def __init__(self, folder: Path, parse: Callable[[Mapping[str, object]], R]) -> None:
        self.folder = folder
        self._parse = parse

    def read(self) -> tuple[list[R], list[Fault]]:
        """Every whole record in the order of time, and a fault for each damaged line."""
        records: list[R] = []
        faults: list[Fault] = []
        for file in self._files():
            for entry in self._entries(file):
                if isinstance(entry, Fault):
                    faults.append(entry)
                else:
                    records.append(entry)
        return sorted(records, key=lambda r: r.time), faults

    @contextlib.contextmanager
    def writing(self, writer: str) -> Iterator[Callable[[R], R]]:
        """Gives the function that appends a record, with its time, to ``writer``'s file; it returns once that is on disk.

        Raises ``BusyError`` where another process writes for the same person, ``ResourceError`` where the disk is full.
        """
        folder = self.folder / "writers" / quote(writer, safe="").replace(".", "%2E")
        with sole_writer(folder):
            file = folder / _RECORDS
            _mend_end(file)
            clock = _Clock(self._last_time())
            with open(file, "ab", buffering=0) as out:
                sync_folder(folder)

                def keep(record: R) -> R:
                    timed = replace(record, time=clock.next())
                    _append(out.fileno(), _line(timed), file)
                    return timed

                yield keep

    def take_over(self, records: Sequence[R]) -> None:
        """Keep all of these at once, with their times: a process that is killed leaves all or none."""
        clock = _Clock(self._last_time())
        timed = [replace(record, time=clock.next()) for record in records]
        lines = b"".join(_line(record) for record in timed).decode()
        name = f"{timed[0].time.replace(':', '-')}-{zlib.crc32(lines.encode()):08x}-{os.getpid()}.jsonl"
        write_text(self.folder / "imported" / name, lines)

    def _files(self) -> list[Path]:
        return [*sorted(self.folder.glob(f"writers/*/{_RECORDS}")), *sorted(self.folder.glob("imported/[!.]*.jsonl"))]

    def _last_time(self) -> str:
        records, _ = self.read()
        return records[-1].time if records else ""

    def _entries(self, file: Path) -> Iterator[R | Fault]:
        *lines, _ = file.read_bytes().split(b"\n")
        for number, line in enumerate(lines, 1):
            try:
                yield self._parse(_fields(line))
            except (ValueError, RecursionError):
                mend = "what it said is asked again; then the line may be deleted"
                yield Fault(f"{file}, line {number}", "damaged", mend=mend)


class _Clock:
    """Times that only rise, whatever the machine's clock does."""

    def __init__(self, last: str) -> None:
        self._last = datetime.fromisoformat(last) if last else datetime.min.replace(tzinfo=UTC)

    def next(self) -> str:
        self._last = max(datetime.now(UTC), self._last + timedelta(microseconds=1))
        return self._last.isoformat(timespec="microseconds")


def _line(record: TimedRecord) -> bytes:
    fields: dict[str, object] = asdict(record)
    return json.dumps({**fields, _CHECK: _check_sum(fields)}).encode() + b"\n"


def _fields(line: bytes) -> dict[str, object]:
    """The fields of a line without its check sum. Raises ``ValueError`` where they are not what was written."""
    row = json.loads(line.decode("utf-8"))
    if not isinstance(row, dict) or row.pop(_CHECK, None) != _check_sum(row):
        raise ValueError("the check sum is another one")
    return row


def _check_sum(fields: Mapping[str, object]) -> str:
    return f"{zlib.crc32(json.dumps(fields, sort_keys=True).encode()):08x}"


def _append(descriptor: int, line: bytes, file: Path) -> None:
    """Write a whole line and sync it; where that fails nothing of it stays."""
    before = os.fstat(descriptor).st_size
    try:
        rest = line
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, before)
        raise full_disk(error, file) from error


def _mend_end(file: Path) -> None:
    """Cut off a last line that was not written to its end."""
    if not file.is_file():
        return
    with open(file, "r+b") as stream:
        whole = stream.read()
        end = whole.rfind(b"\n") + 1
        if end < len(whole):
            stream.truncate(end)
            os.fsync(stream.fileno())
