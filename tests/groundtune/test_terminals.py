"""How the command meets its terminal, its disk and its user: pipes, encodings, widths, full disks, Ctrl-C."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from corpus.errors import ResourceError
from corpus.machine_errors import lack
from groundtune.cli.ending import end_for
from groundtune.cli.streams import adapt_streams
from groundtune.project.project import Project
from tests.conftest import ROOT, SAMPLE

GROUNDTUNE = [sys.executable, "-m", "groundtune"]
ANSWERS = str(SAMPLE / "answers.yaml")
VERBS = [
    ["--help"],
    ["advise", "--answers", ANSWERS],
    ["advise", "--answers", ANSWERS, "--json"],
    ["models", "list"],
    ["status"],
    ["audit"],
]


def _environment(**changed: str) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)} | changed


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_a_pipe_that_nobody_reads_ends_a_command_quietly(verb: list[str], project: Project) -> None:
    command = subprocess.Popen(
        [*GROUNDTUNE, *verb],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=project.folder,
        env=_environment(),
    )
    assert command.stdout is not None
    command.stdout.close()
    _, said = command.communicate(timeout=60)
    assert (command.returncode, said) == (0, b"")


@pytest.mark.long
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize("verb", VERBS[1:], ids=" ".join)
def test_any_encoding_can_be_printed_in(encoding: str, verb: list[str], project: Project) -> None:
    environment = _environment(PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    done = subprocess.run(
        [*GROUNDTUNE, *verb], capture_output=True, cwd=project.folder, env=environment, timeout=60, check=False
    )
    assert b"Traceback" not in done.stderr
    assert done.returncode == 0
    said = done.stdout.decode(encoding)
    if "--json" in verb:
        assert json.loads(said)["approach"] == "hybrid"


def test_signs_that_an_encoding_lacks_have_plain_ones(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with open(tmp_path / "out", "w", encoding="ascii") as out:
        monkeypatch.setattr(sys, "stdout", out)
        adapt_streams()
        print("✓ €5 → Größe “a” 中")
    assert (tmp_path / "out").read_text(encoding="ascii") == 'ok EUR5 -> Grosse "a" ?\n'


def test_ctrl_c_at_a_question_is_one_line_and_130(tmp_path: Path) -> None:
    command = subprocess.Popen(
        [*GROUNDTUNE, "advise"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=_environment(PYTHONUNBUFFERED="1"),
    )
    assert command.stderr is not None
    asked = b""
    while b"[unknown]" not in asked:  # the first question waits for its answer
        asked += os.read(command.stderr.fileno(), 4096)
    time.sleep(0.2)
    command.send_signal(signal.SIGINT)
    _, said = command.communicate(timeout=30)
    assert command.returncode == 130
    assert said.decode().strip().splitlines()[-1].startswith("groundtune: stopped")
    assert b"Traceback" not in said


def test_an_input_that_ends_is_told_with_its_mend(tmp_path: Path) -> None:
    done = subprocess.run(
        [*GROUNDTUNE, "advise"], input=b"yes\n", capture_output=True, cwd=tmp_path, env=_environment(), check=False
    )
    assert done.returncode == 2
    assert b"--answers FILE" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_fault_of_ours_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        end_for(ZeroDivisionError())


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "p/index"), "p/index: the disk is full"),
        (OSError(errno.EROFS, "Read-only file system", "p"), "p: it lies on a disk that may only be read"),
        (PermissionError(errno.EACCES, "Permission denied", "p"), "p: it may not be read or written"),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory", "p/x"), "p/x: a file stands where a folder is wanted"),
        (RuntimeError("database error: database or disk is full"), "the disk is full"),
        (RuntimeError("attempt to write a readonly database"), "it lies on a disk that may only be read"),
        (MemoryError(), "the memory is full"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_the_machine_lacks_is_told_with_its_mend(error: BaseException, message: str) -> None:
    fault = lack(error)
    assert isinstance(fault, ResourceError)
    assert message in str(fault)
    assert fault.mend


def test_what_led_to_an_error_is_found() -> None:
    error = RuntimeError("could not save")
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device", "x")
    assert "x: the disk is full" in str(lack(error))
    assert lack(RuntimeError("something else")) is None


def test_what_was_dealt_with_before_is_not_to_blame() -> None:
    fault_of_ours = KeyError("x")
    fault_of_ours.__context__ = FileNotFoundError(errno.ENOENT, "No such file or directory", "cache.json")
    assert lack(fault_of_ours) is None
    assert lack(RuntimeError("Error code: 429 - quota exceeded for this model")) is None
    assert "the disk is full" in str(lack(RuntimeError("Disk quota exceeded")))


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="limits files as Linux does")
def test_a_disk_that_takes_no_more_is_one_line_and_leaves_nothing(tmp_path: Path, shop: Path) -> None:
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64)); from groundtune.__main__ import main; main()"
    )
    command = [sys.executable, "-c", code, "init", str(tmp_path / "p"), "--documents", str(shop / "documents")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=_environment(), check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") <= 2
    assert "mend: " in done.stderr
    assert not (tmp_path / "p" / "groundtune.yaml").exists()


def test_a_file_in_the_place_of_a_folder_is_one_line(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "p").write_text("not a folder")
    command = [*GROUNDTUNE, "init", str(tmp_path / "p"), "--documents", str(shop / "documents")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=_environment(), check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert str(tmp_path / "p") in done.stderr


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_arms_keep_their_names_at_any_width(width: int) -> None:
    from groundtune.screens.comparison_screen import show

    result = json.loads((ROOT / "benchmarks" / "results" / "sample.json").read_text(encoding="utf-8"))["comparison"]
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        console = Console(width=width, highlight=False, record=True, file=nowhere)
        show(result, console)
    lines = console.export_text().splitlines()
    assert max(map(len, lines)) <= width
    for arm in result["arms"]:
        assert any(line.split()[:1] == [arm] for line in lines), f"{arm} at {width} columns"
    for pair in result["pairs"]:
        assert any(line.split()[:2] == [pair["a"], pair["b"]] for line in lines)
    if width < 80:
        assert any(line.startswith("left out for want of width: tokens") for line in lines)
