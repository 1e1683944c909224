"""What people said stays: two at once, killed writers, torn and damaged lines."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compare.people.record_log import RecordLog, TimedRecord
from corpus.errors import BusyError
from tests.conftest import ROOT

WRITER = """
import sys
from pathlib import Path
from tests.compare.test_record_log import Note, log_in
with log_in(Path(sys.argv[1])).writing(sys.argv[2]) as keep:
    print("ready", flush=True)
    sys.stdin.readline()
    for n in range(int(sys.argv[3])):
        keep(Note("", f"{sys.argv[2]} {n}"))
        print(n, flush=True)
"""


@dataclass(frozen=True)
class Note(TimedRecord):
    text: str


def note_of(fields: Mapping[str, object]) -> Note:
    time, text = fields.get("time"), fields.get("text")
    if not isinstance(time, str) or not isinstance(text, str):
        raise ValueError("no note")
    return Note(time, text)


def log_in(folder: Path) -> RecordLog[Note]:
    return RecordLog(folder, note_of)


def _texts(folder: Path) -> list[str]:
    return [n.text for n in log_in(folder).read()[0]]


def _write(folder: Path, *texts: str, writer: str = "anna") -> Path:
    with log_in(folder).writing(writer) as keep:
        for text in texts:
            keep(Note("", text))
    return folder / "writers" / writer / "records.jsonl"


def _process(folder: Path, writer: str, count: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), writer, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_two_processes_at_once_lose_nothing(tmp_path: Path) -> None:
    both = [_process(tmp_path, name, 60) for name in ("anna", "bert")]
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in both:
        process.communicate(timeout=60)
        assert process.returncode == 0
    notes, damaged = log_in(tmp_path).read()
    assert damaged == []
    assert sorted(n.text for n in notes) == sorted(f"{who} {n}" for who in ("anna", "bert") for n in range(60))


def test_one_person_writes_in_one_process_at_a_time(tmp_path: Path) -> None:
    process = _process(tmp_path, "anna", 1)
    try:
        with pytest.raises(BusyError, match=str(process.pid)), log_in(tmp_path).writing("anna"):
            pass
    finally:
        process.kill()
        process.wait()
    assert _write(tmp_path, "free again").is_file()


def test_kill_9_loses_nothing_that_was_reported(tmp_path: Path) -> None:
    process = _process(tmp_path, "anna", 100_000)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    reported = [process.stdout.readline() for _ in range(25)]
    process.send_signal(signal.SIGKILL)
    reported += process.stdout.readlines()
    process.wait()
    kept = _texts(tmp_path)
    whole = [line for line in reported if line.endswith("\n")]
    assert len(whole) >= 25
    assert kept[: len(whole)] == [f"anna {line.strip()}" for line in whole]
    _write(tmp_path, "next")
    assert _texts(tmp_path) == [*kept, "next"]


@given(st.data())
def test_a_line_torn_at_any_byte_costs_itself_alone(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("log")
    file = _write(folder, "one", "zwei €")
    whole = file.read_bytes()
    begins = whole.index(b"\n") + 1
    file.write_bytes(whole[: data.draw(st.integers(begins, len(whole) - 1))])
    notes, damaged = log_in(folder).read()
    assert ([n.text for n in notes], damaged) == (["one"], [])
    _write(folder, "three")
    assert _texts(folder) == ["one", "three"]
    assert log_in(folder).read()[1] == []


@given(at=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_changed_byte_is_noticed_and_named(tmp_path_factory: pytest.TempPathFactory, at: int, byte: int) -> None:
    folder = tmp_path_factory.mktemp("log")
    file = _write(folder, "one", "two", "three")
    lines = file.read_bytes().split(b"\n")
    second = bytearray(lines[1])
    at %= len(second)
    if byte in (second[at], ord("\n")) or chr(second[at]).isspace():
        return  # nothing is changed, or another line begins, or space between fields
    second[at] = byte
    file.write_bytes(b"\n".join([lines[0], bytes(second), *lines[2:]]))
    notes, damaged = log_in(folder).read()
    assert [n.text for n in notes] == ["one", "three"]
    assert [f.where for f in damaged] == [f"{file}, line 2"]


def test_a_file_is_taken_over_whole_and_in_its_order(tmp_path: Path) -> None:
    _write(tmp_path, "before")
    log_in(tmp_path).take_over([Note("", "first"), Note("", "second")])
    _write(tmp_path, "after")
    assert _texts(tmp_path) == ["before", "first", "second", "after"]
    (half,) = (tmp_path / "imported").glob("*.jsonl")
    half.rename(half.with_name(f".{half.name}.xyz"))  # as a killed writer leaves it
    assert _texts(tmp_path) == ["before", "after"]


def test_times_rise_even_where_the_clock_goes_back(tmp_path: Path) -> None:
    log_in(tmp_path).take_over([Note("", "first")])
    (file,) = (tmp_path / "imported").glob("*.jsonl")
    future = Note("2999-01-01T00:00:00.000000+00:00", "from a clock that was wrong")
    from compare.people.record_log import _line

    file.write_bytes(_line(future))
    _write(tmp_path, "later")
    assert _texts(tmp_path) == ["from a clock that was wrong", "later"]


@pytest.mark.parametrize("name", ["müller, anna", "..", "a/b", "con", "x" * 60])
def test_any_name_has_a_file_of_its_own_inside_the_folder(tmp_path: Path, name: str) -> None:
    with log_in(tmp_path / "log").writing(name) as keep:
        keep(Note("", "kept"))
    assert _texts(tmp_path / "log") == ["kept"]
    assert {p.name for p in tmp_path.iterdir()} == {"log"}
